// The migrations of this room, in order.

import type { Migration } from '#storage';
import { migration as alerts } from './0122-monitoring-alerts.ts';
import { migration as watcher } from './0164-monitoring-watcher.ts';

export const migrations: readonly Migration[] = [alerts, watcher];
