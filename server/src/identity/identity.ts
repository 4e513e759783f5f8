// Who is calling: answers from a snapshot in memory that follows the database, and refuses when it can not vouch for it.
// INVARIANT: no answer here reads the database; an unknown key costs what a known one costs.

import type { Binding, Clock, KeyId, PersonPrincipal, Principal, Random, Refusal, TenantId, Tx, UnixMs, WorkloadId } from '#core';
import { type Database, isUniqueViolation } from '#storage';
import { importPublicKey, type VerificationKey, verifyBinding } from './binding.ts';
import { createDeprovision, type Deprovision } from './deprovision.ts';
import { identityFault, refusal } from './errors.ts';
import { followChanges } from './follow.ts';
import { createPeople, type People } from './people.ts';
import { type RelyingParty, relyingPartyOf } from './relying-party.ts';
import { createSignIn, isOver, type SignIn } from './sign-in.ts';
import { createSnapshot, type KeyEntry } from './snapshot.ts';
import { sweepSignIns } from './store/challenges.ts';
import { findTenantByName } from './store/people.ts';
import { readAll } from './store/snapshot-rows.ts';
import { sweepExpired, useStatement } from './store/statements.ts';
import { createHasher, type Hasher, NO_HASH, NO_TOKEN, parseToken, sameHash } from './tokens.ts';
import { createWorkloads, type Workloads } from './workloads.ts';

export interface IdentityDeps {
  readonly db: Database;
  readonly clock: Clock;
  readonly random: Random;
  /** 32 secret bytes kept outside the database; without them its hashes can not be tried. */
  readonly pepper: Uint8Array;
  /** Under which address people make passkeys, known once the control plane listens. */
  readonly relyingParty?: () => RelyingParty;
  /** Told when changes can not be followed. */
  readonly onFault?: (fault: unknown) => void;
}

export interface Identity extends Workloads, People, Deprovision, Omit<SignIn, 'createCliCredential'> {
  authenticate(presentedKey: string | null): Principal | Refusal;
  /** The holder of a key that was checked before, if it still may come in: for calls that were stored and run later. */
  reauthenticate(key: KeyId): Principal | Refusal;
  authenticateSession(token: string | null): PersonPrincipal | Refusal;
  bind(principal: Principal, presentedBinding: string | null, now: UnixMs): Promise<Binding | Refusal>;
  /** Integrations the workload may reach now; null when there is no such workload, or nobody can tell. */
  reachOf(tenant: TenantId, workload: WorkloadId): ReadonlySet<string> | null;
  /** In the transaction that commits an effect: the first use of a statement passes, every other one is refused. */
  consumeBinding(tx: Tx, tenant: TenantId, statement: string, expiresAtMs: UnixMs): Promise<Refusal | null>;
  /** The tenant every installation starts with; made on the first start. */
  ensureDefaultTenant(): Promise<{ readonly tenant: TenantId }>;
  /** As the owner of the default tenant unless another is named; replaces the earlier one of the same label. */
  createCliCredential(of?: { readonly tenant?: TenantId; readonly label?: string }): Promise<string>;
  /** Deletes what has long expired; for a timer. Returns how many rows. */
  sweep(): Promise<number>;
  close(): Promise<void>;
}

const atHome = (): RelyingParty => relyingPartyOf(null, { port: 4810, isTls: false });
const DEFAULT_TENANT = 'default';
const LOCAL_LABEL = 'local';
/** Expired rows are kept a day, for whoever looks at what happened. */
const SWEEP_AFTER_MS = 24 * 60 * 60_000;

