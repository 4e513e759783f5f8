// The migrations of this room, in order.

import type { Migration } from '#storage';
import { migration as rights } from './0190-governance-rights.ts';
import { migration as retention } from './0191-governance-retention.ts';
import { migration as flows } from './0200-governance-flows.ts';
import { migration as datasets } from './0201-governance-datasets.ts';
import { migration as optOuts } from './0202-governance-opt-outs.ts';
import { migration as sealedAnew } from './0222-governance-sealed-anew.ts';
import { migration as holdForms } from './0225-governance-hold-forms.ts';
import { migration as imports } from './0231-governance-imports.ts';
import { migration as deletions } from './0235-governance-deletions.ts';
import { migration as breaches } from './0240-governance-breaches.ts';
import { migration as assessments } from './0241-governance-assessments.ts';
import { migration as decisions } from './0242-governance-decisions.ts';
import { migration as planted } from './0245-governance-planted.ts';
import { migration as sealedAnewToo } from './0260-governance-sealed-anew-too.ts';
import { migration as limitUse } from './0261-governance-limit-use.ts';

export const migrations: readonly Migration[] = [
  rights,
  retention,
  flows,
  datasets,
  optOuts,
  sealedAnew,
  holdForms,
  imports,
  deletions,
  breaches,
  assessments,
  decisions,
  planted,
  sealedAnewToo,
  limitUse,
];
