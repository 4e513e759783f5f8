// Ways in which the superuser of the database, with the log's key in hand where it says so, changes a live ledger. Each says what the next
// export must show. Copies of every table are kept beside, so that each trial begins with the same ledger.

import type { SeededRandom } from '@sallyport/testkit';
import { createFrontier, hashLeaf } from '../merkle.ts';
import { formatCheckpoint, tenantOrigin } from '../signing/note.ts';
import type { LedgerLab } from './ledger-lab.ts';
import type { Found } from './tamper.ts';

const TABLES = [
  'audit_log',
  'audit_payload',
  'audit_tree',
  'audit_node',
  'audit_head',
  'audit_global',
  'audit_global_leaf',
  'audit_global_node',
  'audit_checkpoint',
  'audit_handout',
  'event_inbox',
];

export interface LiveWorld {
  readonly lab: LedgerLab;
  readonly tenant: string;
  /** Events of the tenant now, and when the receipt was saved. */
  readonly size: number;
  readonly savedSize: number;
  readonly random: SeededRandom;
}

/** What the auditor has in hand. */
export type Against = 'nothing' | 'receipt' | 'checkpoint';

export interface Live {
  readonly codes: readonly string[];
  readonly against: Against;
  /** The exact first bad number, when it must be named. */
  readonly seq?: number;
  /** A number at or after the first that may be named. */
  readonly below?: number;
}

const quoted = (text: string): string => `'${text.replaceAll("'", "''")}'`;
const bytes = (hash: Buffer): string => `'\\x${hash.toString('hex')}'::bytea`;

/** Lets the superuser do what the triggers refuse, and keeps a copy under a name. */
export async function openTables(lab: LedgerLab): Promise<void> {
  for (const table of TABLES) await lab.database.admin(`alter table ${table} disable trigger all`);
}

export async function keepCopy(lab: LedgerLab, name: string): Promise<void> {
  await lab.database.admin(`create schema ${name}`);
  for (const table of TABLES) await lab.database.admin(`create table ${name}.${table} as table ${table}`);
}

export async function putBack(lab: LedgerLab, name: string): Promise<void> {
  const steps = TABLES.map((table) => `delete from ${table}; insert into ${table} overriding system value select * from ${name}.${table};`);
  await lab.database.admin(`begin; set local synchronous_commit = off; ${steps.join(' ')} commit`);
}

interface LeafRow extends Record<string, unknown> {
  seq: string;
  leaf: string;
}

async function leavesOf({ lab, tenant }: LiveWorld): Promise<string[]> {
  const rows = await lab.database.admin<LeafRow>(`select seq, leaf from audit_log where tenant = ${quoted(tenant)} order by seq`);
  return rows.map((row) => row.leaf);
}

/** Writes the tenant's log anew with these leaves, each under its own right hash. */
async function writeLeaves({ lab, tenant }: LiveWorld, leaves: readonly string[]): Promise<void> {
  const rows = leaves.map((leaf, seq) => {
    const { id, type, at, subject } = JSON.parse(leaf) as Record<string, string>;
    return `(${[tenant, seq, `${id}${seq}`, type, at, subject, leaf].map((value) => quoted(String(value))).join(', ')}, ${bytes(hashLeaf(leaf))})`;
  });
  await lab.database.admin(`begin; delete from audit_log where tenant = ${quoted(tenant)};
    insert into audit_log (tenant, seq, event_id, type, occurred_at, subject, leaf, leaf_hash)
    select t, s::bigint, i, y, a::timestamptz, u, l, h from (values ${rows.join(', ')}) v(t, s, i, y, a, u, l, h); commit`);
}

const edited = (leaf: string, seq: number, member = 'subject', value: unknown = 'call_forged'): string =>
  JSON.stringify({ ...(JSON.parse(leaf) as object), seq, [member]: value });

