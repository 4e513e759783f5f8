// What finding personal data costs and misses, beside the packages people use for it: milliseconds a kilobyte, the tail at 4 KB,
// growth up to one text of 1 MB, and how much of what is labelled stays readable, on the labelled rows beside the repository.

import { readFileSync } from 'node:fs';
import { collectKnown, createKnownMatcher, createNameLists, detect } from '../../server/src/dlp/index.ts';
import { sharedData } from '../../testkit/shared-data.ts';
import type { BenchOptions } from './gateway.ts';
import { describeMachine, nodeVersion } from './machine.ts';
import { atLeast, atMost, type BenchReport, figure, median, type Result } from './report.ts';
import { type Finder, openPeers, PEER_NAMES, PEERS_HINT, type Stretch } from './scan-peers.ts';

interface Row {
  readonly lang?: string;
  readonly text: string;
  readonly spans: readonly { readonly start: number; readonly end: number; readonly type: string }[];
  readonly context?: { readonly customer: Parameters<typeof collectKnown>[0] };
}

/** Types the labels of that data demand; the others say neither yes nor no. */
const DEMANDED = new Set(
  'PERSON EMAIL PHONE STREET_ADDRESS CITY POSTCODE ADDRESS_BLOCK CREDIT_CARD IBAN US_SSN IP DATE_OF_BIRTH USERNAME URL'.split(' '),
);
const FILES = ['ecom', 'presidio'] as const;
const KB = 1024;
const BLOCK = 4 * KB;
const SIZES = [64 * KB, 256 * KB, 1024 * KB];

function listsOf(): ReturnType<typeof createNameLists> {
  const read = (name: string): string => readFileSync(new URL(`../../server/src/dlp/lists/${name}.txt`, import.meta.url), 'utf8');
  return createNameLists({
    given: read('given-names'),
    family: read('family-names'),
    words: read('english-words'),
    places: read('places'),
  });
}

/** Share of labelled stretches of which less than nine tenths are covered, and of texts without labels in which something is. */
export function leaks(rows: readonly Row[], found: readonly (readonly Stretch[])[]): { readonly leaked: number; readonly touched: number } {
  const count = { spans: 0, leaked: 0, clean: 0, touched: 0 };
  for (const [index, row] of rows.entries()) {
    const stretches = found[index] ?? [];
    const demanded = row.spans.filter(({ type }) => DEMANDED.has(type));
    if (demanded.length === 0) {
      count.clean += 1;
      if (stretches.length > 0) count.touched += 1;
    }
    for (const { start, end } of demanded) {
      const covered = new Uint8Array(end - start);
      for (const stretch of stretches) covered.fill(1, Math.max(0, stretch.start - start), Math.max(0, stretch.end - start));
      count.spans += 1;
      if (covered.reduce((sum, one) => sum + one, 0) < 0.9 * (end - start)) count.leaked += 1;
    }
  }
  return { leaked: count.leaked / Math.max(1, count.spans), touched: count.touched / Math.max(1, count.clean) };
}

function quantile(values: readonly number[], share: number): number | null {
  const sorted = [...values].sort((one, two) => one - two);
  return sorted[Math.min(sorted.length - 1, Math.floor(sorted.length * share))] ?? null;
}

async function timed(finder: Finder, texts: readonly string[]): Promise<readonly number[]> {
  const took: number[] = [];
  for (const text of texts) {
    const from = performance.now();
    await finder.find(text);
    took.push((performance.now() - from) / (text.length / KB));
  }
  return took;
}

function blocksOf(texts: readonly string[], size: number): readonly string[] {
  const all = texts.join('\n');
  return Array.from({ length: Math.floor(all.length / size) }, (_, index) => all.slice(index * size, (index + 1) * size));
}

/** A text of that size: the rows over and over. */
function textOf(texts: readonly string[], size: number): string {
  const all = `${texts.join('\n')}\n`;
  return all.repeat(Math.ceil(size / all.length)).slice(0, size);
}

