// The ledger's health as it is shown and as it is kept: reads the facts, has them judged, and says when a part changed its state.

import { type Clock, formatTime, type TenantId, type Tx } from '#core';
import type { Database } from '#storage';
import { QUORUM } from './anchors/pusher.ts';
import { auditCodes } from './errors.ts';
import { type HealthPart, type HealthProblem, type HealthState, judgeHealth, worstState } from './health.ts';
import type { SequencerFault } from './sequencer.ts';
import { type AnchorRow, type KeptState, keepState, readAnchors, readSealing, readStates, readVerifications } from './store/health.ts';

export interface ConfiguredAnchor {
  readonly name: string;
  readonly kind: string;
  readonly isRequired: boolean;
}

export interface LedgerHealthDeps {
  readonly db: Pick<Database, 'asSystem'>;
  readonly clock: Clock;
  /** Besides the file in the secrets folder, which every ledger has. */
  readonly anchors: readonly ConfiguredAnchor[];
  readonly verifyEveryMs: number;
  /** Why this very process does not seal, and since when; null when it does. */
  readonly sealingFault?: () => SequencerFault | null;
}

export interface HealthReport {
  readonly state: HealthState;
  readonly problems: readonly (HealthProblem & { readonly since: string })[];
  readonly sealing: { readonly oldestUnsealedAt: string | null; readonly signedAt: string | null; readonly signedSize: number };
  readonly anchors: readonly {
    readonly name: string;
    readonly kind: string;
    readonly required: boolean;
    readonly seenSize: number | null;
    readonly seenAt: string | null;
    readonly fault: string | null;
    readonly faultAt: string | null;
  }[];
  readonly verification: {
    readonly at: string | null;
    readonly ok: boolean | null;
    readonly code: string | null;
    readonly everyHours: number;
  };
}

export interface HealthChange {
  readonly what: HealthPart;
  readonly was: HealthState;
  readonly state: HealthState;
  readonly code: string | null;
}

export interface LedgerHealth {
  /** As of now, with the verification of one tenant. */
  report(tenant: TenantId): Promise<HealthReport>;
  /**
   * Compares with what was kept, keeps what is now, and says what changed. For the one process that has the job. `record` writes a change
   * down in the transaction that keeps it, as the system role `sequencer`.
   */
  watch(record?: (tx: Tx, change: HealthChange) => Promise<void>): Promise<readonly HealthChange[]>;
}

const PARTS: readonly HealthPart[] = ['sealing', 'anchoring', 'verification'];
const HOUR_MS = 60 * 60_000;
/** The file beside the keys: saved before a checkpoint is, so it has seen what is signed. */
const FILE = { name: 'file', kind: 'file', required: true } as const;

const timeOrNull = (atMs: number | null | undefined): string | null => (atMs === null || atMs === undefined ? null : formatTime(atMs));

function stateOf(part: HealthPart, problems: readonly HealthProblem[]): { readonly state: HealthState; readonly code: string | null } {
  const own = problems.filter((one) => one.what === part);
  return { state: worstState(own), code: own[0]?.code ?? null };
}

export function createLedgerHealth({ db, clock, anchors, verifyEveryMs, sealingFault }: LedgerHealthDeps): LedgerHealth {
  let upSinceMs = clock.now();
  /** What is late in one look only was a busy moment: it is a change when the next look says so too. */
  const lateBefore = new Set<HealthPart>();

  async function look() {
    const read = await db.asSystem('sequencer', async (tx) => {
      const [sealing, rows, verifications, kept] = await Promise.all([
        readSealing(tx),
        readAnchors(
          tx,
          anchors.map((anchor) => anchor.name),
        ),
        readVerifications(tx),
        readStates(tx),
      ]);
      return { sealing, rows, verifications, kept };
    });
    const nowMs = clock.now();
    // A clock that was put back must not make this process one that has not begun yet.
    upSinceMs = Math.min(upSinceMs, nowMs);
    const { sealing, rows, verifications } = read;
    const facts = {
      nowMs,
      upSinceMs,
      oldestUnsealedAtMs: sealing.oldestUnsealedAtMs,
      signedAtMs: sealing.signed?.atMs ?? null,
      anchors: anchors.map(({ name, isRequired }) => ({ name, isRequired, behindSinceMs: rowOf(rows, name)?.behindSinceMs ?? null })),
      verifyEveryMs,
      verifications,
    };
    return { ...read, nowMs, problems: judgeHealth(facts, QUORUM) };
  }

  const rowOf = (rows: readonly AnchorRow[], name: string): AnchorRow | undefined => rows.find((row) => row.name === name);

  function sinceOf(problem: HealthProblem, kept: readonly KeptState[], nowMs: number): string {
    const part = kept.find((row) => row.what === problem.what && row.state !== 'ok');
    return formatTime(part?.sinceMs ?? nowMs);
  }

  /** What keeps this process from sealing, such as a key file that is missing here; the ledger may be sealed by another one. */
  function ownProblems(): readonly (HealthProblem & { readonly since: string })[] {
    const fault = sealingFault?.() ?? null;
    const sentence = fault === null ? undefined : auditCodes[fault.code]?.sentence;
    if (fault === null || sentence === undefined) return [];
    return [{ what: 'sealing', state: 'failed', code: fault.code, sentence, since: formatTime(fault.sinceMs) }];
  }

  return {
    async report(tenant) {
      const { sealing, rows, verifications, kept, nowMs, problems: judged } = await look();
      const problems = [...ownProblems(), ...judged.map((one) => ({ ...one, since: sinceOf(one, kept, nowMs) }))];
      const signedAt = timeOrNull(sealing.signed?.atMs);
      const last = verifications.find((row) => row.tenant === tenant)?.last ?? null;
      return {
        state: worstState(problems),
        problems,
        sealing: { oldestUnsealedAt: timeOrNull(sealing.oldestUnsealedAtMs), signedAt, signedSize: sealing.signed?.size ?? 0 },
        anchors: [
          { ...FILE, seenSize: sealing.signed?.size ?? null, seenAt: signedAt, fault: null, faultAt: null },
          ...anchors.map(({ name, kind, isRequired }) => {
            const row = rowOf(rows, name);
            return {
              name,
              kind,
              required: isRequired,
              seenSize: row?.seen?.size ?? null,
              seenAt: timeOrNull(row?.seen?.atMs),
              fault: row?.fault?.code ?? null,
              faultAt: timeOrNull(row?.fault?.atMs),
            };
          }),
        ],
        verification: {
          at: timeOrNull(last?.atMs),
          ok: last?.ok ?? null,
          code: last?.code ?? null,
          everyHours: verifyEveryMs / HOUR_MS,
        },
      };
    },
    async watch(record) {
      const { kept, problems, nowMs } = await look();
      const changes: HealthChange[] = [];
      for (const what of PARTS) {
        const before = kept.find((row) => row.what === what);
        const was = (before?.state ?? 'ok') as HealthState;
        const now = stateOf(what, problems);
        const isNew = was === 'ok' && now.state === 'late' && !lateBefore.has(what);
        if (now.state === 'ok') lateBefore.delete(what);
        else lateBefore.add(what);
        if (was === now.state || isNew) continue;
        const change = { what, was, ...now };
        changes.push(change);
        // Since when it is not in order, not since when it is as bad as this.
        const sinceMs = was === 'ok' || now.state === 'ok' ? nowMs : (before?.sinceMs ?? nowMs);
        await db.asSystem('sequencer', async (tx) => {
          await keepState(tx, { what, state: now.state, code: now.code, sinceMs });
          await record?.(tx, change);
        });
      }
      return changes;
    },
  };
}
