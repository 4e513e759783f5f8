// Migrations of this room, in order.

import type { Migration } from '#storage';
import { migration as calls } from './0040-approvals-calls.ts';
import { migration as recovery } from './0041-approvals-recovery.ts';
import { migration as decisions } from './0042-approvals-decisions.ts';
import { migration as samples } from './0045-approvals-samples.ts';
import { migration as signed } from './0135-approvals-signed.ts';
import { migration as asIs } from './0250-approvals-as-is.ts';

export const migrations: readonly Migration[] = [calls, recovery, decisions, samples, signed, asIs];
