// A whole server with everything that can anchor it: a folder, a webhook, witnesses that are programs of their own, and the command line,
// which remembers. Each is tried as an operator would meet it: one down, one killed, the database put back.

import { type ChildProcess, execFile, execFileSync, spawn } from 'node:child_process';
import { createHmac } from 'node:crypto';
import { existsSync, mkdirSync, mkdtempSync, readdirSync, readFileSync, rmSync, statSync, writeFileSync } from 'node:fs';
import { createServer, type IncomingHttpHeaders } from 'node:http';
import type { AddressInfo } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { execPath } from 'node:process';
import { setTimeout as sleep } from 'node:timers/promises';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { insertVerification, loadSigningKey } from '#audit';
import { startTestServer } from '../../../testkit/test-server.ts';

const PROGRAM = join(import.meta.dirname, '../../../bin/sallyport.js');
const SECRET = Buffer.alloc(32, 9);
type TestServer = Awaited<ReturnType<typeof startTestServer>>;

interface Ended {
  readonly code: number;
  readonly out: string;
  readonly err: string;
}

const folder = mkdtempSync(join(tmpdir(), 'sallyport-anchors-'));
const children: ChildProcess[] = [];

function sallyport(...args: string[]): Promise<Ended> {
  return new Promise((resolve) => {
    execFile(execPath, [PROGRAM, ...args], { env: { ...process.env, XDG_STATE_HOME: join(folder, 'home') } }, (fault, out, err) =>
      resolve({ code: fault === null ? 0 : ((fault as { code?: number }).code ?? -1), out, err }),
    );
  });
}

/** Starts a witness process and resolves when it listens. */
async function startWitness(name: string, port: number, log: string): Promise<{ url: string; child: ChildProcess }> {
  const args = [PROGRAM, 'witness', 'run', '--dir', join(folder, name), '--listen', `127.0.0.1:${port}`, '--log', log];
  const child = spawn(execPath, args, { stdio: ['ignore', 'pipe', 'pipe'] });
  children.push(child);
  let said = '';
  for await (const chunk of child.stdout as AsyncIterable<Buffer>) {
    said += chunk.toString();
    const url = / at (http:\/\/\S+)/.exec(said)?.[1];
    if (url !== undefined) return { url, child };
  }
  throw new Error(`the witness ended: ${said}`);
}

const ended = (child: ChildProcess): Promise<number | null> =>
  child.exitCode !== null ? Promise.resolve(child.exitCode) : new Promise((resolve) => child.once('exit', (code) => resolve(code)));

async function until<T>(what: string, look: () => Promise<T | null> | T | null, timeoutMs = 60_000): Promise<T> {
  const deadline = Date.now() + timeoutMs;
  for (;;) {
    const found = await look();
    if (found !== null) return found;
    if (Date.now() > deadline) throw new Error(`${what} did not happen`);
    await sleep(50);
  }
}

interface Anchor {
  readonly name: string;
  readonly kind: string;
  readonly required: boolean;
  readonly seenSize: number | null;
  readonly fault: string | null;
}
interface Status {
  readonly verifierKey: string;
  readonly checkpoint: string;
  readonly unsealed: number;
  readonly epoch: number;
  readonly health: { readonly state: string; readonly sealing: { readonly signedSize: number }; readonly anchors: readonly Anchor[] };
}

interface Changed {
  readonly entry: { readonly public: { readonly what: string; readonly was: string; readonly state: string } };
}

interface Verified {
  readonly by: string;
  readonly entry: { readonly public: { readonly ok: boolean; readonly code: string } };
}

let test: TestServer;
let receiver: { readonly port: number; readonly seen: { headers: IncomingHttpHeaders; body: string }[]; close(): void };
const statusOf = async (): Promise<Status> => (await test.owner('GET', '/api/ledger')).body as unknown as Status;
const anchorOf = async (name: string): Promise<Anchor | undefined> => (await statusOf()).health.anchors.find((one) => one.name === name);
/** Something that leaves an event. */
let made = 0;
const happen = async (): Promise<void> => {
  made += 1;
  await test.owner('POST', '/api/workloads', { name: `bot-${made}`, integrations: [] });
};

