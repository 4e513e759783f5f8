// Starts Sallyport for a bench: the whole product with every guard on, its gateway on the core under test, Postgres on the other.
// It speaks to the product only as an operator would: the command line, and what that prints.

import { execFile } from 'node:child_process';
import { generateKeyPairSync, type KeyObject } from 'node:crypto';
import { chmodSync, existsSync, mkdirSync, readdirSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import process from 'node:process';
import { fileURLToPath } from 'node:url';
import { promisify } from 'node:util';
import { demoShopManifest } from '@sallyport/demo';
import { familyOf } from './cpu.ts';
import { freePort, pinning, start } from './pinned.ts';

const run = promisify(execFile);
const ROOT = fileURLToPath(new URL('../../', import.meta.url));
const PROGRAM = join(ROOT, 'bin/sallyport.js');
/** Depth at which a data folder may hold Postgres' own folder. */
const MAX_DEPTH = 3;

export interface StartedSallyport {
  readonly gatewayUrl: string;
  readonly apiKey: string;
  readonly workload: string;
  /** Its public half is registered with the workload, for signed effect calls. */
  readonly privateKey: KeyObject;
  /** The gateway's process, without Postgres. */
  readonly pids: () => readonly number[];
  stop(): Promise<void>;
}

export async function startSallyport(upstreamPort: number, folder: string, model: string): Promise<StartedSallyport> {
  if (!existsSync(PROGRAM)) throw new Error('bin/sallyport.js is not there');
  // Postgres may run as another user, who must be able to reach its folder.
  chmodSync(folder, 0o711);
  const [gatewayPort, controlPort] = [await freePort(), await freePort()];
  const gatewayUrl = `http://127.0.0.1:${gatewayPort}`;
  const dataDir = join(folder, 'data');
  const env: Record<string, string> = {
    SALLYPORT_DATA_DIR: dataDir,
    SALLYPORT_SECRETS_DIR: join(folder, 'secrets'),
    SALLYPORT_GATEWAY_PORT: String(gatewayPort),
    SALLYPORT_CONTROL_PORT: String(controlPort),
    SALLYPORT_ALLOW_PRIVATE: `127.0.0.1:${upstreamPort}`,
    SALLYPORT_LOG_LEVEL: 'error',
    // Counted as always, but far above what a load run reaches.
    SALLYPORT_REQUESTS_PER_MINUTE: '10000000',
    SALLYPORT_TOKENS_PER_MINUTE: '1000000000',
  };
  const running = await start({
    core: 'under_test',
    command: process.execPath,
    args: [PROGRAM, 'up'],
    env,
    cwd: ROOT,
    readyUrl: `${gatewayUrl}/healthz`,
  });
  try {
    await movePostgres(dataDir);
    const installed = await install(`http://127.0.0.1:${upstreamPort}`, folder, model, env);
    return { gatewayUrl, ...installed, pids: () => [running.pid], stop: running.stop };
  } catch (fault) {
    await running.stop();
    throw fault;
  }
}

/** The integrations, a workload and a key, by the commands an operator would use. */
async function install(upstream: string, folder: string, model: string, env: Readonly<Record<string, string>>) {
  const sallyport = async (...args: readonly string[]): Promise<Record<string, unknown>> => {
    const { stdout } = await run(process.execPath, [PROGRAM, ...args, '--json'], { cwd: ROOT, env: { ...process.env, ...env } });
    return JSON.parse(stdout) as Record<string, unknown>;
  };
  const file = (name: string, content: unknown): string => {
    mkdirSync(folder, { recursive: true });
    const path = join(folder, name);
    writeFileSync(path, typeof content === 'string' ? content : JSON.stringify(content), { mode: 0o600 });
    return path;
  };
  const refunds = { currency: 'USD', perCall: '50.00', perCustomerDay: '900000.00' };
  const shop = {
    kind: 'http',
    baseUrl: upstream,
    autonomy: { 'refunds.create': refunds },
    credential: { header: 'x-shop-access-token', prefix: '' },
  };
  const secret = file('shop-token', 'bench-token');
  await sallyport(
    'integrations',
    'put',
    'bench-model',
    '--file',
    file('model.json', { kind: 'model', baseUrl: `${upstream}/v1`, models: [model] }),
  );
  await sallyport(
    ...['integrations', 'put', 'demo-shop', '--file', file('shop.json', shop)],
    ...['--manifest', fileURLToPath(demoShopManifest), '--secret-file', secret],
  );
  const { privateKey, publicKey } = generateKeyPairSync('ed25519');
  const registered = file('public-key.json', publicKey.export({ format: 'jwk' }));
  const workload = await sallyport(
    'workloads',
    'create',
    'bench',
    '--integration',
    'bench-model',
    '--integration',
    'demo-shop',
    '--public-key',
    registered,
  );
  const key = await sallyport('keys', 'create', String(workload.id), '--days', '1');
  return { apiKey: String(key.key), workload: String(workload.id), privateKey };
}

/** Postgres was started by the gateway and inherited its core; it belongs on the other one. Later backends inherit from there. */
async function movePostgres(dataDir: string): Promise<void> {
  const postmaster = postmasterOf(dataDir, MAX_DEPTH);
  if (postmaster === null || !pinning()) return;
  for (const pid of familyOf(postmaster)) await run('taskset', ['-a', '-p', '-c', '1', String(pid)]).catch(() => undefined);
}

/** Process of the Postgres whose folder lies below this one. */
export function postmasterOf(folder: string, depth: number): number | null {
  const pidFile = join(folder, 'postmaster.pid');
  if (existsSync(pidFile)) return Number(readFileSync(pidFile, 'utf8').split('\n')[0]);
  if (depth === 0) return null;
  for (const entry of readdirSync(folder, { withFileTypes: true })) {
    const found = entry.isDirectory() ? postmasterOf(join(folder, entry.name), depth - 1) : null;
    if (found !== null) return found;
  }
  return null;
}
