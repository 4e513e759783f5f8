import { expect, it } from 'vitest';
import { collectKnown, createConversation } from './index.ts';

const CALLER = { types: 'all', escape: 'none', inLinks: false } as const;

it('knows a name that stands alone in an object about a person, and not the name of a thing', () => {
  const conversation = createConversation({ known: [] });
  const person = conversation.render('{"customer":{"name":"Zenobia Quill"}}', { format: 'json', role: 'tool_result' });
  expect(person).not.toContain('Quill');
  const thing = '{"product":{"name":"Garden Gnome"}}';
  expect(conversation.render(thing, { format: 'json', role: 'tool_result' })).toBe(thing);
});

it('finds fields a manifest names at any depth', () => {
  const fields = [{ path: '**.owner_text', trusted: false, pii: ['identity'] }] as const;
  expect(collectKnown({ a: [{ b: { owner_text: 'Zenobia Quill' } }] }, fields).map((known) => known.value)).toEqual(['Zenobia Quill']);
});

it('gives a name with quotes in it back as it was', () => {
  const conversation = createConversation({ known: collectKnown({ customer: { name: 'Zed "Zip" Testing', email: 'zed@example.com' } }) });
  for (const text of ['Dear Zed "Zip" Testing, hello', 'Is Zip there?', 'ask (Testing) or "Zed"']) {
    const rendered = conversation.render(text, { format: 'text', role: 'user' });
    expect(rendered).not.toMatch(/Zed|Zip|Testing/);
    expect(conversation.restore(rendered, CALLER).text).toBe(text);
  }
});
