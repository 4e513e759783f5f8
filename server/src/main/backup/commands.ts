// The backup commands that need no running server: check a backup, restore one, and adopt a database that was put back by other means.

import { readFileSync } from 'node:fs';
import { basename, dirname, resolve } from 'node:path';
import { type JsonObject, parseId, SallyportError } from '#core';
import { type BackupPlace, type BackupProgress, listBackupFolder, verifyBackup } from '#storage';
import { openBackupKeys } from '#vault';
import type { CommandIo, ParsedOptions } from '../command-io.ts';
import { openServer } from '../compose/database.ts';
import { currentUser, type Folders, foldersOf, prepareFolders } from '../folders.ts';
import { keyFileOf } from '../key-sealer.ts';
import { createLogger } from '../logger.ts';
import type { Config } from '../settings.ts';
import { systemRandom } from '../world.ts';
import { adopt, type RestoreOutcome, type RestoreSources, restoreFrom } from './restore.ts';

type Command = ParsedOptions & { readonly words: readonly string[] };

const MAX_NOTE_CHARS = 64 * 1024;
/** A line of progress on the terminal at most this often. */
const SAY_EVERY_MS = 1_000;

const option = (parsed: ParsedOptions, name: string): string | null => {
  const value = parsed.options[name];
  return typeof value === 'string' ? value : null;
};

function usage(message: string): SallyportError {
  return new SallyportError('MAIN_USAGE', message);
}

/** An id in the backup folder of the settings or of --folder, `newest`, or the path of a backup. */
async function placeOf(parsed: Command, config: Config): Promise<BackupPlace> {
  const named = parsed.words[2] ?? 'newest';
  const id = parseId('bak', basename(named));
  if (id !== null && named !== id)
    return { folder: dirname(resolve(named)), keysFolder: keysFolderOf(parsed, config, dirname(resolve(named))), id };
  const folder = option(parsed, '--folder') ?? config.backupFolder;
  if (folder === null) throw usage('Name the backup by its path, or its folder by --folder or the setting backupFolder.');
  const folders = { folder: resolve(folder), keysFolder: keysFolderOf(parsed, config, resolve(folder)) };
  if (id !== null) return { ...folders, id };
  if (named !== 'newest') throw usage(`"${named.slice(0, 60)}" is no backup; name an id, a path, or newest.`);
  const newest = (await listBackupFolder(folders)).find(({ code }) => code === null);
  if (newest === undefined) throw new SallyportError('STORAGE_BACKUP_UNKNOWN', `There is no readable backup in ${folders.folder}.`);
  return { ...folders, id: newest.id };
}

function keysFolderOf(parsed: ParsedOptions, config: Config, folder: string): string {
  return resolve(option(parsed, '--keys-folder') ?? config.backupKeysFolder ?? folder);
}

function readNote(path: string, isRequired: boolean): string | null {
  try {
    const text = readFileSync(path, 'utf8');
    if (text.length <= MAX_NOTE_CHARS) return text;
  } catch (cause) {
    if (!isRequired && (cause as NodeJS.ErrnoException).code === 'ENOENT') return null;
    throw usage(`The checkpoint ${path} can not be read.`);
  }
  throw usage(`The checkpoint ${path} is too large to be one.`);
}

/** The signed note out of a file: as it stands, or out of a receipt of the verifier. */
function noteIn(text: string | null): string | null {
  if (text === null || !text.trimStart().startsWith('{')) return text;
  const note = (JSON.parse(text) as { note?: unknown }).note;
  if (typeof note !== 'string') throw usage('The checkpoint file is neither a signed note nor a receipt.');
  return note;
}

function progressTo(io: CommandIo): (progress: BackupProgress) => void {
  let saidMs = 0;
  return ({ phase, table, rows, done, total }) => {
    const nowMs = performance.now();
    if (nowMs - saidMs < SAY_EVERY_MS && done < total) return;
    saidMs = nowMs;
    const share = total === 0 ? 100 : Math.floor((100 * done) / total);
    io.err(`${phase}: ${share} %, ${rows} rows, ${table}`);
  };
}

function sourcesOf(parsed: Command, config: Config, folders: Folders, io: CommandIo): RestoreSources {
  const named = parsed.words[2] ?? '';
  const beside = named.includes('/') ? dirname(resolve(named)) : (option(parsed, '--folder') ?? config.backupFolder);
  const given = option(parsed, '--checkpoint');
  const more = parsed.options['--erasures'];
  const journals = [folders.erasuresFile, ...(Array.isArray(more) ? (more as readonly string[]).map((path) => resolve(path)) : [])];
  return {
    folders,
    keyFile: keyFileOf(config, folders, beside === null ? null : keysFolderOf(parsed, config, resolve(beside))),
    journals,
    witnessed: noteIn(readNote(given ?? folders.anchorFile, given !== null)),
    onProgress: progressTo(io),
  };
}

