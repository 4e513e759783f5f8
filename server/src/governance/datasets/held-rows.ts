// Datasets among the places that export, erasure and retention go through.

import type { TenantId, Tx } from '#core';
import type { Held, HeldPart, Place } from '../rights/places.ts';
import { type DatasetRecord, listDatasets } from '../store/datasets.ts';
import { changedRows, dropHeldRows, keptMarks, readHeldRows } from '../store/held-rows.ts';
import { isCustomerColumn, PURPOSE, subjectOf } from './subjects.ts';

export interface HeldRowsVault {
  openMany(tx: Tx, value: { tenant: TenantId; purpose: string; sealed: readonly Uint8Array[] }): Promise<readonly (Uint8Array | null)[]>;
  eraseSubjects(tx: Tx, input: { tenant: TenantId; subjects: readonly string[] }): Promise<readonly string[]>;
}

/** Whose key a row is under, from the row itself. A person’s address is no number of a customer: whose it is is told by other records, if any. */
function ownerOf({ columns, subjectColumn }: DatasetRecord, cells: readonly string[]) {
  const at = subjectColumn === null ? -1 : columns.findIndex(({ name }) => name === subjectColumn);
  const [column, value] = [columns[at], cells[at] ?? ''];
  const key = subjectOf(column, value);
  const type = ({ email_address: 'EMAIL', phone_number: 'PHONE' } as const)[column?.dataClass as string];
  const about: Pick<HeldPart, 'about'> = key === null || type === undefined ? {} : { about: { type, value } };
  return { key, customer: isCustomerColumn(column) ? key : null, about };
}

export function datasetsPlace(vault: HeldRowsVault): Place {
  async function opened(tx: Tx, tenant: TenantId, refs: readonly string[]) {
    const datasets = new Map((await listDatasets(tx, tenant)).map((one) => [one.name, one]));
    const rows = await readHeldRows(tx, tenant, refs);
    const plain = await vault.openMany(tx, { tenant, purpose: PURPOSE, sealed: rows.map(({ sealed }) => sealed) });
    return rows.flatMap(({ ref, dataset, subject }, at) => {
      const [record, bytes] = [datasets.get(dataset), plain[at] ?? null];
      if (record === undefined || bytes === null) return [];
      const cells = JSON.parse(Buffer.from(bytes).toString('utf8')) as readonly string[];
      return [{ ref, record, cells, mark: subject, ...ownerOf(record, cells) }];
    });
  }

  return {
    name: 'datasets',
    changed: changedRows,
    open: async (tx, tenant, refs) => {
      const groups = Map.groupBy(await opened(tx, tenant, refs), ({ ref }) => ref);
      return [...groups].map(([ref, rows]): Held => {
        const parts = rows.map(({ record, cells, customer, about }): HeldPart => {
          const content = Object.fromEntries(record.columns.map(({ name }, at) => [name, cells[at] ?? '']));
          return { owner: customer, isRecord: true, content, ...about };
        });
        const record = rows[0]?.record as DatasetRecord;
        const atMs = record.importedAtMs;
        return { ref, mark: '', atMs, endedAtMs: atMs, purpose: record.name, runs: [], parts };
      });
    },
    erase: async (tx, tenant, refs) => {
      // An address has a key of its own; a customer’s is destroyed with the customer, for it seals more than these rows.
      const own = (await opened(tx, tenant, refs)).filter(({ key, customer, mark }) => key !== null && customer === null && mark !== null);
      const keys = new Map(own.map(({ key, mark }) => [mark as string, key as string]));
      await dropHeldRows(tx, tenant, refs);
      // Another dataset may keep rows under the same key, and longer.
      for (const mark of await keptMarks(tx, tenant, [...keys.keys()])) keys.delete(mark);
      return vault.eraseSubjects(tx, { tenant, subjects: [...keys.values()] });
    },
  };
}
