// Rounds over the keys: a new epoch, a new version of every tenant's key, a new key in the key file. Each is a row of small steps that
// look at what is there and do the next thing, so that a killed round is gone on with by whoever comes next.
// INVARIANT: an old key is destroyed only when nothing is wrapped with it and the list of survivors is on the disk.

import type { Refusal } from '#core';
import { newKey, vaultFault } from '../envelope.ts';
import { addEpoch, type EpochRow, isWrappedBefore, listEpochs, markEpoch } from '../store/epochs.ts';
import { createEveryKey } from './every-key.ts';
import type { Copies } from './held-keys.ts';
import { type Epoch, epochId } from './key-box.ts';
import { createRotation } from './rotation.ts';
import { createTurns, isRefused, type OnStep, type RoundDeps, type RoundReport } from './steps.ts';

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

const nothing: OnStep = () => undefined;

export function createRounds(deps: RoundDeps): Rounds {
  const { held, clock, random } = deps;
  const turns = createTurns(deps);
  const { system, inTurn, alone } = turns;
  const every = createEveryKey(deps, turns);
  const rotation = createRotation(deps, turns, every);
  const at = (): Date => new Date(clock.now());

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
    const wrapped = await every.wrapUntilDone(current.epoch, onStep);
    await onStep({ step: 'wrapped', done: wrapped });
    const kept = await every.keepSurvivors();
    if (isRefused(kept)) return kept;
    await onStep({ step: 'survivors written', done: kept });
    const destroyed = await destroy(current.epoch, onStep);
    return isRefused(destroyed) ? destroyed : { wrapped, survivors: kept, epoch: current.epoch, destroyed };
  }

  const epochsOpen = async (): Promise<boolean> => (await newest())?.state === 'prepared' || (await ending()).length > 0;

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
      return { wrapped: await every.rewrap(onStep), survivors: 0 };
    },

    async rotateTenants(onStep = nothing) {
      const added = await rotation.addVersions();
      if (isRefused(added)) return added;
      await onStep({ step: 'versions added', done: added });
      const finished = await rotation.finishTenants(onStep);
      return isRefused(finished) ? finished : { ...finished, tenants: added };
    },

    async rotateFile(onStep = nothing) {
      const refused = await rotation.beginFile();
      if (refused !== null) return refused;
      await onStep({ step: 'next key kept', done: 0 });
      return rotation.finishFile(onStep);
    },

    async resume(onStep = nothing) {
      await held.refresh();
      if (rotation.isFileOpen()) {
        const done = await rotation.finishFile(onStep);
        if (isRefused(done)) return done;
      }
      if (await rotation.areTenantsOpen()) {
        const done = await rotation.finishTenants(onStep);
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
      return rotation.isFileOpen() || (await epochsOpen()) || (await rotation.areTenantsOpen());
    },
  };
}
