// Who delivers: integrations that sign what they send. Answers from memory, which follows the database and refuses when it can not.
// INVARIANT: no answer of `verify` reads the database; a hook that does not exist is refused as one whose signature is wrong.

import { createSecretKey, type KeyObject } from 'node:crypto';
import {
  type Change,
  type Clock,
  formatTime as iso,
  type JsonObject,
  makeEvent,
  type NewEvent,
  type Random,
  type Refusal,
  SallyportError,
  type SealChange,
  type TenantId,
  type Tx,
  type UnixMs,
} from '#core';
import { appendEvents, type Database, follow } from '#storage';
import { identityFault, refusal } from '../errors.ts';
import { FEED_GRACE_MS } from '../follow.ts';
import { dropHook, HOOKS_CHANNEL, type HookRow, putHook, readHooks } from '../store/hooks.ts';
import { type HookForm, hookForm, hookKey, isInTime, isSignedBy, newHookSecret, type PresentedHook } from './hook-signature.ts';

export interface HookSource {
  readonly tenant: TenantId;
  readonly integration: string;
}

export interface HookRecord {
  readonly integration: string;
  readonly createdAtMs: UnixMs;
  readonly rotatedAtMs: UnixMs | null;
  /** Until then the secret before is good, too. */
  readonly previousUntilMs: UnixMs | null;
}

interface By {
  readonly actor: string;
  /** Seals what was before and after for the event. */
  readonly seal?: SealChange;
}

export interface Hooks {
  /** Whether a delivery carries the signature of this integration, and in time. */
  verify(source: HookSource, presented: PresentedHook): Refusal | null;
  exists(source: HookSource): boolean;
  /** Makes a secret, or stores the one a sender made; the one before stays good for a day. It is shown once. */
  create(input: HookSource & By & { secret?: string | null }): Promise<{ secret: string; previousUntilMs: UnixMs | null }>;
  /** False when there was none. */
  remove(input: HookSource & By): Promise<boolean>;
  /** In the transaction that removes the integration. */
  removeIn(tx: Tx, input: HookSource & By): Promise<boolean>;
  list(tenant: TenantId): readonly HookRecord[];
  /** Reads the database now; for whoever has just changed it. */
  refreshed(): Promise<void>;
  close(): Promise<void>;
}

export interface HooksDeps {
  readonly db: Database;
  readonly clock: Clock;
  readonly random: Random;
  readonly vault: {
    seal(tx: Tx, value: { tenant: TenantId; subject: string | null; purpose: string; plaintext: Uint8Array }): Promise<Uint8Array>;
    open(tx: Tx, value: { tenant: TenantId; purpose: string; sealed: Uint8Array }): Promise<Uint8Array>;
  };
  readonly onFault?: (fault: unknown) => void;
}

interface Entry extends HookRecord {
  readonly tenant: TenantId;
  readonly key: KeyObject;
  readonly previous: KeyObject | null;
  readonly form: HookForm;
  readonly previousForm: HookForm | null;
  /** The row it was opened from; unchanged rows are not opened again. */
  readonly row: HookRow;
}

export const ROTATION_MS = 24 * 60 * 60_000;
/** Names the row as well, so that a sealed secret moved to another integration does not open. */
export const purposeOfHook = (integration: string): string => `hook.secret:${integration}`;
const placeOf = ({ tenant, integration }: HookSource): string => `${tenant}/${integration}`;

/** A hook without its secrets, for what stood before a change. */
function shown(entry: HookRecord | undefined): JsonObject | null {
  if (entry === undefined) return null;
  const { integration, createdAtMs, rotatedAtMs, previousUntilMs } = entry;
  return {
    integration,
    secretMadeAt: iso(rotatedAtMs ?? createdAtMs),
    previousUntil: previousUntilMs === null ? null : iso(previousUntilMs),
  };
}

function isUnreadable(fault: unknown): boolean {
  return fault instanceof SallyportError && (fault.code.startsWith('VAULT_') || fault.code === 'IDENTITY_HOOK_UNREADABLE');
}

