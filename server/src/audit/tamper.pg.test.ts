// The promise of the ledger, attacked: whatever is changed in an export, or in the database before it, the offline verifier finds it and
// names the place.

import { afterAll, beforeAll, expect, it } from 'vitest';
import { type LedgerLab, openLab } from './test/ledger-lab.ts';
import { LIVE_TAMPERS } from './test/live-tamper.ts';
import { ZIP_TAMPERS } from './test/tamper.ts';
import { runTampers } from './test/tamper-trials.ts';

/** The long run is `npm run chaos -- tampers`; here each kind has its turn. */
const LIVE = 2 * Object.keys(LIVE_TAMPERS).length;
const ZIP = 5 * ZIP_TAMPERS.length;

let lab: LedgerLab;
beforeAll(async () => {
  lab = await openLab();
});
afterAll(() => lab.close());

it(`[PROMISE-8] [M1] loses every one of ${LIVE + ZIP} random tampers, on the live ledger and on exports, to the verifier`, async () => {
  const report = await runTampers(lab, { live: LIVE, zip: ZIP });
  console.log(`${report.found} of ${report.live + report.zip} tampers of ${report.kinds} kinds found`);
  expect(report.missed).toEqual([]);
  expect(report.controls).toEqual([]);
  expect(report).toMatchObject({ found: LIVE + ZIP, kinds: Object.keys(LIVE_TAMPERS).length + ZIP_TAMPERS.length });
});
