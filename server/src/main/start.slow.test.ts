// The program as an operator starts it: `bin/sallyport.js up` in a process of its own, and what it says when it can not start.

import { type ChildProcess, execFileSync, spawn } from 'node:child_process';
import {
  chmodSync,
  existsSync,
  mkdtempSync,
  readdirSync,
  readFileSync,
  readlinkSync,
  realpathSync,
  renameSync,
  rmSync,
  writeFileSync,
} from 'node:fs';
import { createServer } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, afterEach, beforeAll, describe, expect, it } from 'vitest';
import { startPostgres } from '#storage';
import { systemRandom } from './world.ts';

const PROGRAM = join(import.meta.dirname, '../../../bin/sallyport.js');
/** A path with a space, as users have them. */
const root = mkdtempSync(join(tmpdir(), 'sallyport start '));
const folders = { data: join(root, 'data'), secrets: join(root, 'secrets') };
const running = new Set<ChildProcess>();

interface Ended {
  readonly code: number | null;
  readonly out: string;
  readonly err: string;
}
interface Started {
  readonly child: ChildProcess;
  readonly ended: Promise<Ended>;
  /** Resolves when the banner is there, or the process ended before. */
  readonly banner: Promise<string>;
}

function sallyport(args: readonly string[], env: Readonly<Record<string, string>> = {}): Started {
  const child = spawn(process.execPath, [PROGRAM, ...args], {
    env: { PATH: process.env.PATH ?? '', SALLYPORT_DATA_DIR: folders.data, SALLYPORT_SECRETS_DIR: folders.secrets, ...env },
    stdio: ['ignore', 'pipe', 'pipe'],
  });
  running.add(child);
  let out = '';
  let err = '';
  const banner = Promise.withResolvers<string>();
  child.stdout.setEncoding('utf8').on('data', (text: string) => {
    out += text;
    if (out.includes('Ctrl-C stops')) banner.resolve(out);
  });
  child.stderr.setEncoding('utf8').on('data', (text: string) => {
    err += text;
  });
  const ended = new Promise<Ended>((resolve) => {
    child.on('close', (code) => {
      running.delete(child);
      banner.resolve(out);
      resolve({ code, out, err });
    });
  });
  return { child, ended, banner: banner.promise };
}

const up = (env: Readonly<Record<string, string>> = {}, args: readonly string[] = []): Started =>
  sallyport(['up', '--gateway-port', '0', '--control-port', '0', ...args], env);
const run = (...args: readonly string[]): Promise<Ended> => sallyport(args).ended;

async function stop(started: Started): Promise<Ended> {
  started.child.kill('SIGTERM');
  return started.ended;
}

async function withPostgres(work: (url: string) => Promise<void>): Promise<void> {
  const server = await startPostgres({
    dataDir: join(folders.data, 'postgres'),
    stateDir: join(folders.data, 'state'),
    host: process,
    random: systemRandom,
    log: () => undefined,
  });
  try {
    await work(server.adminUrl);
  } finally {
    await server.stop();
  }
}

async function admin(url: string, text: string): Promise<void> {
  const { default: pg } = await import('pg');
  const client = new pg.Client({ connectionString: url });
  await client.connect();
  try {
    await client.query(text);
  } finally {
    await client.end();
  }
}

/** The file of that name below the folder. */
function pathBelow(folder: string, name: string): string {
  const found = readdirSync(folder, { recursive: true, encoding: 'utf8' }).find((path) => path.endsWith(name));
  if (found === undefined) throw new Error(`${name} is not there`);
  return join(folder, found);
}

/** A process and everything it has started. */
function familyOf(pid: number): readonly number[] {
  const children = readFileSync(`/proc/${pid}/task/${pid}/children`, 'utf8').trim();
  return [pid, ...(children === '' ? [] : children.split(' ').map(Number).flatMap(familyOf))];
}

/** Processes of the database that are left. */
function workingIn(folder: string): readonly string[] {
  if (!existsSync('/proc/self/cwd')) return [];
  return readdirSync('/proc').filter((name) => {
    try {
      return /^\d+$/.test(name) && readlinkSync(`/proc/${name}/cwd`) === folder;
    } catch {
      return false; // it has just ended, or is not ours to look at
    }
  });
}

