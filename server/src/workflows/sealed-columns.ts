// Which columns of this room hold sealed values, and for what purpose each was sealed.

import type { RunId, SealedColumn } from '#core';
import { purposes } from './run-state.ts';

export const sealedColumns: readonly SealedColumn[] = [
  { table: 'workflow_runs', column: 'sealed_input', key: ['id'], purpose: ({ id }) => purposes(id as RunId).input },
  { table: 'workflow_runs', column: 'sealed_customer', key: ['id'], purpose: ({ id }) => purposes(id as RunId).customer },
  {
    table: 'workflow_steps',
    column: 'sealed_value',
    key: ['run', 'step', 'phase'],
    purpose: ({ run, step, phase }) => purposes(run as RunId).phase(String(step), String(phase)),
  },
];
