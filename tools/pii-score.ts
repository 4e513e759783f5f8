// Scores the finder of personal data on the development data that lies beside the repository, as the README of that data says.
// `node tools/pii-score.ts [--misses TYPE] [--without-guessing] [FILE.jsonl ...]`. Prints one JSON document; says so where the data is absent.

import { readFileSync } from 'node:fs';
import { basename } from 'node:path';
import { collectKnown, createKnownMatcher, createNameLists, detect, type Span } from '../server/src/dlp/index.ts';
import { sharedData } from '../testkit/shared-data.ts';

interface Gold {
  readonly start: number;
  readonly end: number;
  readonly type: string;
  readonly value: string;
  readonly known?: string;
}
interface Row {
  readonly id: string;
  readonly lang?: string;
  readonly text: string;
  readonly spans: readonly Gold[];
  readonly context?: { readonly customer: Parameters<typeof collectKnown>[0] };
}

const DEMANDED = new Set(
  'PERSON EMAIL PHONE STREET_ADDRESS CITY POSTCODE ADDRESS_BLOCK CREDIT_CARD IBAN US_SSN IP DATE_OF_BIRTH USERNAME URL'.split(' '),
);
const OUTSIDE: Readonly<Record<string, string>> = { CARD: 'CREDIT_CARD', SSN: 'US_SSN' };
const ADDRESS = new Set(['STREET_ADDRESS', 'CITY', 'POSTCODE', 'ADDRESS_BLOCK']);

const argument = (name: string): string | null => {
  const at = process.argv.indexOf(name);
  return at === -1 ? null : (process.argv[at + 1] ?? '');
};
const misses = argument('--misses');
const isGuessing = !process.argv.includes('--without-guessing');
const read = (name: string): string => readFileSync(new URL(`../server/src/dlp/lists/${name}.txt`, import.meta.url), 'utf8');
const lists = createNameLists({
  given: read('given-names'),
  family: read('family-names'),
  words: read('english-words'),
  places: read('places'),
});

const overlap = (left: { start: number; end: number }, right: { start: number; end: number }): number =>
  Math.max(0, Math.min(left.end, right.end) - Math.max(left.start, right.start));

/** Whether a find names a stretch labelled `type` rightly; a whole address may be found in pieces. */
const fits = (found: string, type: string): boolean => found === type || (type === 'ADDRESS_BLOCK' && ADDRESS.has(found));
const ratio = (part: number, whole: number): number | null => (whole === 0 ? null : Math.round((part / whole) * 10_000) / 10_000);

