// The migrations of this room, in order.

import type { Migration } from '#storage';
import { migration as auditLedger } from './0050-audit-ledger.ts';
import { migration as auditEpochsKeys } from './0051-audit-epochs-keys.ts';

export const migrations: readonly Migration[] = [auditLedger, auditEpochsKeys];
