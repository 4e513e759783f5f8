// The short form of `npm run chaos -- erasure`: data subjects are erased from a ledger whose proofs all stay.

import { expect, it } from 'vitest';
import { runErasure } from '../../../testkit/crash/erasure-trial.ts';

it('erases the payloads of data subjects from the files of the database, and every proof still holds', async () => {
  const subjects = 200;
  const report = await runErasure({ subjects, proofs: 40 });
  expect(report).toEqual({
    subjects,
    sealedBefore: subjects,
    sealedAfter: 0,
    clear: 0,
    proofsChecked: 80,
    proofsBroken: 0,
    packsRefused: 0,
    stillReadable: 0,
  });
});
