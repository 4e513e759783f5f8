// What a stranger finds in a ledger after chaos, read from the database with plain SQL and an own Merkle tree: nothing is shared with the
// program that wrote it but the formats.

import { createHash } from 'node:crypto';
import type { ShopEffect } from '@sallyport/demo';
import type pg from 'pg';

export interface LedgerFindings {
  readonly sealed: number;
  /** Answered calls without a sealed intent. */
  readonly lost: number;
  readonly gaps: number;
  readonly duplicates: number;
  /** Effects at the shop whose intent is not in the ledger. */
  readonly effectsWithoutIntent: number;
  readonly effectsTwice: number;
  readonly intentsWithoutOutcome: number;
  readonly intentsWithTwoOutcomes: number;
  readonly checkpoints: number;
  /** Two checkpoints of one epoch and size that do not say the same. */
  readonly equivocations: number;
  /** Checkpoints whose root is not the root of the leaves as they are now. */
  readonly rootMismatches: number;
}

export interface LedgerEvidence {
  readonly acked: readonly { readonly call: string }[];
  readonly effects: readonly ShopEffect[];
  /** Checkpoints seen from outside while it ran. */
  readonly notes: ReadonlySet<string>;
}

const OUTCOMES = ['completed', 'refused', 'faulted', 'aborted', 'unresolved'].map((ending) => `enforcement.call.${ending}`);

export async function lookAtLedger(db: pg.Pool, { acked, effects, notes }: LedgerEvidence): Promise<LedgerFindings> {
  const { rows: log } = await db.query<{ event_id: string; seq: string; tenant: string; type: string; subject: string }>(
    'select event_id, seq, tenant, type, subject from audit_log order by tenant, seq',
  );
  const intents = new Set(log.filter((row) => row.type === 'enforcement.call.intended').map((row) => row.subject));
  const outcomes = Map.groupBy(
    log.filter((row) => OUTCOMES.includes(row.type)),
    (row) => row.subject,
  );
  const { rows: keys } = await db.query<{ call: string; effect_key: string; tenant: string }>(
    'select call, effect_key, tenant from effects',
  );
  const callOf = new Map(keys.map((row) => [upstreamKey(row.tenant, row.effect_key), row.call]));
  const tenants = Map.groupBy(log, (row) => row.tenant);
  return {
    sealed: log.length,
    lost: acked.filter(({ call }) => !intents.has(call)).length,
    gaps: [...tenants.values()].reduce((sum, rows) => sum + Number(rows.at(-1)?.seq ?? -1) + 1 - rows.length, 0),
    duplicates: log.length - new Set(log.map((row) => `${row.tenant} ${row.event_id}`)).size,
    effectsWithoutIntent: effects.filter((effect) => !intents.has(callOf.get(effect.idempotency_key ?? '') ?? '')).length,
    effectsTwice: effects.length - new Set(effects.map((effect) => effect.idempotency_key)).size,
    intentsWithoutOutcome: [...intents].filter((call) => !outcomes.has(call)).length,
    intentsWithTwoOutcomes: [...intents].filter((call) => (outcomes.get(call)?.length ?? 0) > 1).length,
    ...(await lookAtCheckpoints(db, notes)),
  };
}

/** The key an effect has at the upstream, as docs/guarded-call.md says. */
function upstreamKey(tenant: string, effectKey: string): string {
  return createHash('sha256').update(`sallyport-effect/${tenant}/${effectKey}`).digest('hex').slice(0, 40);
}

async function lookAtCheckpoints(db: pg.Pool, seen: ReadonlySet<string>) {
  const { rows: stored } = await db.query<{ note: string }>('select note from audit_checkpoint');
  const texts = new Map<string, string>();
  let equivocations = 0;
  for (const note of new Set([...seen, ...stored.map((row) => row.note)])) {
    // Origin, size, root: what is signed. The origin names the epoch.
    const [origin, size, root] = note.split('\n');
    const place = `${origin} ${size}`;
    const before = texts.get(place);
    if (before !== undefined && before !== root) equivocations += 1;
    texts.set(place, root ?? '');
  }
  const { rows: leaves } = await db.query<{ hash: Buffer }>('select hash from audit_global_leaf order by idx');
  const roots = rootsOf(leaves.map((row) => row.hash));
  const rootMismatches = [...texts].filter(([place, root]) => roots[Number(place.split(' ')[1])] !== root).length;
  return { checkpoints: texts.size, equivocations, rootMismatches };
}

/** The RFC 6962 root in base64 of every beginning of a list of leaf hashes; index is the size. */
function rootsOf(leaves: readonly Buffer[]): readonly string[] {
  const node = (left: Buffer, right: Buffer): Buffer =>
    createHash('sha256')
      .update(Buffer.concat([Buffer.from([1]), left, right]))
      .digest();
  const subtrees: { hash: Buffer; leaves: number }[] = [];
  const roots = [createHash('sha256').digest('base64')];
  for (const leaf of leaves) {
    let grown = { hash: leaf, leaves: 1 };
    while (subtrees.at(-1)?.leaves === grown.leaves) {
      const left = subtrees.pop() as { hash: Buffer; leaves: number };
      grown = { hash: node(left.hash, grown.hash), leaves: left.leaves * 2 };
    }
    subtrees.push(grown);
    roots.push(
      subtrees
        .map(({ hash }) => hash)
        .reduceRight((right, left) => node(left, right))
        .toString('base64'),
    );
  }
  return roots;
}
