// What somebody who kept a checkpoint is told and finds out: growth, new keys, a restore, and everything that is not one of them.

import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { isRefusal } from '#core';
import { type Continuity, checkContinuity, readKept } from './continuity.ts';
import { startEpoch } from './epoch.ts';
import { proveContinuity } from './prove-continuity.ts';
import { createKeyRotation } from './signing/rotate-key.ts';
import { type LedgerLab, openLab } from './test/ledger-lab.ts';

let lab: LedgerLab;
beforeEach(async () => {
  lab = await openLab();
});
afterEach(() => lab.close());

async function grow(times = 1): Promise<string> {
  for (let at = 0; at < times; at += 1) {
    await lab.write(lab.newTenant(), 1);
    await lab.seal();
  }
  const [row] = await lab.database.admin<{ note: string }>('select note from audit_checkpoint order by epoch desc, size desc limit 1');
  return row?.note as string;
}

async function ask(note: string): Promise<Continuity> {
  const kept = readKept(lab.signer.origin, note);
  if (kept === null) throw new Error('not a checkpoint');
  const said = await lab.database.db.asSystem('sequencer', (tx) => proveContinuity(tx, { epoch: kept.epoch, from: kept.size }));
  if (isRefusal(said)) throw new Error(said.code);
  return said;
}

const check = async (verifierKey: string, note: string) => checkContinuity({ verifierKey, note }, await ask(note));
const begin = (lastWitnessed: string | null, restoredAt: string | null) =>
  lab.database.db.asSystem('sequencer', (tx) => startEpoch(tx, { lastWitnessed, restoredAt }, { signer: lab.signer, clock: lab.clock }));

describe('the ledger of today', () => {
  it('continues each checkpoint it ever signed', async () => {
    const notes = [await grow()];
    const key = lab.signer.verifierKey;
    for (let at = 0; at < 9; at += 1) notes.push(await grow());
    for (const note of notes) expect(await check(key, note)).toEqual({ kind: 'continues', signedBy: key });
  });

  it('does not continue a checkpoint of another history, a larger one, or one that nobody signed', async () => {
    const kept = await grow(3);
    const key = lab.signer.verifierKey;
    await grow(2);
    const said = await ask(kept);
    const [origin, , root] = kept.split('\n');
    const forged = (size: number, of: string): string => lab.signer.sign(`${origin}\n${size}\n${of}\n`);
    const other = Buffer.alloc(32, 1).toString('base64');
    expect(checkContinuity({ verifierKey: key, note: forged(3, other) }, said)).toEqual({ kind: 'broken', code: 'AUDIT_FORKED' });
    expect(checkContinuity({ verifierKey: key, note: forged(5, other) }, { ...said, proof: [] })).toEqual({
      kind: 'broken',
      code: 'AUDIT_FORKED',
    });
    expect(checkContinuity({ verifierKey: key, note: forged(99, root as string) }, said)).toEqual({
      kind: 'broken',
      code: 'AUDIT_ROLLED_BACK',
    });
    expect(checkContinuity({ verifierKey: key, note: kept }, { ...said, proof: said.proof.slice(1) })).toMatchObject({
      code: 'AUDIT_FORKED',
    });
    const unsigned = kept.replace(/.{8}=\n$/, 'AAAAAAAA=\n');
    expect(checkContinuity({ verifierKey: key, note: unsigned }, said)).toMatchObject({ code: 'AUDIT_CHECKPOINT_UNSIGNED' });
    expect(checkContinuity({ verifierKey: key, note: kept }, { ...said, note: unsigned })).toMatchObject({
      code: 'AUDIT_CHECKPOINT_UNSIGNED',
    });
    await expect(ask(forged(99, root as string))).rejects.toThrow('AUDIT_CHECKPOINT_BEYOND');
  });

  it('is followed over a change of keys by the statement of the old one, and by nothing else', async () => {
    const kept = await grow(2);
    const key = lab.signer.verifierKey;
    const rotation = createKeyRotation({ db: lab.database.db, signer: lab.signer, clock: lab.clock, random: lab.random });
    const rotated = await rotation.rotate({ tenant: lab.newTenant(), actor: 'person:per_test' });
    if (isRefusal(rotated)) throw new Error(rotated.code);
    const newKey = rotated.keys.at(-1)?.verifierKey as string;
    await grow();
    expect(await check(key, kept)).toEqual({ kind: 'continues', signedBy: newKey });
    const said = await ask(kept);
    const without = said.keys.map((one) => ({ ...one, statement: one.statement?.replace(/.{8}=\n$/, 'AAAAAAAA=\n') ?? null }));
    expect(checkContinuity({ verifierKey: key, note: kept }, { ...said, keys: without })).toMatchObject({
      code: 'AUDIT_KEY_NOT_HANDED_OVER',
    });
    expect(checkContinuity({ verifierKey: key, note: kept }, { ...said, keys: said.keys.slice(1) })).toMatchObject({
      code: 'AUDIT_KEY_NOT_HANDED_OVER',
    });
  });
});

