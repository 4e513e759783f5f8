// Epochs and ticks on a real Postgres: what a restore begins, what it commits to, and what is not taken for one.

import { readFileSync } from 'node:fs';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import type { TenantId } from '#core';
import { startEpoch } from './epoch.ts';
import { epochText, parseEpochText, tickText } from './ledger-texts.ts';
import { hashLeaf } from './merkle.ts';
import { formatCheckpoint, parseCheckpoint, tenantOrigin } from './signing/note.ts';
import { openSigningKeys } from './signing/signing-key.ts';
import { type LedgerLab, openLab } from './test/ledger-lab.ts';
import { slowRootOfHashes } from './test/slow-tree.ts';

let lab: LedgerLab;
beforeEach(async () => {
  lab = await openLab();
});
afterEach(() => lab.close());

interface CheckpointRow extends Record<string, unknown> {
  epoch: number;
  size: string;
  note: string;
}

const checkpoints = (): Promise<CheckpointRow[]> =>
  lab.database.admin<CheckpointRow>('select epoch, size, note from audit_checkpoint order by epoch, size');
const newest = async (): Promise<CheckpointRow> => (await checkpoints()).at(-1) as CheckpointRow;
const leavesOf = (epoch: number) =>
  lab.database.admin<{ hash: Buffer; said: string | null }>('select hash, said from audit_global_leaf where epoch = $1 order by idx', [
    epoch,
  ]);
const headsOf = (epoch: number, tenant: TenantId) =>
  lab.database.admin<{ size: string; root: Buffer; global_idx: string }>(
    'select size, root, global_idx from audit_head where epoch = $1 and tenant = $2 order by size',
    [epoch, tenant],
  );
const begin = (input: { lastWitnessed: string | null; restoredAt: string | null }, signer = lab.signer) =>
  lab.database.db.asSystem('sequencer', (tx) => startEpoch(tx, input, { signer, clock: lab.clock }));

async function seal(tenant: TenantId, count: number): Promise<string> {
  await lab.write(tenant, count);
  await lab.seal();
  return (await newest()).note;
}

/** What a restored backup of that moment looks like: every later row is gone, whoever made it. */
async function putBack(globalSize: number): Promise<void> {
  const admin = (text: string): Promise<unknown> => lab.database.admin(text);
  const tables = ['audit_log', 'audit_head', 'audit_node', 'audit_global_leaf', 'audit_global_node', 'audit_checkpoint', 'audit_epoch'];
  for (const table of tables) await admin(`alter table ${table} disable trigger all`);
  await admin(`delete from audit_head where epoch > 1 or global_idx >= ${globalSize}`);
  await admin(`delete from audit_global_leaf where epoch > 1 or idx >= ${globalSize}`);
  await admin(`delete from audit_checkpoint where epoch > 1 or size > ${globalSize}`);
  await admin('delete from audit_epoch');
  await admin('delete from audit_log log where seq >= (select coalesce(max(size), 0) from audit_head head where head.tenant = log.tenant)');
  for (const table of tables) await admin(`alter table ${table} enable trigger all`);
}

