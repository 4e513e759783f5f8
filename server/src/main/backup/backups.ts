// Backups of a running server: made, checked, drilled and deleted one at a time, when a person asks and by the clock.
// INVARIANT: over all processes of the installation one works at a time; what a killed one left behind is removed before the next.

import { readLedgerState } from '#audit';
import { type BackupId, type Clock, type Digest, type JsonObject, newId, type Random, type Refusal, refuse, SallyportError } from '#core';
import {
  type BackupKeys,
  type BackupPlace,
  type BackupProgress,
  createBackup,
  type Database,
  dropScratches,
  lastDrill,
  openBackup,
  readManifestOf,
  recordDeleted,
  recordDrill,
  recordEnd,
  recordInterrupted,
  recordStart,
  recordVerified,
  removeBackup,
  removePartials,
  verifyBackup,
  withBackupLock,
} from '#storage';
import { allCodes } from '../codes.ts';
import type { Logger } from '../logger.ts';
import { type BackupEntry, isBackupDue, isDrillDue, listEntries, newestWhole, outdated, ownBackups } from './entries.ts';
import type { BackupPlan } from './plan.ts';
import { rehearse } from './rehearse.ts';

export type BackupAction = 'create' | 'verify' | 'drill' | 'delete';

/** What is being done, and how far it is. */
export interface BackupJob {
  readonly id: string;
  readonly action: BackupAction;
  readonly phase: string;
  readonly table: string;
  readonly rows: number;
  readonly done: number;
  readonly total: number;
}

export interface FinishedJob {
  readonly id: string;
  readonly action: BackupAction;
  readonly ok: boolean;
  readonly code: string | null;
  readonly sentence: string | null;
  readonly atMs: number;
  /** Backups that a killed process had begun and that were removed. */
  readonly interrupted: readonly string[];
}

export interface BackupsDeps {
  readonly database: Database;
  readonly adminUrl: string;
  /** Address of the server's role on the same server; the drill changes the database in it. */
  readonly url: string;
  readonly keys: BackupKeys;
  /** Null: no backup folder is set. */
  readonly plan: BackupPlan | null;
  readonly clock: Clock;
  readonly random: Random;
  readonly digest: Digest;
  readonly logger: Logger;
  /** Writes to the log of the first tenant. */
  readonly tell: (type: string, event: { actor: string; subject: string; facts: JsonObject }) => Promise<void>;
}

export interface Backups {
  list(): Promise<readonly BackupEntry[]>;
  running(): BackupJob | null;
  last(): FinishedJob | null;
  lastDrill(): ReturnType<typeof lastDrill>;
  /** Begins it and gives the backup's id; how it goes is told by `running` and `last`. */
  begin(action: BackupAction, request: { readonly id: string | null; readonly actor: string }): Promise<BackupId | Refusal>;
  /** Resolves when nothing runs. */
  settled(): Promise<void>;
  /** Does what the clock asks for: a backup, else a drill, else nothing. */
  look(): Promise<void>;
  start(): void;
  stop(): Promise<void>;
}

/** Wrapped keys of tenants and subjects: without them nothing sealed in the rest of a backup opens. */
const KEY_TABLES = ['public.vault_tenant_keys', 'public.vault_subject_keys'];
const SCHEDULE = 'system:backups';
const LOOK_EVERY_MS = 60_000;

interface Doing {
  readonly id: string;
  readonly action: BackupAction;
  readonly actor: string;
  readonly onProgress: (progress: BackupProgress) => void;
}

