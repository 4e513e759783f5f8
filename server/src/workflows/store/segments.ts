// Which version of each workflow that ever ran is published now, over all tenants, and the word that it changed.

import type { TenantId, Tx } from '#core';
import { notify, query, sql } from '#storage';

export const SEGMENTS_CHANNEL = 'sallyport_segments';

export interface PublishedRow {
  readonly tenant: TenantId;
  readonly name: string;
  /** `null`: versions were published once, none is now. */
  readonly hash: string | null;
}

export async function readPublished(tx: Tx): Promise<readonly PublishedRow[]> {
  const { rows } = await sql<PublishedRow>`
    select tenant, name, max(hash) filter (where state = 'published') as hash from workflow_versions
    where state in ('published', 'retired') group by tenant, name`.execute(query(tx));
  return rows;
}

export const announceSegments = (tx: Tx): Promise<void> => notify(tx, SEGMENTS_CHANNEL, '');
