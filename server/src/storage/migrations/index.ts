// The migrations of this room, in order.

import type { Migration } from '../migrate.ts';
import { migration as storageRoles } from './0001-storage-roles.ts';
import { migration as storageEventInbox } from './0002-storage-event-inbox.ts';

export const migrations: readonly Migration[] = [storageRoles, storageEventInbox];
