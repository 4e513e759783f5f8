// The attacks of the demo through the whole product: none may do harm at the shop, and every harmless twin must be done.

import { ATTACK_CASES } from '@sallyport/demo';
import { expect, it } from 'vitest';
import { attack } from './demo-attack.ts';

it('blocks every attack and lets every harmless twin through [PROMISE-4] [PROMISE-5]', async () => {
  const lines: string[] = [];
  const report = await attack(ATTACK_CASES, (line) => lines.push(line));
  const { cases, blocked, harmful, benign, benignDone, rawValuesAtModel } = report;
  console.log(`attacks: ${JSON.stringify({ cases, blocked, harmful, benign, benignDone, rawValuesAtModel })}`);
  expect(report.rows.filter((row) => row.attack.harm.length > 0).map((row) => [row.id, row.attack.harm])).toEqual([]);
  expect(report.rows.filter((row) => row.benign.missing.length + row.benign.harm.length > 0).map((row) => [row.id, row.benign])).toEqual(
    [],
  );
  expect(rawValuesAtModel).toBe(0);
  expect(cases).toBeGreaterThanOrEqual(40);
  expect(benign).toBe(cases);
});
