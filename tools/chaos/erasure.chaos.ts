// Erases many data subjects whose payloads are in the ledger, reads Postgres' files for what was theirs, and checks every old proof again.

import { runErasure } from '../../testkit/crash/erasure-trial.ts';
import type { ChaosOptions, ChaosReport, ChaosResult } from './scenario.ts';

export const name = 'erasure';

const DEFAULT_SUBJECTS = 10_000;
const PROOFS = 1_000;

export async function run({ trials, log }: ChaosOptions): Promise<ChaosReport> {
  const subjects = trials ?? DEFAULT_SUBJECTS;
  const report = await runErasure({ subjects, proofs: Math.min(PROOFS, subjects), log });
  const exactly = (metric: string, value: number, unit: string, target: number): ChaosResult => ({
    metric,
    value,
    unit,
    target,
    pass: value === target,
  });
  return {
    rounds: subjects,
    results: [
      exactly('sealed payloads in the data files before', report.sealedBefore, 'payloads', subjects),
      exactly('sealed payloads in the data files after', report.sealedAfter, 'payloads', 0),
      exactly('files with a payload in clear', report.clear, 'files', 0),
      exactly('payloads that still open', report.stillReadable, 'payloads', 0),
      { metric: 'old and new proofs checked', value: report.proofsChecked, unit: 'proofs', target: '> 0', pass: report.proofsChecked > 0 },
      exactly('proofs that broke', report.proofsBroken, 'proofs', 0),
      exactly('packs that do not verify', report.packsRefused, 'packs', 0),
    ],
  };
}