async function openReceiver(): Promise<typeof receiver> {
  const seen: { headers: IncomingHttpHeaders; body: string }[] = [];
  const server = createServer((request, response) => {
    const chunks: Buffer[] = [];
    request.on('data', (chunk: Buffer) => chunks.push(chunk));
    request.on('end', () => {
      seen.push({ headers: request.headers, body: Buffer.concat(chunks).toString() });
      response.writeHead(204).end();
    });
  });
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  return { port: (server.address() as AddressInfo).port, seen, close: () => server.close() };
}

/** A port nothing listens on now. */
async function freePort(): Promise<number> {
  const server = createServer();
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  const { port } = server.address() as AddressInfo;
  await new Promise((resolve) => server.close(resolve));
  return port;
}

beforeAll(async () => {
  // The server's key comes first: witnesses are told whom to watch.
  const first = await startTestServer({ allowPrivate: [] });
  const key = await until('the first checkpoint', async () => {
    const { body } = await first.owner('GET', '/api/ledger');
    return body.checkpoint === null ? null : (body.verifierKey as string);
  });
  await first.stop();
  const keys = await Promise.all(
    ['w1', 'w2', 'w3'].map(async (name) => {
      const { out, code } = await sallyport('witness', 'init', '--dir', join(folder, name), '--name', `${name}.example.com`);
      expect(code).toBe(0);
      return out.trim();
    }),
  );
  const [one, two] = [await startWitness('w1', 0, key), await startWitness('w2', 0, key)];
  const [down] = [await freePort()];
  receiver = await openReceiver();
  const urls = [one.url, two.url, `http://127.0.0.1:${down}`];
  const policy = `log ${key}\n${keys.map((text, at) => `witness w${at + 1} ${text} ${urls[at]}\n`).join('')}group enough 2 w1 w2 w3\nquorum enough\n`;
  writeFileSync(join(folder, 'policy'), policy);
  writeFileSync(join(folder, 'secret'), `whsec_${SECRET.toString('base64')}\n`, { mode: 0o600 });
  mkdirSync(join(folder, 'drop'));
  test = await startTestServer({
    allowPrivate: [...urls.map((url) => new URL(url).host), `127.0.0.1:${receiver.port}`],
    folder: first.folder,
    settings: {
      '--anchor-folder': join(folder, 'drop'),
      '--anchor-webhook': `http://127.0.0.1:${receiver.port}/ledger`,
      '--anchor-webhook-secret-file': join(folder, 'secret'),
      '--witness-policy': join(folder, 'policy'),
    },
  });
});
afterAll(async () => {
  for (const child of children) child.kill('SIGKILL');
  await test?.close();
  receiver?.close();
  rmSync(folder, { recursive: true, force: true });
});

