// Lets another key follow the one that signs. INVARIANT: the key file is on disk before its statement is in the database, so a kill between
// any two steps leaves a ledger that goes on: a file without a statement is taken by the next attempt, a statement never lacks its file.

import { type Clock, makeEvent, type Random, type Refusal, refuse, type TenantId, type Tx } from '#core';
import { appendEvents, type Database } from '#storage';
import { auditCodes } from '../errors.ts';
import { followKeys } from '../sign-checkpoint.ts';
import { endKey, foundLedger, insertKey } from '../store/keys.ts';
import { lockGlobalTree } from '../store/trees.ts';
import { endOf, type KeyLink, type LedgerSigner } from './ledger-signer.ts';

export interface KeyRotationDeps {
  readonly db: Pick<Database, 'asSystem'>;
  readonly signer: LedgerSigner;
  readonly clock: Clock;
  readonly random: Random;
}

/** Who asks, and on whose log it stands. */
export interface RotationRequest {
  readonly tenant: TenantId;
  /** Reference of who asked, e.g. `person:per_...`. */
  readonly actor: string;
}

export interface KeyView {
  readonly sequence: number;
  /** Under the name of epoch 1. */
  readonly verifierKey: string;
  readonly statement: string | null;
  readonly addedAtMs: number;
  readonly isSigning: boolean;
  /** When it stops, or stopped; null for the newest. */
  readonly endsAtMs: number | null;
}

export interface KeyChainView {
  readonly origin: string;
  readonly keys: readonly KeyView[];
}

export interface KeyRotation {
  /** The chain as it stands in the database. */
  show(): Promise<KeyChainView>;
  /** Makes the next key and has both sign from the next checkpoint on. */
  rotate(request: RotationRequest): Promise<KeyChainView | Refusal>;
  /** Stops the older key before its time is over. */
  finish(request: RotationRequest): Promise<KeyChainView | Refusal>;
}

function deny(code: 'AUDIT_ROTATION_UNDER_WAY' | 'AUDIT_ROTATION_NONE', sequence: number): Refusal {
  return refuse(code, auditCodes[code]?.sentence ?? code, { sequence });
}

export function createKeyRotation(deps: KeyRotationDeps): KeyRotation {
  const { signer, clock, random } = deps;

  function view(): KeyChainView {
    const nowMs = clock.now();
    const keys = signer.chain.map((link: KeyLink, index) => {
      const endsAtMs = endOf(link, signer.chain[index + 1]);
      const { sequence, verifierKey, statement, addedAtMs } = link;
      return { sequence, verifierKey, statement, addedAtMs, isSigning: endsAtMs === null || nowMs < endsAtMs, endsAtMs };
    });
    return { origin: signer.origin, keys };
  }

  /** Under the leader's lock, so that no other process signs, rotates or finishes meanwhile. */
  function alone<T>(work: (tx: Tx) => Promise<T>): Promise<T> {
    return deps.db.asSystem('sequencer', async (tx) => {
      const founding = signer.founding();
      if (founding !== null) await foundLedger(tx, { ...founding, atMs: clock.now() });
      await lockGlobalTree(tx);
      await followKeys(tx, deps);
      return work(tx);
    });
  }

  async function record(
    tx: Tx,
    { tenant, actor }: RotationRequest,
    facts: { sequence: number; phase: 'begun' | 'finished' },
  ): Promise<void> {
    const rotated = { tenant, type: 'audit.key.rotated', actor, subject: tenant, public: facts };
    await appendEvents(tx, [makeEvent({ clock, random }, rotated)]);
  }

  const refresh = (): Promise<void> => deps.db.asSystem('sequencer', (tx) => followKeys(tx, deps));

  return {
    async show() {
      await refresh();
      return view();
    },
    async rotate(request) {
      const refusal = await alone(async (tx) => {
        if (signer.keys.length > 1) return deny('AUDIT_ROTATION_UNDER_WAY', signer.keys.at(-1)?.sequence ?? 0);
        const next = signer.prepareNext();
        await insertKey(tx, { ...next, addedAtMs: clock.now() });
        await record(tx, request, { sequence: next.sequence, phase: 'begun' });
        return null;
      });
      if (refusal !== null) return refusal;
      await refresh();
      return view();
    },
    async finish(request) {
      const refusal = await alone(async (tx) => {
        const [older, newer] = signer.keys;
        if (older === undefined || newer === undefined) return deny('AUDIT_ROTATION_NONE', older?.sequence ?? 0);
        await endKey(tx, older.sequence, clock.now());
        await record(tx, request, { sequence: newer.sequence, phase: 'finished' });
        return null;
      });
      if (refusal !== null) return refusal;
      await refresh();
      return view();
    },
  };
}