describe('an epoch begun by a restore', () => {
  it('is never the first again, though nothing had been sealed in what was restored', async () => {
    const lastWitnessed = lab.signer.sign(formatCheckpoint({ origin: lab.signer.origin, size: 7, root: Buffer.alloc(32, 1) }));
    await expect(begin({ lastWitnessed: null, restoredAt: null })).rejects.toMatchObject({ code: 'AUDIT_NOTHING_SEALED' });
    expect(await begin({ lastWitnessed, restoredAt: null })).toEqual({ epoch: 2, origin: `${lab.signer.origin}.2`, size: 1 });
    await seal(lab.newTenant(), 1);
    expect((await checkpoints()).map(({ epoch }) => epoch)).not.toContain(1);
  });

  it('commits to what came before and to every tenant, and tenants go on counting', async () => {
    const [one, two] = [lab.newTenant(), lab.newTenant()];
    await seal(one, 3);
    const before = await seal(two, 2);
    const started = await begin({ lastWitnessed: before, restoredAt: before });
    expect(started).toEqual({ epoch: 2, origin: `${lab.signer.origin}.2`, size: 3 });
    await lab.another().runOnce();
    const first = await newest();
    expect([first.epoch, first.size]).toEqual([2, '3']);
    const [text] = first.note.split('\n\n');
    const checkpoint = parseCheckpoint(`${text}\n`);
    expect(checkpoint?.origin).toBe(`${lab.signer.origin}.2`);
    const leaves = await leavesOf(2);
    expect(leaves[0]?.said).toBe(epochText(started.origin, { lastWitnessed: before, restoredAt: before }));
    expect(parseEpochText(leaves[0]?.said ?? '')).toEqual({ origin: started.origin, lastWitnessed: before, restoredAt: before });
    expect(leaves.map(({ hash }) => hash)[0]).toEqual(hashLeaf(leaves[0]?.said ?? ''));
    expect(checkpoint?.root).toEqual(slowRootOfHashes(leaves.map(({ hash }) => hash)));
    for (const tenant of [one, two]) {
      const [head] = await headsOf(2, tenant);
      const origin = tenantOrigin(started.origin, tenant);
      const leaf = hashLeaf(formatCheckpoint({ origin, size: Number(head?.size), root: head?.root as Buffer }));
      expect(leaves[Number(head?.global_idx)]?.hash).toEqual(leaf);
    }
    await seal(one, 2);
    expect((await lab.ledger.list(one)).map(({ seq }) => seq)).toEqual([4, 3, 2, 1, 0]);
    expect(await lab.ledger.prove(one, 4)).toMatchObject({ seq: 4 });
    expect((await newest()).epoch).toBe(2);
  });

  it('is taken by a process that signed in the epoch before, without a restart', async () => {
    const tenant = lab.newTenant();
    const before = await seal(tenant, 2);
    await begin({ lastWitnessed: before, restoredAt: before });
    await seal(tenant, 1);
    expect((await newest()).epoch).toBe(2);
    expect(readFileSync(lab.anchorPath, 'utf8')).toBe((await newest()).note);
    expect(await lab.another().runOnce()).toBe(0);
  });

  it('lets a restored older state be signed again when it commits to the last checkpoint, and only then', async () => {
    const tenant = lab.newTenant();
    const early = await seal(tenant, 2);
    const { size } = await newest();
    const { size: treeSize, frontier } = (
      await lab.database.admin<{ size: string; frontier: Buffer }>('select size, frontier from audit_tree')
    )[0] as {
      size: string;
      frontier: Buffer;
    };
    const global = (await lab.database.admin<{ frontier: Buffer }>('select frontier from audit_global'))[0]?.frontier;
    const late = await seal(tenant, 5);
    await putBack(Number(size));
    await lab.database.admin('update audit_global set size = $1, frontier = $2, epoch = 1, origin = $3', [size, global, lab.signer.origin]);
    await lab.database.admin('update audit_tree set size = $1, frontier = $2', [treeSize, frontier]);
    await expect(lab.another().runOnce()).rejects.toMatchObject({ code: 'AUDIT_LEDGER_ROLLED_BACK' });

    await begin({ lastWitnessed: early, restoredAt: early });
    await expect(lab.another().runOnce()).rejects.toMatchObject({ code: 'AUDIT_EPOCH_UNACCOUNTED' });
    await begin({ lastWitnessed: late, restoredAt: null });
    expect(await lab.another().runOnce()).toBe(0);
    expect((await newest()).epoch).toBe(3);
    await seal(tenant, 1);
    expect((await lab.ledger.list(tenant)).map(({ seq }) => seq)).toEqual([2, 1, 0]);
  });

  it('never takes a number that a known checkpoint bears, so that one backup restored twice makes two logs', async () => {
    const tenant = lab.newTenant();
    const before = await seal(tenant, 1);
    await begin({ lastWitnessed: before, restoredAt: before });
    await lab.another().runOnce();
    const second = (await newest()).note;
    await putBack(1);
    await lab.database.admin('update audit_global set epoch = 1, origin = $1', [lab.signer.origin]);
    expect((await begin({ lastWitnessed: second, restoredAt: before })).epoch).toBe(3);
  });

  it('is not believed when nothing was signed for it: a database that only says so is refused', async () => {
    const tenant = lab.newTenant();
    await seal(tenant, 2);
    await lab.database.admin("update audit_global set epoch = 2, origin = origin || '.2', size = 0, frontier = ''");
    await expect(lab.another().runOnce()).rejects.toMatchObject({ code: 'AUDIT_EPOCH_UNACCOUNTED' });
    await lab.write(tenant, 1);
    await expect(lab.sequencer.runOnce()).rejects.toMatchObject({ code: 'AUDIT_EPOCH_UNACCOUNTED' });
    expect(await checkpoints()).toHaveLength(1);
  });

  it('is not begun with the checkpoint of another ledger, nor with one that is not of the restored state', async () => {
    const tenant = lab.newTenant();
    const note = await seal(tenant, 2);
    const other = openSigningKeys(lab.path('other.pem'));
    const foreign = other.sign(formatCheckpoint({ origin: other.origin, size: 1, root: Buffer.alloc(32) }));
    const untrue = lab.signer.sign(formatCheckpoint({ origin: lab.signer.origin, size: 1, root: Buffer.alloc(32) }));
    const ahead = lab.signer.sign(formatCheckpoint({ origin: lab.signer.origin, size: 9, root: Buffer.alloc(32) }));
    for (const input of [
      { lastWitnessed: foreign, restoredAt: null },
      { lastWitnessed: `${note}x`, restoredAt: null },
      { lastWitnessed: null, restoredAt: untrue },
      { lastWitnessed: null, restoredAt: ahead },
    ]) {
      await expect(begin(input)).rejects.toMatchObject({ code: 'AUDIT_EPOCH_NOTE_UNUSABLE' });
    }
    expect((await lab.database.admin('select epoch from audit_global'))[0]).toEqual({ epoch: 1 });
  });

  it('keeps its record where nobody can change it', async () => {
    await seal(lab.newTenant(), 1);
    await begin({ lastWitnessed: null, restoredAt: null });
    for (const statement of ["update audit_epoch set record = ''", 'delete from audit_epoch', 'truncate audit_epoch']) {
      await expect(lab.database.admin(statement)).rejects.toMatchObject({ code: 'SP050' });
    }
  });
});