/** Computes every hash above the leaves anew and signs the last checkpoint with the log's own key: a history without a seam. */
async function rehashAndSign({ lab, tenant }: LiveWorld, leaves: readonly string[]): Promise<void> {
  const { admin } = lab.database;
  const heads = await admin<{ size: string; global_idx: string }>(
    `select size, global_idx from audit_head where tenant = ${quoted(tenant)} and epoch = 1 order by size`,
  );
  const tree = createFrontier();
  const statements: string[] = [];
  const placed = new Map<number, Buffer>();
  for (const { size, global_idx } of heads) {
    while (tree.size < Number(size)) tree.append(hashLeaf(leaves[tree.size] as string));
    const text = formatCheckpoint({ origin: tenantOrigin(lab.signer.origin, tenant), size: tree.size, root: tree.root() });
    placed.set(Number(global_idx), hashLeaf(text));
    statements.push(
      `update audit_head set root = ${bytes(tree.root())} where tenant = ${quoted(tenant)} and epoch = 1 and size = ${size};`,
    );
  }
  for (const { level, index, hash } of tree.completed) {
    statements.push(
      `update audit_node set hash = ${bytes(hash)} where tenant = ${quoted(tenant)} and level = ${level} and idx = ${index};`,
    );
  }
  const global = createFrontier();
  const notes = await admin<{ size: string }>('select size from audit_checkpoint where epoch = 1');
  const signed = new Set(notes.map((row) => Number(row.size)));
  for (const row of await admin<{ idx: string; hash: Buffer }>('select idx, hash from audit_global_leaf where epoch = 1 order by idx')) {
    const hash = placed.get(Number(row.idx)) ?? row.hash;
    global.append(hash);
    statements.push(`update audit_global_leaf set hash = ${bytes(hash)} where epoch = 1 and idx = ${row.idx};`);
    if (!signed.has(global.size)) continue;
    const note = lab.signer.sign(formatCheckpoint({ origin: lab.signer.origin, size: global.size, root: global.root() }));
    statements.push(`update audit_checkpoint set note = ${quoted(note)} where epoch = 1 and size = ${global.size};`);
  }
  for (const { level, index, hash } of global.completed) {
    statements.push(`update audit_global_node set hash = ${bytes(hash)} where epoch = 1 and level = ${level} and idx = ${index};`);
  }
  await admin(`begin; ${statements.join('\n')} commit`);
}

/** Each is a leaf of the global tree: it must become larger than it was when the checkpoint was saved. */
const MORE_TENANTS = 12;

/** After a rollback the server goes on as if nothing had been, with a key and without its memory, beyond what was saved. */
async function goOn({ lab, tenant, size }: LiveWorld): Promise<void> {
  const forgetful = lab.another({ anchor: { load: async () => null, save: async () => undefined } });
  for (let round = 0; round < 3; round += 1) {
    await lab.write(tenant as never, size);
    for (let others = 0; others < MORE_TENANTS; others += 1) await lab.write(lab.newTenant(), 1);
    for (let moved = 1; moved > 0; ) moved = await forgetful.runOnce();
    await forgetful.runOnce();
  }
}

type LiveTamper = (world: LiveWorld) => Promise<Live>;

