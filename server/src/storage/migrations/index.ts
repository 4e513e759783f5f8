// The migrations of this room, in order.

import type { Migration } from '../migration-list.ts';
import { migration as storageRoles } from './0001-storage-roles.ts';
import { migration as storageEventInbox } from './0002-storage-event-inbox.ts';
import { migration as storageReplicas } from './0003-storage-replicas.ts';
import { migration as storageBackup } from './0005-storage-backup.ts';
import { migration as storageRestoreSigned } from './0161-storage-restore-signed.ts';
import { migration as storageWatcher } from './0163-storage-watcher.ts';

export const migrations: readonly Migration[] = [
  storageRoles,
  storageEventInbox,
  storageReplicas,
  storageBackup,
  storageRestoreSigned,
  storageWatcher,
];
