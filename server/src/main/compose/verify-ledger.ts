// Has one tenant's ledger exported and checked by the offline verifier, as a program of its own that shares nothing with this process.

import { execFile } from 'node:child_process';
import { existsSync } from 'node:fs';
import { mkdtemp, readFile, rm, writeFile } from 'node:fs/promises';
import { constants, setPriority, tmpdir } from 'node:os';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { insertVerification, type Verdict } from '#audit';
import { newId, SallyportError, type TenantId } from '#core';
import { appendEvents } from '#storage';
import { systemClock, systemRandom } from '../world.ts';
import type { OpenDatabase } from './database.ts';
import type { Rooms } from './rooms.ts';

const VERIFY_TIMEOUT_MS = 10 * 60_000;
const SCHEDULED_TIMEOUT_MS = 60 * 60_000;
const VERIFIER = join(import.meta.dirname, '../../audit/verifier/sallyport-verify.ts');
const REACH_LOOKS = 20;
const REACH_PAUSE_MS = 250;
/** Large enough for every verdict. */
const MAX_OUTPUT_BYTES = 4 * 1024 * 1024;

export interface VerifyRequest {
  readonly tenant: TenantId;
  /** Reference of who asked. */
  readonly actor: string;
  /** A file with a checkpoint kept outside the database, which the ledger must continue; null for none. */
  readonly checkpointFile: string | null;
  /** A scheduled one gives way to everything else on the machine. */
  readonly isScheduled: boolean;
  /** Ends the verifier when the server stops. */
  readonly signal?: AbortSignal;
}

function runVerifier(pack: string, key: string, request: VerifyRequest): Promise<Verdict> {
  const against = request.checkpointFile === null ? [] : ['--against', request.checkpointFile];
  return new Promise((resolve, reject) => {
    const child = execFile(
      process.execPath,
      [VERIFIER, pack, '--key', key, ...against, '--json'],
      {
        timeout: request.isScheduled ? SCHEDULED_TIMEOUT_MS : VERIFY_TIMEOUT_MS,
        env: {},
        maxBuffer: MAX_OUTPUT_BYTES,
        ...(request.signal === undefined ? {} : { signal: request.signal }),
      },
      (_fault, stdout) => {
        // Exit code 1 says "not verified", which is an answer.
        try {
          resolve(JSON.parse(stdout) as Verdict);
        } catch (cause) {
          reject(
            new SallyportError(
              'MAIN_VERIFIER_FAILED',
              'The verifier gave no verdict; download the pack and run `sallyport verify` on it.',
              {
                cause,
              },
            ),
          );
        }
      },
    );
    if (request.isScheduled && child.pid !== undefined) lowerPriority(child.pid);
  });
}

function lowerPriority(pid: number): void {
  try {
    setPriority(pid, constants.priority.PRIORITY_LOW);
  } catch {
    // It has ended already, or this system has no priorities.
  }
}

interface KeptCheckpoint {
  readonly path: string;
  readonly size: number;
}

/** A copy, so that the export comes after what it is compared with. */
async function keepCheckpoint(from: string, folder: string): Promise<KeptCheckpoint | null> {
  const note = await readFile(from, 'utf8');
  const size = note.split('\n')[1] ?? '';
  if (!/^[0-9]{1,15}$/.test(size)) return null;
  const path = join(folder, 'checkpoint');
  await writeFile(path, note, { mode: 0o600 });
  return { path, size: Number(size) };
}

/** The file is written a moment before the database has the checkpoint. A database that never reaches it is what the verifier will tell. */
async function reached(rooms: Pick<Rooms, 'ledger'>, tenant: TenantId, size: number): Promise<void> {
  for (let look = 0; look < REACH_LOOKS; look += 1) {
    if (((await rooms.ledger.head(tenant))?.size ?? 0) >= size) return;
    await sleep(REACH_PAUSE_MS);
  }
}

/** The verdict, written down as an event of the tenant and among the verifications that health looks at. */
export async function verifyLedger(rooms: Pick<Rooms, 'ledger'>, open: OpenDatabase, request: VerifyRequest): Promise<Verdict> {
  const { tenant, actor } = request;
  const checkpointFile = request.checkpointFile !== null && existsSync(request.checkpointFile) ? request.checkpointFile : null;
  const folder = await mkdtemp(join(tmpdir(), 'sallyport-verify-'));
  try {
    const path = join(folder, 'pack');
    const kept = checkpointFile === null ? null : await keepCheckpoint(checkpointFile, folder);
    if (kept !== null) await reached(rooms, tenant, kept.size);
    await rooms.ledger.exportPack({ tenant, path, actor, ...(kept === null ? {} : { since: [kept.size] }) });
    const verdict = await runVerifier(path, rooms.ledger.verifierKey, { ...request, checkpointFile: kept?.path ?? null });
    const { ok, code, firstBad, events, globalSize } = verdict;
    const atMs = systemClock.now();
    await open.database.inTenant(tenant, async (tx) => {
      await insertVerification(tx, { tenant, atMs, ok, code, firstBad, events });
      await appendEvents(tx, [
        {
          id: newId('evt', systemClock, systemRandom),
          tenant,
          type: 'audit.ledger.verified',
          occurredAtMs: atMs,
          actor,
          subject: tenant,
          public: { ok, code, firstBad, events, globalSize },
          sealed: null,
        },
      ]);
    });
    return verdict;
  } finally {
    await rm(folder, { recursive: true, force: true });
  }
}
