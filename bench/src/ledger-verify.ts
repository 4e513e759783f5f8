// A large ledger, exported and checked offline by the verifier as a program of its own.

import { spawn } from 'node:child_process';
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import process from 'node:process';
import { fileURLToPath } from 'node:url';
import type { LedgerStage } from './ledger-stage.ts';
import { median } from './report.ts';

export interface LargePack {
  readonly events: number;
  readonly sealedPerSecond: number;
  readonly proofBytes: number;
  readonly proofMs: number | null;
  readonly exportSeconds: number;
  readonly verifySeconds: number;
  /** Null where the system can not tell. */
  readonly verifyMb: number | null;
}

const VERIFIER = fileURLToPath(new URL('../../server/src/audit/verifier/sallyport-verify.ts', import.meta.url));
const FILL = 50_000;
const PROOFS = 200;
const MEMORY_LOOK_MS = 50;

/** Events straight into the inbox, made by Postgres: the way in is measured elsewhere. */
async function fill(stage: LedgerStage, tenant: string, count: number): Promise<void> {
  const { type, actor, public: facts } = stage.newEvent(tenant as never);
  for (let at = 0; at < count; at += FILL) {
    await stage.admin(
      `insert into event_inbox (tenant, event_id, type, occurred_at, actor, subject, public)
       select $1, 'evt_' || uuidv7(), $2, clock_timestamp(), $3, 'call_' || uuidv7(), $4::json from generate_series(1, $5)`,
      [tenant, type, actor, JSON.stringify(facts), Math.min(FILL, count - at)],
    );
  }
}

async function seal(stage: LedgerStage, count: number): Promise<number> {
  const from = performance.now();
  while ((await stage.sequencer.runOnce()) > 0);
  return count / ((performance.now() - from) / 1_000);
}

async function prove(stage: LedgerStage, tenant: string, events: number) {
  const sizes: number[] = [];
  const times: number[] = [];
  for (let nth = 0; nth < PROOFS; nth += 1) {
    const from = performance.now();
    const proof = await stage.ledger.prove(tenant as never, Math.floor((events / PROOFS) * nth));
    times.push(performance.now() - from);
    sizes.push(Buffer.byteLength(JSON.stringify(proof)));
  }
  sizes.sort((one, two) => one - two);
  return { proofBytes: sizes[Math.floor(PROOFS * 0.99)] as number, proofMs: median(times) };
}

/** The most memory the process ever had, as the kernel counts it. */
function peakMb(pid: number): number | null {
  try {
    const kib = /^VmHWM:\s+(\d+) kB$/m.exec(readFileSync(`/proc/${pid}/status`, 'utf8'))?.[1];
    return kib === undefined ? null : (Number(kib) * 1_024) / 1_000_000;
  } catch {
    return null;
  }
}

async function verify(pack: string, key: string): Promise<{ verifySeconds: number; verifyMb: number | null }> {
  const from = performance.now();
  const child = spawn(process.execPath, [VERIFIER, pack, '--key', key, '--json'], { stdio: ['ignore', 'pipe', 'inherit'] });
  let memory: number | null = null;
  const look = setInterval(() => {
    memory = child.pid === undefined ? memory : (peakMb(child.pid) ?? memory);
  }, MEMORY_LOOK_MS);
  let said = '';
  child.stdout.on('data', (chunk: Buffer) => {
    said += chunk.toString();
  });
  const code = await new Promise<number | null>((resolve) => child.once('close', resolve));
  clearInterval(look);
  if (code !== 0) throw new Error(`the verifier ended with ${code}: ${said.slice(0, 400)}`);
  return { verifySeconds: (performance.now() - from) / 1_000, verifyMb: memory };
}

export async function checkLargePack(stage: LedgerStage, events: number, progress: (line: string) => void): Promise<LargePack> {
  await stage.sequencer.stop();
  const tenant = stage.newTenant();
  progress(`filling a ledger with ${events} events`);
  await fill(stage, tenant, events);
  const sealedPerSecond = await seal(stage, events);
  progress(`sealed ${Math.round(sealedPerSecond)}/s`);
  const proofs = await prove(stage, tenant, events);
  const path = join(stage.folder, 'large.zip');
  const from = performance.now();
  await stage.ledger.exportPack({ tenant, path, actor: 'per_bench' });
  const exportSeconds = (performance.now() - from) / 1_000;
  progress(`exported in ${exportSeconds.toFixed(1)} s`);
  const checked = await verify(path, stage.ledger.verifierKey);
  progress(`verified in ${checked.verifySeconds.toFixed(1)} s`);
  return { events, sealedPerSecond, ...proofs, exportSeconds, ...checked };
}
