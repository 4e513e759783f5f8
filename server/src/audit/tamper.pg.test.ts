// The promise of the ledger, attacked: whatever is changed in an export, or in the database before it, the offline verifier finds it.

import { execFileSync, spawnSync } from 'node:child_process';
import { copyFileSync, existsSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { seededRandom } from '@sallyport/testkit';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import type { TenantId } from '#core';
import { testActorCipher } from './test/actor-cipher.ts';
import { type LedgerLab, openLab } from './test/ledger-lab.ts';
import { tamper } from './test/tamper.ts';
import { verifyPack } from './verifier/sallyport-verify.ts';

const VERIFIER = join(import.meta.dirname, 'verifier', 'sallyport-verify.ts');
const TRIALS = 1_000;

let lab: LedgerLab;
let tenant: TenantId;
let pack: string;
let trusted: { trustedKey: string };
let receipt: string;

async function grow(events: number): Promise<void> {
  await lab.write(tenant, events, { sealed: Buffer.from('payload') });
  await lab.write(lab.newTenant(), 2);
  await lab.seal();
}

async function exported(name: string, since: readonly number[] = []): Promise<string> {
  const path = lab.path(name);
  await lab.ledger.exportPack({ tenant, path, actor: 'person:per_test', withPayloads: true, since });
  return path;
}

beforeAll(async () => {
  lab = await openLab();
  tenant = lab.newTenant();
  trusted = { trustedKey: lab.signer.verifierKey };
  for (let at = 0; at < 12; at += 1) await grow(5);
  receipt = verifyPack(await exported('first.pack')).receipt as string;
  for (let at = 0; at < 12; at += 1) await grow(5);
  pack = await exported('whole.pack', [3]);
});
afterAll(() => lab.close());

describe('[PROMISE-8] an exported ledger', () => {
  it('verifies as it is, with the trusted key and against what was saved', () => {
    const verdict = verifyPack(pack, { ...trusted, savedCheckpoint: receipt });
    expect(verdict).toMatchObject({
      ok: true,
      code: 'VERIFIED',
      keyTrusted: true,
      continuesSaved: true,
      events: 121,
      provenUpTo: 121,
      firstBad: null,
    });
    expect(verifyPack(pack)).toMatchObject({ ok: true, keyTrusted: false, continuesSaved: false });
  });

  it(`loses every one of ${TRIALS} random changes to the verifier, which names the first bad event where there is one`, () => {
    const random = seededRandom();
    const original = readFileSync(pack);
    const path = lab.path('tampered.pack');
    const missed: string[] = [];
    const kinds = new Set<string>();
    let found = 0;
    while (found + missed.length < TRIALS) {
      const { kind, bytes, changedAt, isExact } = tamper(original, random);
      if (bytes.equals(original)) continue;
      kinds.add(kind);
      writeFileSync(path, bytes);
      const verdict = verifyPack(path, trusted);
      const isNamed = !isExact || verdict.firstBad === changedAt;
      const isHonest = changedAt === null || verdict.provenUpTo <= changedAt;
      if (!verdict.ok && isNamed && isHonest) found += 1;
      else missed.push(`${kind} at ${changedAt}: ${verdict.code} at ${verdict.firstBad}, proven up to ${verdict.provenUpTo}`);
    }
    console.log(`${found} of ${TRIALS} random changes of ${kinds.size} kinds found`);
    expect(missed).toEqual([]);
  });

  it('says between which two sealed sizes an event was changed when all its hashes were made to fit', () => {
    const lines = readFileSync(pack, 'utf8').trimEnd().split('\n');
    const at = lines.findIndex((line) => line.startsWith('["') && line.includes('"seq":33,'));
    const leaf = (lines[at] as string).slice(48, -1).replace('get_order', 'get_other');
    const path = lab.path('rehashed.pack');
    const hash = execFileSync('node', [
      '-e',
      `process.stdout.write(require('crypto').createHash('sha256').update('\\0'+process.argv[1]).digest('base64'))`,
      leaf,
    ]);
    lines[at] = `["${hash.toString()}",${leaf}]`;
    writeFileSync(path, lines.map((line) => `${line}\n`).join(''));
    expect(verifyPack(path, trusted)).toMatchObject({ ok: false, code: 'ROOT_MISMATCH', firstBad: 30, provenUpTo: 30 });
  });

  it('is not accepted under a key other than the trusted one, even when everything in it fits', async () => {
    const other = await openLab();
    const foreign = other.newTenant();
    await other.write(foreign, 3);
    await other.seal();
    const path = lab.path('foreign.pack');
    await other.ledger.exportPack({ tenant: foreign, path, actor: 'person:per_test' });
    expect(verifyPack(path).ok).toBe(true);
    expect(verifyPack(path, trusted)).toMatchObject({ ok: false, code: 'CHECKPOINT_FOREIGN' });
    await other.close();
  });
});

describe('[PROMISE-8] what was saved earlier', () => {
  it('shows that an older state was put back: a whole, signed, older pack is refused', () => {
    const later = verifyPack(pack).receipt as string;
    expect(verifyPack(lab.path('first.pack'), trusted).ok).toBe(true);
    expect(verifyPack(lab.path('first.pack'), { ...trusted, savedCheckpoint: later })).toMatchObject({
      ok: false,
      code: 'LOG_TRUNCATED',
      firstBad: 60,
    });
    const note = JSON.parse(later).note as string;
    expect(verifyPack(lab.path('first.pack'), { ...trusted, savedCheckpoint: note })).toMatchObject({ ok: false, code: 'LOG_ROLLED_BACK' });
  });

  it('accepts a signed checkpoint alone, when the pack proves to continue it, and fails when there is no proof', async () => {
    const row = await lab.database.admin<{ note: string; size: string }>('select note, size from audit_checkpoint order by size limit 2');
    const [unasked, asked] = [row[0]?.note as string, row[1]?.note as string];
    const path = await exported('asked.pack', [Number(row[1]?.size)]);
    expect(verifyPack(path, { ...trusted, savedCheckpoint: asked })).toMatchObject({ ok: true, continuesSaved: true });
    expect(verifyPack(path, { ...trusted, savedCheckpoint: unasked })).toMatchObject({ ok: false, code: 'CONSISTENCY_MISSING' });
    const handed = (await lab.ledger.checkpoint(tenant)) as string;
    await grow(1);
    expect(verifyPack(await exported('handed.pack'), { ...trusted, savedCheckpoint: handed })).toMatchObject({ ok: true });
  });

  it('shows a second history that the owner of the key signed: longer, whole, and forked', async () => {
    const fork = await openLab();
    copyFileSync(lab.keyPath, fork.path('stolen.key'));
    const { loadSigningKey } = await import('./signing-key.ts');
    const { createSequencer } = await import('./sequencer.ts');
    const { createLedger } = await import('./ledger.ts');
    const deps = {
      db: fork.database.db,
      actors: testActorCipher().actors,
      signer: loadSigningKey(fork.path('stolen.key')),
      clock: { now: () => 1_900_000_000_000 },
      random: seededRandom(),
    };
    const anchor = { load: async () => null, save: async () => undefined };
    const sequencer = createSequencer({ ...deps, anchor, onFault: () => undefined });
    for (let at = 0; at < 60; at += 1) {
      await fork.write(tenant, 3);
      await sequencer.runOnce();
    }
    const path = lab.path('forked.pack');
    await createLedger(deps).exportPack({ tenant, path, actor: 'person:per_test', since: [JSON.parse(receipt).head.index + 2] });
    expect(verifyPack(path, trusted).ok).toBe(true);
    const verdict = verifyPack(path, { ...trusted, savedCheckpoint: receipt });
    expect(verdict.ok).toBe(false);
    expect(['LOG_FORKED', 'CONSISTENCY_MISSING']).toContain(verdict.code);
    await fork.close();
  });

  it('is refused itself when it was changed', () => {
    const changed = JSON.parse(receipt);
    for (const bent of [
      { ...changed, head: { ...changed.head, size: changed.head.size - 1 } },
      { ...changed, head: { ...changed.head, root: Buffer.alloc(32).toString('base64') } },
      { ...changed, tenant: lab.newTenant() },
      { ...changed, note: changed.note.replace('\n', '\n\n') },
      { format: 'something else' },
    ]) {
      expect(verifyPack(pack, { ...trusted, savedCheckpoint: JSON.stringify(bent) }).ok).toBe(false);
    }
    expect(verifyPack(pack, { ...trusted, savedCheckpoint: '{' }).ok).toBe(false);
  });
});

describe('a database changed by its owner', () => {
  it('is found in the next export, with the exact sequence number', async () => {
    await lab.database.admin('alter table audit_log disable trigger all');
    const target = [tenant, 17];
    const [row] = await lab.database.admin<{ leaf: string }>('select leaf from audit_log where tenant = $1 and seq = $2', target);
    const bent = String(row?.leaf).replace('get_order', 'get_0rder');
    await lab.database.admin('update audit_log set leaf = $3 where tenant = $1 and seq = $2', [...target, bent]);
    expect(verifyPack(await exported('edited.pack'), trusted)).toMatchObject({
      ok: false,
      code: 'LEAF_CHANGED',
      firstBad: 17,
      provenUpTo: 15,
    });
    await lab.database.admin('update audit_log set leaf = $3 where tenant = $1 and seq = $2', [...target, row?.leaf]);
    expect(verifyPack(await exported('mended.pack'), trusted).ok).toBe(true);

    await lab.database.admin('delete from audit_log where tenant = $1 and seq = 100', [tenant]);
    expect(verifyPack(await exported('deleted.pack'), trusted)).toMatchObject({ ok: false, code: 'LEAF_OUT_OF_PLACE', firstBad: 100 });
  });
});

describe('the verifier as a program', () => {
  const run = (...args: string[]) => spawnSync('node', [VERIFIER, ...args], { encoding: 'utf8', cwd: lab.folder });

  it('imports nothing but node: modules', () => {
    const sources = [...readFileSync(VERIFIER, 'utf8').matchAll(/from '([^']+)'/g)].map((match) => match[1] as string);
    expect(sources.length).toBeGreaterThan(0);
    expect(sources.filter((source) => !source.startsWith('node:'))).toEqual([]);
  });

  it('runs alone from a copy, says what it found, and keeps a receipt for the next time', () => {
    const copy = lab.path('sallyport-verify.ts');
    copyFileSync(VERIFIER, copy);
    const first = spawnSync('node', [copy, pack, '--key', lab.signer.verifierKey, '--save', 'kept.json'], {
      encoding: 'utf8',
      cwd: lab.folder,
    });
    expect(first).toMatchObject({ status: 0, stderr: '' });
    expect(first.stdout).toContain('VERIFIED: 121 events');
    expect(existsSync(lab.path('kept.json'))).toBe(true);
    const second = run(pack, '--against', 'kept.json', '--json');
    expect(second.status).toBe(0);
    expect(JSON.parse(second.stdout)).toMatchObject({ ok: true, continuesSaved: true, keyTrusted: false });
  });

  it('ends with 1 when a pack does not verify, 2 on bad usage, 3 when it can not read', () => {
    const bad = lab.path('bad.pack');
    writeFileSync(bad, readFileSync(pack, 'utf8').replace('get_order', 'get_0rder'));
    expect(run(bad)).toMatchObject({ status: 1, stdout: expect.stringContaining('First bad sequence number: 0') });
    expect(run().status).toBe(2);
    expect(run(pack, '--unknown').status).toBe(2);
    expect(run(lab.path('absent.pack')).status).toBe(3);
    for (const content of ['', '{}', '{}\n', '[]\n', 'x'.repeat(100), '\0\n\n']) {
      writeFileSync(bad, content);
      expect(run(bad).status).toBe(1);
    }
  });
});
