// A ledger to ask questions of: events of any type and facts, written past the catalogue, sealed by the real sequencer.

import type { JsonObject, TenantId } from '#core';
import { createLedgerSearch, type LedgerSearch } from '../query/query.ts';
import { createSearchIndexer, type SearchIndexer } from '../query/query-index.ts';
import { type LedgerLab, openLab } from './ledger-lab.ts';

export interface Told {
  readonly type: string;
  readonly atMs: number;
  readonly actor?: string;
  readonly subject?: string;
  readonly public?: JsonObject;
}

export interface SearchLab {
  readonly lab: LedgerLab;
  readonly search: LedgerSearch;
  readonly indexer: SearchIndexer;
  /** Writes and seals events in this order. */
  tell(tenant: TenantId, events: readonly Told[]): Promise<void>;
}

export async function openSearchLab(privileged: readonly string[] = []): Promise<SearchLab> {
  const lab = await openLab();
  const { database } = lab;
  return {
    lab,
    search: createLedgerSearch({ db: database.db, links: lab.links, privileged: new Set(privileged) }),
    indexer: createSearchIndexer({
      db: database.db,
      clock: { now: () => performance.now() },
      onFault: (fault) => {
        throw fault;
      },
    }),
    async tell(tenant, events) {
      const rows = events.map(({ atMs, ...told }) => ({
        ...lab.newEvent(tenant, told),
        at: new Date(atMs).toISOString(),
        public: told.public ?? {},
      }));
      await database.admin(
        `insert into event_inbox (tenant, event_id, type, occurred_at, actor, subject, public)
          select tenant, id, type, at, actor, subject, public from json_to_recordset($1::json)
            as event(tenant text, id text, type text, at timestamptz, actor text, subject text, public json)`,
        [JSON.stringify(rows)],
      );
      await lab.seal();
    },
  };
}
