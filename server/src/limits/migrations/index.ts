// The migrations of this room, in order.

import type { Migration } from '#storage';
import { migration as limitsWindows } from './0030-limits-windows.ts';
import { migration as samples } from './0031-limits-samples.ts';
import { migration as months } from './0167-limits-months.ts';

export const migrations: readonly Migration[] = [limitsWindows, samples, months];
