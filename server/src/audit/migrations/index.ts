// The migrations of this room, in order.

import type { Migration } from '#storage';
import { migration as auditLedger } from './0050-audit-ledger.ts';
import { migration as auditEpochsKeys } from './0051-audit-epochs-keys.ts';
import { migration as auditAnchors } from './0052-audit-anchors.ts';
import { migration as auditSearch } from './0053-audit-search.ts';
import { migration as auditActorLinks } from './0055-audit-actor-links.ts';
import { migration as auditPayloadKeys } from './0057-audit-payload-keys.ts';
import { migration as auditSealedAnew } from './0223-audit-sealed-anew.ts';

export const migrations: readonly Migration[] = [
  auditLedger,
  auditEpochsKeys,
  auditAnchors,
  auditSearch,
  auditActorLinks,
  auditPayloadKeys,
  auditSealedAnew,
];
