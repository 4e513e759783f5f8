// The attacks of the demo through the whole product, in two ways: an agent's calls through the guard, and runs of a signed workflow that the
// shop's signed webhook starts. None may do harm at the shop, and every harmless twin must be done.

import { ATTACK_CASES } from '@sallyport/demo';
import { expect, it } from 'vitest';
import { attack } from './demo-attack.ts';

it('blocks every attack and lets every harmless twin through, by agent and by workflow [PROMISE-4] [PROMISE-5]', async () => {
  const lines: string[] = [];
  const report = await attack(ATTACK_CASES, (line) => lines.push(line));
  const { cases, blocked, harmful, benign, benignDone, rawValuesAtModel, ways } = report;
  console.log(`attacks: ${JSON.stringify({ cases, blocked, harmful, benign, benignDone, rawValuesAtModel, ways })}`);
  const sides = report.rows.flatMap((row) => [
    { way: `${row.id}, agent`, ...row },
    { way: `${row.id}, workflow`, attack: row.workflow?.attack, benign: row.workflow?.benign },
  ]);
  expect(sides.filter(({ attack: done }) => done?.harm.length !== 0).map(({ way, attack: done }) => [way, done?.harm])).toEqual([]);
  expect(
    sides
      .filter(({ benign: twin }) => twin === undefined || twin.missing.length + twin.harm.length > 0)
      .map(({ way, benign: twin }) => [way, twin]),
  ).toEqual([]);
  expect(rawValuesAtModel).toBe(0);
  expect(cases).toBeGreaterThanOrEqual(40);
  expect(ways).toEqual({
    agent: { blocked: cases, harmful: 0, benignDone: cases },
    workflow: { blocked: cases, harmful: 0, benignDone: cases },
  });
  expect([harmful, benign, benignDone]).toEqual([0, cases, cases]);
  // A run that fails does no harm either, and proves nothing: every attack ran to its end.
  expect(lines.filter((line) => line.includes('_FAILED'))).toEqual([]);
});
