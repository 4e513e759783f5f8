// Every key of every tenant, page after page: wrapped anew where it is not as it should be, and written into the list of survivors.
// INVARIANT: the list that the key box names is on the disk, wherever it was killed.

import type { KeyObject } from 'node:crypto';
import type { Refusal } from '#core';
import { vaultFault } from '../envelope.ts';
import {
  pageOfSubjectKeys,
  pageOfTenantKeys,
  rewrapSubjectKeys,
  START,
  type SubjectKeyOfAll,
  type TenantKeyOfAll,
} from '../store/all-keys.ts';
import { listEpochs, takeTurn } from '../store/epochs.ts';
import { type OnStep, PAGE, type RoundDeps, type Turns } from './steps.ts';
import { type Entry, settleSurvivors, writeSurvivors } from './survivors.ts';
import { epochWrapping, openTenantRow, type TenantKey, unwrapSubjectKey, wrapSubjectKey } from './wrapping.ts';

export interface EveryKey {
  tenantPages(): AsyncGenerator<readonly TenantKeyOfAll[]>;
  /** Until a whole pass finds nothing to wrap: what another transaction wrote during a pass is found by the next. */
  wrapUntilDone(epoch: number, onStep: OnStep): Promise<number>;
  /** The same with the epoch that holds now. */
  rewrap(onStep: OnStep): Promise<number>;
  /** Gives how many keys are listed. */
  keepSurvivors(isNewestOnly?: boolean): Promise<number | Refusal>;
}

/** Of one tenant's key at a time. */
const MAX_VERSIONS = 16;

export function createEveryKey({ held, random }: Pick<RoundDeps, 'held' | 'random'>, { system, inTurn }: Turns): EveryKey {
  async function* tenantPages(): AsyncGenerator<readonly TenantKeyOfAll[]> {
    for (let after: readonly [string, number] = ['', 0]; ; ) {
      const page = await system((tx) => pageOfTenantKeys(tx, after, PAGE));
      if (page.length === 0) return;
      yield page;
      const last = page.at(-1) as TenantKeyOfAll;
      after = [last.tenant, last.version];
    }
  }

  async function* subjectPages(): AsyncGenerator<readonly SubjectKeyOfAll[]> {
    for (let after = START; ; ) {
      const page = await system((tx) => pageOfSubjectKeys(tx, after, PAGE));
      if (page.length === 0) return;
      yield page;
      const last = page.at(-1) as SubjectKeyOfAll;
      after = [last.tenant, last.id];
    }
  }

  /** Every version of the keys of the tenants of a page, which come in the order of tenants. */
  function openTenants(): (page: readonly SubjectKeyOfAll[]) => Promise<ReadonlyMap<string, readonly TenantKey[]>> {
    let known = new Map<string, readonly TenantKey[]>();
    return async (page) => {
      const wanted = new Set(page.map(({ tenant }) => tenant));
      const missing = [...wanted].filter((tenant) => !known.has(tenant));
      known = new Map([...known].filter(([tenant]) => wanted.has(tenant)));
      for (const tenant of missing) {
        const rows = (await system((tx) => pageOfTenantKeys(tx, [tenant, 0], MAX_VERSIONS))).filter((row) => row.tenant === tenant);
        known.set(
          tenant,
          rows.map((row) => openTenantRow(held, tenant, row)),
        );
      }
      return known;
    };
  }

  /** Wraps what is not wrapped with this epoch and the newest version of its tenant's key. Gives how many were. */
  async function wrapAll(epoch: number, onStep: OnStep): Promise<number> {
    const keysOf = openTenants();
    let done = 0;
    for await (const page of subjectPages()) {
      const tenants = await keysOf(page);
      const fresh = page.flatMap((row) => {
        const versions = tenants.get(row.tenant) ?? [];
        const [owner, newest] = [versions.find(({ version }) => version === row.wrapKey), versions.at(-1)];
        if (owner === undefined || newest === undefined) throw vaultFault('VAULT_SEALED_UNREADABLE');
        if (row.epoch === epoch && row.wrapKey === newest.version) return [];
        const key = unwrapSubjectKey(epochWrapping(owner, epochKey(row.epoch)), row.tenant, row);
        const now = { ...row, epoch, wrapKey: newest.version };
        const wrapped = wrapSubjectKey(epochWrapping(newest, epochKey(epoch)), row.tenant, now, key, random);
        return [{ ...now, before: row.wrapped, wrapped }];
      });
      if (fresh.length === 0) continue;
      done += await system((tx) => rewrapSubjectKeys(tx, fresh));
      await onStep({ step: 'wrapping', done });
    }
    return done;
  }

  function epochKey(epoch: number): KeyObject | null {
    if (epoch === 0) return null;
    const key = held.epoch(epoch);
    if (key === null) throw vaultFault('VAULT_EPOCH_MISSING');
    return key;
  }

  async function wrapUntilDone(epoch: number, onStep: OnStep): Promise<number> {
    let all = 0;
    for (;;) {
      const done = await wrapAll(epoch, ({ step, done: some }) => onStep({ step, done: all + some }));
      if (done === 0) return all;
      all += done;
    }
  }

  /** `alive`: said between pages, so that the transaction that holds the turn does not end for being idle. */
  async function* survivors(alive: () => Promise<unknown>, isNewestOnly: boolean): AsyncGenerator<readonly Entry[]> {
    const newestOf = new Map<string, number>();
    if (isNewestOnly) for await (const page of tenantPages()) for (const { tenant, version } of page) newestOf.set(tenant, version);
    for await (const page of tenantPages()) {
      await alive();
      const listed = page.filter(({ tenant, version }) => version >= (newestOf.get(tenant) ?? 0));
      yield listed.map(({ tenant, version, kek, wrapped }): Entry => ['t', tenant, version, kek, wrapped.toString('base64url')]);
    }
    for await (const page of subjectPages()) {
      await alive();
      yield page.map(({ tenant, id, epoch, wrapKey, wrapped }): Entry => ['s', tenant, id, epoch, wrapKey, wrapped.toString('base64url')]);
    }
  }

  /** The list beside the old one, then the box that names it, then the place: killed anywhere, the list that the box names is there. */
  async function keepSurvivors(isNewestOnly = false): Promise<number | Refusal> {
    return inTurn(async (tx) => {
      const entries = survivors(() => takeTurn(tx), isNewestOnly);
      const mark = await writeSurvivors(held.places.survivors, entries, random);
      await held.store({ ...held.box(), survivors: mark });
      await settleSurvivors(held.places.survivors, mark, random);
      return mark.count;
    });
  }

  async function rewrap(onStep: OnStep): Promise<number> {
    const rows = await system(listEpochs);
    await held.refresh();
    return wrapUntilDone(rows.find(({ state }) => state === 'current')?.epoch ?? 0, onStep);
  }

  return { tenantPages, wrapUntilDone, rewrap, keepSurvivors };
}