async function verifyHere(parsed: Command, config: Config, io: CommandIo): Promise<0 | 1> {
  const folders = foldersOf(config, currentUser());
  const place = await placeOf(parsed, config);
  const keys = await openBackupKeys(keyFileOf(config, folders, place.keysFolder), systemRandom);
  try {
    const report = await verifyBackup({ place, keys, onProgress: progressTo(io) });
    if (parsed.options['--json'] === true) io.out(JSON.stringify({ ok: true, code: null, ...report }, null, 2));
    else io.out(`${report.id} is whole: ${report.rows} rows of ${report.tables} tables in ${report.chunks} chunks.`);
    return 0;
  } catch (fault) {
    if (!(fault instanceof SallyportError) || !fault.code.startsWith('STORAGE_BACKUP_')) throw fault;
    if (parsed.options['--json'] === true) io.out(JSON.stringify({ ok: false, code: fault.code, id: place.id }, null, 2));
    io.err(`${fault.code}: ${fault.message}`);
    return 1;
  }
}

async function listHere(parsed: Command, config: Config, io: CommandIo): Promise<0> {
  const folder = option(parsed, '--folder') ?? config.backupFolder;
  if (folder === null) throw usage('Name the folder by --folder or the setting backupFolder.');
  const found = await listBackupFolder({ folder: resolve(folder), keysFolder: keysFolderOf(parsed, config, resolve(folder)) });
  if (parsed.options['--json'] === true) io.out(JSON.stringify({ backups: found }, null, 2));
  else if (found.length === 0) io.out('There is no backup.');
  else for (const { id, createdAt, bytes, rows, code } of found) io.out(`${id}  ${code ?? createdAt}  ${rows} rows  ${bytes} bytes`);
  return 0;
}

/** With the server stopped: it has the database to itself. */
async function withDatabase(
  parsed: Command,
  config: Config,
  io: CommandIo,
  work: (server: Awaited<ReturnType<typeof openServer>>, sources: RestoreSources) => Promise<RestoreOutcome>,
): Promise<0> {
  const folders = foldersOf(config, currentUser());
  prepareFolders(folders);
  const sources = sourcesOf(parsed, config, folders, io);
  if (sources.witnessed === null)
    io.err('No checkpoint is known outside the database: what was lost can not be told. Give one with --checkpoint.');
  const server = await openServer(
    config,
    folders,
    createLogger(config.logLevel, (line) => io.err(line.trimEnd())),
  );
  try {
    print(parsed, io, await work(server, sources));
    return 0;
  } finally {
    await server.stop();
  }
}

/** Before anybody says yes: the backup is still there, and so may be a machine whose key files open it. */
function warnOfLostKeys(io: CommandIo, { tenants = {} }: JsonObject): void {
  const lost = Object.values(tenants as Readonly<Record<string, JsonObject>>).reduce((sum, one) => sum + Number(one.lostKeys ?? 0), 0);
  if (lost > 0)
    io.err(
      `lostKeys: ${lost} keys of people in this backup open nothing with the key files that are here, and no journal of erasures names them. Without the journal of every machine that is to be expected of whoever was erased since. Otherwise the key files went on from another state of the database, such as an older backup that was served since: do not confirm, and restore with the key files of the installation that made this backup.`,
    );
}

function print(parsed: ParsedOptions, io: CommandIo, outcome: RestoreOutcome): void {
  warnOfLostKeys(io, outcome.report);
  if (parsed.options['--json'] === true) {
    io.out(JSON.stringify(outcome as unknown as JsonObject, null, 2));
    return;
  }
  const people = outcome.needed === 2 ? 'two people have said yes' : 'you have said yes and the delay for one person is over';
  io.out(
    [
      outcome.backup === null ? 'The database is marked as restored.' : `Restored ${outcome.backup}.`,
      `It serves nobody until ${people}. Start the server, and then:`,
      '  sallyport up',
      '  sallyport backup status     what was lost, ended and stopped',
      '  sallyport backup confirm    or in the console',
    ].join('\n'),
  );
}

function restoreHere(parsed: Command, config: Config, io: CommandIo): Promise<0> {
  return withDatabase(parsed, config, io, async (server, sources) => restoreFrom(server, await placeOf(parsed, config), sources));
}

function adoptHere(parsed: Command, config: Config, io: CommandIo): Promise<0> {
  if (config.databaseUrl === null)
    throw usage('`backup adopted` is for a database of your own (DATABASE_URL); restore the embedded one from a backup.');
  return withDatabase(parsed, config, io, adopt);
}

export const backupsHere = { list: listHere, verify: verifyHere, restore: restoreHere, adopted: adoptHere } as const;