export function createBackups(deps: BackupsDeps): Backups {
  const { database, clock, random, logger, plan } = deps;
  let job: BackupJob | null = null;
  let last: FinishedJob | null = null;
  let work: Promise<void> = Promise.resolve();
  let timer: NodeJS.Timeout | null = null;
  const placeOf = (id: string): BackupPlace => ({ ...(plan as BackupPlan).folders, id });

  async function create({ id, actor, onProgress }: Doing): Promise<void> {
    const startedMs = clock.now();
    await recordStart(database, id, startedMs);
    try {
      const manifest = await createBackup({
        adminUrl: deps.adminUrl,
        place: placeOf(id),
        keys: deps.keys,
        createdAt: new Date(startedMs).toISOString(),
        keyTables: KEY_TABLES,
        facts: async (tx) => ({ ledger: (await readLedgerState(tx)) as unknown as JsonObject }),
        onProgress,
      });
      const rows = manifest.tables.reduce((sum, table) => sum + table.rows, 0);
      const bytes = manifest.chunks.reduce((sum, chunk) => sum + chunk.bytes, 0);
      const events = manifest.tables.find(({ name }) => name === 'public.audit_log')?.rows ?? 0;
      await recordEnd(database, id, { atMs: clock.now(), code: null, bytes, events });
      const digest = deps.digest.sha256(JSON.stringify(manifest));
      const facts = { ok: true, code: null, tables: manifest.tables.length, rows, bytes, chunks: manifest.chunks.length, digest };
      await deps.tell('storage.backup.created', { actor, subject: id, facts });
    } catch (fault) {
      const code = codeOf(fault);
      await recordEnd(database, id, { atMs: clock.now(), code, bytes: 0, events: 0 });
      const facts = { ok: false, code, tables: 0, rows: 0, bytes: 0, chunks: 0, digest: null };
      await deps.tell('storage.backup.created', { actor, subject: id, facts });
      throw fault;
    }
    await prune(actor, id);
  }

  /** What can not be read, or was not vouched for with our key, is never taken for a backup, and never deleted by the clock. */
  async function prune(actor: string, made: string): Promise<void> {
    const isOurs = (id: string): Promise<boolean> =>
      openBackup(placeOf(id), deps.keys).then(
        () => true,
        () => false,
      );
    for (const { id, createdAt } of await outdated(deps, isOurs, made)) await remove(id, createdAt, actor);
  }

  async function remove(id: string, createdAt: string, actor: string): Promise<void> {
    await removeBackup(placeOf(id));
    await recordDeleted(database, id);
    await deps.tell('storage.backup.deleted', { actor, subject: id, facts: { createdAt: createdAt === '' ? null : createdAt } });
  }

  async function verify({ id, actor, onProgress }: Doing): Promise<void> {
    try {
      const { rows, chunks } = await verifyBackup({ place: placeOf(id), keys: deps.keys, onProgress });
      await recordVerified(database, id, clock.now());
      await deps.tell('storage.backup.verified', { actor, subject: id, facts: { ok: true, code: null, rows, chunks } });
    } catch (fault) {
      await deps.tell('storage.backup.verified', { actor, subject: id, facts: { ok: false, code: codeOf(fault), rows: 0, chunks: 0 } });
      throw fault;
    }
  }

  async function drill({ id, actor, onProgress }: Doing): Promise<void> {
    const startedMs = clock.now();
    const finish = async (code: string | null, found: JsonObject): Promise<void> => {
      const ok = code === null;
      await recordDrill(database, id, { atMs: clock.now(), ok, code });
      const facts = { ok, code, ...found, durationMs: Math.max(0, clock.now() - startedMs) };
      await deps.tell('storage.backup.drilled', { actor, subject: id, facts });
    };
    try {
      await finish(null, { ...(await rehearse(deps, placeOf(id), onProgress)) });
    } catch (fault) {
      await finish(codeOf(fault), { tables: 0, rows: 0, events: 0, root: null });
      throw fault;
    }
  }

  async function carryOut(doing: Doing): Promise<void> {
    switch (doing.action) {
      case 'create':
        return create(doing);
      case 'verify':
        return verify(doing);
      case 'drill':
        return drill(doing);
      case 'delete':
        return remove(doing.id, (await readManifestOf(placeOf(doing.id))).createdAt, doing.actor);
      default:
        return doing.action satisfies never;
    }
  }

  /** Only for whoever holds the lock. */
  async function removeLeftovers(): Promise<readonly string[]> {
    const interrupted = await recordInterrupted(database, clock.now());
    const partial = plan === null ? [] : await removePartials(plan.folders, deps.keys.keyId);
    await dropScratches(deps.adminUrl);
    const all = [...new Set([...interrupted, ...partial])];
    if (all.length > 0) logger.warn({ event: 'backup.interrupted', code: 'STORAGE_BACKUP_INTERRUPTED', count: all.length });
    return all;
  }

  /** `isDue` is asked again under the lock: another process may have been faster. */
  async function run(doing: Omit<Doing, 'onProgress'>, isDue: () => Promise<boolean>): Promise<void> {
    const { id, action } = doing;
    let interrupted: readonly string[] = [];
    job = { id, action, phase: 'starting', table: '', rows: 0, done: 0, total: 0 };
    const onProgress = ({ phase, table, rows, done, total }: BackupProgress): void => {
      job = { id, action, phase, table, rows, done, total };
    };
    const end = (ok: boolean, code: string | null, sentence: string | null): void => {
      last = { id, action, ok, code, sentence, atMs: clock.now(), interrupted };
      job = null;
    };
    try {
      await withBackupLock(deps.adminUrl, async () => {
        interrupted = await removeLeftovers();
        if (await isDue()) await carryOut({ ...doing, onProgress });
      });
      end(true, null, null);
    } catch (fault) {
      const code = codeOf(fault);
      if (code !== 'STORAGE_BACKUP_BUSY' || doing.actor !== SCHEDULE) logger.error({ event: `backup.${action}.fault`, code });
      end(false, code, fault instanceof SallyportError ? fault.message : (allCodes[code]?.sentence ?? 'It failed; the log has the code.'));
    }
  }

  async function begin(action: BackupAction, request: { id: string | null; actor: string }): Promise<BackupId | Refusal> {
    if (plan === null) return refuse('MAIN_BACKUP_FOLDER_UNSET', allCodes.MAIN_BACKUP_FOLDER_UNSET?.sentence ?? '');
    if (job !== null) return refuse('STORAGE_BACKUP_BUSY', 'A backup or drill is under way; wait for it.', { action: job.action });
    const id = action === 'create' ? newId('bak', clock, random) : (request.id ?? (await newestWhole(deps)));
    const isHere = action === 'create' || (await ownBackups(deps)).some((backup) => backup.id === id);
    if (id === null || !isHere) return refuse('STORAGE_BACKUP_UNKNOWN', allCodes.STORAGE_BACKUP_UNKNOWN?.sentence ?? '');
    work = run({ id, action, actor: request.actor }, async () => true);
    return id as BackupId;
  }

  async function look(): Promise<void> {
    if (job !== null) return;
    if (await isBackupDue(deps)) {
      work = run({ id: newId('bak', clock, random), action: 'create', actor: SCHEDULE }, () => isBackupDue(deps));
    } else if (await isDrillDue(deps)) {
      work = run({ id: (await newestWhole(deps)) as string, action: 'drill', actor: SCHEDULE }, () => isDrillDue(deps));
    }
    await work;
  }

  return {
    list: () => listEntries(deps),
    running: () => job,
    last: () => last,
    lastDrill: () => lastDrill(database),
    begin,
    settled: () => work,
    look,
    start() {
      const round = (): void => {
        look().catch((fault: unknown) => logger.error({ event: 'backup.schedule.fault', code: codeOf(fault) }));
      };
      timer = setInterval(round, LOOK_EVERY_MS);
      timer.unref();
      // What a killed process left is removed now, not at the next backup.
      work = withBackupLock(deps.adminUrl, removeLeftovers).then(
        () => undefined,
        () => undefined, // another process works, and removes it itself
      );
    },
    async stop() {
      if (timer !== null) clearInterval(timer);
      await work;
    },
  };
}

/** Of a process whose login may not read every tenant: it shows what is there, and makes, drills and deletes none. */
export function backupsElsewhere(backups: Backups): Backups {
  return {
    ...backups,
    begin: async () => refuse('MAIN_BACKUP_ELSEWHERE', allCodes.MAIN_BACKUP_ELSEWHERE?.sentence ?? ''),
    look: async () => undefined,
    start: () => undefined,
  };
}

function codeOf(fault: unknown): string {
  const code = (fault as { code?: unknown } | null)?.code;
  return typeof code === 'string' && /^[A-Z][A-Z0-9_]+$/.test(code) ? code : 'BUG';
}
