// Two columns as other rooms have them: one that is sealed anew, and one of which the ledger has hashes. With their tables.

import type { SealedColumn } from '../../server/src/core/index.ts';
import { type SealedPlaces, sealedColumns } from '../../server/src/vault/index.ts';

export const NOTES: SealedColumn = {
  table: 'note',
  column: 'sealed',
  key: ['nth', 'name'],
  purpose: ({ nth, name }) => `note/${nth}/${name}`,
};
export const COMMITTED: SealedColumn = {
  table: 'payload',
  column: 'sealed',
  key: ['seq'],
  purpose: () => 'event.change',
  isCommitted: true,
};
export const PLACES: SealedPlaces = { columns: [NOTES, ...sealedColumns, COMMITTED], follow: {} };

export const TABLES = `
create table note (tenant text not null, nth bigint not null, name text not null, sealed bytea, primary key (tenant, nth, name));
create table payload (tenant text not null, seq bigint not null, sealed bytea, primary key (tenant, seq));
grant select, insert, update, delete on note, payload to sallyport_app`;
