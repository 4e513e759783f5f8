// Recall and precision on the development data, where this machine has it. Nothing of that data is in this repository.
// Scoring as its README says: a find has the right type and covers half of the labelled span or more.

import { readFileSync } from 'node:fs';
import { sharedData } from '@sallyport/testkit';
import { describe, expect, it } from 'vitest';
import { collectKnown, createKnownMatcher, type DlpType, detect, type Span } from './index.ts';

interface Row {
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

describe.runIf(folder !== null)('on the development data', () => {
  it('structural classes reach their floors without a customer record', () => {
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
});