describe('a silent ledger', () => {
  const ROUNDS = 5;
  const rounds = async (sequencer = lab.sequencer): Promise<void> => {
    for (let at = 0; at < ROUNDS; at += 1) await sequencer.runOnce();
  };

  it('signs a tick before a minute is over, once for all processes, and none while there is something else to sign', async () => {
    const tenant = lab.newTenant();
    await seal(tenant, 1);
    await rounds();
    expect(await checkpoints()).toHaveLength(1);
    lab.clock.advance(49_000);
    await rounds();
    expect(await checkpoints()).toHaveLength(1);
    lab.clock.advance(2_000);
    const [other, third] = [lab.another(), lab.another()];
    await Promise.all([rounds(), rounds(other), rounds(third)]);
    expect(await checkpoints()).toHaveLength(2);
    const said = tickText(lab.signer.origin, lab.clock.now());
    expect((await leavesOf(1)).at(-1)).toEqual({ hash: hashLeaf(said), said });
    lab.clock.advance(40_000);
    await seal(tenant, 1);
    lab.clock.advance(40_000);
    await rounds();
    expect(await checkpoints()).toHaveLength(3);
  });

  it('ticks when its clock was put back, and not before anything was sealed', async () => {
    await rounds();
    lab.clock.advance(600_000);
    await rounds();
    expect(await checkpoints()).toEqual([]);
    await seal(lab.newTenant(), 1);
    lab.clock.advance(-120_000);
    await rounds();
    expect(await checkpoints()).toHaveLength(2);
  });
});