export const LIVE_TAMPERS: Readonly<Record<string, LiveTamper>> = {
  'edits an event': async ({ lab, tenant, size, random }) => {
    const seq = random.below(size);
    await lab.database.admin(
      `update audit_log set leaf = replace(leaf, 'get_order', 'get_0rder') where tenant = ${quoted(tenant)} and seq = ${seq}`,
    );
    return { codes: ['LEAF_CHANGED'], seq, against: 'nothing' };
  },
  'edits an event and its hash': async (world) => {
    const { lab, tenant, size, random } = world;
    const seq = random.below(size);
    const leaf = edited((await leavesOf(world))[seq] as string, seq);
    await lab.database.admin(`update audit_log set leaf = ${quoted(leaf)}, leaf_hash = ${bytes(hashLeaf(leaf))}
      where tenant = ${quoted(tenant)} and seq = ${seq}`);
    return { codes: ['ROOT_MISMATCH'], below: seq, against: 'nothing' };
  },
  'edits a payload': async ({ lab, tenant, size, random }) => {
    const seq = random.below(size);
    await lab.database.admin(`update audit_payload set payload = 'another'::bytea where tenant = ${quoted(tenant)} and seq = ${seq}`);
    return { codes: ['PAYLOAD_CHANGED'], seq, against: 'nothing' };
  },
  'deletes an event': async ({ lab, tenant, size, random }) => {
    const seq = random.below(size);
    await lab.database.admin(`delete from audit_log where tenant = ${quoted(tenant)} and seq = ${seq}`);
    return { codes: ['LEAF_OUT_OF_PLACE', 'PACK_TRUNCATED'], seq, against: 'nothing' };
  },
  'deletes an event and moves all later ones up': async (world) => {
    const leaves = await leavesOf(world);
    const seq = world.random.below(leaves.length - 1);
    const kept = leaves.toSpliced(seq, 1).map((leaf, at) => (at < seq ? leaf : edited(leaf, at, 'v', 1)));
    await writeLeaves(world, kept);
    return { codes: ['ROOT_MISMATCH', 'PACK_TRUNCATED', 'PAYLOAD_CHANGED'], below: leaves.length - 1, against: 'nothing' };
  },
  'swaps two events': async (world) => {
    const leaves = await leavesOf(world);
    const one = world.random.below(leaves.length - 1);
    const two = one + 1 + world.random.below(leaves.length - one - 1);
    [leaves[one], leaves[two]] = [edited(leaves[two] as string, one, 'v', 1), edited(leaves[one] as string, two, 'v', 1)];
    await writeLeaves(world, leaves);
    return { codes: ['ROOT_MISMATCH', 'PAYLOAD_CHANGED'], below: one, against: 'nothing' };
  },
  'inserts an event and moves all later ones down': async (world) => {
    const leaves = await leavesOf(world);
    const seq = world.random.below(leaves.length);
    const more = leaves
      .toSpliced(seq, 0, edited(leaves[seq] as string, seq))
      .map((leaf, at) => (at <= seq ? leaf : edited(leaf, at, 'v', 1)));
    await writeLeaves(world, more);
    return { codes: ['ROOT_MISMATCH', 'PAYLOAD_CHANGED'], below: seq + 1, against: 'nothing' };
  },
  'cuts the tail off the log': async ({ lab, tenant, size, random }) => {
    const seq = random.below(size);
    await lab.database.admin(`delete from audit_log where tenant = ${quoted(tenant)} and seq >= ${seq}`);
    return { codes: ['PACK_TRUNCATED', 'LEAF_OUT_OF_PLACE'], seq, against: 'nothing' };
  },
  'cuts the tail off the log, with the heads above it': async ({ lab, tenant, savedSize, random }) => {
    const heads = await lab.database.admin<{ size: string }>(
      `select size from audit_head where tenant = ${quoted(tenant)} and size < ${savedSize} order by size`,
    );
    const size = Number(heads[random.below(heads.length)]?.size);
    await lab.database.admin(`delete from audit_log where tenant = ${quoted(tenant)} and seq >= ${size};
      delete from audit_payload where tenant = ${quoted(tenant)} and seq >= ${size};
      delete from audit_head where tenant = ${quoted(tenant)} and size > ${size};
      delete from audit_tree where tenant = ${quoted(tenant)}`);
    return { codes: ['LOG_TRUNCATED'], seq: size, against: 'receipt' };
  },
  'changes the root of a head': async ({ lab, tenant, random }) => {
    const forged = Buffer.from(random.bytes(32));
    await lab.database.admin(`update audit_head set root = ${bytes(forged)} where tenant = ${quoted(tenant)}
      and size = (select size from audit_head where tenant = ${quoted(tenant)} order by size offset ${random.below(10)} limit 1)`);
    return { codes: ['HEAD_NOT_INCLUDED'], against: 'nothing' };
  },
  'changes a leaf of the global tree': async ({ lab, random }) => {
    const forged = Buffer.from(random.bytes(32));
    await lab.database.admin(`update audit_global_leaf set hash = ${bytes(forged)} where epoch = 1 and idx = ${random.below(20)}`);
    return { codes: ['HEAD_NOT_INCLUDED', 'CONSISTENCY_INVALID'], against: 'nothing' };
  },
  'changes a stored hash above the leaves': async ({ lab, tenant, random }) => {
    const forged = Buffer.from(random.bytes(32));
    await lab.database.admin(`update audit_node set hash = ${bytes(forged)} where tenant = ${quoted(tenant)}`);
    return { codes: ['ROOT_MISMATCH'], against: 'nothing' };
  },
  'changes the signed checkpoint': async ({ lab, random }) => {
    const forged = Buffer.from(random.bytes(32)).toString('base64');
    await lab.database.admin(`update audit_checkpoint set note = regexp_replace(note, '[A-Za-z0-9+/=]{44}', ${quoted(forged)})`);
    return { codes: ['SIGNATURE_INVALID'], against: 'nothing' };
  },
  'forks the log, hashes everything anew and signs it': async (world) => {
    const leaves = await leavesOf(world);
    const seq = world.random.below(world.savedSize);
    leaves[seq] = edited(leaves[seq] as string, seq);
    await writeLeaves(world, leaves);
    await rehashAndSign(world, leaves);
    return { codes: ['LOG_FORKED'], against: world.random.below(2) === 0 ? 'receipt' : 'checkpoint' };
  },
  'forks the log at the very size that was saved': async (world) => {
    await putBack(world.lab, 'saved');
    const leaves = await leavesOf(world);
    const seq = world.random.below(leaves.length);
    leaves[seq] = edited(leaves[seq] as string, seq);
    await writeLeaves(world, leaves);
    await rehashAndSign(world, leaves);
    return { codes: ['LOG_FORKED'], against: 'checkpoint' };
  },
  'rolls the whole database back': async ({ lab, random }) => {
    await putBack(lab, 'older');
    const against = random.below(2) === 0 ? 'receipt' : 'checkpoint';
    return { codes: [against === 'receipt' ? 'LOG_TRUNCATED' : 'LOG_ROLLED_BACK'], against };
  },
  'rolls the whole database back and goes on beyond': async (world) => {
    await putBack(world.lab, 'older');
    await goOn(world);
    return { codes: ['LOG_FORKED'], against: world.random.below(2) === 0 ? 'receipt' : 'checkpoint' };
  },
};

/** Kinds that no pack alone can show: those that a pack without anything saved still verifies. */
export const NEEDS_SAVED: ReadonlySet<string> = new Set([
  'cuts the tail off the log, with the heads above it',
  'forks the log, hashes everything anew and signs it',
  'forks the log at the very size that was saved',
  'rolls the whole database back',
  'rolls the whole database back and goes on beyond',
]);

export function judgeLive(found: Found, { codes, seq, below }: Live): string | null {
  if (found.ok) return 'was not found';
  if (!codes.includes(found.code)) return `was found for another reason, ${found.code} at ${found.firstBad}`;
  if (found.firstBad === null && found.badFile === null) return `was found, but ${found.code} names no place`;
  if (seq !== undefined && found.firstBad !== seq) return `names ${found.firstBad} instead of ${seq}`;
  if (below !== undefined && found.firstBad !== null && found.firstBad > below) return `names ${found.firstBad}, after ${below}`;
  return found.provenUpTo > (seq ?? below ?? Number.MAX_SAFE_INTEGER) ? `says ${found.provenUpTo} events are proven` : null;
}
