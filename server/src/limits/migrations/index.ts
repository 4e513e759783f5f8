// The migrations of this room, in order.

import type { Migration } from '#storage';
import { migration as limitsWindows } from './0030-limits-windows.ts';

export const migrations: readonly Migration[] = [limitsWindows];
