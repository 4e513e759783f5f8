// Who reads which part of a dataset, and who reads it in the clear for how long. INVARIANT: a window is of one person and ends by itself.

import {
  type Clock,
  isRefusal,
  type JsonObject,
  newId,
  parseOwnJson,
  type Random,
  type Refusal,
  type SealChange,
  type TenantId,
  type Tx,
} from '#core';
import type { Database } from '#storage';
import { refusal } from '../errors.ts';
import { addGrant, type DatasetRecord, dropGrant, endRaw, listGrants, listRaw, openRaw, type RawWindow } from '../store/datasets.ts';
import type { DatasetGrant, RowFilter } from './filters.ts';
import { PURPOSE } from './subjects.ts';

export interface By {
  readonly tenant: TenantId;
  readonly actor: string;
  readonly seal: SealChange;
}

export interface WhoReads {
  openRaw(by: By, input: { readonly name: string; readonly reason: string; readonly minutes: number }): Promise<RawWindow | Refusal>;
  endRaw(by: By, name: string): Promise<number>;
  grant(by: By, name: string, grant: Omit<DatasetGrant, 'id'>): Promise<DatasetGrant | Refusal>;
  ungrant(by: By, name: string, id: string): Promise<boolean>;
}

export type RecordEvent = (
  tx: Tx,
  by: { readonly tenant: TenantId; readonly actor: string },
  type: string,
  name: string,
  facts: JsonObject,
  sealed: Uint8Array | null,
) => Promise<unknown>;

interface WhoReadsDeps {
  readonly db: Pick<Database, 'inTenant'>;
  readonly vault: {
    seal(
      tx: Tx,
      value: { readonly tenant: TenantId; readonly subject: string | null; readonly purpose: string; readonly plaintext: Uint8Array },
    ): Promise<Uint8Array>;
    openMany(
      tx: Tx,
      value: { readonly tenant: TenantId; readonly purpose: string; readonly sealed: readonly Uint8Array[] },
    ): Promise<readonly (Uint8Array | null)[]>;
  };
  readonly clock: Clock;
  readonly random: Random;
  readonly record: RecordEvent;
  readonly find: (tx: Tx, tenant: TenantId, name: string) => Promise<DatasetRecord | Refusal>;
}

export const MAX_RAW_MINUTES = 60;
export const FILTER_PURPOSE = 'dataset.filter';
const MAX_GRANTS = 200;

export function createWhoReads({ db, vault, clock, random, record, find }: WhoReadsDeps) {
  async function grantsOf(tx: Tx, tenant: TenantId, name: string): Promise<readonly DatasetGrant[]> {
    const rows = await listGrants(tx, tenant, name);
    const sealed = rows.flatMap(({ filter }) => (filter === null ? [] : [filter]));
    const opened = [...(await vault.openMany(tx, { tenant, purpose: FILTER_PURPOSE, sealed }))];
    return rows.map(({ id, subject, columns, filter }) => ({
      id,
      subject,
      columns,
      filter: filter === null ? null : (textOf(opened.shift() ?? null) as unknown as RowFilter),
    }));
  }

  async function windowOf(tx: Tx, tenant: TenantId, name: string, person: string): Promise<RawWindow | null> {
    const now = clock.now();
    const open = await listRaw(tx, tenant, name);
    return open.find((one) => one.person === person && one.endedAtMs === null && one.expiresAtMs > now) ?? null;
  }

  const acts: WhoReads = {
    openRaw: (by, { name, reason, minutes }) =>
      db.inTenant(by.tenant, async (tx) => {
        const { tenant } = by;
        const dataset = await find(tx, tenant, name);
        if (isRefusal(dataset)) return dataset;
        const [openedAtMs, expiresAtMs] = [clock.now(), clock.now() + Math.min(minutes, MAX_RAW_MINUTES) * 60_000];
        const id = newId('dra', clock, random);
        const sealed = await vault.seal(tx, { tenant, subject: `person:${by.actor}`, purpose: PURPOSE, plaintext: Buffer.from(reason) });
        await endRaw(tx, tenant, name, by.actor, new Date(openedAtMs));
        const window = { id, dataset: name, person: by.actor, reason: sealed, at: new Date(openedAtMs), until: new Date(expiresAtMs) };
        await openRaw(tx, tenant, window);
        const facts = { window: id, minutes: Math.min(minutes, MAX_RAW_MINUTES), rows: dataset.rows };
        await record(tx, by, 'raw_opened', name, facts, await by.seal(tx, { before: null, after: { reason } }));
        return { id, dataset: name, person: by.actor, openedAtMs, expiresAtMs, endedAtMs: null };
      }),
    endRaw: (by, name) =>
      db.inTenant(by.tenant, async (tx) => {
        const ended = await endRaw(tx, by.tenant, name, by.actor, new Date(clock.now()));
        if (ended > 0) await record(tx, by, 'raw_ended', name, { windows: ended }, null);
        return ended;
      }),
    grant: (by, name, grant) =>
      db.inTenant(by.tenant, async (tx) => {
        const { tenant } = by;
        const dataset = await find(tx, tenant, name);
        if (isRefusal(dataset)) return dataset;
        const known = new Set(dataset.columns.map((column) => column.name));
        const unknown = [...(grant.columns ?? []), ...(grant.filter === null ? [] : [grant.filter.column])].find((one) => !known.has(one));
        if (unknown !== undefined) return refusal('GOVERNANCE_DATASET_COLUMN', { column: unknown });
        if ((await listGrants(tx, tenant, name)).length >= MAX_GRANTS) return refusal('GOVERNANCE_TOO_MANY');
        const id = newId('dgr', clock, random);
        const plaintext = Buffer.from(JSON.stringify(grant.filter));
        const filter = grant.filter === null ? null : await vault.seal(tx, { tenant, subject: null, purpose: FILTER_PURPOSE, plaintext });
        const made = { at: new Date(clock.now()), by: by.actor };
        await addGrant(tx, tenant, { id, dataset: name, subject: grant.subject, columns: grant.columns, filter }, made);
        const facts = { grant: id, to: grant.subject, columns: [...(grant.columns ?? [])], filtered: grant.filter !== null };
        await record(tx, by, 'granted', name, facts, await by.seal(tx, { before: null, after: { ...grant } as never }));
        return { id, ...grant };
      }),
    ungrant: (by, name, id) =>
      db.inTenant(by.tenant, async (tx) => {
        if (!(await dropGrant(tx, by.tenant, name, id))) return false;
        await record(tx, by, 'ungranted', name, { grant: id }, null);
        return true;
      }),
  };
  return { ...acts, grantsOf, windowOf };
}

function textOf(opened: Uint8Array | null): unknown {
  return opened === null ? null : parseOwnJson(Buffer.from(opened).toString('utf8'));
}
