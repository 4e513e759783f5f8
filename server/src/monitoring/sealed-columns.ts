// Which columns of this room hold sealed values, and for what purpose each was sealed.

import type { SealedColumn } from '#core';

export const sealedColumns: readonly SealedColumn[] = [
  { table: 'monitoring_alerts', column: 'note', key: ['id'], purpose: () => 'alert.note' },
];