export async function openHooks({ db, clock, random, vault, onFault = () => undefined }: HooksDeps): Promise<Hooks> {
  /** Stands where there is no key: known to nobody, it matches nothing. */
  const nobody = createSecretKey(random.bytes(32));
  let hooks: ReadonlyMap<string, Entry> = new Map();
  let isClosed = false;
  let loading: Promise<void> = Promise.resolve();

  const open = (tenant: TenantId, integration: string, sealed: Uint8Array): Promise<{ key: KeyObject; form: HookForm }> =>
    db.inTenant(tenant, async (tx) => {
      const secret = await vault.open(tx, { tenant, purpose: purposeOfHook(integration), sealed });
      const text = Buffer.from(secret).toString('utf8');
      const key = hookKey(text);
      if (key === null) throw identityFault('IDENTITY_HOOK_UNREADABLE');
      return { key, form: hookForm(text) };
    });

  const enter = async (row: HookRow): Promise<Entry | null> => {
    const { tenant, integration } = row;
    const known = hooks.get(placeOf(row));
    if (known?.row.secret.equals(row.secret) && (known.row.previous?.equals(row.previous ?? Buffer.alloc(0)) ?? row.previous === null))
      return known;
    try {
      const now = await open(tenant, integration, row.secret);
      const before = row.previous === null ? null : await open(tenant, integration, row.previous);
      return {
        tenant,
        integration,
        createdAtMs: row.created_at.getTime(),
        rotatedAtMs: row.rotated_at?.getTime() ?? null,
        previousUntilMs: row.previous_until?.getTime() ?? null,
        ...now,
        previous: before?.key ?? null,
        previousForm: before?.form ?? null,
        row,
      };
    } catch (fault) {
      // One that can not be opened takes no delivery; the others go on. A database that is away is another matter.
      if (!isUnreadable(fault)) throw fault;
      onFault(fault);
      return null;
    }
  };
  // One load after the other: an older one that ends late must never replace a newer one.
  const reload = (): Promise<void> => {
    loading = loading
      .catch(() => {})
      .then(async () => {
        if (isClosed) return;
        const next = new Map<string, Entry>();
        for (const row of await readHooks(db)) {
          const entry = await enter(row);
          if (entry !== null) next.set(placeOf(row), entry);
        }
        hooks = next;
      });
    return loading;
  };
  const feed = await follow({ db, clock, channel: HOOKS_CHANNEL, hear: reload, reload, onFault });

  const event = async (
    tx: Tx,
    { tenant, integration, actor, seal }: HookSource & By,
    told: { type: string; change: Change },
  ): Promise<NewEvent> =>
    makeEvent(
      { clock, random },
      {
        tenant,
        type: `identity.hook.${told.type}`,
        actor,
        subject: `hook:${integration}`,
        public: { integration },
        sealed: (await seal?.(tx, told.change)) ?? null,
      },
    );
  const removeIn: Hooks['removeIn'] = async (tx, input) => {
    const before = shown(hooks.get(placeOf(input)));
    if (!(await dropHook(tx, input.tenant, input.integration))) return false;
    await appendEvents(tx, [await event(tx, input, { type: 'removed', change: { before, after: null } })]);
    return true;
  };

  return {
    verify(source, presented) {
      const entry = hooks.get(placeOf(source));
      const nowMs = clock.now();
      const form = presented.form ?? 'standard';
      // A secret counts for the signatures it was made for, and for no others.
      const current = entry?.form === form ? entry.key : null;
      const isKept = entry?.previousUntilMs != null && nowMs < entry.previousUntilMs && entry.previousForm === form;
      const isRight = isSignedBy([current ?? nobody, (isKept ? entry?.previous : null) ?? nobody], presented);
      const { lostAtMs } = feed;
      if (isClosed || (lostAtMs !== null && nowMs - lostAtMs > FEED_GRACE_MS)) return refusal('IDENTITY_FEED_LOST');
      if (entry === undefined || !isRight) return refusal('IDENTITY_HOOK_SIGNATURE_INVALID');
      // Shopify signs no moment: whoever accepts tells deliveries apart by their bodies.
      return form === 'shopify' || isInTime(presented.timestampS, nowMs) ? null : refusal('IDENTITY_HOOK_OUTSIDE_TIME');
    },

    exists: (source) => hooks.has(placeOf(source)),

    async create({ secret: given, ...source }) {
      const { tenant, integration } = source;
      if (given != null && hookKey(given) === null) throw identityFault('IDENTITY_INPUT_INVALID', 'secret');
      const secret = given ?? newHookSecret(random);
      const nowMs = clock.now();
      const isRotated = await db.inTenant(tenant, async (tx) => {
        const purpose = purposeOfHook(integration);
        const sealed = await vault.seal(tx, { tenant, subject: null, purpose, plaintext: Buffer.from(secret, 'utf8') });
        const rotated = await putHook(tx, {
          tenant,
          integration,
          secret: sealed,
          at: new Date(nowMs),
          previousUntil: new Date(nowMs + ROTATION_MS),
        });
        const before = shown(hooks.get(placeOf(source)));
        const after = { integration, secretMadeAt: iso(nowMs), previousUntil: rotated ? iso(nowMs + ROTATION_MS) : null };
        await appendEvents(tx, [await event(tx, source, { type: rotated ? 'rotated' : 'created', change: { before, after } })]);
        return rotated;
      });
      await reload();
      return { secret, previousUntilMs: isRotated ? nowMs + ROTATION_MS : null };
    },

    async remove(input) {
      const isRemoved = await db.inTenant(input.tenant, (tx) => removeIn(tx, input));
      if (isRemoved) await reload();
      return isRemoved;
    },

    removeIn,

    list: (tenant) =>
      [...hooks.values()]
        .filter((entry) => entry.tenant === tenant)
        .map(({ integration, createdAtMs, rotatedAtMs, previousUntilMs: until }) => {
          const previousUntilMs = until !== null && until > clock.now() ? until : null;
          return { integration, createdAtMs, rotatedAtMs, previousUntilMs };
        })
        .sort((left, right) => (left.integration < right.integration ? -1 : 1)),

    refreshed: reload,

    async close() {
      isClosed = true;
      await feed.close();
      await loading.catch(() => {});
    },
  };
}
