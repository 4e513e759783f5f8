// Tools that were taken away are left out of a request; what is left stays where its labels say it is.

import { describe, expect, it } from 'vitest';
import { isRefusal, type JsonObject, type ModelRequest, type TextPart } from '#core';
import type { Identified } from '../types.ts';
import { narrow } from './narrow.ts';

const tool = (name: string) => ({ type: 'function', function: { name, description: `about ${name}` } });
const part = (path: TextPart['path'], text: string): TextPart => ({ path, text, role: 'tool_schema', toolCallId: null });

function call(body: JsonObject, removed: readonly string[], models: readonly string[] = []): Identified {
  const parts = [
    part(['messages', 0, 'content'], 'Hello'),
    ...(body.tools as readonly JsonObject[]).map((_, index) => part(['tools', index, 'function', 'description'], `text ${index}`)),
    part(['tool_choice', 'function', 'name'], 'b'),
  ];
  const request: ModelRequest = {
    kind: 'model',
    integration: '',
    model: 'm',
    stream: false,
    raw: Buffer.from('raw'),
    body,
    parts,
    spots: [],
    action: 'chat',
  };
  const reach = { operations: new Set<string>(), tools: new Set(removed), models: new Set(models) };
  return { principal: { removed: reach }, received: { request } } as unknown as Identified;
}
const bodyOf = (made: ReturnType<typeof narrow>) => {
  if (isRefusal(made) || made.received.request.kind !== 'model') throw new Error('it passes');
  return made.received.request;
};

describe('a request whose workload lost tools', () => {
  it('offers the others, with their texts at their new places, and is written anew', () => {
    const made = bodyOf(narrow(call({ model: 'm', tools: [tool('a'), tool('b'), tool('c')] }, ['a'])));
    expect((made.body.tools as JsonObject[]).map((one) => (one.function as JsonObject).name)).toEqual(['b', 'c']);
    expect(made.parts.map(({ path, text }) => `${path.join('.')} ${text}`)).toEqual([
      'messages.0.content Hello',
      'tools.0.function.description text 1',
      'tools.1.function.description text 2',
      'tool_choice.function.name b',
    ]);
    expect(JSON.parse(Buffer.from(made.raw).toString())).toEqual(made.body);
  });

  it('names no choice among none', () => {
    const made = bodyOf(narrow(call({ model: 'm', tools: [tool('a')], tool_choice: 'required', parallel_tool_calls: true }, ['a'])));
    expect(made.body).toEqual({ model: 'm' });
    expect(made.parts).toHaveLength(1);
  });

  it('is refused when it insists on one of them, or names a model that was taken away, and says how to get it back', () => {
    const chosen = narrow(call({ tools: [tool('a')], tool_choice: { type: 'function', function: { name: 'a' } } }, ['a']));
    expect(chosen).toMatchObject({ code: 'ENFORCEMENT_TOOL_REMOVED', reason: expect.stringContaining('access review undo') });
    expect(narrow(call({ tools: [] }, [], ['m']))).toMatchObject({ code: 'ENFORCEMENT_OPERATION_REMOVED' });
  });

  it('is the same request, byte for byte, when nothing of it was taken away', () => {
    const given = call({ model: 'm', tools: [tool('a')] }, ['z']);
    expect(narrow(given)).toBe(given);
  });
});
