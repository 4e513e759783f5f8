// The integrations each tenant may reach, as an in-memory snapshot that follows the database by notification.
// The guard reads only the snapshot; a replica that lost its feed for too long answers nothing.

import type { Clock, CredentialId, IntegrationId, Manifest, Money, TenantId, Tx } from '#core';
import { newId, SallyportError } from '#core';
import { type Database, follow, notify, query, sql } from '#storage';

/** What one operation may do without a person. Money limits share one currency; an operation that moves money needs the first two. */
export interface Autonomy {
  /** The most one call may move. */
  readonly perCall: Money | null;
  /** The most one customer may receive in a day, split calls summed. */
  readonly perCustomerDay: Money | null;
  /** The most all customers together may receive in a day. */
  readonly perDay: Money | null;
  /** How often one customer may be served in a day. */
  readonly timesPerCustomerDay: number | null;
  /** Above this two different people must approve; `null`: one person is enough for any amount. */
  readonly fourEyesAbove: Money | null;
  /** The most somebody who is alone may approve above that in a day; `null`: the installation's cap. */
  readonly soloPerDay: Money | null;
}

/** What a model costs, in millionths of the currency's main unit per million tokens. */
export interface ModelPrice {
  readonly inputMicros: bigint;
  readonly outputMicros: bigint;
}

/** How much one workload may spend at a model integration in a day. */
export interface ModelSpending {
  readonly currency: string;
  readonly perWorkloadDayMicros: bigint;
  readonly prices: ReadonlyMap<string, ModelPrice>;
}

export interface Integration {
  readonly id: IntegrationId;
  readonly tenant: TenantId;
  readonly name: string;
  readonly kind: 'http' | 'model';
  readonly origin: string;
  readonly pathPrefix: string;
  readonly manifest: Manifest | null;
  readonly credential: CredentialId | null;
  /** Exact model names a model integration offers. */
  readonly models: ReadonlySet<string>;
  /** Hosts that links in replies and messages may point to. */
  readonly linkHosts: ReadonlySet<string>;
  /** Operations that may run within limits without a person. Everything else needs an endorsement. */
  readonly autonomy: ReadonlyMap<string, Autonomy>;
  /** SHA-256 of registered system prompts; only these carry staff integrity. */
  readonly prompts: ReadonlySet<string>;
  /** `null`: model calls are counted but not limited by cost. */
  readonly spending: ModelSpending | null;
  /** Sample data: may reach the sample parts of this process, and goes when the demo is removed. */
  readonly isSample: boolean;
}

export interface StoredAutonomy {
  readonly currency: string | null;
  readonly perCallMinor: string | null;
  readonly perCustomerDayMinor: string | null;
  readonly perDayMinor: string | null;
  readonly timesPerCustomerDay: number | null;
  readonly fourEyesAboveMinor?: string | null;
  readonly soloPerDayMinor?: string | null;
}

export interface IntegrationSettings {
  readonly models: readonly string[];
  readonly linkHosts: readonly string[];
  readonly autonomy: Readonly<Record<string, StoredAutonomy>>;
  readonly prompts: readonly string[];
  readonly spending: {
    readonly currency: string;
    readonly perWorkloadDayMicros: string;
    readonly prices: Readonly<Record<string, { inputMicros: string; outputMicros: string }>>;
  } | null;
}

export interface NewIntegration {
  readonly tenant: TenantId;
  readonly name: string;
  readonly kind: 'http' | 'model';
  readonly origin: string;
  readonly pathPrefix: string;
  readonly manifest: Manifest | null;
  readonly credential: CredentialId | null;
  readonly settings: IntegrationSettings;
  readonly isSample?: boolean;
}

interface Row {
  tenant: string;
  id: string;
  name: string;
  kind: string;
  origin: string;
  path_prefix: string;
  manifest: unknown;
  credential: string | null;
  settings: unknown;
  is_sample: boolean;
}

interface Tables {
  integrations: Row;
}

const CHANNEL = 'sallyport_catalogue';
/** How long a snapshot may go without its notification feed before it answers nothing. */
const FEED_GRACE_MS = 5_000;

export interface Catalogue {
  integration(tenant: TenantId, name: string): Integration | null;
  /** Model integrations of the tenant whose name is in `allowed`. */
  models(tenant: TenantId, allowed: ReadonlySet<string>): readonly Integration[];
  list(tenant: TenantId): readonly Integration[];
  /** Reads the database now; for whoever has just changed it and answers with the new state. */
  refreshed(): Promise<void>;
  close(): Promise<void>;
}

