// Which columns of this room hold sealed values, and for what purpose each was sealed. Of payloads the log has hashes, made of the sealed
// bytes, so they stay as they are, and wait in the inbox as they will stand there.

import type { SealedColumn } from '#core';
import { LINK_PURPOSE } from './actor-cipher.ts';

const PAYLOAD = 'event.change';

export const sealedColumns: readonly SealedColumn[] = [
  { table: 'audit_link', column: 'sealed', key: ['pseudonym'], purpose: () => LINK_PURPOSE },
  { table: 'event_inbox', column: 'sealed', key: ['event_id'], purpose: () => PAYLOAD, isCommitted: true },
  { table: 'audit_payload', column: 'payload', key: ['seq'], purpose: () => PAYLOAD, isCommitted: true },
];
