// The watch over the log and what sends its alerts: one process of an installation at a time, by a lease that a dead one loses in seconds.

import { leafTexts, readPayload, webhookHeaders, webhookKey } from '#audit';
import { isRefusal, privilegedTypes, SallyportError, type TenantId } from '#core';
import { isInHours } from '#identity';
import { type AlertDetails, type Alerts, createAlerts, createDeliver, createWatch, type Deliver } from '#monitoring';
import type { RoomDatabase } from '#storage';
import type { Logger } from '../logger.ts';
import { readPrivate } from '../secret-file.ts';
import type { Config } from '../settings.ts';
import { systemClock, systemWorld } from '../world.ts';
import { openDetails } from './change-records.ts';
import type { OpenDatabase } from './database.ts';
import { allEvents } from './event-catalogue.ts';
import { createLedRounds } from './led-rounds.ts';
import { codeOf, type Rooms } from './rooms.ts';

const JOB = 'alerts';
const ROUND_MS = 2_000;
/** A receiver of webhooks answers within seconds. */
const LIMITS = { connectMs: 5_000, headersMs: 10_000, idleMs: 5_000, totalMs: 15_000, maxResponseBytes: 64 * 1024 } as const;
/** The vault opens a value only for the purpose it was sealed for. */
const NOTE = 'alert.note';

export interface Alerting {
  readonly alerts: Alerts;
  /** The text of a note; null once its writer was erased. */
  openNote(tenant: TenantId, sealed: Uint8Array): Promise<string | null>;
  details(tenant: TenantId, seq: number): Promise<AlertDetails | null>;
  /** One round now, whoever has the lease: what is sealed is considered, what is due is sent. */
  runOnce(): Promise<void>;
  start(): void;
  stop(): Promise<void>;
}

type AlertingRooms = Pick<Rooms, 'vault' | 'identity' | 'ledger' | 'agency' | 'egress' | 'surroundings' | 'sealChange' | 'instance'>;

export function createAlerting(
  rooms: AlertingRooms,
  { database }: Pick<OpenDatabase, 'database'>,
  { config, logger }: { readonly config: Pick<Config, 'alertWebhook' | 'alertWebhookSecretFile'>; readonly logger: Logger },
): Alerting {
  const { vault, ledger } = rooms;
  const onFault = (thrown: unknown): void => logger.error({ event: 'alerts.fault', code: codeOf(thrown) });
  const ending = new AbortController();
  const world = { db: database, ...systemWorld };
  /** The watch writes alerts and nothing else; it reads the sealed log, and no key and no credential. */
  const watching = database.forRoom('monitoring');

  const details = (tenant: TenantId, seq: number): Promise<AlertDetails | null> =>
    database.inTenant(tenant, async (tx) => {
      const kept = await readPayload(tx, tenant, seq);
      return kept === null || kept.payload === null ? null : openDetails(vault, tx, { tenant, payload: kept.payload });
    });

  const alerts = createAlerts({
    ...world,
    actorsBehind: ledger.actorsBehind,
    hasOthers: async (tx, { tenant, person }) =>
      (await rooms.identity.peopleWho(tx, tenant, 'alerts.acknowledge')).some((other) => other !== person),
    sealNote: (tx, { tenant, person }, note) =>
      vault.seal(tx, { tenant, subject: `person:${person}`, purpose: NOTE, plaintext: Buffer.from(note) }),
    sealChange: rooms.sealChange,
  });
  const watch = createWatch({
    ...world,
    db: watching,
    readLog: leafTexts,
    actorsBehind: ledger.actorsBehind,
    privileged: new Set(privilegedTypes(allEvents)),
    isOutsideHours: (tenant, atMs) => {
      const { hours } = rooms.surroundings.conditions.of(tenant);
      return hours !== null && !isInHours(hours, atMs);
    },
    onFault,
  });
  const deliver = openDeliver({ config, rooms, database: watching, alerts, details, signal: ending.signal });

  async function runOnce(): Promise<void> {
    await watch.runOnce();
    await deliver?.runOnce();
  }

  const rounds = createLedRounds({
    database,
    role: 'watcher',
    job: JOB,
    holder: rooms.instance,
    everyMs: ROUND_MS,
    work: runOnce,
    // What is broken off at the end is no fault.
    onFault: (thrown) => ending.signal.aborted || onFault(thrown),
    breakOff: () => ending.abort(),
  });

  return {
    alerts,
    details,
    openNote: async (tenant, sealed) => {
      try {
        return Buffer.from(await database.inTenant(tenant, (tx) => vault.open(tx, { tenant, purpose: NOTE, sealed }))).toString('utf8');
      } catch (fault) {
        if (codeOf(fault) === 'VAULT_SUBJECT_ERASED') return null;
        throw fault;
      }
    },
    runOnce,
    start: rounds.start,
    stop: rounds.stop,
  };
}

interface DeliverParts {
  readonly config: Pick<Config, 'alertWebhook' | 'alertWebhookSecretFile'>;
  readonly rooms: Pick<Rooms, 'egress'>;
  readonly database: RoomDatabase;
  readonly alerts: Alerts;
  readonly details: Alerting['details'];
  readonly signal: AbortSignal;
}

function openDeliver({ config, rooms, database, alerts, details, signal }: DeliverParts): Deliver | null {
  const { alertWebhook, alertWebhookSecretFile } = config;
  if (alertWebhook === null) return null;
  if (alertWebhookSecretFile === null) {
    throw new SallyportError(
      'MAIN_CONFIG_INVALID',
      'Setting alertWebhook needs alertWebhookSecretFile, a file with the secret that signs: whsec_...',
    );
  }
  const key = webhookKey(readPrivate(alertWebhookSecretFile).trim());
  if (key === null) {
    throw new SallyportError(
      'MAIN_CONFIG_INVALID',
      'The file of alertWebhookSecretFile holds no secret of the form whsec_ and base64 of 24 to 64 bytes.',
    );
  }
  const { origin, pathname, search } = new URL(alertWebhook);
  return createDeliver({
    db: database,
    clock: systemClock,
    details,
    find: async (tenant, id) => {
      const found = await alerts.find(tenant, id);
      return isRefusal(found) ? null : found;
    },
    post: async ({ id, body }) => {
      const { status } = await rooms.egress.requestJson({
        destination: { origin, pathPrefix: pathname, methods: ['POST'] },
        method: 'POST',
        path: `${pathname}${search}`,
        headers: { ...webhookHeaders(key, { id, atMs: systemClock.now(), body }) },
        body,
        signal,
        limits: LIMITS,
      });
      if (status < 200 || status >= 300)
        throw new SallyportError('MONITORING_WEBHOOK_REFUSED', 'The receiver of alerts did not answer with a status of success.');
    },
  });
}
