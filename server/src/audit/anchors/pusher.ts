// Shows each new checkpoint to every anchor, the newest first when it is behind. Each anchor has a lane of its own, with its own pauses:
// INVARIANT: a broken or slow anchor delays no other, and nothing here can hold up the signing.

import type { Clock, Random } from '#core';
import { type Database, outsideTransaction } from '#storage';
import { consistencyRanges, readProof } from '../proofs.ts';
import { declareAnchor, insertSeen, lastSeen, newestCheckpoint, noteFault, type SeenMark } from '../store/anchors.ts';
import { cosignersOf, insertCosignature } from '../store/cosignatures.ts';
import { globalNodes } from '../store/tree-nodes.ts';
import type { Anchor, AnchorOutcome, AnchorSource, SignedCheckpoint } from './anchor.ts';
import { isQuorum, type WitnessPolicy } from './policy.ts';

/** Name of the row that says when enough witnesses had cosigned one checkpoint. */
export const QUORUM = 'quorum';

export interface PusherDeps {
  readonly db: Pick<Database, 'asSystem'>;
  readonly anchors: readonly Anchor[];
  /** Of the witnesses among the anchors; null when there are none. */
  readonly policy: WitnessPolicy | null;
  readonly clock: Clock;
  readonly random: Random;
}

export interface AnchorPusher {
  /** Says which anchors there are; once, before the first round. */
  declare(): Promise<void>;
  /** Starts what is due and resolves when everything that it started has ended. Rounds may overlap: a lane that is busy is left alone. */
  runOnce(): Promise<void>;
  /** Resolves when nothing is under way. */
  drain(): Promise<void>;
}

const FIRST_PAUSE_MS = 1_000;
const LONGEST_PAUSE_MS = 60_000;
/** How long witnesses gather on one checkpoint before those who are late are left behind and all go on to the newest. */
const GATHER_MS = 10_000;

interface Lane {
  readonly anchor: Anchor;
  seen: SeenMark | null;
  failures: number;
  nextTryMs: number;
  running: Promise<void> | null;
}

const isBehind = (seen: SeenMark | null, { epoch, size }: SeenMark): boolean =>
  seen === null || seen.epoch < epoch || (seen.epoch === epoch && seen.size < size);

export function witnessId({ key }: { readonly key: { readonly name: string; readonly id: Buffer } }): string {
  return `${key.name}+${key.id.toString('hex')}`;
}

