// Leases: an opened credential for exactly the origin, method and path it is bound to, from memory.
// INVARIANT: memory is used only while the notification feed stands; without it every lease reads the database.

import { type Clock, type CredentialId, type Refusal, refuse, type TenantId, type UnixMs, type WorkloadId } from '#core';
import { isPathInside } from '#egress';
import { follow, type RoomDatabase } from '#storage';
import { CREDENTIAL_PURPOSE } from './credentials.ts';
import { vaultFault } from './envelope.ts';
import { vaultCodes } from './errors.ts';
import type { Keyring } from './keyring.ts';
import { createScrubber, formsOf, type Scrubber, type TextTransform } from './scrub.ts';
import { SecretString } from './secret-string.ts';
import { CREDENTIALS_CHANNEL, findCredential } from './store/credentials.ts';

/** In whose name a credential is used: a workload, at most within one step of one version of its workflow, or a job of our own. */
export type LeaseHolder =
  | {
      readonly kind: 'workload';
      readonly workload: WorkloadId;
      readonly workflow: string | null;
      readonly version: string | null;
      readonly step: string | null;
    }
  /** `customer`: a person's look at a customer, judged before. */
  | { readonly kind: 'system'; readonly job: 'recovery' | 'customer' };

export interface LeaseRequest {
  readonly tenant: TenantId;
  readonly credential: CredentialId;
  /** Name of the integration it is used for. */
  readonly integration: string;
  readonly holder: LeaseHolder;
  readonly origin: string;
  readonly method: string;
  /** Path with its query, as it goes on the wire. */
  readonly path: string;
}

export interface Lease {
  readonly header: string;
  /** The whole header value. Revealed only where the request is written. */
  readonly value: SecretString;
}

export interface Leases {
  lease(request: LeaseRequest): Promise<Lease | Refusal>;
  scrub<Value extends string | Uint8Array>(tenant: TenantId, value: Value): Value;
  scrubStream(tenant: TenantId): TextTransform;
  close(): Promise<void>;
}

interface Opened {
  readonly secret: SecretString;
  readonly origin: string;
  readonly methods: ReadonlySet<string>;
  readonly pathPrefix: string;
  readonly lease: Lease;
}

/** What was given out and may come back in a reply. Kept for a while after the credential is gone, for calls still under way. */
interface Remembered {
  readonly secret: string;
  lastLeaseAtMs: UnixMs;
}

const REMEMBER_MS = 15 * 60_000; // longer than any call may take
const MAX_REMEMBERED = 256; // secrets of one tenant that were in use lately
const MAX_OPENED = 10_000;
const PASS_THROUGH: TextTransform = { push: (chunk) => chunk, end: () => '' };

/** Null when whoever asks may hold the credential of that integration; asked for each lease, whatever decided about the call before. */
export type MayHold = (request: LeaseRequest) => Promise<Refusal | null>;

export interface LeasesDeps {
  readonly db: RoomDatabase;
  readonly mayHold: MayHold;
  readonly keyring: Keyring;
  readonly clock: Clock;
  readonly onFault: (fault: unknown) => void;
}

export async function createLeases({ db, mayHold, keyring, clock, onFault }: LeasesDeps): Promise<Leases> {
  const opened = new Map<string, Opened>();
  const given = new Map<TenantId, { secrets: Map<string, Remembered>; scrubber: Scrubber }>();
  /** Counts invalidations, so that what was read before one is not kept after it. */
  let epoch = 0;
  let isClosed = false;

  const forget = (key?: string): void => {
    epoch += 1;
    if (key === undefined) opened.clear();
    else opened.delete(key);
  };

  function remember(tenant: TenantId, secret: string): void {
    const now = clock.now();
    const secrets = given.get(tenant)?.secrets ?? new Map<string, Remembered>();
    const known = secrets.get(secret);
    if (known !== undefined) {
      known.lastLeaseAtMs = now;
      return;
    }
    secrets.set(secret, { secret, lastLeaseAtMs: now });
    const byAge = [...secrets.values()].sort((left, right) => right.lastLeaseAtMs - left.lastLeaseAtMs);
    const kept = byAge.filter((entry, index) => index < MAX_REMEMBERED && now - entry.lastLeaseAtMs < REMEMBER_MS);
    const forms = kept.flatMap((entry) => formsOf(entry.secret)).sort((left, right) => right.length - left.length);
    given.set(tenant, { secrets: new Map(kept.map((entry) => [entry.secret, entry])), scrubber: createScrubber(forms) });
  }

  async function load(tenant: TenantId, credential: CredentialId): Promise<Opened | null> {
    const before = epoch;
    const found = await db.inTenant(tenant, async (tx) => {
      const row = await findCredential(tx, tenant, { id: credential });
      if (row === null) return null;
      return { row, secret: await keyring.open(tx, { tenant, purpose: CREDENTIAL_PURPOSE, sealed: row.sealed }) };
    });
    if (found === null) return null;
    const { row } = found;
    const secret = Buffer.from(found.secret).toString('utf8');
    found.secret.fill(0);
    const lease = Object.freeze({ header: row.header, value: new SecretString(row.prefix + secret) });
    const entry = {
      secret: new SecretString(secret),
      origin: row.origin,
      methods: new Set(row.methods),
      pathPrefix: row.pathPrefix,
      lease,
    };
    if (feed.lostAtMs === null && epoch === before) {
      if (opened.size >= MAX_OPENED) opened.delete(opened.keys().next().value as string);
      opened.set(`${tenant} ${credential}`, entry);
    }
    return entry;
  }

  const feed = await follow({
    db,
    clock,
    channel: CREDENTIALS_CHANNEL,
    hear: (payload) => forget(payload),
    reload: () => forget(),
    onLost: () => forget(),
    onFault,
  });

  return {
    async lease(request) {
      if (isClosed) throw vaultFault('VAULT_CLOSED');
      const { tenant, credential, origin, method, path } = request;
      const withheld = await mayHold(request);
      if (withheld !== null) return withheld;
      const entry = opened.get(`${tenant} ${credential}`) ?? (await load(tenant, credential));
      if (entry === null) return refusal('VAULT_CREDENTIAL_UNKNOWN', credential);
      const isInScope = entry.origin === origin && entry.methods.has(method) && isPathInside(path, entry.pathPrefix);
      if (!isInScope) return refusal('VAULT_CREDENTIAL_OUT_OF_SCOPE', credential);
      remember(tenant, entry.secret.reveal());
      return entry.lease;
    },

    scrub<Value extends string | Uint8Array>(tenant: TenantId, value: Value): Value {
      const scrubber = given.get(tenant)?.scrubber;
      if (scrubber === undefined) return value;
      if (typeof value === 'string') return scrubber.scrub(value) as Value;
      // Secrets are ASCII, so bytes are searched as bytes.
      const text = Buffer.from(value.buffer, value.byteOffset, value.byteLength).toString('latin1');
      const clean = scrubber.scrub(text);
      return (clean === text ? value : Buffer.from(clean, 'latin1')) as Value;
    },

    scrubStream: (tenant) => given.get(tenant)?.scrubber.stream() ?? PASS_THROUGH,

    async close() {
      isClosed = true;
      forget();
      given.clear();
      await feed.close();
    },
  };
}

function refusal(code: 'VAULT_CREDENTIAL_UNKNOWN' | 'VAULT_CREDENTIAL_OUT_OF_SCOPE', credential: CredentialId): Refusal {
  return refuse(code, vaultCodes[code]?.sentence ?? code, { credential });
}