describe('a restore', () => {
  it('is accepted by itself when the new epoch begins with what was seen, or with something that continues it', async () => {
    const early = await grow(2);
    const key = lab.signer.verifierKey;
    const last = await grow(3);
    await begin(last, last);
    await lab.another().runOnce();
    await grow(2);
    for (const note of [early, last]) expect(await check(key, note), note).toMatchObject({ kind: 'continues' });
    // A second one, over both.
    const second = await grow();
    await begin(second, second);
    await lab.another().runOnce();
    await grow();
    for (const note of [early, last, second]) expect(await check(key, note), note).toMatchObject({ kind: 'continues' });
  });

  it('is refused when what was seen is gone, though the new epoch names it as the last known', async () => {
    const early = await grow(2);
    const key = lab.signer.verifierKey;
    const restored = await grow(2);
    const seen = await grow(3);
    await begin(seen, restored);
    await lab.another().runOnce();
    for (const note of [early, restored]) expect(await check(key, note), note).toMatchObject({ kind: 'continues' });
    expect(await check(key, seen)).toEqual({ kind: 'broken', code: 'AUDIT_ROLLED_BACK' });
    // The same backup once more: the epoch in between is gone too, and what is older than the backup still there.
    const between = await grow(2);
    await begin(between, restored);
    await lab.another().runOnce();
    for (const note of [early, restored]) expect(await check(key, note), note).toMatchObject({ kind: 'continues' });
    for (const note of [seen, between]) expect(await check(key, note), note).toEqual({ kind: 'broken', code: 'AUDIT_ROLLED_BACK' });
  });

  it('is refused when it leaves out what was seen, or when its record is not leaf 0 of the tree', async () => {
    const restored = await grow(2);
    const key = lab.signer.verifierKey;
    const seen = await grow(3);
    await begin(restored, restored);
    // As a server signs whose memory beside the keys was put back too.
    await lab.another({ anchor: { load: async () => null, save: async () => undefined } }).runOnce();
    expect(await check(key, seen)).toEqual({ kind: 'broken', code: 'AUDIT_ROLLED_BACK' });
    expect(await check(key, restored)).toMatchObject({ kind: 'continues' });
    const said = await ask(restored);
    expect(said.firstLeaf.length).toBeGreaterThan(0);
    const other = said.firstLeaf.map(() => Buffer.alloc(32).toString('base64'));
    expect(checkContinuity({ verifierKey: key, note: restored }, { ...said, firstLeaf: other })).toMatchObject({
      code: 'AUDIT_RESTORE_UNPROVEN',
    });
    expect(checkContinuity({ verifierKey: key, note: restored }, { ...said, epochs: [] })).toMatchObject({
      code: 'AUDIT_RESTORE_UNPROVEN',
    });
  });
});
