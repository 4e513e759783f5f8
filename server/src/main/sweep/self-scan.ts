// `sallyport secrets scan --self`: are credentials of this installation's vault, or the owner's own token, readable anywhere in what it wrote?
// Opens them in memory, looks for each in every form, and prints names and places. INVARIANT: a value never leaves this process.

import { existsSync, readFileSync, statSync } from 'node:fs';
import { basename, resolve } from 'node:path';
import { refuse, SallyportError, type TenantId } from '#core';
import { createFinder, type Finder } from '#dlp';
import { readPlanted, spellingsOf, type ValueName, type WatchedCanary } from '#governance';
import { listTenants } from '#identity';
import { createDatabase, type Database, findRunningPostgres, readEveryRow, useExternalPostgres } from '#storage';
import { createVault, type Vault } from '#vault';
import { planOf } from '../backup/plan.ts';
import type { CommandIo, ParsedOptions } from '../command-io.ts';
import { allEvents } from '../compose/event-catalogue.ts';
import { currentUser, type Folders, foldersOf } from '../folders.ts';
import { keyFileOf } from '../key-sealer.ts';
import type { Config } from '../settings.ts';
import { systemRandom, systemWorld } from '../world.ts';
import { type Pattern, patternsOf } from './forms.ts';
import { createSearch, type Hit, type Search, type Searched } from './search.ts';

export interface SelfScanReport {
  readonly ok: boolean;
  readonly credentials: number;
  /** Planted values that were looked for. */
  readonly planted: number;
  readonly searched: Searched['places'];
  readonly found: readonly Hit[];
  readonly allowed: readonly { readonly place: string; readonly value: string; readonly why: string }[];
  readonly unread: readonly string[];
}

const OWNER_TOKEN = 'token of the command line';
const OWNER_WHY = 'the command line’s own file, for the user who runs the server alone';

/** Values by name: `credential shop of ten_...`, and planted ones as `plantedName` writes them. */
export type Sought = Map<string, readonly string[]>;

const PLANTED = 'planted';
/** How a planted value is called in what is found; `plantedIn` reads it back. */
const plantedName = (tenant: string, canary: string, value: string): string => `${PLANTED} ${value} ${canary} of ${tenant}`;

export function plantedIn(name: string): { readonly tenant: TenantId; readonly canary: string; readonly value: ValueName } | null {
  const read = /^planted ([a-z]+) (cny_\S+) of (ten_\S+)$/.exec(name);
  return read === null ? null : { value: read[1] as ValueName, canary: read[2] as string, tenant: read[3] as TenantId };
}

export function addPlantedTo(sought: Sought, watched: readonly Pick<WatchedCanary, 'tenant' | 'id' | 'values'>[]): void {
  for (const { tenant, id, values } of watched)
    for (const [value, text] of Object.entries(values) as [ValueName, string][])
      sought.set(plantedName(tenant, id, value), spellingsOf(value, text));
}

export async function selfScan(config: Config, folders: Folders, also: readonly string[]): Promise<SelfScanReport> {
  const server = await runningServer(config, folders);
  const sought = await secretsOf(server.url, config, folders);
  return searchInstallation({ adminUrl: server.adminUrl, sought, config, folders, also });
}

export interface Searching {
  readonly adminUrl: string;
  readonly sought: Sought;
  readonly config: Config;
  readonly folders: Folders;
  /** Further files and folders: logs, exports. */
  readonly also: readonly string[];
  /** Absent: as fast as it goes. */
  readonly pace?: (bytes: number) => Promise<void>;
}

/** Every row, and every file of the installation and of what is named, for what is sought. */
export async function searchInstallation({ adminUrl, sought, config, folders, also, pace }: Searching): Promise<SelfScanReport> {
  const values: Sought = new Map(sought);
  const token = ownerToken(folders);
  if (token !== null) values.set(OWNER_TOKEN, [token]);
  const finder = createFinder(patternsOf(values));
  const search = createSearch(finder, pace ?? null);
  for (const name of blindTo(values, finder)) search.unreadable(`${name}: the search does not find it where it is`);
  await rowsOf(search, adminUrl, pace ?? null);
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
  const planted = [...values.keys()].filter((name) => plantedIn(name) !== null).length;
  return {
    ok: found.length === 0 && unread.length === 0,
    credentials: values.size - planted,
    planted,
    searched,
    found,
    allowed: hits.filter(isOwn).map(({ place, value }) => ({ place, value, why: OWNER_WHY })),
    unread,
  };
}

/** What the search does not find where it is: a tool that sees nothing must not say that there is nothing. */
function blindTo(values: Sought, finder: Finder<Pattern>): readonly string[] {
  return [...values].flatMap(([name, spellings]) => {
    const seen = new Set<string>();
    finder.read(({ value }) => seen.add(value))(`..${spellings.join('..')}..`);
    // Two may have the same value, and are found as the first of them.
    const isSame = (other: string): boolean => String(values.get(other)) === String(spellings);
    return [...seen].some(isSame) ? [] : [name];
  });
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

/** Credentials of every tenant's integrations, opened in memory. */
export async function credentialsOf(
  database: Pick<Database, 'inTenant' | 'asSystem'>,
  vault: Pick<Vault, 'credentialsForSearch'>,
): Promise<Sought> {
  const values: Sought = new Map();
  for (const tenant of await listTenants(database)) {
    const found = await database.inTenant(tenant, (tx) => vault.credentialsForSearch(tx, tenant));
    for (const { name, secret } of found) values.set(`credential ${name} of ${tenant}`, [secret.reveal()]);
  }
  return values;
}

async function secretsOf(url: string, config: Config, folders: Folders): Promise<Sought> {
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
      const values = await credentialsOf(database, vault);
      addPlantedTo(values, await readPlanted(database, (tx, value) => vault.open(tx, value)));
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

async function rowsOf(search: Search, adminUrl: string, pace: Searching['pace'] | null): Promise<void> {
  const readers = new Map<string, (piece: string) => void>();
  let bytes = 0;
  const rest = async (): Promise<void> => {
    await pace?.(bytes);
    bytes = 0;
  };
  const onRow = (table: string, row: string): void => {
    const read = readers.get(table) ?? search.pieces(`table ${table}`);
    readers.set(table, read);
    read(`${row}\n`);
    bytes += row.length;
  };
  await readEveryRow(adminUrl, onRow, pace === null ? null : rest);
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
    io.out(`Looked for ${report.credentials} secrets and ${report.planted} planted values of this installation:`);
    for (const { place, pieces, bytes } of report.searched) io.out(`  ${place}: ${pieces} pieces, ${Math.ceil(bytes / 1024)} KiB`);
    for (const { place, value, why } of report.allowed) io.out(`  ${value} in ${place} (${why})`);
    for (const place of report.unread) io.out(`NOT SEARCHED  ${place}`);
    for (const { place, value, form, times } of report.found) io.out(`FOUND  ${value} (${form}) ${times} times in ${place}`);
    io.out(
      report.ok
        ? 'None lies anywhere else.'
        : `${report.found.length} places hold what they must not: change those credentials, and see the findings of planted values.`,
    );
  }
  return report.ok ? 0 : 1;
}
