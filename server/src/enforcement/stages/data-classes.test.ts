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
});
