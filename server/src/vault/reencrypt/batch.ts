// One page of a sealed column: each value under an older key is opened and sealed under its subjects' keys of the new generation.
// INVARIANT: a value is replaced only as it was read, and its key is held meanwhile, so that an erasure that comes in between also takes the
// new one. It waits for nobody: what somebody else holds is left for the next pass.

import type { FollowSealed, Random, RowKey, SealedColumn, TenantId, Tx } from '#core';
import type { SubjectKeys } from '../keys/subject-keys.ts';
import { labelOf, readFormByte } from '../labels.ts';
import { headerOf, type SubjectKey, sealLayer, unsealLayer } from '../sealed-value.ts';
import { addFault, holdKeys } from '../store/generations.ts';
import { holdSealed, pageOfSealed, replaceSealed, type SealedRow } from '../store/sealed-columns.ts';

/** Rows that are looked at in one transaction; those that are sealed anew are held for some milliseconds. */
export const PAGE_ROWS = 200;

export interface BatchInput {
  readonly tenant: TenantId;
  readonly column: SealedColumn;
  readonly generation: number;
  readonly after: RowKey | null;
  readonly follow: FollowSealed | null;
}

export interface Batch {
  readonly sealed: number;
  /** Held by somebody else. */
  readonly left: number;
  /** Their keys are gone: nobody opens them. */
  readonly erased: number;
  readonly unreadable: number;
  readonly last: RowKey | null;
}

type Opened =
  | {
      readonly kind: 'plain';
      readonly bytes: Uint8Array;
      readonly references: readonly [string, ...string[]];
      readonly keys: readonly string[];
    }
  /** Only the outer layer: what is inside was erased. */
  | { readonly kind: 'inner'; readonly bytes: Uint8Array; readonly references: readonly [string]; readonly keys: readonly string[] }
  | { readonly kind: 'left' }
  | { readonly kind: 'unreadable'; readonly code: string; readonly keys: readonly string[] };

const placeOf = ({ table, column }: SealedColumn): string => `${table}.${column}`;
export const refOf = (column: SealedColumn, row: RowKey): string => column.key.map((name) => row[name]).join('/');

export function createBatches({ keys, random }: { readonly keys: SubjectKeys; readonly random: Random }) {
  /** A key that nobody is erasing, held to the end of the transaction. */
  async function held(tx: Tx, tenant: TenantId, id: string): Promise<SubjectKey | 'erased' | 'left'> {
    const isHeld = (await holdKeys(tx, tenant, [id])).has(id);
    const key = (await keys.byIds(tx, tenant, [id])).get(id);
    if (key === undefined) return 'erased';
    return isHeld ? key : 'left';
  }

  async function open(tx: Tx, { tenant, column }: BatchInput, row: RowKey, sealed: Uint8Array): Promise<Opened> {
    const purpose = column.purpose(row);
    const seen: string[] = [];
    try {
      const outer = headerOf(sealed);
      seen.push(outer.keyId);
      const key = await held(tx, tenant, outer.keyId);
      if (typeof key === 'string') return { kind: 'left' }; // erased since it was read: the next pass counts it
      const bytes = unsealLayer(key, { tenant, purpose, sealed });
      if (!outer.isNested) return { kind: 'plain', bytes, references: [key.row.subject], keys: seen };
      const inner = headerOf(bytes);
      seen.push(inner.keyId);
      const innerKey = await held(tx, tenant, inner.keyId);
      if (innerKey === 'left') return { kind: 'left' };
      if (innerKey === 'erased') return { kind: 'inner', bytes, references: [key.row.subject], keys: seen };
      const plain = unsealLayer(innerKey, { tenant, purpose, sealed: bytes });
      return { kind: 'plain', bytes: plain, references: [key.row.subject, innerKey.row.subject], keys: seen };
    } catch (fault) {
      const code = (fault as { code?: string }).code;
      if (code !== 'VAULT_SEALED_UNREADABLE') throw fault;
      return { kind: 'unreadable', code, keys: seen };
    }
  }

  async function sealed(
    tx: Tx,
    { tenant, column }: BatchInput,
    row: RowKey,
    opened: Opened & { kind: 'plain' | 'inner' },
  ): Promise<{ readonly after: Buffer; readonly keys: readonly string[] }> {
    const purpose = column.purpose(row);
    const place = { tenant, purpose, label: labelOf(purpose), random };
    const outer = await keys.current(tx, tenant, opened.references[0]);
    const { id } = outer.row;
    if (opened.kind === 'inner')
      return { after: sealLayer(outer, { ...place, isNested: true }, opened.bytes), keys: [id, ...opened.keys.slice(1)] };
    const [, within] = opened.references;
    if (within === undefined) return { after: sealLayer(outer, { ...place, isNested: false }, opened.bytes), keys: [id] };
    const own = await keys.current(tx, tenant, within);
    const inner = sealLayer(own, { ...place, isNested: false }, opened.bytes);
    return { after: sealLayer(outer, { ...place, isNested: true }, inner), keys: [id, own.row.id] };
  }

  async function move(tx: Tx, input: BatchInput, { row, sealed: before }: SealedRow): Promise<'sealed' | 'left' | 'unreadable'> {
    const { tenant, column, generation, follow } = input;
    if (before === null || !(await holdSealed(tx, tenant, { column, row, sealed: before }))) return 'left';
    const opened = await open(tx, input, row, before);
    if (opened.kind === 'left') return 'left';
    if (opened.kind === 'unreadable') {
      const { code, keys: under } = opened;
      await addFault(tx, tenant, { place: placeOf(column), ref: refOf(column, row), generation, code, keys: under });
      return 'unreadable';
    }
    const { after, keys: now } = await sealed(tx, input, row, opened);
    if (!(await replaceSealed(tx, tenant, { column, row, before, after }))) return 'left';
    await follow?.(tx, tenant, { row, before, after, keys: { before: opened.keys, after: now } });
    return 'sealed';
  }

  /** Its key is gone, or it is no sealed value at all. */
  async function lost(tx: Tx, { tenant, column, generation }: BatchInput, { row, first }: SealedRow): Promise<'erased' | 'unreadable'> {
    if (readFormByte(first ?? undefined) !== null) return 'erased';
    const fault = { place: placeOf(column), ref: refOf(column, row), generation, code: 'VAULT_SEALED_UNREADABLE', keys: [] };
    await addFault(tx, tenant, fault);
    return 'unreadable';
  }

  return async (tx: Tx, input: BatchInput): Promise<Batch> => {
    const { tenant, column, generation, after } = input;
    const rows = await pageOfSealed(tx, tenant, { column, after, before: generation, limit: PAGE_ROWS });
    const count = { sealed: 0, left: 0, unreadable: 0, erased: 0 };
    for (const row of rows) {
      if (row.sealed !== null) count[await move(tx, input, row)] += 1;
      else if (row.generation === null) count[await lost(tx, input, row)] += 1;
    }
    return { ...count, last: rows.length < PAGE_ROWS ? null : (rows.at(-1)?.row ?? null) };
  };
}
