// Who is calling: answers from a snapshot in memory that follows the database, and refuses when it can not vouch for it.
// INVARIANT: no answer here reads the database; an unknown key costs what a known one costs.

import type {
  ActedOn,
  Action,
  Binding,
  Clock,
  KeyId,
  PersonId,
  PersonPrincipal,
  PresentedAt,
  Principal,
  Random,
  Refusal,
  TenantId,
  Tx,
  UnixMs,
  WorkloadId,
} from '#core';
import { type Database, isUniqueViolation } from '#storage';
import { type BreakGlass, createBreakGlass } from './access/break-glass.ts';
import { type CustomRoles, createCustomRoles } from './access/custom-roles.ts';
import { createGrants, type Grants } from './access/grants.ts';
import { createGroups, type Groups } from './access/groups.ts';
import { identityFault, refusal } from './errors.ts';
import { createFederated, type Federated, type Outside } from './federation/federated.ts';
import { FEED_GRACE_MS, followChanges } from './follow.ts';
import { type OAuth, type OAuthOptions, openOAuth } from './oauth/oauth.ts';
import { mayThrough } from './oauth/person-rights.ts';
import type { StepTokens } from './oauth/step-tokens.ts';
import { unconfirmed } from './passkeys/passkeys.ts';
import { createDeprovision, type Deprovision } from './people/deprovision.ts';
import { createPeople, type People } from './people/people.ts';
import { tellOfScimTokens } from './scim/caller.ts';
import { type RelyingParty, relyingPartyOf } from './signing-in/relying-party.ts';
import { createSignIn, isOver, type SignIn } from './signing-in/sign-in.ts';
import { createSnapshot, type KeyEntry } from './snapshot.ts';
import { sweepSignIns } from './store/challenges.ts';
import { findTenantByName } from './store/people.ts';
import { readAll } from './store/snapshot-rows.ts';
import { sweepExpired, useStatement } from './store/statements.ts';
import { createWatchers } from './watchers.ts';
import { importPublicKey, type VerificationKey, verifyBinding } from './workloads/binding.ts';
import { createHasher, type Hasher, NO_HASH, NO_TOKEN, parseToken, sameHash } from './workloads/tokens.ts';
import { createWorkloads, type Workloads } from './workloads/workloads.ts';

export interface IdentityDeps {
  readonly db: Database;
  readonly clock: Clock;
  readonly random: Random;
  /** 32 secret bytes kept outside the database; without them its hashes can not be tried. */
  readonly pepper: Uint8Array;
  /** Under which address people make passkeys, known once the control plane listens. */
  readonly relyingParty?: () => RelyingParty;
  /** Where tokens are issued and for what; without it none leave this installation. */
  readonly oauth?: OAuthOptions;
  /** Told when changes can not be followed. */
  readonly onFault?: (fault: unknown) => void;
}