export async function openCatalogue(database: Database, clock: Clock): Promise<Catalogue> {
  let snapshot: Awaited<ReturnType<typeof load>> = new Map();
  let closed = false;
  let loading: Promise<void> = Promise.resolve();

  // One load after the other: an older one that ends late must never replace a newer one.
  const reload = (): Promise<void> => {
    loading = loading
      .catch(() => {})
      .then(async () => {
        if (!closed) snapshot = await load(database);
      });
    return loading;
  };
  // What broke is told by the database's own onFault; here it only counts that it did.
  const feed = await follow({ db: database, clock, channel: CHANNEL, hear: reload, reload, onFault: () => {} });

  const current = (): ReadonlyMap<string, Integration> => {
    const { lostAtMs } = feed;
    if (lostAtMs !== null && clock.now() - lostAtMs > FEED_GRACE_MS) {
      throw new SallyportError('ENFORCEMENT_STAGE_UNAVAILABLE', 'The list of integrations lost its feed; check the database.', {
        retryable: true,
      });
    }
    return snapshot;
  };
  const ofTenant = (tenant: TenantId): Integration[] => [...current().values()].filter((entry) => entry.tenant === tenant);

  return {
    integration: (tenant, name) => current().get(`${tenant}/${name}`) ?? null,
    models: (tenant, allowed) => ofTenant(tenant).filter((entry) => entry.kind === 'model' && allowed.has(entry.name)),
    list: ofTenant,
    refreshed: reload,
    close: async () => {
      closed = true;
      await feed.close();
      await loading.catch(() => {});
    },
  };
}

/**
 * Adds or replaces an integration by name. False when the name belongs to sample data and this is none, or the other way round.
 * INVARIANT: what is sample and what is not never changes, so removing the demo removes nothing that somebody added.
 */
export async function putIntegration(tx: Tx, id: IntegrationId, integration: NewIntegration): Promise<boolean> {
  const written = await sql`
    insert into integrations (tenant, id, name, kind, origin, path_prefix, manifest, credential, settings, is_sample)
    values (${integration.tenant}, ${id}, ${integration.name}, ${integration.kind}, ${integration.origin}, ${integration.pathPrefix},
      ${integration.manifest === null ? null : JSON.stringify(integration.manifest)}::jsonb, ${integration.credential},
      ${JSON.stringify(integration.settings)}::jsonb, ${integration.isSample === true})
    on conflict (tenant, name) do update set
      kind = excluded.kind, origin = excluded.origin, path_prefix = excluded.path_prefix, manifest = excluded.manifest,
      credential = excluded.credential, settings = excluded.settings
    where integrations.is_sample = excluded.is_sample returning id`.execute(query<Tables>(tx));
  await notify(tx, CHANNEL, '');
  return written.rows.length === 1;
}

/** As it stands in this transaction. */
export async function readIntegration(tx: Tx, tenant: TenantId, name: string): Promise<Integration | null> {
  const rows = query<Tables>(tx).selectFrom('integrations').selectAll().where('tenant', '=', tenant).where('name', '=', name);
  const row = await rows.executeTakeFirst();
  return row === undefined ? null : toIntegration(row);
}

export async function dropIntegration(tx: Tx, tenant: TenantId, name: string): Promise<boolean> {
  const result = await query<Tables>(tx)
    .deleteFrom('integrations')
    .where('tenant', '=', tenant)
    .where('name', '=', name)
    .executeTakeFirst();
  await notify(tx, CHANNEL, '');
  return result.numDeletedRows > 0n;
}

export const newIntegrationId = (clock: Clock, random: Parameters<typeof newId>[2]): IntegrationId => newId('int', clock, random);

async function load(database: Database): Promise<ReadonlyMap<string, Integration>> {
  const rows = await database.asSystem('authenticator', (tx) => query<Tables>(tx).selectFrom('integrations').selectAll().execute());
  return new Map(rows.map((row) => [`${row.tenant}/${row.name}`, toIntegration(row)]));
}

function toIntegration(row: Row): Integration {
  const settings = row.settings as IntegrationSettings;
  return Object.freeze({
    id: row.id as IntegrationId,
    tenant: row.tenant as TenantId,
    name: row.name,
    kind: row.kind as 'http' | 'model',
    origin: row.origin,
    pathPrefix: row.path_prefix,
    manifest: row.manifest as Manifest | null,
    credential: row.credential as CredentialId | null,
    models: new Set(settings.models),
    linkHosts: new Set(settings.linkHosts),
    prompts: new Set(settings.prompts),
    spending: toSpending(settings.spending),
    isSample: row.is_sample,
    autonomy: new Map(Object.entries(settings.autonomy).map(([operation, stored]) => [operation, toAutonomy(stored)])),
  });
}

function toSpending(stored: IntegrationSettings['spending']): ModelSpending | null {
  if (stored === null) return null;
  const prices = Object.entries(stored.prices).map(([model, price]): [string, ModelPrice] => [
    model,
    { inputMicros: BigInt(price.inputMicros), outputMicros: BigInt(price.outputMicros) },
  ]);
  return { currency: stored.currency, perWorkloadDayMicros: BigInt(stored.perWorkloadDayMicros), prices: new Map(prices) };
}

function toAutonomy(stored: StoredAutonomy): Autonomy {
  const money = (minor: string | null = null): Money | null =>
    minor === null || stored.currency === null ? null : { amountMinor: BigInt(minor), currency: stored.currency };
  return {
    perCall: money(stored.perCallMinor),
    perCustomerDay: money(stored.perCustomerDayMinor),
    perDay: money(stored.perDayMinor),
    timesPerCustomerDay: stored.timesPerCustomerDay,
    fourEyesAbove: money(stored.fourEyesAboveMinor),
    soloPerDay: money(stored.soloPerDayMinor),
  };
}
