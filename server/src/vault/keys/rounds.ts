// Rounds over the keys: a new epoch, a new version of every tenant's key, a new key in the key file. Each is a row of small steps that
// look at what is there and do the next thing, so that a killed round is gone on with by whoever comes next.
// INVARIANT: an old key is destroyed only when nothing is wrapped with it and the list of survivors is on the disk.

import type { KeyObject } from 'node:crypto';
import { type Clock, type Random, type Refusal, refuse, type Tx } from '#core';
import { outsideTransaction, type RoomDatabase } from '#storage';
import { newKey, vaultFault } from '../envelope.ts';
import { vaultCodes } from '../errors.ts';
import { masterKeyOf, readSeal, replaceKeyFile } from '../key-file.ts';
import {
  addTenantVersion,
  countTenantKeys,
  dropTenantVersions,
  pageOfSubjectKeys,
  pageOfTenantKeys,
  rewrapSubjectKeys,
  rewrapTenantKeys,
  START,
  type SubjectKeyOfAll,
  type TenantKeyOfAll,
} from '../store/all-keys.ts';
import { addEpoch, type EpochRow, isWrappedBefore, listEpochs, markEpoch, shutOutWriters, takeTurn } from '../store/epochs.ts';
import type { Copies, HeldKeys } from './held-keys.ts';
import { type Epoch, epochId } from './key-box.ts';
import { type Entry, settleSurvivors, writeSurvivors } from './survivors.ts';
import { epochWrapping, openTenantRow, sealTenantKey, type TenantKey, unwrapSubjectKey, wrapSubjectKey } from './wrapping.ts';

export type RoundStep =
  | 'epoch kept'
  | 'epoch prepared'
  | 'epoch current'
  | 'wrapping'
  | 'wrapped'
  | 'survivors written'
  | 'epoch destroyed'
  | 'epoch marked'
  | 'next key kept'
  | 'tenant keys wrapped'
  | 'key file replaced'
  | 'old key forgotten'
  | 'versions added'
  | 'versions dropped';

export interface RoundProgress {
  readonly step: RoundStep;
  /** Keys wrapped so far. */
  readonly done: number;
}

export interface RoundReport {
  readonly wrapped: number;
  readonly survivors: number;
}

export interface EpochReport extends RoundReport {
  readonly epoch: number;
  readonly destroyed: readonly number[];
}

export interface Rounds {
  /** Makes the first epoch, of an installation that has none. Does nothing when it is there. */
  begin(): Promise<void>;
  /** Writes the copies beside the backups again where they are not what stands here; `copies` of the vault says how they stand. */
  keepCopies(): Promise<void>;
  /** Survivors under a new epoch, the old one destroyed. Goes on with one that was interrupted. */
  changeEpoch(onStep?: OnStep): Promise<EpochReport | Refusal>;
  /** Subject keys under the newest version of their tenant's key. */
  rewrap(onStep?: OnStep): Promise<RoundReport>;
  /** A new version of every tenant's key, subject keys under it, and the older versions destroyed. */
  rotateTenants(onStep?: OnStep): Promise<(RoundReport & { readonly tenants: number }) | Refusal>;
  /** A new key in the key file, everything under it, and the old one destroyed. */
  rotateFile(onStep?: OnStep): Promise<(RoundReport & { readonly keyId: string }) | Refusal>;
  /** Goes on with what was interrupted, whichever it was. */
  resume(onStep?: OnStep): Promise<Refusal | null>;
  /** Whether one was interrupted. */
  isOpen(): Promise<boolean>;
}

export type OnStep = (progress: RoundProgress) => void | Promise<void>;

const PAGE = 500;
const MAX_INTEGER = 2_147_483_647;
const ATTEMPTS = 8;
/** Of one tenant's key at a time. */
const MAX_VERSIONS = 16;

const sentence = (code: string): string => vaultCodes[code]?.sentence ?? code;
const busy = (): Refusal => refuse('VAULT_ROUND_BUSY', sentence('VAULT_ROUND_BUSY'));

