// What this process knows of clients, families and revoked tokens: in memory, following the database.
// INVARIANT: what ended never comes back by a late read; while changes can not be heard, `isLost` turns true and no token is good.

import {
  type AccessTokenId,
  type Clock,
  createInOrder,
  type KeyId,
  type OAuthClientId,
  type PersonId,
  scopeIntegration,
  type TenantId,
  type TokenFamilyId,
  type TokenScope,
  type UnixMs,
  type WorkloadId,
} from '#core';
import { type Database, follow } from '#storage';
import { FEED_GRACE_MS } from '../follow.ts';
import { OAUTH_CHANNEL, type OAuthChange, parseOAuthChange, readClient, readFamily, readOAuth } from '../store/oauth-rows.ts';
import type { ClientRow, FamilyRow } from '../store/oauth-tables.ts';
import type { Watchers } from '../watchers.ts';

export interface ClientEntry {
  readonly id: OAuthClientId;
  readonly tenant: TenantId;
  readonly clientId: string;
  readonly kind: 'service' | 'app';
  readonly name: string;
  readonly workload: WorkloadId;
  /** JWK set it authenticates with, as text. */
  readonly jwks: string | null;
  readonly redirectUris: readonly string[];
  readonly isBound: boolean;
  /** The most its tokens may carry; null: all its workload may. */
  readonly scope: TokenScope | null;
}

export interface FamilyEntry {
  readonly id: TokenFamilyId;
  readonly tenant: TenantId;
  readonly client: OAuthClientId;
  readonly person: PersonId;
  readonly resource: string;
  readonly scope: TokenScope;
  readonly expiresAtMs: UnixMs;
}

export interface OAuthRegistry {
  isLost(): boolean;
  client(id: OAuthClientId): ClientEntry | undefined;
  /** A service by its own id, over all tenants. */
  service(clientId: string): ClientEntry | undefined;
  /** An app within one tenant; one that describes itself may be known to many. */
  app(tenant: TenantId, clientId: string): ClientEntry | undefined;
  family(id: TokenFamilyId): FamilyEntry | undefined;
  /** What people let the app of this workload reach; a service reaches what its workload does. */
  reachOfApp(tenant: TenantId, workload: WorkloadId): ReadonlySet<string>;
  isRevoked(id: AccessTokenId): boolean;
  /** Applies a change this process has just committed, without waiting to hear of it. */
  refresh(change: OAuthChange): Promise<void>;
  /** Forgets revocations of tokens that have expired. */
  prune(): void;
  close(): Promise<void>;
}

const NOTHING: ReadonlySet<string> = new Set();
/** How long a revocation that was heard of is kept: longer than a token lives. */
const KEEP_REVOKED_MS = 10 * 60_000;
/** Beyond so many, the memory of what ended is renewed by a full read. */
const MAX_ENDED = 50_000;

