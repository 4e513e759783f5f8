// The list of all gates. A gate that is not in this list does not run.

import { codeTables } from './code-tables.ts';
import { decisions, dependencyTable, glossary, testCommands } from './documents.ts';
import { fileOpening } from './file-opening.ts';
import { fileSize } from './file-size.ts';
import type { Gate } from './gate.ts';
import { labelRules } from './label-rules.ts';
import { dependencyBudget, exactPins, lockfile } from './lockfile.ts';
import { requirements } from './requirements.ts';
import { roomShape } from './room-shape.ts';
import { machinePaths, switchedOffTests, unfinishedWork } from './tidy-text.ts';

export const GATES: readonly Gate[] = [
  fileSize,
  fileOpening,
  roomShape,
  codeTables,
  labelRules,
  machinePaths,
  unfinishedWork,
  switchedOffTests,
  exactPins,
  lockfile,
  dependencyBudget,
  requirements,
  dependencyTable,
  testCommands,
  glossary,
  decisions,
];
