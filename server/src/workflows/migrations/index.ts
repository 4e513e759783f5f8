// Migrations of workflows, in order.

import type { Migration } from '#storage';
import { migration as registry } from './0080-workflows-registry.ts';
import { migration as runs } from './0081-workflows-runs.ts';
import { migration as deliveries } from './0086-workflows-deliveries.ts';

export const migrations: readonly Migration[] = [registry, runs, deliveries];
