// The `gates` suite: runs every gate over the files of the repository.

import { join } from 'node:path';
import { finish } from '../suites/report.ts';
import { judge } from './gate.ts';
import { GATES } from './table.ts';
import { openTree } from './tree.ts';

const tree = openTree(join(import.meta.dirname, '../..'));
const verdicts = GATES.map((gate) => judge(gate, tree));

finish({
  passed: verdicts.filter((verdict) => verdict.failures.length === 0).length,
  failures: verdicts.flatMap((verdict) => verdict.failures.map((failure) => `${failure} [${verdict.gate}]`)),
  notes: verdicts.flatMap((verdict) => verdict.notes),
});