/** Empty for a process that has just ended. */
function smaps(pid: number): string {
  try {
    return readFileSync(`/proc/${pid}/smaps_rollup`, 'utf8');
  } catch {
    return '';
  }
}

beforeAll(async () => {
  chmodSync(root, 0o711);
  execFileSync(process.execPath, [join(import.meta.dirname, '../../../console/build.js')]);
  const first = up();
  expect(await first.banner).toContain('Sallyport runs');
  expect((await run('workloads', 'create', 'kept')).code).toBe(0);
  const ended = await stop(first);
  expect([ended.code, ended.err]).toEqual([0, expect.not.stringContaining('_FAULT')]);
});
afterEach(() => {
  for (const child of running) child.kill('SIGKILL');
});
afterAll(() => rmSync(root, { recursive: true, force: true }));

describe('a start', () => {
  it('finds the data of the one before, says where everything is, and prints a link that signs in once', async () => {
    const second = up();
    const banner = await second.banner;
    expect(banner).toMatch(/gateway +http:\/\/127\.0\.0\.1:\d+/);
    const [, origin, secret] = /console +(http:\/\/localhost:\d+)\/sign-in#(\S+)/.exec(banner) ?? [];
    const redeem = (): Promise<Response> =>
      fetch(`${origin}/api/session`, {
        method: 'POST',
        headers: { 'content-type': 'application/json' },
        body: JSON.stringify({ secret }),
      });
    expect([(await redeem()).status, (await redeem()).status]).toEqual([200, 401]);
    const fresh = await run('sign-in');
    expect([fresh.code, fresh.out.startsWith(`${origin}/sign-in#spl_`)]).toEqual([0, true]);
    const list = await run('workloads', 'list', '--json');
    expect(JSON.parse(list.out).workloads.map((workload: { name: string }) => workload.name)).toContain('kept');
    const doctor = await run('doctor', '--json');
    expect([doctor.code, JSON.parse(doctor.out).ok]).toEqual([0, true]);
    const security = await run('doctor', '--security', '--json');
    expect(JSON.parse(security.out).findings.map(({ name }: { name: string }) => name)).toEqual(
      expect.arrayContaining(['listeners', 'passkeys', 'ledger']),
    );
    expect((await stop(second)).code).toBe(0);
    expect(workingIn(realpathSync(join(folders.data, 'postgres')))).toEqual([]);
  });

  it('[J9] is one program and one database, within 400 MB at rest', async () => {
    if (!existsSync('/proc/self/smaps_rollup')) return console.log('memory is not measured: this system has no /proc/<pid>/smaps_rollup');
    const started = up();
    await started.banner;
    const postmaster = Number(readFileSync(pathBelow(folders.data, 'postmaster.pid'), 'utf8').split('\n')[0]);
    const [server, database] = [familyOf(started.child.pid as number), familyOf(postmaster)];
    const commands = server.map((pid) => readFileSync(`/proc/${pid}/comm`, 'utf8').trim());
    // The launcher may hand over to another Node; nothing else is started.
    expect(commands.filter((name) => !/node|MainThread|postgres/.test(name))).toEqual([]);
    const all = [...new Set([...server, ...database])];
    const bytes = all.reduce((sum, pid) => sum + 1024 * Number(/^Pss:\s+(\d+) kB$/m.exec(smaps(pid))?.[1] ?? 0), 0);
    console.log(`memory at rest: ${(bytes / 1e6).toFixed(0)} MB over ${all.length} processes`);
    expect(bytes).toBeGreaterThan(0);
    expect(bytes).toBeLessThan(400e6);
    expect((await stop(started)).code).toBe(0);
  });

  it('takes over after a kill -9, with everything that was committed', async () => {
    const killed = up();
    await killed.banner;
    expect((await run('workloads', 'create', 'before-the-kill')).code).toBe(0);
    killed.child.kill('SIGKILL');
    await killed.ended;
    const next = up();
    expect(await next.banner).toContain('Sallyport runs');
    expect((await run('workloads', 'list')).out).toContain('before-the-kill');
    expect((await stop(next)).code).toBe(0);
  });

  it('starts the demo at once when asked, and prints no credential or token to standard error', async () => {
    const started = up({}, ['--demo']);
    const banner = await started.banner;
    expect(banner).toContain('tickets arrive');
    const demo = JSON.parse((await run('demo', 'status', '--json')).out) as { state: string; total: number };
    expect(['running', 'finished']).toContain(demo.state);
    const link = /sign-in#(\S+)/.exec(banner)?.[1] ?? '';
    expect(link).not.toBe('');
    expect((await run('demo', 'remove', '--yes')).code).toBe(0);
    expect(JSON.parse((await run('demo', 'status', '--json')).out)).toMatchObject({ state: 'off', installed: false });
    const ended = await stop(started);
    expect(ended.err).not.toContain(link.slice(-20));
    expect(ended.err).not.toMatch(/whsec_|sp_[A-Za-z0-9]/);
    expect(ended.code).toBe(0);
  });
});

