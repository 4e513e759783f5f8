// `sallyport secrets scan --self`: are credentials of this installation's vault, or the owner's own token, readable anywhere in what it wrote?
// Opens them in memory, looks for each in every form, and prints names and places. INVARIANT: a value never leaves this process.

import { existsSync, readFileSync, statSync } from 'node:fs';
import { basename, resolve } from 'node:path';
import { refuse, SallyportError } from '#core';
import { createFinder } from '#dlp';
import { listTenants } from '#identity';
import { createDatabase, findRunningPostgres, readEveryRow, useExternalPostgres } from '#storage';
import { createVault } from '#vault';
import { planOf } from '../backup/plan.ts';
import type { CommandIo, ParsedOptions } from '../command-io.ts';
import { allEvents } from '../compose/event-catalogue.ts';
import { currentUser, type Folders, foldersOf } from '../folders.ts';
import { keyFileOf } from '../key-sealer.ts';
import type { Config } from '../settings.ts';
import { systemRandom, systemWorld } from '../world.ts';
import { patternsOf } from './forms.ts';
import { createSearch, type Hit, type Search, type Searched } from './search.ts';

export interface SelfScanReport {
  readonly ok: boolean;
  readonly credentials: number;
  readonly searched: Searched['places'];
  readonly found: readonly Hit[];
  readonly allowed: readonly { readonly place: string; readonly value: string; readonly why: string }[];
  readonly unread: readonly string[];
}

const OWNER_TOKEN = 'token of the command line';
const OWNER_WHY = 'the command line’s own file, for the user who runs the server alone';

export async function selfScan(config: Config, folders: Folders, also: readonly string[]): Promise<SelfScanReport> {
  const server = await runningServer(config, folders);
  const values = await credentialsOf(server.url, config, folders);
  const token = ownerToken(folders);
  if (token !== null) values.set(OWNER_TOKEN, [token]);
  const search = createSearch(createFinder(patternsOf(values)));
  await rowsOf(search, server.adminUrl);
  const plan = planOf(config, folders);
  const places = new Map([
    ['data folder', folders.data],
    ['secrets folder', folders.secrets],
    ...(plan === null ? [] : ([['backup folder', plan.folders.folder]] as const)),
    ...(plan === null || plan.folders.keysFolder === plan.folders.folder
      ? []
      : ([['folder of backup keys', plan.folders.keysFolder]] as const)),
  ]);
  for (const [place, path] of places) if (existsSync(path)) await search.folder(path, place);
  for (const named of also) {
    const path = resolve(named);
    const isFolder = statSync(path, { throwIfNoEntry: false })?.isDirectory();
    if (isFolder === undefined) search.unreadable(named);
    else if (isFolder) await search.folder(path, named);
    else await search.file(path, named);
  }
  const { hits, places: searched, unread } = search.result();
  const isOwn = ({ value, place }: Hit): boolean =>
    value === OWNER_TOKEN && place === `secrets folder/${basename(folders.cliCredentialFile)}`;
  const found = hits.filter((hit) => !isOwn(hit));
  return {
    ok: found.length === 0 && unread.length === 0,
    credentials: values.size,
    searched,
    found,
    allowed: hits.filter(isOwn).map(({ place, value }) => ({ place, value, why: OWNER_WHY })),
    unread,
  };
}

async function runningServer(config: Config, folders: Folders): Promise<{ readonly url: string; readonly adminUrl: string }> {
  const server =
    config.databaseUrl === null
      ? await findRunningPostgres({ dataDir: folders.postgres, stateDir: folders.state, host: process })
      : await useExternalPostgres({ adminUrl: config.databaseUrl, random: systemRandom });
  if (server === null)
    throw new SallyportError(
      'MAIN_SWEEP_FAILED',
      'The database of this installation does not run, so its rows can not be searched: start the server first.',
    );
  return server;
}

async function credentialsOf(url: string, config: Config, folders: Folders): Promise<Map<string, readonly string[]>> {
  const database = createDatabase({ url, poolSize: 2, events: allEvents, onFault: () => undefined });
  try {
    const vault = await createVault({
      db: database.forRoom('gateway'),
      keyFile: keyFileOf(config, folders),
      mayKeep: false,
      mayHold: async () => refuse('VAULT_CREDENTIAL_NOT_HELD', 'Nothing is leased while the installation is searched.'),
      ...systemWorld,
    });
    try {
      const values = new Map<string, readonly string[]>();
      for (const tenant of await listTenants(database)) {
        const found = await database.inTenant(tenant, (tx) => vault.credentialsForSearch(tx, tenant));
        for (const { name, secret } of found) values.set(`credential ${name} of ${tenant}`, [secret.reveal()]);
      }
      return values;
    } finally {
      await vault.close();
    }
  } finally {
    await database.close();
  }
}

function ownerToken({ cliCredentialFile }: Folders): string | null {
  try {
    const { token } = JSON.parse(readFileSync(cliCredentialFile, 'utf8')) as { token?: unknown };
    return typeof token === 'string' ? token : null;
  } catch {
    return null;
  }
}

async function rowsOf(search: Search, adminUrl: string): Promise<void> {
  const readers = new Map<string, (piece: string) => void>();
  await readEveryRow(adminUrl, (table, row) => {
    const read = readers.get(table) ?? search.pieces(`table ${table}`);
    readers.set(table, read);
    read(`${row}\n`);
  });
}

export async function runSelfScan(parsed: ParsedOptions, io: CommandIo, configOf: (parsed: ParsedOptions) => Config): Promise<0 | 1> {
  if (parsed.options['--self'] !== true)
    throw new SallyportError('MAIN_USAGE', 'Say --self: this installation, on this machine, is what is searched.');
  const also = parsed.options['--also'];
  const config = configOf(parsed);
  io.err('Searching rows, files, keys and backups of this installation ...');
  const report = await selfScan(config, foldersOf(config, currentUser()), Array.isArray(also) ? (also as readonly string[]) : []);
  if (parsed.options['--json'] === true) io.out(JSON.stringify(report, null, 2));
  else {
    io.out(`Looked for ${report.credentials} secrets of this installation:`);
    for (const { place, pieces, bytes } of report.searched) io.out(`  ${place}: ${pieces} pieces, ${Math.ceil(bytes / 1024)} KiB`);
    for (const { place, value, why } of report.allowed) io.out(`  ${value} in ${place} (${why})`);
    for (const place of report.unread) io.out(`NOT SEARCHED  ${place}`);
    for (const { place, value, form, times } of report.found) io.out(`FOUND  ${value} (${form}) ${times} times in ${place}`);
    io.out(report.ok ? 'None lies anywhere else.' : `${report.found.length} places hold what they must not: change those credentials.`);
  }
  return report.ok ? 0 : 1;
}
