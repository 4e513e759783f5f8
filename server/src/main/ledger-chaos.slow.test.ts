// The short form of `npm run chaos -- ledger`: a whole installation with its own Postgres under load, killed a few times.

import { expect, it } from 'vitest';
import { runLedgerChaos } from '../../../testkit/crash/ledger-chaos.ts';

const KILLS = 5;

it('[PROMISE-1] loses, doubles and contradicts nothing when the program, Postgres or both die under load from 16 callers', async () => {
  const report = await runLedgerChaos({ kills: KILLS, seed: 11 });
  console.log(report);
  expect(report).toMatchObject({
    lost: 0,
    gaps: 0,
    duplicates: 0,
    effectsWithoutIntent: 0,
    effectsTwice: 0,
    intentsWithoutOutcome: 0,
    intentsWithTwoOutcomes: 0,
    equivocations: 0,
    rootMismatches: 0,
  });
  expect(report.kills.program * report.kills.postgres * report.kills.both).toBeGreaterThan(0);
  expect(report.acked).toBeGreaterThan(20);
  expect(report.effects).toBeGreaterThan(5);
  expect(report.checkpoints).toBeGreaterThan(2);
});
