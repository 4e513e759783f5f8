// A ledger of its own on a test database: a key, an anchor, a sequencer and a way to write events.

import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import {
  type FixedClock,
  fixedClock,
  partialEvents,
  type SeededRandom,
  seededRandom,
  type TestDatabase,
  testCatalogue,
  testDatabase,
} from '@sallyport/testkit';
import { type EventId, type NewEvent, newId, type TenantId } from '#core';
import { appendEvents, migrations as storageMigrations } from '#storage';
import type { TestCluster } from '../../../../testkit/cluster.ts';
import type { ActorCipher } from '../actor-cipher.ts';
import { type ActorLinks, createActorLinks } from '../actor-links.ts';
import { createFileAnchor } from '../anchor.ts';
import { createLedger, type Ledger } from '../ledger.ts';
import { migrations } from '../migrations/index.ts';
import { createSequencer, type Sequencer, type SequencerDeps } from '../sequencer.ts';
import type { LedgerSigner } from '../signing/ledger-signer.ts';
import { createSigningKeyFile, loadSigningKey } from '../signing/signing-key.ts';
import { testActorCipher } from './actor-cipher.ts';

export interface LedgerLab {
  readonly database: TestDatabase;
  readonly folder: string;
  readonly keyPath: string;
  readonly anchorPath: string;
  readonly signer: LedgerSigner;
  readonly sequencer: Sequencer;
  readonly ledger: Ledger;
  /** Moves only when told. */
  readonly clock: FixedClock;
  readonly random: SeededRandom;
  readonly actors: ActorCipher;
  /** Who stands behind pseudonyms, as the ledger reads it. */
  readonly links: ActorLinks;
  /** Shreds what was sealed for a subject, as the vault does. */
  eraseSubject(subject: string): void;
  newTenant(): TenantId;
  newEvent(tenant: TenantId, over?: Partial<NewEvent>): NewEvent;
  write(tenant: TenantId, count: number, over?: Partial<NewEvent>): Promise<EventId[]>;
  /** Runs rounds until the inbox is empty. */
  seal(): Promise<void>;
  /** Another sequencer on the same database and machine, as after a restart; with `signer`, one with other key files. */
  another(over?: Partial<SequencerDeps>): Sequencer;
  path(name: string): string;
  close(): Promise<void>;
}

export async function openLab(options: { readonly cluster?: TestCluster } = {}): Promise<LedgerLab> {
  const database = await testDatabase([...storageMigrations, ...migrations], { events: partialEvents(await testCatalogue()), ...options });
  const folder = mkdtempSync(join(tmpdir(), 'sallyport-ledger-'));
  const [keyPath, anchorPath] = [join(folder, 'audit.key'), join(folder, 'anchor')];
  createSigningKeyFile(keyPath);
  const signer = loadSigningKey(keyPath);
  const clock = fixedClock();
  const random = seededRandom();
  const cipher = testActorCipher();
  const deps = { db: database.db, actors: cipher.actors, signer, clock, random };
  const onFault = (fault: unknown): void => {
    throw fault;
  };
  const another = (over: Partial<SequencerDeps> = {}): Sequencer =>
    createSequencer({ ...deps, anchor: createFileAnchor(anchorPath, over.signer ?? signer), onFault, ...over });
  const sequencer = another();
  const newEvent = (tenant: TenantId, over: Partial<NewEvent> = {}): NewEvent => ({
    id: newId('evt', clock, random),
    tenant,
    type: 'enforcement.call.intended',
    occurredAtMs: clock.now(),
    actor: 'workload:wkl_test',
    subject: newId('call', clock, random),
    public: { integration: 'shop', operation: 'get_order' },
    sealed: null,
    ...over,
  });
  return {
    database,
    folder,
    keyPath,
    anchorPath,
    signer,
    sequencer,
    ledger: createLedger(deps),
    clock,
    random,
    actors: cipher.actors,
    links: createActorLinks(cipher.actors),
    eraseSubject: cipher.erase,
    newTenant: () => newId('ten', clock, random),
    newEvent,
    async write(tenant, count, over) {
      const events = Array.from({ length: count }, () => newEvent(tenant, over));
      await database.db.inTenant(tenant, (tx) => appendEvents(tx, events));
      return events.map((event) => event.id);
    },
    async seal() {
      for (let moved = 1; moved > 0; ) moved = await sequencer.runOnce();
    },
    another,
    path: (name) => join(folder, name),
    async close() {
      await database.close();
      rmSync(folder, { recursive: true, force: true });
    },
  };
}
