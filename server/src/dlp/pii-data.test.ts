// Recall and precision on the development data, where this machine has it. Nothing of that data is in this repository.
// Scoring as its README says: a find has the right type and covers half of the labelled span or more.

import { readFileSync } from 'node:fs';
import { sharedData } from '@sallyport/testkit';
import { describe, expect, it } from 'vitest';
import { collectKnown, createKnownMatcher, type DlpType, detect, type Span } from './index.ts';
import { lists } from './test/lists.ts';

interface Row {
  readonly lang?: string;
  readonly text: string;
  readonly spans: readonly { readonly start: number; readonly end: number; readonly type: string; readonly known?: string }[];
  readonly context?: { readonly customer: Parameters<typeof collectKnown>[0] };
}

const LABELS: Readonly<Record<string, DlpType>> = {
  EMAIL: 'EMAIL',
  CREDIT_CARD: 'CARD',
  IBAN: 'IBAN',
  US_SSN: 'SSN',
  IP: 'IP',
  PHONE: 'PHONE',
  URL: 'URL',
};
const FLOORS: Readonly<Record<string, readonly [recall: number, precision: number]>> = {
  EMAIL: [0.99, 0.98],
  CARD: [0.99, 0.98],
  IBAN: [0.99, 0.98],
  SSN: [0.99, 0.98],
  IP: [0.99, 0.98],
  PHONE: [0.95, 0.95],
};
const folder = sharedData('pii');

function rows(name: string): readonly Row[] {
  const lines = readFileSync(`${folder}/${name}`, 'utf8').trim().split('\n');
  return lines.map((line) => JSON.parse(line) as Row);
}

function spansOf(row: Row, withRecord: boolean): readonly Span[] {
  const known = withRecord && row.context !== undefined ? createKnownMatcher(collectKnown(row.context.customer)) : undefined;
  return detect(row.text, known === undefined ? {} : { known }).filter((span) => span.personal);
}

function overlap(left: { start: number; end: number }, right: { start: number; end: number }): number {
  return Math.max(0, Math.min(left.end, right.end) - Math.max(left.start, right.start));
}

/** Per type: labelled spans found, labelled spans missed, finds that no label of that type or of a neutral one overlaps. */
function score(all: readonly Row[]): Record<string, { recall: number; precision: number }> {
  const counts: Record<string, { hit: number; missed: number; wrong: number }> = {};
  const of = (type: string): { hit: number; missed: number; wrong: number } => (counts[type] ??= { hit: 0, missed: 0, wrong: 0 });
  for (const row of all) {
    const spans = spansOf(row, false);
    for (const gold of row.spans) {
      const type = LABELS[gold.type];
      if (type === undefined) continue;
      const hit = spans.some((span) => span.type === type && overlap(span, gold) >= (gold.end - gold.start) / 2);
      of(type)[hit ? 'hit' : 'missed'] += 1;
    }
    for (const span of spans) {
      const touched = row.spans.filter((gold) => overlap(span, gold) > 0);
      if (!touched.some((gold) => LABELS[gold.type] === span.type || LABELS[gold.type] === undefined)) of(span.type).wrong += 1;
    }
  }
  return Object.fromEntries(
    Object.entries(counts).map(([type, { hit, missed, wrong }]) => [
      type,
      { recall: hit / (hit + missed), precision: hit / (hit + wrong) },
    ]),
  );
}

function knownMasked(all: readonly Row[]): number {
  let total = 0;
  let masked = 0;
  for (const row of all) {
    const spans = spansOf(row, true);
    for (const gold of row.spans) {
      if (gold.known === undefined) continue;
      total += 1;
      const covered = spans.reduce((sum, span) => sum + overlap(span, gold), 0);
      if (covered >= 0.9 * (gold.end - gold.start)) masked += 1;
    }
  }
  return masked / total;
}

function guessesOf(row: Row, withRecord: boolean): readonly Span[] {
  const known = withRecord && row.context !== undefined ? { known: createKnownMatcher(collectKnown(row.context.customer)) } : {};
  return detect(row.text, { ...known, guessing: { lists, language: row.lang ?? null, catalogue: null } }).filter((span) => span.personal);
}