describe('a ledger with anchors', () => {
  it('is seen by the folder, the webhook and two of three witnesses while the third is down', async () => {
    await happen();
    const size = await until('a new checkpoint', async () => {
      const { signedSize } = (await statusOf()).health.sealing;
      return signedSize > 1 ? signedSize : null;
    });
    for (const name of ['folder', 'webhook', 'w1', 'w2', 'quorum']) {
      await until(`${name} seeing it`, async () => (((await anchorOf(name))?.seenSize ?? 0) >= size ? true : null));
    }
    const down = await until('the fault of the one that is down', async () => {
      const anchor = await anchorOf('w3');
      return anchor?.fault === null ? null : anchor;
    });
    expect(down).toMatchObject({ kind: 'witness', required: false, seenSize: null, fault: 'EGRESS_CONNECT_FAILED' });
    expect((await statusOf()).health.state).toBe('ok');

    const { note } = JSON.parse(receiver.seen.at(-1)?.body ?? '{}').data as { note: string };
    const last = receiver.seen.at(-1);
    const signed = `${last?.headers['webhook-id']}.${last?.headers['webhook-timestamp']}.${last?.body}`;
    expect(last?.headers['webhook-signature']).toBe(`v1,${createHmac('sha256', SECRET).update(signed).digest('base64')}`);
    const files = readdirSync(join(folder, 'drop'));
    expect(files.map((name) => readFileSync(join(folder, 'drop', name), 'utf8'))).toContain(note);
    expect(files.every((name) => /^\d+-[0-9a-f]{8}\.note$/.test(name))).toBe(true);
  });

  it('is cosigned again by a witness that was killed with kill -9, again and again, and never below what it cosigned', async () => {
    const log = (await statusOf()).verifierKey;
    const port = Number(
      new URL((readFileSync(join(folder, 'policy'), 'utf8').match(/witness w1 \S+ (\S+)/) as string[])[1] as string).port,
    );
    const newest = (): number => {
      const [logs] = readdirSync(join(folder, 'w1', 'logs'));
      const names = readdirSync(join(folder, 'w1', 'logs', logs as string)).filter((name) => name.endsWith('.note'));
      const newestName = names.sort((left, right) => Number.parseInt(right, 10) - Number.parseInt(left, 10))[0] as string;
      return Number(readFileSync(join(folder, 'w1', 'logs', logs as string, newestName), 'utf8').split('\n')[1]);
    };
    for (let round = 0; round < 2; round += 1) {
      const before = (await anchorOf('w1'))?.seenSize ?? 0;
      children[round === 0 ? 0 : children.length - 1]?.kill('SIGKILL');
      await ended(children[round === 0 ? 0 : children.length - 1] as ChildProcess);
      // What it has on disk is not behind what the server was given.
      expect(newest()).toBeGreaterThanOrEqual(before);
      await happen();
      await startWitness('w1', port, log);
      await until('the next cosignature', async () => (((await anchorOf('w1'))?.seenSize ?? 0) > before ? true : null));
    }
    expect(existsSync(join(folder, 'w1', 'evidence'))).toBe(false);
    const last = children.at(-1) as ChildProcess;
    last.kill('SIGTERM');
    expect(await ended(last)).toBe(0);
  });

  it('is verified against the checkpoint beside the keys when a person asks, and the verdict is part of its health', async () => {
    expect((await test.owner('POST', '/api/ledger/verify', {})).body).toMatchObject({ ok: true, code: 'VERIFIED' });
    const { health } = (await test.owner('GET', '/api/ledger')).body as { health: { verification: object } };
    expect(health.verification).toMatchObject({ ok: true, code: 'VERIFIED', everyHours: 24 });
    await until('everything to be signed', async () => ((await statusOf()).unsealed === 0 ? true : null));
    // The ledger is not the one that this machine remembers having signed.
    const secrets = join(test.folder, 'secrets');
    const signer = loadSigningKey(join(secrets, 'audit-key.pem'));
    const other = signer.sign(`${signer.origin}\n1\n${Buffer.alloc(32, 7).toString('base64')}\n`);
    writeFileSync(join(secrets, 'ledger-checkpoint'), other, { mode: 0o600 });
    expect((await test.owner('POST', '/api/ledger/verify', {})).body).toMatchObject({ ok: false, code: 'LOG_FORKED' });
    // What is signed next is remembered again.
    await happen();
    await until('it to be in order', async () => ((await test.owner('POST', '/api/ledger/verify', {})).body.ok === true ? true : null));
  });

  it('says on every surface that a verification failed, and that it is in order again', async () => {
    const { tenant } = test.server.rooms;
    const { database } = test.server.database;
    const changes = async (): Promise<readonly string[]> => {
      const { events } = (await test.owner('GET', '/api/events?type=audit.health.changed')).body as { events: Changed[] };
      return events.map(({ entry }) => `${entry.public.what} ${entry.public.was} ${entry.public.state}`);
    };
    const found = { tenant, atMs: Date.now(), ok: false, code: 'LEAF_CHANGED', firstBad: 1, events: 2 };
    await database.inTenant(tenant, (tx) => insertVerification(tx, found));
    await until('the event of the change', async () => ((await changes()).includes('verification ok failed') ? true : null));
    expect((await statusOf()).health).toMatchObject({ state: 'failed', problems: [{ code: 'AUDIT_VERIFICATION_FAILED' }] });
    const told = await sallyport('audit', 'status', '--secrets-dir', join(test.folder, 'secrets'));
    expect([told.code, told.out]).toEqual([1, expect.stringContaining('AUDIT_VERIFICATION_FAILED')]);
    expect(told.out).toContain('not seen before');
    expect(test.log.some((line) => line.includes('ledger.health.verification.failed') && line.includes('"level":50'))).toBe(true);
    expect((await test.owner('POST', '/api/ledger/verify', {})).body).toMatchObject({ ok: true });
    expect((await statusOf()).health.state).toBe('ok');
    await until('the event of the end of it', async () => ((await changes()).includes('verification failed ok') ? true : null));
  });

  it('is remembered by the command line, which refuses a database that was put back, until told', async () => {
    const secrets = join(test.folder, 'secrets');
    const status = (...more: string[]) => sallyport('audit', 'status', '--secrets-dir', secrets, ...more);
    const seenFile = join(folder, 'home', 'sallyport', 'seen-ledgers.json');
    const first = await status();
    expect(first.err).toBe('');
    expect([first.code, first.out]).toEqual([0, expect.stringContaining('continues what was seen')]);
    expect(statSync(seenFile).mode & 0o777).toBe(0o600);
    await happen();
    await sleep(1_500);
    expect((await status()).out).toContain('continues what was seen');

    // The operator stops the server, keeps a copy, goes on for a while, and puts the copy back, with the memory beside the keys too.
    await test.stop();
    const copy = join(folder, 'copy');
    // With its owners: Postgres runs as somebody else when we are root.
    execFileSync('cp', ['-a', test.folder, copy]);
    const again = { allowPrivate: [], folder: test.folder, settings: { '--verify-every-hours': '0.0005' } };
    test = await startTestServer(again);
    // It has not been verified for longer than these two seconds: the schedule does it, against the memory beside the keys.
    await until('the verification on schedule', async () => {
      const { events } = (await test.owner('GET', '/api/events?type=audit.ledger.verified')).body as { events: Verified[] };
      return events.some(({ by, entry }) => by === 'system:verifier' && entry.public.ok && entry.public.code === 'VERIFIED') ? true : null;
    });
    await happen();
    const seenSize = (): number =>
      Number(Object.values(JSON.parse(readFileSync(seenFile, 'utf8')) as Record<string, { note: string }>)[0]?.note.split('\n')[1]);
    await until('another checkpoint', async () => ((await statusOf()).health.sealing.signedSize > seenSize() ? true : null));
    expect((await status()).code).toBe(0);
    await test.stop();
    rmSync(join(test.folder, 'data'), { recursive: true, force: true });
    execFileSync('cp', ['-a', join(copy, 'data'), join(test.folder, 'data')]);
    execFileSync('cp', ['-a', join(copy, 'secrets', 'ledger-checkpoint'), join(test.folder, 'secrets', 'ledger-checkpoint')]);
    test = await startTestServer(again);
    const refused = await status();
    expect([refused.code, refused.err]).toEqual([1, expect.stringMatching(/^AUDIT_(ROLLED_BACK|FORKED): /)]);
    expect((await status('--forget')).code).toBe(0);
    expect((await status()).code).toBe(0);
  });
});
