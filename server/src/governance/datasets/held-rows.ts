// Datasets among the places that export, erasure and retention go through.

import type { TenantId, Tx } from '#core';
import type { Held, HeldPart, Place } from '../rights/places.ts';
import { type DatasetRecord, listDatasets } from '../store/datasets.ts';
import { changedRows, dropHeldRows, readHeldRows } from '../store/held-rows.ts';
import { PURPOSE, subjectOf } from './datasets.ts';

export interface HeldRowsVault {
  openMany(tx: Tx, value: { tenant: TenantId; purpose: string; sealed: readonly Uint8Array[] }): Promise<readonly (Uint8Array | null)[]>;
  eraseSubjects(tx: Tx, input: { tenant: TenantId; subjects: readonly string[] }): Promise<readonly string[]>;
}

/** Whose key a row is under, from the row itself. */
function ownerOf({ columns, subjectColumn }: DatasetRecord, cells: readonly string[]): string | null {
  const at = subjectColumn === null ? -1 : columns.findIndex(({ name }) => name === subjectColumn);
  return at < 0 ? null : subjectOf(columns[at], cells[at] ?? '');
}

/** A person’s address is no number of a customer: whose it is is told by other records, if any. */
const isCustomer = (owner: string): boolean => !/^[a-z_]+:/.test(owner) || owner.startsWith('person:');

export function datasetsPlace(vault: HeldRowsVault): Place {
  async function opened(tx: Tx, tenant: TenantId, refs: readonly string[]) {
    const datasets = new Map((await listDatasets(tx, tenant)).map((one) => [one.name, one]));
    const rows = await readHeldRows(tx, tenant, refs);
    const plain = await vault.openMany(tx, { tenant, purpose: PURPOSE, sealed: rows.map(({ sealed }) => sealed) });
    return rows.flatMap(({ ref, dataset }, at) => {
      const [record, bytes] = [datasets.get(dataset), plain[at] ?? null];
      if (record === undefined || bytes === null) return [];
      const cells = JSON.parse(Buffer.from(bytes).toString('utf8')) as readonly string[];
      return [{ ref, record, cells, owner: ownerOf(record, cells) }];
    });
  }

  return {
    name: 'datasets',
    changed: changedRows,
    open: async (tx, tenant, refs) => {
      const groups = Map.groupBy(await opened(tx, tenant, refs), ({ ref }) => ref);
      return [...groups].map(([ref, rows]): Held => {
        const parts = rows.map(({ record, cells, owner }): HeldPart => {
          const content = Object.fromEntries(record.columns.map(({ name }, at) => [name, cells[at] ?? '']));
          return { owner: owner !== null && isCustomer(owner) ? owner : null, isRecord: true, content };
        });
        const record = rows[0]?.record as DatasetRecord;
        const atMs = record.importedAtMs;
        return { ref, mark: '', atMs, endedAtMs: atMs, purpose: record.name, runs: [], parts };
      });
    },
    erase: async (tx, tenant, refs) => {
      // An address has a key of its own; a customer’s is destroyed with the customer, for it seals more than these rows.
      const owners = (await opened(tx, tenant, refs)).flatMap(({ owner }) => (owner !== null && !isCustomer(owner) ? [owner] : []));
      await dropHeldRows(tx, tenant, refs);
      return vault.eraseSubjects(tx, { tenant, subjects: [...new Set(owners)] });
    },
  };
}