export function createRounds({ db, held, clock, random }: { db: RoomDatabase; held: HeldKeys; clock: Clock; random: Random }): Rounds {
  const system = <T>(work: (tx: Tx) => Promise<T>): Promise<T> => outsideTransaction(() => db.asSystem('installer', work));
  const at = (): Date => new Date(clock.now());

  /** One step with the files: nobody else changes them meanwhile, and what stands in them is what is known here. */
  function inTurn<T>(work: (tx: Tx) => Promise<T>): Promise<T | Refusal> {
    return system(async (tx) => {
      if (!(await takeTurn(tx))) return busy();
      await held.refresh();
      return work(tx);
    });
  }

  /** The same, with every writer of keys outside, tried again when they take too long. */
  async function alone<T>(work: (tx: Tx) => Promise<T>): Promise<T | Refusal> {
    for (let attempt = 1; ; attempt += 1) {
      try {
        return await inTurn(async (tx) => {
          await shutOutWriters(tx);
          return work(tx);
        });
      } catch (error) {
        const code = (error as { code?: string }).code;
        if (attempt === ATTEMPTS || (code !== 'STORAGE_TIMEOUT' && code !== 'STORAGE_CONFLICT')) throw error;
      }
    }
  }

  const isRefused = <T>(result: T | Refusal): result is Refusal =>
    typeof result === 'object' && result !== null && 'code' in result && 'reason' in result;

  // ---- keys of every tenant ----

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

  /** Until a whole pass finds nothing to wrap: what another transaction wrote during a pass is found by the next. */
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

  // ---- epochs ----

  const newest = async (): Promise<EpochRow | null> => (await system(listEpochs))[0] ?? null;
  const ending = async (): Promise<readonly EpochRow[]> => (await system(listEpochs)).filter(({ state }) => state === 'ending');

  function nextEpoch(epoch: number): Epoch {
    const kept = held.box().epochs.find((one) => one.epoch === epoch);
    if (kept !== undefined) return kept; // kept by a round that was killed before it told the database
    const key = newKey(random);
    return { epoch, id: epochId(key), key, madeAt: at().toISOString() };
  }

  async function prepare(onStep: OnStep, copies: Copies = 'must'): Promise<Refusal | null> {
    const done = await inTurn(async (tx) => {
      const [last] = await listEpochs(tx);
      if (last !== undefined && last.state !== 'current') return null;
      // Another machine's files are ahead of these: an epoch made here would be one that nobody else has.
      if (last !== undefined && held.box().epochs.find(({ epoch }) => epoch === last.epoch)?.id !== last.keyId)
        throw vaultFault('VAULT_EPOCH_MISSING');
      const next = nextEpoch((last?.epoch ?? 0) + 1);
      const box = held.box();
      if (!box.epochs.includes(next)) await held.store({ ...box, epochs: [...box.epochs, next] }, copies);
      await onStep({ step: 'epoch kept', done: 0 });
      await addEpoch(tx, { epoch: next.epoch, keyId: next.id, state: 'prepared', at: at() });
      return null;
    });
    if (done === null) await onStep({ step: 'epoch prepared', done: 0 });
    return done;
  }

  /** From here on new keys are wrapped with the new epoch. */
  async function makeCurrent(onStep: OnStep): Promise<Refusal | null> {
    const done = await alone(async (tx) => {
      const [last, before] = await listEpochs(tx);
      if (last?.state !== 'prepared') return null;
      if (held.epoch(last.epoch) === null) throw vaultFault('VAULT_EPOCH_MISSING');
      if (before?.state === 'current') await markEpoch(tx, before.epoch, 'ending', at());
      await markEpoch(tx, last.epoch, 'current', at());
      return null;
    });
    if (done === null) await onStep({ step: 'epoch current', done: 0 });
    return done;
  }

  /** INVARIANT: only with nothing left under the older epochs, looked at with every writer shut out, and with the list on the disk. */
  async function destroy(current: number, onStep: OnStep): Promise<readonly number[] | Refusal> {
    const gone = await alone(async (tx) => {
      if (await isWrappedBefore(tx, current)) throw vaultFault('VAULT_KEY_STILL_USED');
      const left = (await listEpochs(tx)).filter(({ epoch, state }) => epoch < current && state !== 'destroyed');
      const box = held.box();
      // Written again even when it is so here already: a killed round may not have come to the copy.
      if (left.length > 0 || box.closed < current - 1)
        await held.store({ ...box, closed: current - 1, epochs: box.epochs.filter(({ epoch }) => epoch >= current) });
      await onStep({ step: 'epoch destroyed', done: 0 });
      for (const { epoch } of left) await markEpoch(tx, epoch, 'destroyed', at());
      return left.map(({ epoch }) => epoch);
    });
    if (!isRefused(gone)) await onStep({ step: 'epoch marked', done: 0 });
    return gone;
  }

  /** Everything between the new epoch being current and the old ones being gone. */
  async function closeOld(onStep: OnStep): Promise<EpochReport | Refusal> {
    const current = await newest();
    if (current === null) return { wrapped: 0, survivors: 0, epoch: 0, destroyed: [] };
    await held.refresh();
    const wrapped = await wrapUntilDone(current.epoch, onStep);
    await onStep({ step: 'wrapped', done: wrapped });
    const kept = await keepSurvivors();
    if (isRefused(kept)) return kept;
    await onStep({ step: 'survivors written', done: kept });
    const destroyed = await destroy(current.epoch, onStep);
    return isRefused(destroyed) ? destroyed : { wrapped, survivors: kept, epoch: current.epoch, destroyed };
  }

  const nothing: OnStep = () => undefined;

  async function finishFile(onStep: OnStep): Promise<(RoundReport & { keyId: string }) | Refusal> {
    let wrapped = 0;
    for (;;) {
      // Once under the lock of writers: whoever makes a tenant's key afterwards sees the next key in the box.
      const barrier = await alone(async () => true);
      if (isRefused(barrier)) return barrier;
      const { next } = held.box();
      if (next === null || next.id === held.master().id) break;
      let some = 0;
      for await (const page of tenantPages()) {
        const rows = page.flatMap((row) => {
          if (row.kek === next.id) return [];
          const fresh = sealTenantKey(next, row.tenant, openTenantRow(held, row.tenant, row), random);
          return [{ tenant: row.tenant, version: row.version, before: row.wrapped, kek: next.id, wrapped: fresh }];
        });
        if (rows.length > 0) some += await system((tx) => rewrapTenantKeys(tx, rows));
      }
      wrapped += some;
      if (some === 0) break;
    }
    await onStep({ step: 'tenant keys wrapped', done: wrapped });
    const kept = await keepSurvivors();
    if (isRefused(kept)) return kept;
    await onStep({ step: 'survivors written', done: kept });
    const replaced = await inTurn(async () => {
      const { next } = held.box();
      if (next === null || next.id === held.master().id) return;
      const seal = (await readSeal(held.location))?.seal ?? { by: 'file' };
      await replaceKeyFile(held.location, { key: next.key, of: held.master().id, wanted: seal }, random);
    });
    if (isRefused(replaced)) return replaced;
    await onStep({ step: 'key file replaced', done: wrapped });
    const forgotten = await inTurn(async () => {
      await held.store({ ...held.box(), next: null });
      return held.master().id;
    });
    if (isRefused(forgotten)) return forgotten;
    await onStep({ step: 'old key forgotten', done: wrapped });
    return { wrapped, survivors: kept, keyId: forgotten };
  }

  async function rewrap(onStep: OnStep): Promise<number> {
    const rows = await system(listEpochs);
    await held.refresh();
    return wrapUntilDone(rows.find(({ state }) => state === 'current')?.epoch ?? 0, onStep);
  }

  /** One more version for each tenant that has one: those that have two were reached by a round that was killed. */
  async function addVersions(): Promise<number | Refusal> {
    let tenants = 0;
    for (let after: readonly [string, number] = ['', 0]; ; ) {
      const done = await inTurn(async (tx) => {
        const page = await pageOfTenantKeys(tx, after, PAGE);
        const last = page.at(-1);
        if (last === undefined) return null;
        // A tenant's versions may go on in the next page: it is looked at there.
        const whole = page.length < PAGE ? page : page.filter(({ tenant }) => tenant !== last.tenant);
        for (const row of whole) {
          if (whole.some((other) => other.tenant === row.tenant && other.version !== row.version)) continue;
          const key: TenantKey = { version: row.version + 1, wrapping: newKey(random), index: openTenantRow(held, row.tenant, row).index };
          const kek = held.wrapping();
          const wrapped = sealTenantKey(kek, row.tenant, key, random);
          await addTenantVersion(tx, { tenant: row.tenant, version: key.version, kek: kek.id, wrapped, createdAt: at() });
          tenants += 1;
        }
        const end = page.length < PAGE ? last : (whole.at(-1) ?? last);
        return { after: [end.tenant, MAX_INTEGER] as const, isLast: page.length < PAGE };
      });
      if (isRefused(done)) return done;
      if (done === null || done.isLast) return tenants;
      after = done.after;
    }
  }

  /** INVARIANT: the list of survivors no longer needs the older versions before they are dropped. */
  async function finishTenants(onStep: OnStep): Promise<RoundReport | Refusal> {
    // Whoever adds a key from here on sees the new versions; who had begun before is waited for.
    const barrier = await alone(async () => true);
    if (isRefused(barrier)) return barrier;
    const wrapped = await rewrap(onStep);
    await onStep({ step: 'wrapped', done: wrapped });
    const kept = await keepSurvivors(true);
    if (isRefused(kept)) return kept;
    await onStep({ step: 'survivors written', done: kept });
    const dropped = await alone((tx) => dropTenantVersions(tx));
    if (isRefused(dropped)) return dropped;
    if (dropped === null) return refuse('VAULT_KEY_STILL_USED', sentence('VAULT_KEY_STILL_USED'));
    await onStep({ step: 'versions dropped', done: wrapped });
    return { wrapped, survivors: kept };
  }

  const epochsOpen = async (): Promise<boolean> => (await newest())?.state === 'prepared' || (await ending()).length > 0;
  const versionsOpen = async (): Promise<boolean> => (await system((tx) => countTenantKeys(tx, held.master().id))).older > 0;

  async function changeEpoch(onStep: OnStep): Promise<EpochReport | Refusal> {
    if (!(await epochsOpen()) || (await newest())?.state === 'prepared') {
      const refused = (await prepare(onStep)) ?? (await makeCurrent(onStep));
      if (refused !== null) return refused;
    }
    return closeOld(onStep);
  }

  return {
    async begin() {
      const last = await newest();
      if (last === null || last.state === 'prepared') {
        if (isRefused(await prepare(nothing, 'try'))) return; // whoever has the turn does it
        await makeCurrent(nothing);
      }
      await inTurn(async (tx) => {
        const current = (await listEpochs(tx)).find(({ state }) => state === 'current');
        const isHere = current === undefined || held.box().epochs.find(({ epoch }) => epoch === current.epoch)?.id === current.keyId;
        if (!isHere) throw vaultFault('VAULT_EPOCH_MISSING'); // what stands here is older than the database; the copy may not be
        // A server does not stay down for a folder of backups; who keeps the keys tells it, and no epoch ends meanwhile.
        await held.copy('try');
      });
    },

    async keepCopies() {
      await inTurn(() => held.copy('try'));
    },

    changeEpoch: (onStep = nothing) => changeEpoch(onStep),

    async rewrap(onStep = nothing) {
      return { wrapped: await rewrap(onStep), survivors: 0 };
    },

    async rotateTenants(onStep = nothing) {
      const added = await addVersions();
      if (isRefused(added)) return added;
      await onStep({ step: 'versions added', done: added });
      const finished = await finishTenants(onStep);
      return isRefused(finished) ? finished : { ...finished, tenants: added };
    },

    async rotateFile(onStep = nothing) {
      const begun = await inTurn(async () => {
        const box = held.box();
        if (box.next === null) await held.store({ ...box, next: masterKeyOf(newKey(random).export()) });
      });
      if (isRefused(begun)) return begun;
      await onStep({ step: 'next key kept', done: 0 });
      return finishFile(onStep);
    },

    async resume(onStep = nothing) {
      await held.refresh();
      if (held.box().next !== null) {
        const done = await finishFile(onStep);
        if (isRefused(done)) return done;
      }
      if (await versionsOpen()) {
        const done = await finishTenants(onStep);
        if (isRefused(done)) return done;
      }
      if (await epochsOpen()) {
        const done = await changeEpoch(onStep);
        if (isRefused(done)) return done;
      }
      return null;
    },

    async isOpen() {
      await held.refresh();
      return held.box().next !== null || (await epochsOpen()) || (await versionsOpen());
    },
  };
}