export function createAnchorPusher(deps: PusherDeps): AnchorPusher {
  const { db, policy, clock, random } = deps;
  const lanes: readonly Lane[] = deps.anchors.map((anchor) => ({ anchor, seen: null, failures: 0, nextTryMs: 0, running: null }));
  const idOf = new Map(policy?.witnesses.map((witness) => [witness.name, witnessId(witness)]));
  let isDeclared = false;
  /** What the witnesses are shown now: all the same one, or no checkpoint would ever have several cosignatures. */
  let gathering: { readonly checkpoint: SignedCheckpoint; readonly sinceMs: number; isMet: boolean } | null = null;

  async function declare(): Promise<void> {
    const rows = [
      ...lanes.map(({ anchor }) => ({ name: anchor.name, kind: anchor.kind as string })),
      ...(policy === null ? [] : [{ name: QUORUM, kind: QUORUM }]),
    ];
    await db.asSystem('sequencer', async (tx) => {
      for (const row of rows) await declareAnchor(tx, { ...row, atMs: clock.now() });
      for (const lane of lanes) lane.seen = await lastSeen(tx, lane.anchor.name);
    });
    isDeclared = true;
  }

  const sourceOf = (checkpoint: SignedCheckpoint): AnchorSource => ({
    prove: (from) =>
      db.asSystem('sequencer', (tx) => readProof(consistencyRanges(from, checkpoint.size), globalNodes(tx, checkpoint.epoch))),
  });

  /** Jitter of a quarter both ways, so that several servers do not knock together. */
  function pauseAfter(failures: number): number {
    const pauseMs = Math.min(LONGEST_PAUSE_MS, FIRST_PAUSE_MS * 2 ** Math.min(failures - 1, 10));
    const share = (random.bytes(1)[0] as number) / 255;
    return Math.round(pauseMs * (0.75 + share / 2));
  }

  async function keep(lane: Lane, checkpoint: SignedCheckpoint, outcome: AnchorOutcome): Promise<void> {
    const { name, kind } = lane.anchor;
    const { epoch, size } = checkpoint;
    const atMs = clock.now();
    await db.asSystem('sequencer', async (tx) => {
      await noteFault(tx, { anchor: name, code: outcome.kind === 'fault' ? outcome.code : null, atMs });
      if (outcome.kind === 'fault') return;
      await insertSeen(tx, { anchor: name, kind, epoch, size, atMs });
      const witness = idOf.get(name);
      if (witness === undefined || outcome.cosignature === null) return;
      await insertCosignature(tx, { epoch, size, witness, line: outcome.cosignature.line, atMs: outcome.cosignature.atMs });
    });
  }

  /**
   * Whether enough witnesses have cosigned what they gather on. Asked after their cosignatures are committed: inside, two that come at the same
   * moment would each see only itself.
   */
  async function settle(): Promise<void> {
    const now = gathering;
    if (policy === null || now === null || now.isMet) return;
    const { epoch, size } = now.checkpoint;
    await db.asSystem('sequencer', async (tx) => {
      const there = new Set(await cosignersOf(tx, { epoch, size }));
      const names = policy.witnesses.filter((one) => there.has(witnessId(one))).map((one) => one.name);
      if (!isQuorum(policy, new Set(names))) return;
      await insertSeen(tx, { anchor: QUORUM, kind: QUORUM, epoch, size, atMs: clock.now() });
      now.isMet = true;
    });
  }

  async function push(lane: Lane, checkpoint: SignedCheckpoint): Promise<void> {
    const outcome = await lane.anchor.push(checkpoint, sourceOf(checkpoint));
    // Broken off because this process ends: that says nothing about the anchor.
    if (outcome.kind === 'fault' && outcome.code === 'EGRESS_ABORTED') return;
    try {
      await keep(lane, checkpoint, outcome);
      if (idOf.has(lane.anchor.name)) await settle();
    } catch {
      // The database is away: others report it. What the anchor saw is shown to it again.
      lane.nextTryMs = clock.now() + pauseAfter(1);
      return;
    }
    if (outcome.kind === 'seen') {
      lane.seen = checkpoint;
      lane.failures = 0;
      lane.nextTryMs = 0;
    } else {
      lane.failures += 1;
      lane.nextTryMs = clock.now() + pauseAfter(lane.failures);
    }
  }

  /** No pause is longer than the longest: one that seems so was begun before the clock was put back. */
  const isPausing = ({ nextTryMs }: Lane, nowMs: number): boolean => nowMs < nextTryMs && nextTryMs - nowMs <= 2 * LONGEST_PAUSE_MS;

  function targetOf(lane: Lane, newest: SignedCheckpoint): SignedCheckpoint {
    return lane.anchor.kind === 'witness' && gathering !== null ? gathering.checkpoint : newest;
  }

  function gatherOn(newest: SignedCheckpoint, nowMs: number): void {
    const isOver = gathering === null || gathering.isMet || Math.abs(nowMs - gathering.sinceMs) >= GATHER_MS;
    if (isOver && gathering?.checkpoint.note !== newest.note) gathering = { checkpoint: newest, sinceMs: nowMs, isMet: false };
  }

  return {
    declare,
    async runOnce() {
      if (!isDeclared) await declare();
      const newest = lanes.length === 0 ? null : await db.asSystem('sequencer', newestCheckpoint);
      if (newest === null) return;
      const nowMs = clock.now();
      // Of what a process that died had gathered, too.
      await settle();
      gatherOn(newest, nowMs);
      const started = lanes.flatMap((lane) => {
        const checkpoint = targetOf(lane, newest);
        if (lane.running !== null || isPausing(lane, nowMs) || !isBehind(lane.seen, checkpoint)) return [];
        lane.running = outsideTransaction(() => push(lane, checkpoint)).finally(() => {
          lane.running = null;
        });
        return [lane.running];
      });
      await Promise.all(started);
    },
    drain: async () => {
      await Promise.all(lanes.map((lane) => lane.running));
    },
  };
}
