// Which classes the arguments of a model's tool call may hold, by the operations of that name.

import { describe, expect, it } from 'vitest';
import { createMatrix } from '../data-matrix/matrix.ts';
import { toolDestination } from './data-classes.ts';

type Deps = Parameters<typeof toolDestination>[0];

function typesOf(tool: string, integrations: Readonly<Record<string, readonly object[]>>): ReadonlySet<string> {
  const matrix = createMatrix([{ destination: 'integration:crm', dataClass: 'email_address', mode: 'enforce', handling: 'refuse' }], []);
  const listed = Object.entries(integrations).map(([name, operations]) => ({ name, manifest: { operations } }));
  const deps = { dataMatrix: { of: () => matrix }, catalogue: { list: () => listed } } as unknown as Deps;
  return toolDestination(deps, { principal: { tenant: 'ten_1' } } as never, tool).types;
}

const note = { name: 'notes.add', effect: 'create', arguments: [{}] };

describe('arguments of a tool call', () => {
  it('hold what every operation of that name may be given, when there are several', () => {
    expect(typesOf('notes_add', { crm: [note] }).has('EMAIL')).toBe(false);
    expect(typesOf('notes_add', { shop: [note] }).has('EMAIL')).toBe(true);
    const both = typesOf('notes_add', { shop: [note], crm: [note] });
    expect([both.has('EMAIL'), both.has('PHONE')]).toEqual([false, true]);
    const page = typesOf('notes_add', { shop: [note], web: [{ ...note, effect: 'fetch' }] });
    expect([page.has('EMAIL'), page.has('PHONE')]).toEqual([false, false]);
    const narrow = typesOf('notes_add', { shop: [note, { ...note, name: 'notes-add', arguments: [{ takes: ['email_address'] }] }] });
    expect([narrow.has('EMAIL'), narrow.has('PHONE')]).toEqual([true, false]);
  });

  it('hold what any tool may where no operation has that name', () => {
    expect(typesOf('elsewhere', { crm: [note] }).has('EMAIL')).toBe(true);
    expect(typesOf('elsewhere', { crm: [note] }).has('CARD')).toBe(false);
  });

  it('that a customer or anybody reads hold what those may see, and where several have the name all of it', () => {
    const send = {
      name: 'messages.send',
      effect: 'send',
      arguments: [
        { name: 'body', role: 'content' },
        { name: 'to', role: 'target' },
      ],
    };
    const matrix = createMatrix([{ destination: 'customer', dataClass: 'email_address', mode: 'enforce', handling: 'mask' }], []);
    const to = (operations: readonly object[]) =>
      toolDestination(
        {
          dataMatrix: { of: () => matrix },
          catalogue: { list: () => [{ name: 'shop', manifest: { operations } }] },
        } as unknown as Deps,
        { principal: { tenant: 'ten_1' } } as never,
        'messages_send',
      );
    const one = to([send]);
    expect([one.types.has('EMAIL'), one.texts?.towards.seen.has('EMAIL'), [...(one.texts?.names ?? [])]]).toEqual([true, false, ['body']]);
    expect(to([{ ...send, readers: 'public' }]).texts?.towards.kind).toBe('web');
    expect(to([{ ...send, readers: 'staff' }]).texts).toBeUndefined();
    expect(to([{ ...send, effect: 'write', readers: 'customer' }]).texts?.towards.kind).toBe('customer');
    const several = to([send, { ...send, name: 'messages-send', effect: 'write' }]);
    expect([several.types.has('EMAIL'), several.types.has('PHONE'), several.texts]).toEqual([false, true, undefined]);
  });
});
