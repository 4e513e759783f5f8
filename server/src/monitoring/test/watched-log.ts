// A real ledger with a watch over it: events are written, sealed, and considered.

import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import {
  type FixedClock,
  fixedClock,
  newTenant,
  partialEvents,
  type SeededRandom,
  seededRandom,
  type TestDatabase,
  testCatalogue,
  testDatabase,
} from '@sallyport/testkit';
import {
  migrations as auditMigrations,
  createActorCipher,
  createFileAnchor,
  createLedger,
  createSequencer,
  createSigningKeyFile,
  leafTexts,
  loadSigningKey,
} from '#audit';
import { type EventCatalogue, fact, type NewEvent, newId, type TenantId } from '#core';
import { appendEvents, provideRoomRoles, migrations as storageMigrations } from '#storage';
import { createErasureJournal, createVault, migrations as vaultMigrations } from '#vault';
import { migrations } from '../migrations/index.ts';
import { createWatch, type Watch, type WatchDeps } from '../watch.ts';

export interface WatchedLog {
  readonly database: TestDatabase;
  readonly clock: FixedClock;
  readonly random: SeededRandom;
  readonly tenant: TenantId;
  readonly faults: unknown[];
  readonly actorsBehind: WatchDeps['actorsBehind'];
  write(type: string, over?: Partial<NewEvent>): Promise<number>;
  seal(): Promise<void>;
  watch(over?: Partial<WatchDeps>): Watch;
  close(): Promise<void>;
}

export const PRIVILEGED: ReadonlySet<string> = new Set(['identity.key.created', 'identity.key.revoked', 'workflows.version.published']);

/** The events of the product with every fact left to the test, and types that no room writes any more: a log is older than its server. */
async function catalogue(): Promise<EventCatalogue> {
  const events = partialEvents(await testCatalogue());
  const loose = { meaning: 'A test wrote it.', facts: { person: fact.optional(fact.name), role: fact.optional(fact.name) }, example: {} };
  const types = ['identity.grant.created', 'identity.recovery_code.used'].filter((type) => !events.some((one) => one.type === type));
  return [...events, ...types.map((type) => ({ ...loose, type }))];
}

export async function openWatchedLog(): Promise<WatchedLog> {
  const all = [...storageMigrations, ...vaultMigrations, ...auditMigrations, ...migrations];
  const database = await testDatabase(all, { events: await catalogue() });
  await provideRoomRoles(database.adminUrl);
  const folder = mkdtempSync(join(tmpdir(), 'sallyport-watch-'));
  const dataDir = mkdtempSync(join(tmpdir(), 'sallyport-watch-data-'));
  const [keyPath, anchorPath] = [join(folder, 'audit.key'), join(folder, 'anchor')];
  createSigningKeyFile(keyPath);
  const signer = loadSigningKey(keyPath);
  const clock = fixedClock();
  const random = seededRandom();
  const faults: unknown[] = [];
  const onFault = (fault: unknown): void => {
    faults.push(fault);
  };
  const world = { db: database.db, clock, random, onFault };
  const vault = await createVault({
    ...world,
    keyFile: { path: join(folder, 'kek'), dataDir },
    mayHold: async () => null,
    journal: createErasureJournal(join(folder, 'erasures')),
  });
  const actors = createActorCipher({ indexKey: vault.derive('audit.actors'), vault });
  const ledger = createLedger({ ...world, actors, signer });
  const sequencer = createSequencer({ ...world, actors, signer, anchor: createFileAnchor(anchorPath, signer) });
  const tenant = newTenant(random);
  let written = 0;
  return {
    database,
    clock,
    random,
    tenant,
    faults,
    actorsBehind: ledger.actorsBehind,
    async write(type, over = {}) {
      const event: NewEvent = {
        id: newId('evt', clock, random),
        tenant,
        type,
        occurredAtMs: clock.now(),
        actor: 'workload:wkl_test',
        subject: newId('call', clock, random),
        public: {},
        sealed: null,
        ...over,
      };
      await database.db.inTenant(event.tenant, (tx) => appendEvents(tx, [event]));
      written += 1;
      return written - 1;
    },
    async seal() {
      while ((await sequencer.runOnce()) > 0);
    },
    watch: (over = {}) =>
      createWatch({
        ...world,
        db: database.db.forRoom('monitoring'),
        readLog: leafTexts,
        actorsBehind: ledger.actorsBehind,
        privileged: PRIVILEGED,
        isOutsideHours: () => false,
        ...over,
      }),
    close: async () => {
      await sequencer.stop();
      await vault.close();
      await database.close();
      rmSync(folder, { recursive: true, force: true });
      rmSync(dataDir, { recursive: true, force: true });
    },
  };
}
