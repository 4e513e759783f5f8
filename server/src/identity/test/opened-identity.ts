// Identities on one test database, each standing for a process of its own.

import { randomBytes } from 'node:crypto';
import { type FixedClock, fixedClock, type TestDatabase, testDatabase } from '@sallyport/testkit';
import { isRefusal, type KeyId, type Random, type TenantId, type WorkloadId } from '#core';
import { createDatabase, type Database, migrations as storageMigrations } from '#storage';
import { identityEvents } from '../events.ts';
import { createIdentity, type Identity, type IdentityDeps } from '../identity.ts';
import { migrations } from '../migrations/index.ts';

export const nodeRandom: Random = { bytes: (count) => randomBytes(count) };
export const HOUR_MS = 60 * 60_000;

export interface OpenedIdentity {
  readonly identity: Identity;
  readonly database: TestDatabase;
  readonly clock: FixedClock;
  readonly faults: unknown[];
  /** Another process: its own pool and feed. */
  another(): Promise<{ readonly identity: Identity; readonly db: Database }>;
  /** A tenant with a workload that reaches `shop`, and a key of it. */
  keyed(integrations?: readonly string[]): Promise<Keyed>;
  close(): Promise<void>;
}

export interface Keyed {
  readonly tenant: TenantId;
  readonly workload: WorkloadId;
  readonly id: KeyId;
  readonly key: string;
}

let names = 0;
export function newName(): string {
  names += 1;
  return `name-${names}`;
}

/** `oauth`: where its tokens are issued and for what. */
export async function openIdentity({ oauth }: Pick<IdentityDeps, 'oauth'> = {}): Promise<OpenedIdentity> {
  const database = await testDatabase([...storageMigrations, ...migrations]);
  const clock = fixedClock();
  const pepper = nodeRandom.bytes(32);
  const faults: unknown[] = [];
  const closing: (() => Promise<void>)[] = [];
  const start = async (db: Database): Promise<Identity> => {
    const identity = await createIdentity({
      db,
      clock,
      random: nodeRandom,
      pepper,
      onFault: (fault) => faults.push(fault),
      ...(oauth === undefined ? {} : { oauth }),
    });
    closing.push(() => identity.close());
    return identity;
  };
  const identity = await start(database.db);
  return {
    identity,
    database,
    clock,
    faults,
    another: async () => {
      const db = createDatabase({ url: database.url, poolSize: 4, events: identityEvents, onFault: (fault) => faults.push(fault) });
      closing.push(() => db.close());
      return { db, identity: await start(db) };
    },
    keyed: async (integrations = ['shop']) => {
      const tenant = await identity.createTenant({ name: newName() });
      const workload = await identity.createWorkload({ tenant, name: 'agent', workflow: 'refunds', integrations });
      const { id, key } = await identity.createKey({ tenant, workload, expiresAtMs: clock.now() + 24 * HOUR_MS });
      return { tenant, workload, id, key };
    },
    close: async () => {
      for (const close of closing.reverse()) await close();
      await database.close();
    },
  };
}

/** The code of a refusal, or `in`. */
export const outcome = (answer: object): string => (isRefusal(answer) ? answer.code : 'in');

export const codeOf = (work: Promise<unknown>): Promise<unknown> =>
  work.then(
    (value) => (value as { code?: string } | null)?.code ?? 'done',
    (error: { code?: string }) => error.code ?? error,
  );

/** Waits for something that another process is about to hear. */
export async function until(isSo: () => boolean): Promise<void> {
  while (!isSo()) await new Promise((resolve) => setImmediate(resolve));
}

export const CUT_FEED =
  "select pg_terminate_backend(pid) from pg_stat_activity where application_name = 'sallyport-listen' and datname = current_database()";