export async function createIdentity({
  db,
  clock,
  random,
  pepper,
  relyingParty = atHome,
  onFault = () => undefined,
}: IdentityDeps): Promise<Identity> {
  const hasher = createHasher(pepper);
  await refuseOtherPepper(db, hasher, clock);
  const snapshot = createSnapshot(hasher.pepperId);
  const follower = await followChanges({ db, clock, snapshot, onFault });
  const workloads = createWorkloads({ db, clock, random, hasher, follower });
  const signIn = createSignIn({ db, clock, random, hasher, follower, snapshot, relyingParty });
  const ending = createDeprovision({ db, clock, random, follower });
  const people = createPeople({ db, clock, random, hasher, follower, deprovision: ending.deprovision });
  /** Imported public keys by their text: importing costs more than a verification. */
  const imported = new Map<string, Promise<VerificationKey>>();
  let isClosed = false;

  const isUnsure = (): boolean => isClosed || follower.isLost();

  const principalOf = (entry: KeyEntry | undefined): Principal | Refusal => {
    if (entry === undefined) return refusal('IDENTITY_KEY_UNKNOWN');
    if (entry.expiresAtMs <= clock.now()) return refusal('IDENTITY_KEY_EXPIRED');
    if (snapshot.isSuspended(entry)) return refusal('IDENTITY_KEY_SUSPENDED');
    return snapshot.principal(entry) ?? refusal('IDENTITY_KEY_UNKNOWN');
  };

  async function ensureDefaultTenant(): Promise<{ tenant: TenantId }> {
    const found = await findTenantByName(db, DEFAULT_TENANT);
    if (found !== null) return { tenant: found };
    try {
      return { tenant: await workloads.createTenant({ name: DEFAULT_TENANT }) };
    } catch (error) {
      // Another process starting at the same moment was first.
      const theirs = isNameTaken(error) ? await findTenantByName(db, DEFAULT_TENANT) : null;
      if (theirs === null) throw error;
      return { tenant: theirs };
    }
  }

  return {
    ...workloads,
    ...people,
    ...ending,
    ...signIn,
    ensureDefaultTenant,
    createCliCredential: async ({ tenant, label } = {}) =>
      signIn.createCliCredential(tenant ?? (await ensureDefaultTenant()).tenant, label ?? LOCAL_LABEL),

    authenticate(presentedKey) {
      const token = parseToken('sp', presentedKey);
      const entry = token === null ? undefined : snapshot.keyByLookup(token.lookup);
      const isRight = sameHash(entry?.hash ?? NO_HASH, hasher.hash('sp', token ?? NO_TOKEN));
      if (isUnsure()) return refusal('IDENTITY_FEED_LOST');
      if (presentedKey === null) return refusal('IDENTITY_KEY_MISSING');
      return isRight ? principalOf(entry) : refusal('IDENTITY_KEY_UNKNOWN');
    },

    reauthenticate: (key) => (isUnsure() ? refusal('IDENTITY_FEED_LOST') : principalOf(snapshot.keyById(key))),

    authenticateSession(presented) {
      const token = parseToken('sps', presented);
      const entry = token === null ? undefined : snapshot.sessionByLookup(token.lookup);
      const isRight = sameHash(entry?.hash ?? NO_HASH, hasher.hash('sps', token ?? NO_TOKEN));
      if (isUnsure()) return refusal('IDENTITY_FEED_LOST');
      if (entry === undefined || !isRight || isOver(entry, clock.now())) return refusal('IDENTITY_SESSION_INVALID');
      const { tenant, person, method, openedAtMs, passkeyAtMs, device } = entry;
      const proof = { method, openedAtMs, passkeyAtMs };
      const grants = snapshot.grants(tenant, person, clock.now());
      return { kind: 'person', tenant, person, session: entry.id, grants, proof, home: tenant, device, risk: 'none' };
    },

    async bind(principal, presentedBinding, now) {
      if (principal.kind !== 'workload') return refusal('IDENTITY_NOT_A_WORKLOAD');
      if (presentedBinding === null) return { tier: 'plain' };
      const registered = snapshot.workload(principal.workload)?.publicKey ?? null;
      if (registered === null) return refusal('IDENTITY_BINDING_KEY_MISSING');
      let key = imported.get(registered);
      if (key === undefined) {
        key = importPublicKey(registered);
        imported.set(registered, key);
      }
      return verifyBinding(presentedBinding, { workload: principal.workload, key: await key, now });
    },

    reachOf: (tenant, workload) => {
      const entry = isUnsure() ? undefined : snapshot.workload(workload);
      return entry === undefined || entry.tenant !== tenant ? null : entry.integrations;
    },

    async consumeBinding(tx, tenant, statement, expiresAtMs) {
      const isFirst = await useStatement(tx, tenant, statement, new Date(expiresAtMs));
      return isFirst ? null : refusal('IDENTITY_BINDING_REPLAYED');
    },

    sweep: async () => (await sweepExpired(db, new Date(clock.now() - SWEEP_AFTER_MS))) + (await sweepSignIns(db, new Date(clock.now()))),

    async close() {
      isClosed = true;
      await follower.close();
    },
  };
}

function isNameTaken(error: unknown): boolean {
  return isUniqueViolation(error) || (error as { code?: unknown } | null)?.code === 'IDENTITY_NAME_TAKEN';
}

/** Keys made with another pepper would all look mistyped; better to stop than to lock everybody out without a word. */
async function refuseOtherPepper(db: Database, hasher: Hasher, clock: Clock): Promise<void> {
  const { keys } = await readAll(db, clock.now());
  if (keys.some((key) => key.pepper !== hasher.pepperId)) throw identityFault('IDENTITY_PEPPER_MISMATCH');
}