const NEUTRAL = new Set('ORDER_ID ORGANIZATION TITLE AGE NRP DATE_TIME LOCATION'.split(' '));

/** F1 of names, and the share of labelled spans of which nine tenths are covered by something. */
function guessed(all: readonly Row[], withRecord: boolean): { readonly personF1: number; readonly leakFree: number } {
  const count = { hit: 0, names: 0, right: 0, found: 0, free: 0, spans: 0 };
  for (const row of all) {
    const spans = guessesOf(row, withRecord);
    for (const gold of row.spans.filter(({ type }) => !NEUTRAL.has(type))) {
      const length = gold.end - gold.start;
      count.spans += 1;
      if (spans.reduce((sum, span) => sum + overlap(span, gold), 0) >= 0.9 * length) count.free += 1;
      if (gold.type !== 'PERSON') continue;
      count.names += 1;
      if (spans.some((span) => span.type === 'PERSON' && overlap(span, gold) >= length / 2)) count.hit += 1;
    }
    for (const span of spans.filter(({ type }) => type === 'PERSON')) {
      const touched = row.spans.filter((gold) => overlap(span, gold) > 0);
      if (touched.length > 0 && touched.every(({ type }) => NEUTRAL.has(type))) continue;
      count.found += 1;
      if (touched.some(({ type }) => type === 'PERSON')) count.right += 1;
    }
  }
  const [recall, precision] = [count.hit / count.names, count.right / count.found];
  return { personF1: (2 * recall * precision) / (recall + precision), leakFree: count.free / count.spans };
}

describe.runIf(folder !== null)('on the development data', () => {
  it('[D2] structural classes reach their floors without a customer record', () => {
    const scores = score(rows('ecom-dev.jsonl'));
    console.log('ecom-dev, no record:', JSON.stringify(scores));
    for (const [type, [recall, precision]] of Object.entries(FLOORS)) {
      expect([type, scores[type]?.recall]).toSatisfy(([, reached]) => reached >= recall);
      expect([type, scores[type]?.precision]).toSatisfy(([, reached]) => reached >= precision);
    }
  });

  it('texts without personal data are left alone', () => {
    const clean = rows('ecom-dev.jsonl').filter((row) => row.spans.every((span) => span.type === 'ORDER_ID'));
    const touched = clean.filter((row) => spansOf(row, false).length > 0).length;
    console.log(`ecom-dev, texts without personal data touched: ${touched} of ${clean.length}`);
    expect(touched / clean.length).toBeLessThanOrEqual(0.05);
  });

  it.each(['ecom-dev.jsonl', 'tau-dev.jsonl'])('values of the customer record are masked in %s', (name) => {
    const masked = knownMasked(rows(name));
    console.log(`${name}, known values masked: ${masked.toFixed(4)}`);
    expect(masked).toBeGreaterThanOrEqual(0.999);
  });

  it.each([
    ['ecom-dev.jsonl', false, 0.85, 0.9],
    ['ecom-dev.jsonl', true, 0.93, 0.98],
    ['presidio-dev.jsonl', false, 0.75, 0.7],
  ])('guesses in %s (record: %s) reach their floors of names and of what leaks', (name, withRecord, person, leakFree) => {
    const reached = guessed(rows(name), withRecord);
    console.log(`${name}, record ${withRecord}, guessing: ${JSON.stringify(reached)}`);
    expect(reached.personF1).toBeGreaterThanOrEqual(person);
    expect(reached.leakFree).toBeGreaterThanOrEqual(leakFree);
  });

  it('guesses touch few texts without personal data', () => {
    const clean = rows('ecom-dev.jsonl').filter((row) => row.spans.every((span) => span.type === 'ORDER_ID'));
    const touched = clean.filter((row) => guessesOf(row, false).length > 0).length;
    console.log(`ecom-dev, texts without personal data touched by guesses: ${touched} of ${clean.length}`);
    expect(touched / clean.length).toBeLessThanOrEqual(0.05);
  });
});
