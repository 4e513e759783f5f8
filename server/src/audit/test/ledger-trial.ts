// Kills writers, sequencers and Postgres backends with SIGKILL again and again, then counts what the ledger lost, skipped, doubled or said twice.
// A program: takes its settings as JSON, prints one JSON report as its last line. Run by a test (short) and by the chaos runner (long).

import { type ChildProcess, spawn } from 'node:child_process';
import { mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { argv, execPath, kill, stdout } from 'node:process';
import { createInterface } from 'node:readline';
import { setTimeout as sleep } from 'node:timers/promises';
import { seededRandom, type TestDatabase, testDatabase } from '@sallyport/testkit';
import { newId, type TenantId } from '#core';
import { migrations as storageMigrations } from '#storage';
import { startTestCluster } from '../../../../testkit/cluster.ts';
import { createLedger } from '../ledger.ts';
import { createFrontier } from '../merkle.ts';
import { migrations } from '../migrations/index.ts';
import { createSigningKeyFile, loadSigningKey } from '../signing/signing-key.ts';
import { isSignedBy, parseNote, parseVerifierKey } from '../verifier/note.ts';
import { verifyPack } from '../verifier/verify-pack.ts';
import { testActorCipher } from './actor-cipher.ts';
import type { WorkerSettings } from './ledger-worker.ts';

export interface TrialSettings {
  readonly kills: number;
  readonly seed: number;
}

export interface TrialReport {
  readonly kills: number;
  readonly backendKills: number;
  readonly acked: number;
  readonly sealed: number;
  readonly lost: number;
  readonly gaps: number;
  readonly duplicates: number;
  readonly checkpoints: number;
  readonly equivocations: number;
  readonly rootMismatches: number;
  readonly packsRefused: number;
  /** Longest time after a kill until something new was under a signature again. */
  readonly slowestRecoveryMs: number;
  readonly faults: Readonly<Record<string, number>>;
}

const TENANTS = 3;
const MAX_PAUSE_MS = 400;
/** One kill in this many hits a backend, which takes the whole server through crash recovery. */
const BACKEND_EVERY = 6;
const DRAIN_TIMEOUT_MS = 60_000;
const WORKER = join(import.meta.dirname, 'ledger-worker.ts');

/** False when the backend ended by itself before the signal. */
function killBackend(pid: number): boolean {
  try {
    return kill(pid, 'SIGKILL');
  } catch {
    return false;
  }
}

/** Runs a trial and leaves nothing behind: no child, no server, no folder, however it ends. */
async function runTrial(settings: TrialSettings): Promise<TrialReport> {
  const cluster = await startTestCluster();
  const folder = mkdtempSync(join(tmpdir(), 'sallyport-trial-'));
  const children = new Map<string, ChildProcess>();
  try {
    const database = await testDatabase([...storageMigrations, ...migrations], { cluster });
    try {
      return await killAndCount(settings, { database, folder, children });
    } finally {
      for (const child of children.values()) child.kill('SIGKILL');
      await database.close();
    }
  } finally {
    await cluster.stop();
    rmSync(folder, { recursive: true, force: true });
  }
}

interface Stage {
  readonly database: TestDatabase;
  readonly folder: string;
  readonly children: Map<string, ChildProcess>;
}

async function killAndCount({ kills, seed }: TrialSettings, { database, folder, children }: Stage): Promise<TrialReport> {
  const random = seededRandom(seed);
  const [keyPath, anchorPath] = [join(folder, 'key'), join(folder, 'anchor')];
  createSigningKeyFile(keyPath);
  const signer = loadSigningKey(keyPath);
  const clock = { now: () => Date.now() };
  const tenants = Array.from({ length: TENANTS }, () => newId('ten', clock, random));
  const base = { url: database.url, keyPath, anchorPath, tenants };

  const acked = new Set<string>();
  const faults: Record<string, number> = {};
  const start = (name: string, role: WorkerSettings['role']): void => {
    const child = spawn(execPath, [WORKER, JSON.stringify({ ...base, role })], { stdio: ['ignore', 'pipe', 'inherit'] });
    children.set(name, child);
    createInterface({ input: child.stdout as NodeJS.ReadableStream }).on('line', (line) => {
      const [kind, value = ''] = line.split(' ');
      if (kind === 'acked') acked.add(value);
      else faults[value] = (faults[value] ?? 0) + 1;
    });
  };
  const end = (name: string): Promise<void> =>
    new Promise((resolve) => {
      const child = children.get(name) as ChildProcess;
      child.once('exit', () => resolve());
      child.kill('SIGKILL');
    });

  /** Every signed text that anybody could have seen, by size. Two for one size would be two histories. */
  const seen = new Map<number, string>();
  let equivocations = 0;
  const look = (note: string): void => {
    const size = Number(note.split('\n')[1]);
    if (seen.has(size) && seen.get(size) !== note) equivocations += 1;
    seen.set(size, note);
  };
  const admin = async <Row extends Record<string, unknown>>(text: string, values: readonly unknown[] = []): Promise<Row[]> => {
    const deadline = Date.now() + 30_000;
    for (;;) {
      try {
        return await database.admin<Row>(text, values);
      } catch (error) {
        // A killed backend takes the whole server through crash recovery.
        if (Date.now() > deadline) throw error;
        await sleep(50);
      }
    }
  };
  const lookAround = async (): Promise<number> => {
    for (const { note } of await admin<{ note: string }>('select note from audit_checkpoint')) look(note);
    try {
      look(readFileSync(anchorPath, 'utf8'));
    } catch {
      // Nothing was signed yet.
    }
    return Math.max(0, ...seen.keys());
  };

  let backendKills = 0;
  let slowestRecoveryMs = 0;
  const victims: readonly [string, WorkerSettings['role']][] = [
    ['sequencer-1', 'sequence'],
    ['sequencer-2', 'sequence'],
    ['writer', 'write'],
  ];
  for (const [name, role] of victims) start(name, role);
  await sleep(1_500);
  for (let at = 0; at < kills; at += 1) {
    await sleep(random.below(MAX_PAUSE_MS));
    const before = await lookAround();
    const choice = random.below(7);
    if (at % BACKEND_EVERY === BACKEND_EVERY - 1) {
      const rows = await admin<{ pid: number }>(
        "select pid from pg_stat_activity where usename = 'sallyport_app' and datname = current_database()",
      );
      const pid = rows[random.below(Math.max(1, rows.length))]?.pid;
      if (pid !== undefined && killBackend(pid)) backendKills += 1;
    } else {
      const [name, role] = victims[choice < 6 ? choice % 2 : 2] as (typeof victims)[number];
      await end(name);
      start(name, role);
    }
    const killedAt = Date.now();
    while ((await lookAround()) <= before && Date.now() - killedAt < DRAIN_TIMEOUT_MS) await sleep(20);
    slowestRecoveryMs = Math.max(slowestRecoveryMs, Date.now() - killedAt);
  }
  await end('writer');
  const deadline = Date.now() + DRAIN_TIMEOUT_MS;
  while ((await admin('select 1 from event_inbox limit 1')).length > 0 && Date.now() < deadline) await sleep(50);
  await sleep(1_500);
  await Promise.all([end('sequencer-1'), end('sequencer-2')]);
  await lookAround();

  const ids = await admin<{ event_id: string }>('select event_id from audit_log');
  const present = new Set(ids.map((row) => row.event_id));
  const numbers = await admin<{ rows: string; top: string }>('select count(*) as rows, max(seq) + 1 as top from audit_log group by tenant');
  const report = {
    kills,
    backendKills,
    acked: acked.size,
    sealed: ids.length,
    lost: [...acked].filter((id) => !present.has(id)).length,
    gaps: numbers.reduce((sum, row) => sum + Number(row.top) - Number(row.rows), 0),
    duplicates: ids.length - present.size,
    checkpoints: seen.size,
    equivocations,
    rootMismatches: await countMismatches(seen, signer.verifierKey, await admin('select hash from audit_global_leaf order by idx')),
    packsRefused: await countRefused(tenants, seen),
    slowestRecoveryMs,
    faults,
  };

  async function countRefused(all: readonly TenantId[], notes: ReadonlyMap<number, string>): Promise<number> {
    const ledger = createLedger({ db: database.db, actors: testActorCipher().actors, signer, clock, random });
    const sizes = [...notes.keys()].sort((a, b) => a - b);
    const [early] = sizes;
    let refused = 0;
    for (const tenant of all) {
      const path = join(folder, `${tenant}.pack`);
      await ledger.exportPack({ tenant, path, actor: 'person:per_trial', withPayloads: true, since: sizes.slice(0, 1_000) });
      const savedCheckpoint = notes.get(early as number) as string;
      if (!(await verifyPack(path, { trustedKey: signer.verifierKey, savedCheckpoint })).ok) refused += 1;
    }
    return refused;
  }

  return report;
}

/** Every signed root must be the root of the leaves as they are now, at its size. */
async function countMismatches(
  seen: ReadonlyMap<number, string>,
  key: string,
  leaves: readonly Record<string, unknown>[],
): Promise<number> {
  const parsed = parseVerifierKey(key);
  const frontier = createFrontier();
  let [wrong, checked] = [0, 0];
  for (const { hash } of leaves) {
    frontier.append(hash as Buffer);
    const note = seen.get(frontier.size);
    if (note === undefined) continue;
    checked += 1;
    const opened = parseNote(note);
    const isRoot = opened.text.split('\n')[2] === frontier.root().toString('base64');
    if (!isRoot || !isSignedBy(opened, parsed.name, parsed)) wrong += 1;
  }
  return wrong + (seen.size - checked);
}

stdout.write(`${JSON.stringify(await runTrial(JSON.parse(argv[2] as string) as TrialSettings))}\n`);
