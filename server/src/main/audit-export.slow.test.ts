// The log taken out with the command line, from a whole server, as an auditor would: a quarter, chosen events, one proof; and what a person
// must not be surprised by: a file that exists, a quarter that is none, a pack that was altered.

import { execFile, spawnSync } from 'node:child_process';
import { existsSync, mkdirSync, mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { execPath } from 'node:process';
import { setTimeout as sleep } from 'node:timers/promises';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { startTestServer } from '../../../testkit/test-server.ts';

const PROGRAM = join(import.meta.dirname, '../../../bin/sallyport.js');
const VERIFY = join(import.meta.dirname, '../../../bin/sallyport-verify.js');
const folder = mkdtempSync(join(tmpdir(), 'sallyport-audit-'));
let test: Awaited<ReturnType<typeof startTestServer>>;
let quarter: string;
let key: string;

interface Ended {
  readonly code: number;
  readonly out: string;
  readonly err: string;
}

function sallyport(...args: string[]): Promise<Ended> {
  return new Promise((resolve) => {
    const options = { cwd: folder, env: { ...process.env, XDG_STATE_HOME: join(folder, 'state') } };
    execFile(execPath, [PROGRAM, ...args, '--secrets-dir', join(test.folder, 'secrets')], options, (fault, out, err) =>
      resolve({ code: fault === null ? 0 : ((fault as { code?: number }).code ?? -1), out, err }),
    );
  });
}

beforeAll(async () => {
  test = await startTestServer({ allowPrivate: [] });
  for (let at = 0; at < 5; at += 1) await test.owner('POST', '/api/workloads', { name: `bot-${at}`, integrations: [] });
  for (let sealed = 0; sealed < 5; await sleep(100)) {
    const { body } = await test.owner('GET', '/api/ledger');
    sealed = body.checkpoint !== null && body.unsealed === 0 ? Number(body.sealedEvents) : 0;
    key = String(body.verifierKey);
  }
  const { body } = await test.owner('GET', '/api/events?limit=1');
  const at = String((body.events as { entry: { at: string } }[])[0]?.entry.at);
  quarter = `${at.slice(0, 4)}Q${Math.floor((Number(at.slice(5, 7)) - 1) / 3) + 1}`;
});
afterAll(async () => {
  await test.close();
  rmSync(folder, { recursive: true });
});

describe('sallyport audit', () => {
  it('exports a quarter that verifies with the other command, and an altered one does not', async () => {
    const ended = await sallyport('audit', 'export', '--quarter', quarter, '--save', 'receipt.json');
    expect(ended).toMatchObject({ code: 0, out: expect.stringContaining('VERIFIED: ') });
    const pack = join(folder, `sallyport-audit-${quarter}.zip`);
    const verify = (...args: string[]) => spawnSync(execPath, [VERIFY, ...args], { cwd: folder, encoding: 'utf8' });
    expect(verify(pack, '--key', key, '--against', 'receipt.json')).toMatchObject({
      status: 0,
      stdout: expect.stringContaining('all from number 0'),
    });
    const bytes = readFileSync(pack);
    for (const share of [0.2, 0.5, 0.8, 0.99]) {
      const changed = Buffer.from(bytes);
      const at = Math.floor(bytes.length * share);
      changed[at] = (changed[at] as number) ^ 4;
      writeFileSync(join(folder, 'altered.zip'), changed);
      expect(verify('altered.zip', '--key', key)).toMatchObject({ status: 1, stdout: expect.stringContaining('NOT VERIFIED') });
    }
  });

  it('replaces no file unless it is told to, and leaves none behind that is not whole', async () => {
    mkdirSync(join(folder, 'own'));
    writeFileSync(join(folder, 'own', 'kept.zip'), 'mine');
    const refused = await sallyport('audit', 'export', '--out', 'own/kept.zip');
    expect(refused).toMatchObject({ code: 2, err: expect.stringContaining('CLI_OUTPUT_EXISTS') });
    expect(readFileSync(join(folder, 'own', 'kept.zip'), 'utf8')).toBe('mine');
    expect(await sallyport('audit', 'export', '--out', 'own/wrong.zip', '--from', 'yesterday')).toMatchObject({
      err: expect.stringContaining('CONTROL_REQUEST_INVALID'),
    });
    expect(await sallyport('audit', 'export', '--out', 'absent/pack.zip')).toMatchObject({
      code: 3,
      err: expect.stringContaining('CLI_OUTPUT_UNWRITABLE'),
    });
    expect(await sallyport('audit', 'export', '--quarter', '2026Q5')).toMatchObject({ code: 2 });
    expect((await sallyport('audit', 'export', '--out', 'own/kept.zip', '--force')).code).toBe(0);
    const pack = readFileSync(join(folder, 'own', 'kept.zip'));
    expect(await sallyport('audit', 'verify', 'own/kept.zip', '--save', 'own/kept.zip')).toMatchObject({
      code: 2,
      out: expect.stringContaining('VERIFIED: '),
      err: expect.stringContaining('CLI_OUTPUT_EXISTS'),
    });
    expect(readFileSync(join(folder, 'own', 'kept.zip')).equals(pack)).toBe(true);
    expect(readdirSync(join(folder, 'own'))).toEqual(['kept.zip']);
  });

  it('exports chosen events, each with its proof, and continues what was kept', async () => {
    const args = ['audit', 'export', '--type', 'identity.workload.', '--out', 'chosen.zip', '--against', 'receipt.json', '--json'];
    const { code, out } = await sallyport(...args);
    expect(code).toBe(0);
    expect(JSON.parse(out)).toMatchObject({ ok: true, shows: 'selection', events: 5, continuesSaved: true });
    expect(await sallyport('verify', 'chosen.zip', '--key', key)).toMatchObject({
      code: 0,
      out: expect.stringContaining('5 chosen events'),
    });
  });

  it('[M1] verifies the running server against what this user saw, and says the proof of one event', async () => {
    expect((await sallyport('audit', 'status')).code).not.toBe(5);
    const { code, out } = await sallyport('audit', 'verify', '--json');
    expect([code, JSON.parse(out)]).toMatchObject([0, { ok: true, shows: 'whole', keyTrusted: true, continuesSaved: true }]);
    const proof = await sallyport('audit', 'proof', '0', '--json');
    expect(JSON.parse(proof.out)).toMatchObject({
      ok: true,
      proof: { epoch: 1, head: { index: expect.any(Number) } },
      anchors: expect.any(Array),
    });
    expect(await sallyport('audit', 'proof', '0')).toMatchObject({ code: 0, out: expect.stringMatching(/^PROVEN: /) });
    expect((await sallyport('audit', 'proof', '99999')).err).toContain('CONTROL_NOT_FOUND');
  });

  it('hands out the checkpoint and the verifier as files', async () => {
    expect((await sallyport('audit', 'checkpoint', '--out', 'checkpoint.note')).code).toBe(0);
    expect(readFileSync(join(folder, 'checkpoint.note'), 'utf8')).toMatch(/^sallyport\.local\/log\/[0-9a-f]{16}\n\d+\n/);
    expect((await sallyport('audit', 'export', '--out', 'since.zip', '--against', 'checkpoint.note')).code).toBe(0);
    expect((await sallyport('audit', 'verifier')).code).toBe(0);
    expect(existsSync(join(folder, 'sallyport-verify.mjs'))).toBe(true);
    const run = spawnSync(execPath, ['sallyport-verify.mjs', 'since.zip', '--against', 'checkpoint.note'], {
      cwd: folder,
      encoding: 'utf8',
    });
    expect(run).toMatchObject({ status: 0, stderr: '' });
  });
});