function score(name: string, rows: readonly Row[], withRecord: boolean): object {
  const types: Record<string, { hit: number; gold: number; right: number; found: number }> = {};
  const of = (type: string): { hit: number; gold: number; right: number; found: number } =>
    (types[type] ??= { hit: 0, gold: 0, right: 0, found: 0 });
  const total = { leakFree: 0, gold: 0, knownFree: 0, known: 0, touched: 0, clean: 0 };
  const costs: number[] = [];
  for (const row of rows) {
    const known =
      withRecord && row.context !== undefined ? { known: createKnownMatcher(collectKnown({ customer: row.context.customer })) } : {};
    const guessing = isGuessing ? { guessing: { lists, language: row.lang ?? null, catalogue: null } } : {};
    const began = performance.now();
    const spans = detect(row.text, { ...known, ...guessing }).filter((span: Span) => span.personal);
    costs.push((performance.now() - began) / Math.max(0.1, row.text.length / 1024));
    const found = spans.map((span) => ({ ...span, type: OUTSIDE[span.type] ?? span.type }));
    const show = (what: string, type: string, stretch: { start: number; end: number }): void => {
      if (misses !== type) return;
      const near = row.text.slice(Math.max(0, stretch.start - 40), stretch.end + 30).replaceAll('\n', '\\n');
      console.error(`${name} ${row.id} ${what} [${row.text.slice(stretch.start, stretch.end).replaceAll('\n', '\\n')}] in: ${near}`);
    };
    for (const gold of row.spans.filter(({ type }) => DEMANDED.has(type))) {
      const length = gold.end - gold.start;
      const isHit =
        gold.type === 'ADDRESS_BLOCK'
          ? found.filter(({ type }) => fits(type, gold.type)).reduce((sum, span) => sum + overlap(span, gold), 0) >= length / 2
          : found.some((span) => fits(span.type, gold.type) && overlap(span, gold) >= length / 2);
      const isFree = found.reduce((sum, span) => sum + overlap(span, gold), 0) >= 0.9 * length;
      of(gold.type).gold += 1;
      of(gold.type).hit += Number(isHit);
      total.gold += 1;
      total.leakFree += Number(isFree);
      if (gold.known !== undefined) {
        total.known += 1;
        total.knownFree += Number(isFree);
        if (!isFree) show('leaks known', 'KNOWN', gold);
      }
      if (!isHit) show('missed', gold.type, gold);
      if (!isFree) show(`leaks ${gold.type}`, 'LEAK', gold);
    }
    for (const span of found) {
      const golds = row.spans.filter((gold) => overlap(span, gold) > 0);
      if (golds.some(({ type }) => !DEMANDED.has(type)) && !golds.some(({ type }) => DEMANDED.has(type))) continue;
      of(span.type).found += 1;
      const isRight = golds.some((gold) => fits(span.type, gold.type));
      of(span.type).right += Number(isRight);
      if (!isRight) show(`wrong ${golds[0]?.type ?? 'nothing'}`, span.type, span);
    }
    if (!row.spans.some(({ type }) => DEMANDED.has(type))) {
      total.clean += 1;
      total.touched += Number(found.length > 0);
      if (found.length > 0) show('touched', 'TOUCHED', found[0] as Span);
    }
  }
  costs.sort((left, right) => left - right);
  return {
    data: name,
    record: withRecord,
    types: Object.fromEntries(
      Object.entries(types).map(([type, { hit, gold, right, found }]) => {
        const [recall, precision] = [ratio(hit, gold), ratio(right, found)];
        const f1 =
          recall !== null && precision !== null && recall + precision > 0 ? ratio(2 * recall * precision, recall + precision) : null;
        return [type, { recall, precision, f1, gold }];
      }),
    ),
    leakFree: ratio(total.leakFree, total.gold),
    leakFreeKnown: ratio(total.knownFree, total.known),
    untouchedTextsTouched: ratio(total.touched, total.clean),
    medianMsPerKB: ratio(costs[Math.floor(costs.length / 2)] ?? 0, 1),
  };
}

const folder = sharedData('pii');
const named = process.argv.slice(2).filter((word) => word.endsWith('.jsonl'));
const files =
  named.length > 0 ? named : folder === null ? [] : ['ecom', 'presidio', 'tau', 'nanni'].map((name) => `${folder}/${name}-dev.jsonl`);
const results = files.flatMap((file) => {
  const rows = readFileSync(file, 'utf8')
    .trim()
    .split('\n')
    .map((line) => JSON.parse(line) as Row);
  const hasRecords = rows.some((row) => row.context !== undefined);
  return [false, ...(hasRecords ? [true] : [])].map((withRecord) => score(basename(file, '.jsonl'), rows, withRecord));
});
if (process.argv.includes('--json')) console.log(JSON.stringify({ name: 'pii', results }));
else
  for (const { types, ...rest } of results as {
    types: Record<string, { recall: number; precision: number; f1: number; gold: number }>;
  }[]) {
    console.log(JSON.stringify(rest));
    for (const [type, value] of Object.entries(types))
      console.log(`   ${type.padEnd(15)} R ${value.recall}  P ${value.precision}  F1 ${value.f1}  of ${value.gold}`);
  }