async function benchFile(file: string, finders: readonly Finder[], options: BenchOptions): Promise<readonly Result[]> {
  const rows = readFileSync(`${sharedData('pii')}/${file}-dev.jsonl`, 'utf8')
    .trim()
    .split('\n')
    .map((line) => JSON.parse(line) as Row);
  const texts = rows.map(({ text }) => text);
  const costs = new Map<string, number[]>();
  for (let round = 0; round < options.rounds; round++) {
    for (const at of finders.keys()) {
      const finder = finders[(at + round) % finders.length] as Finder;
      options.progress(`${file}, round ${round + 1}: ${finder.name}`);
      if (round === 0) await timed(finder, texts);
      costs.set(finder.name, [...(costs.get(finder.name) ?? []), median(await timed(finder, texts)) ?? Number.NaN]);
    }
  }
  const results: Result[] = [];
  for (const { name, find } of finders) {
    const found: (readonly Stretch[])[] = [];
    for (const text of texts) found.push(await find(text));
    const { leaked, touched } = leaks(rows, found);
    const isOurs = name === 'sallyport';
    results.push(
      figure(`${file}: ${name}, cost`, median(costs.get(name) ?? []), 'ms/KB', isOurs ? atMost(1) : null),
      figure(`${file}: ${name}, labelled values that leak`, leaked * 100, '%', isOurs ? atMost(file === 'ecom' ? 10 : 30) : null),
      ...(file === 'ecom'
        ? [figure(`${file}: ${name}, texts without personal data touched`, touched * 100, '%', isOurs ? atMost(5) : null)]
        : []),
    );
  }
  if (file === 'ecom') results.push(...withRecord(rows));
  return results;
}

/** The same rows with the customer record a shop has at hand. */
function withRecord(rows: readonly Row[]): readonly Result[] {
  const lists = listsOf();
  const found = rows.map(({ text, lang, context }) => {
    const known = context === undefined ? {} : { known: createKnownMatcher(collectKnown({ customer: context.customer })) };
    return detect(text, { ...known, guessing: { lists, language: lang ?? null, catalogue: null } }).filter(({ personal }) => personal);
  });
  return [figure('ecom: sallyport with the customer record, labelled values that leak', leaks(rows, found).leaked * 100, '%', atMost(2))];
}

async function benchSizes(ours: Finder, texts: readonly string[], options: BenchOptions): Promise<readonly Result[]> {
  const blocks = blocksOf(texts, BLOCK);
  await timed(ours, blocks);
  const tails: number[] = [];
  for (let round = 0; round < options.rounds; round++) tails.push((quantile(await timed(ours, blocks), 0.99) ?? Number.NaN) * (BLOCK / KB));
  const results = [figure('sallyport, 4 KB at a time, p99', median(tails), 'ms', atMost(5))];
  const perKB: number[] = [];
  for (const size of SIZES) {
    options.progress(`one text of ${size / KB} KB`);
    const text = textOf(texts, size);
    const took: number[] = [];
    for (let round = 0; round < options.rounds; round++) took.push((await timed(ours, [text]))[0] as number);
    perKB.push(median(took) ?? Number.NaN);
    results.push(figure(`sallyport, one text of ${size / KB} KB`, perKB.at(-1) ?? null, 'ms/KB'));
  }
  return [
    ...results,
    figure('sallyport, a KB of 1 MB over a KB of 64 KB', (perKB.at(-1) as number) / (perKB[0] as number), 'x', atMost(1.5)),
  ];
}

export async function benchScan(options: BenchOptions): Promise<BenchReport> {
  const lists = listsOf();
  const ours: Finder = {
    name: 'sallyport',
    version: 'this folder',
    find: (text) => detect(text, { guessing: { lists, language: null, catalogue: null } }).filter(({ personal }) => personal),
  };
  const { peers, missing } = await openPeers();
  const finders = [ours, ...peers];
  const folder = sharedData('pii');
  const results: Result[] = [];
  if (folder === null) results.push(figure('labelled rows beside the repository', null, 'rows', atLeast(1)));
  else {
    for (const file of FILES) results.push(...(await benchFile(file, finders, options)));
    const texts = readFileSync(`${folder}/ecom-dev.jsonl`, 'utf8')
      .trim()
      .split('\n')
      .map((line) => (JSON.parse(line) as Row).text);
    results.push(...(await benchSizes(ours, texts, options)));
  }
  results.push(figure('peers measured', peers.length, `of ${PEER_NAMES.length}`, atLeast(PEER_NAMES.length)));
  return {
    name: 'scan',
    machine: await describeMachine(),
    versions: { node: nodeVersion(), ...Object.fromEntries(peers.map(({ name, version }) => [name, version])) },
    rounds: options.rounds,
    results,
    notes: [
      ...(folder === null ? ['no labelled rows at ../shared/data/pii: nothing was measured'] : []),
      ...missing.map((name) => `${name} is not installed: ${PEERS_HINT}`),
      'a labelled value leaks when less than nine tenths of its characters are covered by anything the finder takes out; every finder as its README starts it',
      'these rows were at hand while the rules of sallyport were written, the peers never saw them: its share of leaks on other data is higher',
      'the language of a text is not told to anybody; sallyport without a catalogue, and without the customer record unless said',
    ],
  };
}