export interface Identity
  extends Workloads,
    People,
    Grants,
    Groups,
    CustomRoles,
    BreakGlass,
    Deprovision,
    StepTokens,
    Omit<SignIn, 'createCliCredential'> {
  /** An API key. */
  authenticate(presentedKey: string | null): Principal | Refusal;
  /** An API key, or an access token for the route it came to; a bound one with its proof, which is used up by this. */
  authenticateCall(presented: string | null, at: PresentedAt | undefined): Principal | Refusal | Promise<Principal | Refusal>;
  /** The holder of what was checked before, if it still may come in: for calls that were stored and run later. */
  reauthenticate(key: KeyId): Principal | Refusal;
  authenticateSession(token: string | null): PersonPrincipal | Refusal;
  /** Why what let somebody in no longer stands; null while it does. For what stays open longer than its first check. */
  recheck(principal: Principal): Refusal | null;
  stillValid(principal: Principal): boolean;
  /** Calls back after every change of access, and once changes can not be heard; whoever holds something open asks again then. */
  onChange(listener: () => void): () => void;
  /** Whether the person could have a workflow do this themselves, so that a program may in their name. */
  personMay(tenant: TenantId, person: PersonId, asked: { readonly action: Action; readonly on: ActedOn }): boolean;
  /** Somebody alone holds everything here: where two are asked for, a delay, a cap and a notice stand instead. */
  isSolo(tenant: TenantId): boolean;
  /** The workflow the workload is for; null for one of the whole tenant, and for one that is not there. */
  workflowOf(tenant: TenantId, workload: string): string | null;
  readonly oauth: OAuth;
  bind(principal: Principal, presentedBinding: string | null, now: UnixMs): Promise<Binding | Refusal>;
  /** Takes in a change that was made here, before anybody is told that it was made. */
  refresh(change: { readonly tenant: TenantId; readonly kind: 'workload' | 'person'; readonly id: string }): Promise<void>;
  /** Integrations the workload may reach now; null when there is no such workload, or nobody can tell. */
  reachOf(tenant: TenantId, workload: WorkloadId): ReadonlySet<string> | null;
  /** In the transaction that commits an effect: the first use of a statement passes, every other one is refused. */
  consumeBinding(tx: Tx, tenant: TenantId, statement: string, expiresAtMs: UnixMs): Promise<Refusal | null>;
  /** The tenant every installation starts with; made on the first start. */
  ensureDefaultTenant(): Promise<{ readonly tenant: TenantId }>;
  /** As the owner of the default tenant unless another is named; replaces the earlier one of the same label. */
  createCliCredential(of?: { readonly tenant?: TenantId; readonly label?: string }): Promise<string>;
  /** Company logins and provisioning, with what they need of other rooms. */
  federated(outside: Outside): Federated;
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
  oauth: oauthOptions,
}: IdentityDeps): Promise<Identity> {
  const hasher = createHasher(pepper);
  let isClosed = false;
  await refuseOtherPepper(db, hasher, clock);
  const snapshot = createSnapshot(hasher.pepperId);
  const watchers = createWatchers(FEED_GRACE_MS);
  const follower = await followChanges({ db, clock, snapshot, onFault, watchers });
  const workloads = createWorkloads({ db, clock, random, hasher, follower });
  const signIn = createSignIn({ db, clock, random, hasher, follower, snapshot, relyingParty });
  const isUnsure = (): boolean => isClosed || follower.isLost();
  const ofKey = (key: KeyId): Principal | Refusal => principalOf(snapshot.keyById(key));
  const issued = await openOAuth({
    db,
    clock,
    random,
    pepper,
    hasher,
    follower,
    snapshot,
    ofKey,
    isUnsure,
    onFault,
    confirmed: (person) => unconfirmed(person, { hasPasskey: signIn.isAskedForPasskey(person), nowMs: clock.now() }),
    options: oauthOptions,
    watchers,
  });
  const accessDeps = { db, clock, random, follower };
  const grants = createGrants(accessDeps);
  const access = { ...grants, ...createGroups(accessDeps), ...createCustomRoles(accessDeps), ...createBreakGlass(accessDeps) };
  const ending = createDeprovision({ db, clock, random, follower, furtherEnds: [issued.endOf, tellOfScimTokens({ clock, random })] });
  const people = createPeople({ db, clock, random, hasher, follower, deprovision: ending.deprovision, grantIn: grants.grantIn });
  /** Imported public keys by their text: importing costs more than a verification. */
  const imported = new Map<string, Promise<VerificationKey>>();
  function principalOf(entry: KeyEntry | undefined): Principal | Refusal {
    if (entry === undefined) return refusal('IDENTITY_KEY_UNKNOWN');
    if (entry.expiresAtMs <= clock.now()) return refusal('IDENTITY_KEY_EXPIRED');
    if (snapshot.isSuspended(entry)) return refusal('IDENTITY_KEY_SUSPENDED');
    return snapshot.principal(entry) ?? refusal('IDENTITY_KEY_UNKNOWN');
  }

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

  function authenticate(presentedKey: string | null): Principal | Refusal {
    const token = parseToken('sp', presentedKey);
    const entry = token === null ? undefined : snapshot.keyByLookup(token.lookup);
    const isRight = sameHash(entry?.hash ?? NO_HASH, hasher.hash('sp', token ?? NO_TOKEN));
    if (isUnsure()) return refusal('IDENTITY_FEED_LOST');
    if (presentedKey === null) return refusal('IDENTITY_KEY_MISSING');
    return isRight ? principalOf(entry) : refusal('IDENTITY_KEY_UNKNOWN');
  }

  function recheck(principal: Principal): Refusal | null {
    if (principal.kind === 'workload') return issued.tokens.recheck(principal);
    if (isUnsure()) return refusal('IDENTITY_FEED_LOST');
    const session = snapshot.sessionById(principal.session);
    return session === undefined || isOver(session, clock.now()) ? refusal('IDENTITY_SESSION_INVALID') : null;
  }

  return {
    ...workloads,
    ...people,
    ...access,
    ...ending,
    federated: (outside) => createFederated({ db, clock, random, hasher, follower, opener: signIn.opener, ending, onFault }, outside),
    ...signIn,
    ensureDefaultTenant,
    createCliCredential: async ({ tenant, label } = {}) =>
      signIn.createCliCredential(tenant ?? (await ensureDefaultTenant()).tenant, label ?? LOCAL_LABEL),

    ...issued.steps,
    oauth: issued.oauth,
    authenticate,
    authenticateCall: (presented, at) => issued.calls(presented, at, authenticate),

    reauthenticate: (credential) => {
      if (isUnsure()) return refusal('IDENTITY_FEED_LOST');
      return credential.startsWith('key_') ? ofKey(credential) : issued.tokens.principalOf(credential);
    },
    recheck,
    stillValid: (principal) => recheck(principal) === null,
    onChange: watchers.onChange,
    isSolo: (tenant) => snapshot.holders(tenant) < 2,
    workflowOf: (tenant, workload) => {
      const entry = snapshot.workload(workload as WorkloadId);
      return entry?.tenant === tenant ? entry.workflow : null;
    },
    personMay: (tenant, person, { action, on }) => !isUnsure() && mayThrough(snapshot.grants(tenant, person, clock.now()), action, on),

    authenticateSession(presented) {
      const token = parseToken('sps', presented);
      const entry = token === null ? undefined : snapshot.sessionByLookup(token.lookup);
      const isRight = sameHash(entry?.hash ?? NO_HASH, hasher.hash('sps', token ?? NO_TOKEN));
      if (isUnsure()) return refusal('IDENTITY_FEED_LOST');
      if (entry === undefined || !isRight || isOver(entry, clock.now())) return refusal('IDENTITY_SESSION_INVALID');
      const { tenant, person, method, openedAtMs, passkeyAtMs, device } = entry;
      const posture = entry.managed === undefined ? {} : { managed: entry.managed };
      const proof = { method, openedAtMs, passkeyAtMs, ...posture };
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

    refresh: follower.refresh,

    reachOf: (tenant, workload) => {
      const entry = isUnsure() ? undefined : snapshot.workload(workload);
      if (entry === undefined || entry.tenant !== tenant) return null;
      // The workload of an app reaches what people let the app do, and nothing of its own.
      return entry.integrations.size > 0 ? entry.integrations : issued.reachOfApp(tenant, workload);
    },

    async consumeBinding(tx, tenant, statement, expiresAtMs) {
      const isFirst = await useStatement(tx, tenant, statement, new Date(expiresAtMs));
      return isFirst ? null : refusal('IDENTITY_BINDING_REPLAYED');
    },

    sweep: async () =>
      (await sweepExpired(db, new Date(clock.now() - SWEEP_AFTER_MS))) +
      (await sweepSignIns(db, new Date(clock.now()))) +
      (await issued.sweep(new Date(clock.now() - SWEEP_AFTER_MS))),

    async close() {
      isClosed = true;
      await issued.close();
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