describe('a start that can not be complete ends with a coded sentence and a non-zero exit', () => {
  async function refused(started: Started, code: string): Promise<void> {
    const ended = await started.ended;
    expect(ended.err).toContain(`${code}: `);
    expect(ended.code).not.toBe(0);
    expect(ended.out).not.toContain('Sallyport runs');
    expect(ended.err).not.toContain('    at ');
  }

  it('when a port is taken', async () => {
    const other = createServer();
    await new Promise<void>((resolve) => other.listen(0, '127.0.0.1', resolve));
    const { port } = other.address() as { port: number };
    await refused(sallyport(['up', '--gateway-port', String(port), '--control-port', '0']), 'MAIN_PORT_TAKEN');
    await new Promise((resolve) => other.close(resolve));
  });

  it('when a folder can not be made', async () => {
    const file = join(root, 'a-file');
    writeFileSync(file, '');
    await refused(up({ SALLYPORT_DATA_DIR: join(file, 'data') }), 'MAIN_FOLDER_UNUSABLE');
  });

  it('when the secrets would lie with the data', async () => {
    await refused(up({ SALLYPORT_SECRETS_DIR: join(folders.data, 'secrets') }), 'MAIN_FOLDER_UNUSABLE');
  });

  it('when others can read the key file', async () => {
    chmodSync(join(folders.secrets, 'kek'), 0o644);
    await refused(up(), 'VAULT_KEY_FILE_UNUSABLE');
    chmodSync(join(folders.secrets, 'kek'), 0o600);
  });

  it('when the key file is gone while the database has keys, and never makes a new one then', async () => {
    renameSync(join(folders.secrets, 'kek'), join(folders.secrets, 'kek.away'));
    await refused(up(), 'VAULT_KEY_FILE_UNUSABLE');
    renameSync(join(folders.secrets, 'kek.away'), join(folders.secrets, 'kek'));
  });

  it('when the database does not answer', async () => {
    await refused(up({ DATABASE_URL: 'postgres://nobody@127.0.0.1:9/none' }), 'STORAGE_UNAVAILABLE');
  });

  it('when it would listen beyond this machine without TLS', async () => {
    await refused(up({ SALLYPORT_GATEWAY_HOST: '0.0.0.0' }), 'MAIN_LISTEN_UNSAFE');
  });

  it('when a setting is unknown or wrong', async () => {
    expect((await run('up', '--gateway-prot', '1')).code).toBe(2);
    await refused(up({ SALLYPORT_LOG_LEVEL: 'loud' }), 'MAIN_CONFIG_INVALID');
    const file = join(root, 'config.yaml');
    writeFileSync(file, 'gatewayPort: 0\nsurprise: true\n');
    await refused(sallyport(['up', '--config', file]), 'MAIN_CONFIG_INVALID');
  });

  it('when a migration of the database is not the one this version knows', async () => {
    const table = 'storage_migrations';
    await withPostgres((url) => admin(url, `update ${table} set sha256 = repeat('0', 64) where id = '0001-storage-roles'`));
    await refused(up(), 'STORAGE_MIGRATION_EDITED');
  });
});
