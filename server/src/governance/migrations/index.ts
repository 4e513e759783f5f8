// The migrations of this room, in order.

import type { Migration } from '#storage';
import { migration as flows } from './0200-governance-flows.ts';

export const migrations: readonly Migration[] = [flows];
