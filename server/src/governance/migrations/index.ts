// The migrations of this room, in order.

import type { Migration } from '#storage';

export const migrations: readonly Migration[] = [];
