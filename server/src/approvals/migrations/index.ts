// Migrations of this room, in order.

import type { Migration } from '#storage';
import { migration as calls } from './0040-approvals-calls.ts';
import { migration as recovery } from './0041-approvals-recovery.ts';

export const migrations: readonly Migration[] = [calls, recovery];
