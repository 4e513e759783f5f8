// Starts Sallyport for a bench: the whole product with every guard on, its gateway on the core under test, Postgres on the other.
// It speaks to the product only as an operator would: command line, and what that prints.

import { execFile } from 'node:child_process';
import type { JsonWebKey } from 'node:crypto';
import { existsSync } from 'node:fs';
import { join } from 'node:path';
import process from 'node:process';
import { fileURLToPath } from 'node:url';
import { promisify } from 'node:util';
import { familyOf } from './cpu.ts';
import { freePort, start } from './pinned.ts';

const run = promisify(execFile);
const ROOT = fileURLToPath(new URL('../../', import.meta.url));
const PROGRAM = join(ROOT, 'bin/sallyport.js');

export interface StartedSallyport {
  readonly gatewayUrl: string;
  readonly apiKey: string;
  readonly workload: string;
  /** Private key (JWK) whose public half is registered with the workload, for signed effect calls. */
  readonly privateKey: JsonWebKey;
  /** The gateway's process, without Postgres. */
  readonly pids: () => readonly number[];
  stop(): Promise<void>;
}

/**
 * Expected of the program:
 * - `sallyport up` with SALLYPORT_HOME, SALLYPORT_GATEWAY_PORT, SALLYPORT_CONTROL_PORT serves `/healthz` on the gateway port;
 *   SALLYPORT_POSTGRES_CORE names the core its Postgres is pinned to.
 * - `sallyport demo connect --shop URL --shop-token T --model-url URL --model NAME --json` makes a workload with a key, the integrations
 *   `demo-shop` and a model integration, with autonomy for refunds far above what a bench moves, allows these local addresses for egress,
 *   and prints `{apiKey, workload, privateKey}`.
 */
export async function startSallyport(upstreamPort: number, folder: string, model: string): Promise<StartedSallyport> {
  if (!existsSync(PROGRAM)) throw new Error('bin/sallyport.js is not there yet');
  const [gatewayPort, controlPort] = [await freePort(), await freePort()];
  const gatewayUrl = `http://127.0.0.1:${gatewayPort}`;
  const env = {
    SALLYPORT_HOME: join(folder, 'sallyport'),
    SALLYPORT_GATEWAY_PORT: String(gatewayPort),
    SALLYPORT_CONTROL_PORT: String(controlPort),
    SALLYPORT_POSTGRES_CORE: '1',
    SALLYPORT_EGRESS_ALLOW: `127.0.0.1:${upstreamPort}`,
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
    const upstream = `http://127.0.0.1:${upstreamPort}`;
    const args = [
      'demo',
      'connect',
      '--shop',
      upstream,
      '--shop-token',
      'bench',
      '--model-url',
      `${upstream}/v1`,
      '--model',
      model,
      '--json',
    ];
    const { stdout } = await run(process.execPath, [PROGRAM, ...args], { cwd: ROOT, env: { ...process.env, ...env } });
    const made = JSON.parse(stdout) as { apiKey: string; workload: string; privateKey: JsonWebKey };
    return { gatewayUrl, ...made, pids: () => familyOf(running.pid), stop: running.stop };
  } catch (fault) {
    await running.stop();
    throw fault;
  }
}
