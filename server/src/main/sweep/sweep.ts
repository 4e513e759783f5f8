// `sallyport secrets sweep`: plants invented people and secrets in a throw-away installation, runs the product on them, and looks for them
// in everything it wrote and everything that left. INVARIANT: what could not be searched, and a search that can not find, are failures.

import { chmodSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { SallyportError } from '#core';
import { createFinder, type Finder } from '#dlp';
import { readEveryRow } from '#storage';
import { startDemo } from '../demo-parts.ts';
import { currentUser, foldersOf } from '../folders.ts';
import { loadConfig } from '../load-config.ts';
import { createLogger } from '../logger.ts';
import { startServer } from '../server.ts';
import { systemRandom } from '../world.ts';
import { type Canaries, canaryValues, makeCanaries } from './canaries.ts';
import { type Pattern, patternsOf } from './forms.ts';
import { plantPeople } from './people.ts';
import { play } from './play.ts';
import { createSearch, type Hit, PIECE_BYTES, type Search, type Searched } from './search.ts';

export interface SweepReport {
  readonly ok: boolean;
  readonly values: number;
  readonly forms: number;
  readonly searched: Searched['places'];
  /** Where a value lay that policy does not let be there. */
  readonly found: readonly Hit[];
  /** Where values lay as policy says, by the rule that says so. */
  readonly allowed: readonly { readonly place: string; readonly why: string; readonly values: readonly string[] }[];
  /** What is there and could not be searched. */
  readonly unread: readonly string[];
  /** Values that the search did not find where they were put: it would find nothing elsewhere either. */
  readonly blind: readonly string[];
}

interface Rule {
  readonly place: RegExp;
  readonly values: RegExp;
  readonly why: string;
}

const CUSTOMER = /of a customer$/;
/** Each place where a value may be, and why. Anything else is a leak. */
const RULES: readonly Rule[] = [
  { place: /^answers to callers$/, values: CUSTOMER, why: 'the caller gave these values itself, and gets its own customer’s back' },
  { place: /^a customer’s details, for an open case$/, values: CUSTOMER, why: 'read for an open case, with a reason, on record' },
  {
    place: /^shop: (?:paths|bodies) of requests$/,
    values: /^(?:last name|first name|e-mail address|street|phone number|bank account) of a customer$/,
    why: 'the shop’s own customers, to operations declared to take them',
  },
  {
    place: /^console: GET \/api\/(?:approvals|fleet\/inbox)/,
    values: /^e-mail address of a customer$/,
    why: 'whom a waiting call would write to, where no record of the run knows them: it is what a person has to judge',
  },
  { place: /^shop: headers of requests$/, values: /^token of the shop$/, why: 'the shop’s own credential, put in at the last hop' },
  {
    place: /^model provider: headers of requests$/,
    values: /^key of the model’s provider$/,
    why: 'the provider’s own credential, put in at the last hop',
  },
];

export interface SweepOptions {
  readonly progress: (line: string) => void;
  /** For tests that leave a value where none may be and want to see it found; nothing else passes it. */
  leak?(canaries: Canaries, at: { readonly folder: string; log(line: string): void }): void;
}

export async function sweep({ progress, leak }: SweepOptions): Promise<SweepReport> {
  const canaries = makeCanaries(systemRandom);
  const values = canaryValues(canaries);
  const patterns = patternsOf(values);
  const finder = createFinder(patterns);
  const search = createSearch(finder);
  const folder = mkdtempSync(join(tmpdir(), 'sallyport-sweep-'));
  chmodSync(folder, 0o711);
  const shopLog: { readonly path: string; readonly headers: string; readonly body: string }[] = [];
  const demo = await startDemo({
    shop: {
      accessToken: canaries.shopToken,
      onRequest: ({ method, rawPath, query, headers, body }) => {
        if (!rawPath.startsWith('/__demo/'))
          shopLog.push({ path: `${method} ${rawPath}?${query}`, headers: JSON.stringify(headers), body });
      },
    },
    model: { apiKey: canaries.providerKey },
  });
  try {
    const blind = await blindTo(values, finder, folder);
    plantPeople(demo.shop, canaries);
    const dirs = {
      '--data-dir': join(folder, 'data'),
      '--secrets-dir': join(folder, 'secrets'),
      '--backup-folder': join(folder, 'backups'),
    };
    const config = demo.configure(loadConfig({ flags: { ...dirs, '--gateway-port': '0', '--control-port': '0' }, env: {}, file: null }));
    const log = search.pieces('log of the server');
    progress('Starting a throw-away installation with its own Postgres ...');
    const server = await startServer(config, foldersOf(config, currentUser()), createLogger('trace', log));
    try {
      await demo.install(server);
      await play({ server, demo, canaries, search, logger: createLogger('trace', log), progress });
      lookAtUpstreams(search, demo.model.requests, shopLog);
      progress('Searching every row of the database ...');
      await readRows(search, server.database.adminUrl);
    } finally {
      await server.close();
    }
    leak?.(canaries, { folder, log });
    progress('Searching every file: database, write-ahead log, keys, backups ...');
    for (const name of ['data', 'secrets', 'backups']) await search.folder(join(folder, name), `${name} folder`);
    return reportOf({ search, values: values.size, forms: patterns.length, blind });
  } finally {
    await demo.close();
    rmSync(folder, { recursive: true, force: true });
  }
}

type ModelRequests = readonly { readonly path: string; readonly headers: object; readonly body: string }[];

function lookAtUpstreams(search: Search, model: ModelRequests, shop: readonly { path: string; headers: string; body: string }[]): void {
  if (model.length === 0 || shop.length === 0)
    throw new SallyportError('MAIN_SWEEP_FAILED', 'Nothing reached the model or the shop, so nothing was tried.');
  for (const { path, headers, body } of model) {
    search.text('model provider: bodies of requests', `${path}\n${body}`);
    search.text('model provider: headers of requests', JSON.stringify(headers));
  }
  for (const { path, headers, body } of shop) {
    search.text('shop: paths of requests', path);
    search.text('shop: bodies of requests', body);
    search.text('shop: headers of requests', headers);
  }
}

async function readRows(search: Search, adminUrl: string | null): Promise<void> {
  if (adminUrl === null) {
    search.unreadable('rows of the database');
    return;
  }
  const readers = new Map<string, (piece: string) => void>();
  await readEveryRow(adminUrl, (table, row) => {
    let read = readers.get(table);
    if (read === undefined) {
      read = search.pieces(`table ${table}`);
      readers.set(table, read);
    }
    read(`${row}\n`);
  });
}

/** What the search does not find where it was put, in any form: a tool that sees nothing must not say that there is nothing. */
async function blindTo(
  values: ReadonlyMap<string, readonly string[]>,
  finder: Finder<Pattern>,
  folder: string,
): Promise<readonly string[]> {
  const missed: string[] = [];
  const path = join(folder, 'control');
  for (const [name, spellings] of values) {
    const patterns = patternsOf(new Map([[name, spellings]]));
    for (const { bytes, form } of patterns) {
      const control = createSearch(finder);
      control.text('control', Buffer.concat([Buffer.from('..'), bytes]));
      if (control.result().hits.length === 0) missed.push(`${name}, ${form}`);
    }
    // Once over the border of two pieces of a file.
    const control = createSearch(finder);
    writeFileSync(path, Buffer.concat([Buffer.alloc(PIECE_BYTES - 5, '.'), patterns[0]?.bytes ?? Buffer.alloc(0)]));
    await control.file(path, 'control');
    if (!control.result().hits.some(({ value }) => value === name)) missed.push(`${name}, in a file`);
  }
  rmSync(path, { force: true });
  return missed;
}

function reportOf({
  search,
  values,
  forms,
  blind,
}: {
  search: Search;
  values: number;
  forms: number;
  blind: readonly string[];
}): SweepReport {
  const { hits, places, unread } = search.result();
  const ruleOf = (hit: Hit): Rule | undefined => RULES.find(({ place, values: of }) => place.test(hit.place) && of.test(hit.value));
  const found = hits.filter((hit) => ruleOf(hit) === undefined);
  const allowed = RULES.flatMap(({ why, place }) => {
    const here = hits.filter((hit) => ruleOf(hit)?.why === why && place.test(hit.place));
    return [...new Set(here.map((hit) => hit.place))].map((each) => ({
      place: each,
      why,
      values: [...new Set(here.filter((hit) => hit.place === each).map(({ value }) => value))],
    }));
  });
  return {
    ok: found.length === 0 && unread.length === 0 && blind.length === 0,
    values,
    forms,
    searched: places,
    found,
    allowed,
    unread,
    blind,
  };
}