export async function openRegistry({
  db,
  clock,
  onFault,
  watchers,
}: {
  readonly db: Database;
  readonly clock: Clock;
  readonly onFault: (fault: unknown) => void;
  /** Told when access may have changed: streams that are open ask again then. */
  readonly watchers?: Pick<Watchers, 'changed' | 'lost'> | undefined;
}): Promise<OAuthRegistry> {
  let clients = new Map<OAuthClientId, ClientEntry>();
  let families = new Map<TokenFamilyId, FamilyEntry>();
  let byName = new Map<string, ClientEntry>();
  let familiesOf = new Map<OAuthClientId, Set<TokenFamilyId>>();
  let appOf = new Map<WorkloadId, ClientEntry>();
  const revoked = new Map<AccessTokenId, UnixMs>();
  const ended = new Set<KeyId>();
  let isClosed = false;
  /** Reads run one after the other, so that an older read never overwrites a newer one. */
  const { run, idle } = createInOrder();
  const inOrder = (work: () => Promise<void>): Promise<void> => run(() => (isClosed ? undefined : work()));
  const nameOf = (entry: Pick<ClientEntry, 'kind' | 'tenant' | 'clientId'>): string =>
    entry.kind === 'service' ? entry.clientId : `${entry.tenant} ${entry.clientId}`;

  const putClient = (row: ClientRow): void => {
    if (ended.has(row.id)) return;
    const { id, tenant, kind, name, workload, jwks, scope } = row;
    const base = { id, tenant, clientId: row.client_id, kind, name, workload, jwks };
    const entry = { ...base, redirectUris: row.redirect_uris, isBound: row.binding === 'dpop', scope };
    clients.set(id, entry);
    byName.set(nameOf(entry), entry);
    if (kind === 'app') appOf.set(workload, entry);
  };
  const putFamily = (row: FamilyRow): void => {
    if (ended.has(row.id)) return;
    const { id, tenant, client, person, resource, scope } = row;
    familiesOf.set(client, (familiesOf.get(client) ?? new Set()).add(id));
    families.set(id, { id, tenant, client, person, resource, scope, expiresAtMs: row.expires_at.getTime() });
  };
  const reload = (): Promise<void> =>
    inOrder(async () => {
      const settled = [...ended]; // ended before the read began, so the read can not show them
      const rows = await readOAuth(db, new Date(clock.now()));
      [clients, families, byName, familiesOf, appOf] = [new Map(), new Map(), new Map(), new Map(), new Map()];
      rows.clients.forEach(putClient);
      rows.families.forEach(putFamily);
      for (const { id, expires_at } of rows.revoked) revoked.set(id, expires_at.getTime());
      for (const id of settled) ended.delete(id);
    });
  const forget = (id: TokenFamilyId): void => {
    familiesOf.get(families.get(id)?.client as OAuthClientId)?.delete(id);
    families.delete(id);
  };
  /** Not behind reads that may be slow. */
  const drop = (change: OAuthChange): void => {
    switch (change.kind) {
      case '-token':
        revoked.set(change.id, clock.now() + KEEP_REVOKED_MS);
        return;
      case '-family':
        ended.add(change.id);
        forget(change.id);
        return;
      case '-client': {
        ended.add(change.id);
        const entry = clients.get(change.id);
        clients.delete(change.id);
        if (entry !== undefined && byName.get(nameOf(entry)) === entry) byName.delete(nameOf(entry));
        return;
      }
      default:
        return;
    }
  };
  const apply = (change: OAuthChange): Promise<void> => {
    drop(change);
    watchers?.changed();
    if (ended.size > MAX_ENDED) return reload();
    return inOrder(async () => {
      if (change.kind === 'client') {
        const row = await readClient(db, change.tenant, change.id);
        if (row !== null) putClient(row);
      } else if (change.kind === 'family') {
        const row = await readFamily(db, change.tenant, change.id);
        if (row !== null) putFamily(row);
      }
    });
  };
  const feed = await follow({
    db,
    clock,
    channel: OAUTH_CHANNEL,
    hear: async (payload) => {
      const change = parseOAuthChange(payload);
      if (change !== null) await apply(change);
    },
    reload,
    onLost: () => watchers?.lost(),
    onFault,
  });

  return {
    isLost: () => isClosed || (feed.lostAtMs !== null && clock.now() - feed.lostAtMs > FEED_GRACE_MS),
    client: (id) => clients.get(id),
    service: (clientId) => {
      const entry = byName.get(clientId);
      return entry?.kind === 'service' ? entry : undefined;
    },
    app: (tenant, clientId) => byName.get(`${tenant} ${clientId}`),
    family: (id) => families.get(id),
    reachOfApp: (tenant, workload) => {
      const app = appOf.get(workload);
      if (app === undefined || app.tenant !== tenant || !clients.has(app.id)) return NOTHING;
      const live = [...(familiesOf.get(app.id) ?? [])].flatMap((id) => families.get(id) ?? []);
      return new Set(live.filter(({ expiresAtMs }) => expiresAtMs > clock.now()).flatMap(({ scope }) => scope.map(scopeIntegration)));
    },
    isRevoked: (id) => revoked.has(id),
    refresh: apply,
    prune: () => {
      for (const [id, untilMs] of revoked) if (untilMs < clock.now()) revoked.delete(id);
      for (const [id, { expiresAtMs }] of families) if (expiresAtMs < clock.now()) forget(id);
    },
    async close() {
      isClosed = true;
      await feed.close();
      await idle();
    },
  };
}
