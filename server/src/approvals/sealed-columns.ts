// Which columns of this room hold sealed values, and for what purpose each was sealed. The call's own bytes are in the proof of its request,
// which is made anew with them: `proof.ts`.

import type { SealedColumn } from '#core';

export const sealedColumns: readonly SealedColumn[] = [
  { table: 'approvals', column: 'sealed_sentence', key: ['id'], purpose: () => 'approval.sentence' },
  { table: 'approvals', column: 'sealed_call', key: ['id'], purpose: () => 'approval.call', isVouchedFor: true },
  { table: 'approvals', column: 'sealed_result', key: ['id'], purpose: () => 'approval.result' },
  { table: 'approvals', column: 'sealed_context', key: ['id'], purpose: () => 'approval.context' },
];
