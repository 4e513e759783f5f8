// The call by which an integration deletes one person, written from what its manifest declares. Pure.
// INVARIANT: an argument is filled with the one name the person has of its kind; with none, or with several, there is no call.

import type { ErasedBy, ErasesSpec, JsonValue, Manifest, OperationSpec } from '#core';
import { type EncodedOperation, encodeOperation } from './encode-operation.ts';

/** What a person is known by; several addresses are several. */
export type ErasedPerson = Readonly<Record<ErasedBy, readonly string[]>>;

export type ErasurePlan =
  | { readonly kind: 'call'; readonly operation: string; readonly request: EncodedOperation; readonly by: Readonly<Record<string, string>> }
  /** There is no such operation any more, or nothing tells which of their names it would take. */
  | { readonly kind: 'none'; readonly missing: ErasedBy | 'operation' };

/** Effects by which somebody can be deleted; a read deletes nobody, and money is paid for something else. */
const ERASING: ReadonlySet<OperationSpec['effect']> = new Set(['write', 'delete', 'send', 'admin']);

export function erasureProblems({ operation: name, by }: ErasesSpec, operations: readonly OperationSpec[]): readonly string[] {
  const operation = operations.find((one) => one.name === name);
  if (operation === undefined) return ['erases.operation: names no operation'];
  const problems: string[] = [];
  if (!ERASING.has(operation.effect)) problems.push(`erases.operation: ${operation.effect} deletes nobody`);
  if (Object.keys(by).length === 0) problems.push('erases.by: names no argument');
  for (const argument of Object.keys(by)) {
    const spec = operation.arguments.find((one) => one.name === argument);
    if (spec === undefined) problems.push(`erases.by.${argument}: is no argument of ${name}`);
    else if (spec.type !== 'string' && spec.type !== 'integer') problems.push(`erases.by.${argument}: takes no text`);
  }
  for (const argument of operation.arguments)
    if (argument.required && !Object.hasOwn(by, argument.name)) problems.push(`erases.by: ${name} needs ${argument.name} too`);
  return problems;
}

export function planErasure(manifest: Manifest, person: ErasedPerson): ErasurePlan {
  const { erases } = manifest;
  const operation = manifest.operations.find(({ name }) => name === erases?.operation);
  if (erases === undefined || operation === undefined) return { kind: 'none', missing: 'operation' };
  const args: Record<string, JsonValue> = {};
  const by: Record<string, string> = {};
  for (const [argument, kind] of Object.entries(erases.by)) {
    const known = person[kind];
    const [value] = known;
    const spec = operation.arguments.find(({ name }) => name === argument);
    if (value === undefined || known.length > 1 || spec === undefined) {
      if (spec?.required === false && known.length === 0) continue;
      return { kind: 'none', missing: kind };
    }
    if (spec.type === 'integer' && !/^\d{1,15}$/.test(value)) return { kind: 'none', missing: kind };
    args[argument] = spec.type === 'integer' ? Number(value) : value;
    by[argument] = value;
  }
  if (Object.keys(by).length === 0) return { kind: 'none', missing: Object.values(erases.by)[0] ?? 'operation' };
  return { kind: 'call', operation: operation.name, request: encodeOperation({ operation, args }), by };
}
