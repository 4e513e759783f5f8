// The migrations of this room, in order.

import type { Migration } from '#storage';
import { migration as limitsWindows } from './0030-limits-windows.ts';
import { migration as samples } from './0031-limits-samples.ts';

export const migrations: readonly Migration[] = [limitsWindows, samples];
