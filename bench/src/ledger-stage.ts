// A ledger as a server has it, on a durable Postgres of its own: vault, keys, writer, sequencer; and beside it a plain table with the same columns.

import { randomBytes } from 'node:crypto';
import { chmod, mkdir } from 'node:fs/promises';
import { join } from 'node:path';
import pg from 'pg';
import {
  type ActorCipher,
  migrations as auditMigrations,
  createActorCipher,
  createFileAnchor,
  createLedger,
  createSequencer,
  type Ledger,
  openSigningKeys,
  type Sequencer,
} from '../../server/src/audit/index.ts';
import { type NewEvent, newId, type TenantId } from '../../server/src/core/index.ts';
import { createEventWriter, type Database, type EventWriter, migrations as storageMigrations } from '../../server/src/storage/index.ts';
import { createVault, migrations as vaultMigrations } from '../../server/src/vault/index.ts';
import { startTestCluster } from '../../testkit/cluster.ts';
import { findEvents } from '../../testkit/find-events.ts';
import { temporaryFolder } from '../../testkit/temporary-folder.ts';
import { testDatabase } from '../../testkit/test-database.ts';

export interface LedgerStage {
  readonly writer: EventWriter;
  readonly sequencer: Sequencer;
  readonly ledger: Ledger;
  readonly db: Database;
  readonly actors: ActorCipher;
  readonly folder: string;
  newTenant(): TenantId;
  /** What the gateway writes before a call leaves. */
  newEvent(tenant: TenantId): NewEvent;
  admin<Row extends Record<string, unknown>>(text: string, values?: readonly unknown[]): Promise<Row[]>;
  /** A connection of the peer: the server's own login on the same database. */
  connect(): Promise<pg.Client>;
  /** Faults of the sequencer so far. */
  readonly faults: readonly string[];
  close(): Promise<void>;
}

const PLAIN_TABLE = `create table plain_events (
  tenant text not null, event_id text not null, sequence bigint generated always as identity, type text not null,
  occurred_at timestamptz not null, actor text not null, subject text not null, public json not null, sealed bytea,
  received_at timestamptz not null default clock_timestamp(), primary key (tenant, event_id));
create index plain_events_sequence on plain_events (sequence);
grant select, insert on plain_events to sallyport_app`;

export async function openLedgerStage(): Promise<LedgerStage> {
  const cluster = await startTestCluster();
  const folder = await temporaryFolder('sallyport-bench-ledger-');
  const catalogue = await findEvents();
  const written = catalogue.find(({ type }) => type === 'enforcement.call.intended');
  if (written === undefined) throw new Error('the event that a call writes is not in the catalogue');
  const database = await testDatabase([...storageMigrations, ...vaultMigrations, ...auditMigrations], {
    cluster,
    poolSize: 16,
    events: catalogue,
  });
  await database.admin(PLAIN_TABLE);
  const [secrets, data] = [join(folder.path, 'secrets'), join(folder.path, 'data')];
  for (const path of [secrets, data]) await mkdir(path);
  await chmod(secrets, 0o700);
  const world = { clock: { now: () => Date.now() }, random: { bytes: (count: number) => randomBytes(count) } };
  const vault = await createVault({
    db: database.db,
    keyFile: { path: join(secrets, 'kek'), dataDir: data },
    mayHold: async () => null,
    ...world,
  });
  const actors = createActorCipher({ indexKey: vault.derive('audit.actors'), vault });
  const signer = openSigningKeys(join(secrets, 'audit-key.pem'));
  const faults: string[] = [];
  const sequencer = createSequencer({
    db: database.db,
    actors,
    signer,
    anchor: createFileAnchor(join(secrets, 'ledger-checkpoint'), signer),
    ...world,
    onFault: (fault) => faults.push(String((fault as { code?: string }).code ?? fault)),
  });
  const writer = createEventWriter(database.db);
  return {
    writer,
    sequencer,
    ledger: createLedger({ db: database.db, actors, signer, ...world }),
    db: database.db,
    actors,
    folder: folder.path,
    newTenant: () => newId('ten', world.clock, world.random),
    newEvent: (tenant) => ({
      id: newId('evt', world.clock, world.random),
      tenant,
      type: written.type,
      occurredAtMs: Date.now(),
      actor: 'wkl_019ab0c4-7d1e-7c3a-9f00-5b3f0a6d1e22',
      subject: newId('call', world.clock, world.random),
      public: written.example,
      sealed: null,
    }),
    admin: (text, values) => database.admin(text, values),
    async connect() {
      const client = new pg.Client({ connectionString: database.url });
      await client.connect();
      return client;
    },
    faults,
    async close() {
      await writer.close();
      await sequencer.stop();
      await vault.close();
      await database.close();
      await cluster.stop();
      await folder.remove();
    },
  };
}
