// Several processes over one database that share people, company logins and provisioning, and one control plane over the first of them.

import { rmSync } from 'node:fs';
import { mkdir, mkdtemp } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { type TestDatabase, testDatabase } from '@sallyport/testkit';
import { type ControlPorts, createControlServer } from '#control';
import { isRefusal, type PersonPrincipal, type TenantId } from '#core';
import { createEgress } from '#egress';
import {
  clientAddress,
  createIdentity,
  type Federated,
  type Identity,
  identityEvents,
  migrations as identityMigrations,
  type Outside,
  parseRange,
  type Range,
} from '#identity';
import { createDatabase, type Database, migrations as storageMigrations } from '#storage';
import { createVault, type Vault, vaultEvents, migrations as vaultMigrations } from '#vault';
import { allCodes } from '../../codes.ts';
import { systemRandom } from '../../world.ts';
import { federationPorts } from '../federation-ports.ts';
import { providerTransport } from '../provider-transport.ts';
import type { Rooms } from '../rooms.ts';

export interface Replica {
  readonly identity: Identity;
  readonly federated: Federated;
}

export interface FederatedWorld {
  readonly database: TestDatabase;
  readonly db: Database;
  readonly vault: Vault;
  readonly replicas: readonly Replica[];
  readonly tenant: TenantId;
  /** A signed-in owner, as the first process sees it. */
  readonly owner: () => PersonPrincipal;
  readonly url: string;
  /** What the server believes its address is. */
  readonly faults: unknown[];
  close(): Promise<void>;
}

export interface WorldOptions {
  readonly replicas?: number;
  /** host:port a company login may be reached at, and who signed its certificate. */
  readonly allowPrivate?: readonly string[];
  readonly authority?: string;
  readonly now?: () => number;
  /** What stands between us and the company login. */
  readonly between?: (transport: Outside['transport']) => Outside['transport'];
}

export async function federatedWorld(options: WorldOptions = {}): Promise<FederatedWorld> {
  const clock = { now: options.now ?? (() => Date.now()) };
  const folder = await mkdtemp(join(tmpdir(), 'federated-'));
  await mkdir(join(folder, 'data'));
  const database = await testDatabase([...storageMigrations, ...identityMigrations, ...vaultMigrations]);
  const faults: unknown[] = [];
  const closing: (() => Promise<unknown>)[] = [() => database.close()];
  const events = [...identityEvents, ...vaultEvents];
  const pepper = systemRandom.bytes(32);
  const egress = createEgress({
    resolve: async () => ['127.0.0.1'],
    clock,
    ownAddresses: () => [],
    allowPrivate: [...(options.allowPrivate ?? [])],
    extraAuthorities: options.authority === undefined ? [] : [options.authority],
  });
  closing.push(() => egress.close());
  const proxy = parseRange('127.0.0.1') as Range;
  let origin = '';
  const vaults: Vault[] = [];
  const databases: Database[] = [];
  const open = async (): Promise<Replica> => {
    const db = createDatabase({ url: database.url, poolSize: 4, events, onFault: (fault) => faults.push(fault) });
    closing.push(() => db.close());
    databases.push(db);
    const keyFile = { path: join(folder, 'secrets', 'vault.key'), dataDir: join(folder, 'data') };
    const vault = await createVault({ db, keyFile, clock, random: systemRandom, mayHold: async () => null });
    closing.push(() => vault.close());
    vaults.push(vault);
    const identity = await createIdentity({ db, clock, random: systemRandom, pepper, onFault: (fault) => faults.push(fault) });
    closing.push(() => identity.close());
    const direct = providerTransport(() => egress);
    const federated = identity.federated({ vault, transport: options.between?.(direct) ?? direct, origin: () => origin });
    return { identity, federated };
  };
  const replicas: Replica[] = [];
  for (let count = options.replicas ?? 1; count > 0; count -= 1) replicas.push(await open());
  const { identity, federated } = replicas[0] as Replica;
  const vault = vaults[0] as Vault;
  const { tenant } = await identity.ensureDefaultTenant();
  const session = await identity.redeem(await identity.ownerLink(tenant));
  if (isRefusal(session)) throw new Error(session.code);
  const rooms = { identity, federated, tenant, vault, origins: { issuer: () => origin } } as unknown as Rooms;
  const ports = {
    ...federationPorts({ ...rooms, sealChange: async () => null } as unknown as Rooms),
    authenticateSession: identity.authenticateSession,
    signIn: { site: () => ({ id: 'localhost', origin, isHttps: false }), limit: identity.limitSignIn },
    consoleFiles: null,
    // This machine is the proxy in front.
    surroundings: { addressOf: (socket: string | undefined, forwarded: string | undefined) => clientAddress(socket, forwarded, [proxy]) },
    clock,
    closed: () => null,
    onFault: (code: string) => faults.push(code),
  };
  const server = createControlServer(ports as unknown as ControlPorts, allCodes);
  const { port } = await server.listen('127.0.0.1', 0);
  closing.push(() => server.close());
  origin = `http://localhost:${port}`;
  return {
    database,
    db: databases[0] as Database,
    vault,
    replicas,
    tenant,
    owner: () => {
      const person = identity.authenticateSession(session.token);
      if (isRefusal(person)) throw new Error(person.code);
      return person;
    },
    url: `http://127.0.0.1:${port}`,
    faults,
    close: async () => {
      for (const close of closing.reverse()) await close();
      rmSync(folder, { recursive: true, force: true });
    },
  };
}
