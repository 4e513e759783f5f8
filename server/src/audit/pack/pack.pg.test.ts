// An export and its verifiers: every kind of pack, checked by the released single file under plain Node and by a second verifier in another
// language that shares nothing with the first but FORMAT.md.

import { spawnSync } from 'node:child_process';
import { createHash, generateKeyPairSync, type KeyObject, sign } from 'node:crypto';
import { copyFileSync, existsSync, mkdirSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { seededRandom } from '@sallyport/testkit';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import type { TenantId } from '#core';
import { startEpoch } from '../epoch.ts';
import { rawPublicKey } from '../signing/note.ts';
import { createKeyRotation } from '../signing/rotate-key.ts';
import { type LedgerLab, openLab } from '../test/ledger-lab.ts';
import { filesOfPack, type PackFile, zipOf } from '../test/pack-zip.ts';
import { tamper, WHOLE_ONLY, ZIP_TAMPERS } from '../test/tamper.ts';
import { type Verdict, type VerifyOptions, verifyPack } from '../verifier/verify-pack.ts';
import type { ExportRequest } from './export-pack.ts';

const RELEASED = join(import.meta.dirname, '../verifier', 'generated', 'sallyport-verify.mjs');
const SECOND = join(import.meta.dirname, '../test', 'independent_verify.py');
const HOUR_MS = 3_600_000;
const python = spawnSync('python3', ['--version']).status === 0;

let lab: LedgerLab;
let tenant: TenantId;
const trusted = (): { trustedKey: string } => ({ trustedKey: lab.signer.chain[0]?.verifierKey as string });

async function grow(events: number): Promise<void> {
  await lab.write(tenant, events, { sealed: Buffer.from('payload') });
  await lab.write(lab.newTenant(), 1);
  await lab.seal();
}

async function exported(name: string, request: Partial<ExportRequest> = {}): Promise<string> {
  const path = lab.path(name);
  await lab.ledger.exportPack({ tenant, path, actor: 'person:per_test', ...request });
  return path;
}

interface Second {
  readonly ok: boolean;
  readonly reason?: string;
  readonly events?: number;
}

/** The verdict of the second verifier; null where there is no Python. In CI there is one, so a test never passes without it there. */
function second(pack: string, options: VerifyOptions = {}): Second | null {
  if (!python) {
    if (process.env.CI === 'true') throw new Error('CI has no python3, so the second verifier could not run');
    console.log('python3 is not here: the second verifier was not asked');
    return null;
  }
  const against = lab.path('against.json');
  if (options.savedCheckpoint !== undefined) writeFileSync(against, options.savedCheckpoint);
  const key = options.trustedKey === undefined ? [] : ['--key', options.trustedKey];
  const saved = options.savedCheckpoint === undefined ? [] : ['--against', against];
  const { stdout, stderr } = spawnSync('python3', [SECOND, pack, ...key, ...saved], { encoding: 'utf8' });
  expect(stderr).toBe('');
  return JSON.parse(stdout) as Second;
}

/** Both verifiers, which must agree. */
async function verdictOf(pack: string, options: VerifyOptions = {}): Promise<Verdict> {
  const verdict = await verifyPack(pack, options);
  const isReceipt = options.savedCheckpoint?.startsWith('{') ?? true;
  const other = options.policy === undefined && isReceipt ? second(pack, options) : null;
  if (other !== null) expect([other.ok, other.reason]).toEqual([verdict.ok, verdict.ok ? undefined : expect.any(String)]);
  return verdict;
}

beforeAll(async () => {
  lab = await openLab();
  tenant = lab.newTenant();
  for (let at = 0; at < 10; at += 1) {
    await grow(30);
    lab.clock.advance(HOUR_MS);
  }
});
afterAll(() => lab.close());

describe('a whole pack', () => {
  it('shows every event, with payloads or without', async () => {
    const plain = await verdictOf(await exported('whole.zip'), trusted());
    expect(plain).toMatchObject({ ok: true, shows: 'whole', events: 300, size: 300, provenUpTo: 300, keyTrusted: true, epoch: 1 });
    const opened = await verdictOf(await exported('opened.zip', { withPayloads: true }), trusted());
    expect(opened).toMatchObject({ ok: true, events: 301 - 1 });
  });

  it('holds tiles of the published layout, events as plain lines, and digests that sha256sum reads', () => {
    const files = filesOfPack(readFileSync(lab.path('whole.zip')));
    expect([...files.keys()]).toEqual([
      'README.txt',
      'sallyport-verify.mjs',
      'checkpoint.note',
      'heads.ndjson',
      'consistency.ndjson',
      'tile/0/000',
      'tile/0/001.p/44',
      'tile/1/000.p/1',
      'events.ndjson',
      'manifest.json',
      'SHA256SUMS',
      'signature.note',
    ]);
    expect(files.get('sallyport-verify.mjs')).toEqual(readFileSync(RELEASED));
    const events = (files.get('events.ndjson') as Buffer).toString().trimEnd().split('\n');
    expect(events.map((line) => (JSON.parse(line) as { seq: number }).seq)).toEqual(events.map((_, seq) => seq));
    const folder = lab.path('unpacked');
    for (const [name, content] of files) {
      mkdirSync(join(folder, name, '..'), { recursive: true });
      writeFileSync(join(folder, name), content);
    }
    expect(spawnSync('sha256sum', ['--check', '--quiet', 'SHA256SUMS'], { cwd: folder }).status).toBe(0);
  });
});

describe('a pack that nobody reads to its end', () => {
  it('is not made any further, wherever its reader stops', async () => {
    for (const pieces of [1, 2, 8, 30]) {
      const { bytes } = await lab.ledger.openPack({ tenant, actor: 'person:per_test', withPayloads: true });
      let read = 0;
      for await (const piece of bytes) {
        read += piece.length > 0 ? 1 : 0;
        if (read === pieces) break;
      }
    }
    expect((await verifyPack(await exported('after.zip'), trusted())).ok).toBe(true);
  });

  it('leaves no file behind when it can not be finished', async () => {
    const path = lab.path('unfinished.zip');
    await lab.database.admin('alter table audit_log rename to audit_log_away');
    const gone = lab.ledger.exportPack({ tenant, path, actor: 'person:per_test' });
    await expect(gone).rejects.toThrow();
    await lab.database.admin('alter table audit_log_away rename to audit_log');
    expect([existsSync(path), existsSync(`${path}.part`)]).toEqual([false, false]);
  });
});

describe('a pack of a time', () => {
  const startMs = 1_893_456_000_000;

  it('shows that nothing between two numbers is missing, with the neighbours as proof of where the time ends', async () => {
    const path = await exported('range.zip', {
      filter: { fromMs: startMs + 2 * HOUR_MS, toMs: startMs + 4 * HOUR_MS },
      withPayloads: true,
    });
    const verdict = await verdictOf(path, trusted());
    expect(verdict).toMatchObject({ ok: true, shows: 'range', range: { from: 60, to: 120 }, events: 62, size: 300, outsideTime: 0 });
  });

  it('has no neighbour where the log begins or ends, and can show that nothing happened', async () => {
    expect(await verdictOf(await exported('until.zip', { filter: { toMs: startMs + HOUR_MS } }), trusted())).toMatchObject({
      ok: true,
      range: { from: 0, to: 30 },
      events: 31,
    });
    expect(await verdictOf(await exported('since.zip', { filter: { fromMs: startMs + 9 * HOUR_MS } }), trusted())).toMatchObject({
      ok: true,
      range: { from: 270, to: 300 },
      events: 31,
    });
    const quiet = { fromMs: startMs + HOUR_MS + 1, toMs: startMs + HOUR_MS + 2 };
    expect(await verdictOf(await exported('quiet.zip', { filter: quiet }), trusted())).toMatchObject({
      ok: true,
      range: { from: 60, to: 60 },
      events: 2,
    });
  });

  it('stays provable in a log of many tiles, of which it carries only its own', async () => {
    const many = lab.newTenant();
    for (let at = 0; at < 5; at += 1) {
      await lab.write(many, 400);
      await lab.seal();
      lab.clock.advance(HOUR_MS);
    }
    const now = lab.clock.now();
    const path = lab.path('middle.zip');
    const filter = { fromMs: now - 3 * HOUR_MS, toMs: now - 2 * HOUR_MS };
    await lab.ledger.exportPack({ tenant: many, path, actor: 'person:per_test', filter });
    const verdict = await verdictOf(path, trusted());
    expect(verdict).toMatchObject({ ok: true, range: { from: 800, to: 1200 }, events: 402, size: 2000, outsideTime: 0 });
    expect([...filesOfPack(readFileSync(path)).keys()].filter((name) => name.startsWith('tile/'))).toEqual([
      'tile/0/003',
      'tile/0/004',
      'tile/0/007.p/208',
      'tile/1/000.p/7',
    ]);
  });
});

describe('a pack of chosen events', () => {
  it('proves each of them in less than 4 KB and says that completeness is not shown', async () => {
    await lab.write(tenant, 3, { type: 'enforcement.call.refused', sealed: Buffer.from('why') });
    await grow(5);
    const path = await exported('chosen.zip', { filter: { type: 'enforcement.call.refused' }, withPayloads: true });
    const verdict = await verdictOf(path, trusted());
    expect(verdict).toMatchObject({ ok: true, shows: 'selection', events: 3, message: expect.stringContaining('does not show') });
    const proofs = (filesOfPack(readFileSync(path)).get('proofs.ndjson') as Buffer).toString().trimEnd().split('\n');
    expect(Math.max(...proofs.map((proof) => proof.length))).toBeLessThan(4_096);
  });

  it('may hold nothing at all', async () => {
    const path = await exported('none.zip', { filter: { type: 'workflows.' } });
    expect(await verdictOf(path, trusted())).toMatchObject({ ok: true, shows: 'selection', events: 0 });
  });

  it('continues a receipt by a proof of its own', async () => {
    const receipt = (await verifyPack(lab.path('whole.zip'))).receipt as string;
    const path = await exported('again.zip', { filter: { type: 'enforcement.call.refused' } });
    expect(await verdictOf(path, { ...trusted(), savedCheckpoint: receipt })).toMatchObject({ ok: true, continuesSaved: true });
    const older = await verdictOf(lab.path('none.zip'), { savedCheckpoint: (await verifyPack(path)).receipt as string });
    expect(older.ok).toBe(true);
  });
});

describe('witnesses', () => {
  const names = ['w1', 'w2', 'w3'];
  const keys = new Map<string, KeyObject>(names.map((name) => [name, generateKeyPairSync('ed25519').privateKey]));
  const idOf = (name: string): Buffer =>
    createHash('sha256')
      .update(`${name}\n`)
      .update(Buffer.from([4]))
      .update(rawPublicKey(keys.get(name) as KeyObject))
      .digest()
      .subarray(0, 4);
  const verifierKeyOf = (name: string): string =>
    `${name}+${idOf(name).toString('hex')}+${Buffer.concat([Buffer.from([4]), rawPublicKey(keys.get(name) as KeyObject)]).toString('base64')}`;

  /** cosignature/v1 of c2sp.org/tlog-cosignature, made here so that nothing is shared with our witness. */
  async function cosign(name: string, note: string, epoch: number): Promise<void> {
    const body = note.slice(0, note.indexOf('\n\n') + 1);
    const time = Buffer.alloc(8);
    time.writeBigUInt64BE(1_893_456_000n);
    const signature = sign(null, Buffer.from(`cosignature/v1\ntime 1893456000\n${body}`), keys.get(name) as KeyObject);
    const line = `\u2014 ${name} ${Buffer.concat([idOf(name), time, signature]).toString('base64')}`;
    await lab.database.admin(`insert into audit_cosignature (epoch, size, witness, line, cosigned_at) values ($1, $2, $3, $4, now())`, [
      epoch,
      Number(body.split('\n')[1]),
      `${name}+${idOf(name).toString('hex')}`,
      line,
    ]);
  }
  const policy = (needed: string): string =>
    [
      ...names.map((name) => `witness ${name} ${verifierKeyOf(name)}`),
      `group all-three ${needed} ${names.join(' ')}`,
      'quorum all-three',
      '',
    ].join('\n');

  it('of a policy must have signed: k of n, under the checkpoint itself or under an earlier one that leads to it', async () => {
    await grow(1);
    const bare = await exported('bare.zip');
    expect(await verdictOf(bare, { ...trusted(), policy: policy('2') })).toMatchObject({ ok: false, code: 'WITNESSES_MISSING' });
    expect(await verdictOf(bare, { ...trusted(), policy: `log ${trusted().trustedKey}\nquorum none\n` })).toMatchObject({
      ok: true,
      keyTrusted: true,
    });
    const note = (await lab.ledger.handOut(tenant)) as string;
    await cosign('w1', note, 1);
    await cosign('w3', note, 1);
    const signed = await exported('signed.zip');
    expect(filesOfPack(readFileSync(signed)).has('witnessed.note')).toBe(false);
    const verdict = await verdictOf(signed, { ...trusted(), policy: policy('2') });
    expect(verdict).toMatchObject({ ok: true, witnesses: [{ name: 'w1', at: '2030-01-01T00:00:00.000Z' }, { name: 'w3' }] });
    expect(await verdictOf(signed, { ...trusted(), policy: policy('all') })).toMatchObject({ ok: false, code: 'WITNESSES_MISSING' });
    await grow(1);
    const newer = await exported('newer.zip');
    expect(filesOfPack(readFileSync(newer)).has('witnessed.note')).toBe(true);
    expect(await verdictOf(newer, { ...trusted(), policy: policy('any') })).toMatchObject({ ok: true });
    expect(await verdictOf(newer)).toMatchObject({ ok: true });
    const proof = await lab.ledger.prove(tenant, 0);
    expect(proof.note).toContain('\u2014 w1 ');
  });

  it('stand in a policy that is refused when it is not one', async () => {
    for (const text of [
      '',
      'quorum w1\n',
      `${policy('2')}quorum none\n`,
      policy('4'),
      policy('0'),
      `witness none ${verifierKeyOf('w1')}\nquorum none\n`,
    ]) {
      expect(await verifyPack(lab.path('signed.zip'), { policy: text })).toMatchObject({ ok: false, code: 'POLICY_MALFORMED' });
    }
  });
});

describe('keys and epochs', () => {
  it('hand over: a pack verifies under the first key and under the newest, and an old receipt is continued', async () => {
    const receipt = (await verifyPack(lab.path('whole.zip'))).receipt as string;
    const { db } = lab.database;
    const rotation = createKeyRotation({ db, signer: lab.signer, clock: lab.clock, random: lab.random });
    await rotation.rotate({ tenant, actor: 'person:per_test' });
    const [first, second] = lab.signer.chain.map(({ verifierKey }) => verifierKey);
    // Before the next checkpoint: the one that is exported was signed by the first key alone.
    const early = await exported('early.zip');
    for (const trustedKey of [first, second])
      expect(await verdictOf(early, { trustedKey: trustedKey as string })).toMatchObject({ ok: true });
    await grow(2);
    await rotation.finish({ tenant, actor: 'person:per_test' });
    await grow(2);
    const late = await exported('late.zip');
    for (const trustedKey of [first, second]) {
      expect(await verdictOf(late, { trustedKey: trustedKey as string, savedCheckpoint: receipt })).toMatchObject({
        ok: true,
        continuesSaved: true,
      });
    }
    expect(await verdictOf(lab.path('whole.zip'), { trustedKey: second as string })).toMatchObject({ ok: false, code: 'KEY_UNKNOWN' });
  });

  it('begin anew after a restore: the pack shows what it goes on from, and continues what was saved before', async () => {
    const before = await exported('before-restore.zip');
    const receipt = (await verifyPack(before)).receipt as string;
    const note = (await lab.ledger.handOut(tenant)) as string;
    await lab.database.db.asSystem('sequencer', (tx) => startEpoch(tx, { lastWitnessed: note, restoredAt: note }, lab));
    await lab.another().runOnce();
    await lab.write(tenant, 5);
    const restored = lab.another();
    for (let moved = 1; moved > 0; ) moved = await restored.runOnce();
    const path = await exported('second-epoch.zip', { withPayloads: true });
    const verdict = await verdictOf(path, { ...trusted(), savedCheckpoint: receipt });
    expect(verdict).toMatchObject({ ok: true, epoch: 2, continuesSaved: true });
    expect(await verdictOf(path, { ...trusted(), savedCheckpoint: note })).toMatchObject({ ok: true });
    const chosen = await exported('second-chosen.zip', { filter: { type: 'enforcement.call.refused' } });
    expect(await verdictOf(chosen, { ...trusted(), savedCheckpoint: receipt })).toMatchObject({ ok: true, continuesSaved: true });
    expect(await verdictOf(before, { ...trusted(), savedCheckpoint: verdict.receipt as string })).toMatchObject({ ok: false });
  });

  it('say what a restore lost: a receipt of what came after the restored state is not continued', async () => {
    const lost = (await verifyPack(lab.path('before-restore.zip'))).receipt as string;
    const old = JSON.parse((await verifyPack(lab.path('whole.zip'))).receipt as string).note as string;
    const newest = (await lab.ledger.handOut(tenant)) as string;
    await lab.database.db.asSystem('sequencer', (tx) => startEpoch(tx, { lastWitnessed: newest, restoredAt: old }, lab));
    await lab.another().runOnce();
    const path = await exported('third-epoch.zip');
    expect(await verdictOf(path, trusted())).toMatchObject({ ok: true, epoch: 3 });
    expect(await verdictOf(path, { ...trusted(), savedCheckpoint: lost })).toMatchObject({ ok: false, code: 'LOG_RESTORED' });
  });
});

describe('a checkpoint', () => {
  const handouts = async (): Promise<number> => {
    const [row] = await lab.database.admin<{ count: string }>('select count(*) from audit_handout');
    return Number(row?.count);
  };

  it('that is only shown is not one that left, however often it is looked at; one that is taken is', async () => {
    const before = await handouts();
    const shown: string[] = [];
    for (let at = 0; at < 3; at += 1) {
      await grow(1);
      shown.push((await lab.ledger.checkpoint(tenant)) as string);
    }
    expect(await handouts()).toBe(before);
    const sizes = shown.map((note) => Number(note.split('\n')[1]));
    const origin = shown[0]?.split('\n')[0] as string;
    const epoch = Number(/\.(\d+)$/.exec(origin)?.[1] ?? 1);
    expect(await lab.ledger.handOut(tenant, { epoch, size: sizes[1] as number })).toBe(shown[1]);
    expect(await lab.ledger.handOut(tenant, { epoch, size: 999_999 })).toBeNull();
    expect(await handouts()).toBe(before + 1);
    const path = await exported('taken.zip');
    expect(await verdictOf(path, { ...trusted(), savedCheckpoint: shown[1] as string })).toMatchObject({ ok: true });
    expect(await verdictOf(path, { ...trusted(), savedCheckpoint: shown[0] as string })).toMatchObject({ code: 'CONSISTENCY_MISSING' });
  });
});

describe('the second verifier', () => {
  it('refuses what the first refuses, of many kinds of change to a pack', async (context) => {
    if (!python && process.env.CI !== 'true') context.skip('python3 is not here');
    const random = seededRandom();
    const path = lab.path('tampered.zip');
    for (const name of ['opened.zip', 'range.zip', 'chosen.zip']) {
      const pack = readFileSync(lab.path(name));
      for (const kind of ZIP_TAMPERS.filter((_, at) => at % (name === 'opened.zip' ? 2 : 8) === 0)) {
        const changed = WHOLE_ONLY.has(kind) && name !== 'opened.zip' ? null : await tamper(pack, { kind, atMs: lab.clock.now(), random });
        if (changed === null) continue;
        writeFileSync(path, changed.bytes);
        expect([name, kind, (await verifyPack(path, trusted())).ok, second(path, trusted())?.ok]).toEqual([name, kind, false, false]);
      }
    }
  });
});

describe('the released verifier', () => {
  /** A Node that came with the system, older than ours where there is one: strangers have no more. */
  const nodes = ['/usr/bin/node', '/usr/local/bin/node', process.execPath].filter((node) => existsSync(node));
  const node = nodes[0] as string;

  it('is the one that its sources make', () => {
    const { status, stdout } = spawnSync(process.execPath, [join(import.meta.dirname, '../../../../tools/verifier/build.ts'), '--check'], {
      encoding: 'utf8',
    });
    expect([stdout, status]).toEqual(['', 0]);
  });

  it('checks a quarter on a machine that has nothing but Node and two files, and finds one that was altered', async () => {
    const folder = lab.path('stranger');
    mkdirSync(folder);
    copyFileSync(
      await exported('quarter.zip', { filter: { fromMs: Date.UTC(2030, 0, 1), toMs: Date.UTC(2030, 3, 1) } }),
      join(folder, 'pack.zip'),
    );
    copyFileSync(RELEASED, join(folder, 'sallyport-verify.mjs'));
    const run = (...args: string[]) => spawnSync(node, ['sallyport-verify.mjs', ...args], { cwd: folder, env: {}, encoding: 'utf8' });
    const key = ['--key', lab.signer.chain[0]?.verifierKey as string];
    expect(run('pack.zip', ...key, '--save', 'receipt.json')).toMatchObject({
      status: 0,
      stderr: '',
      stdout: expect.stringMatching(/^VERIFIED: \d+ events/),
    });
    expect(run('pack.zip', ...key, '--against', 'receipt.json').status).toBe(0);
    expect(JSON.parse(run('pack.zip', '--json').stdout)).toMatchObject({ ok: true, shows: 'range', keyTrusted: false });
    const altered = [...filesOfPack(readFileSync(join(folder, 'pack.zip')))].map(([name, content]): PackFile => {
      return name === 'events.ndjson'
        ? [name, Buffer.from(content.toString().replace('"seq":17,"subject":"call_', '"seq":17,"subject":"cell_'))]
        : [name, content];
    });
    writeFileSync(join(folder, 'pack.zip'), await zipOf(altered, { atMs: lab.clock.now() }));
    expect(run('pack.zip', ...key)).toMatchObject({ status: 1, stdout: expect.stringContaining('First bad sequence number: 17') });
    expect(run('absent.zip').status).toBe(3);
    expect(run('pack.zip', '--unknown').status).toBe(2);
    expect(run('receipt.json').status).toBe(1);
  });
});
