// Signing in by a company login: begun in one browser, finished in the same one, once, within ten minutes.
// INVARIANTS: state, cookie, provider and purpose belong together and are used up by the first answer; nonce and PKCE verifier stand in
// no table; everybody whom the login knows and who may not come in hears the same; nobody is sent to a page that is not ours.

import {
  type Clock,
  isRefusal,
  makeEvent,
  type PersonPrincipal,
  parseId,
  type Random,
  type Refusal,
  type TenantId,
  type UnixMs,
} from '#core';
import { appendEvents, type Database } from '#storage';
import { refusal } from '../errors.ts';
import type { Follower } from '../follow.ts';
import { isFresh } from '../passkeys/passkeys.ts';
import type { Profiles, ProfileVault } from '../people/profiles.ts';
import { boundKeyText } from '../signing-in/bound-key.ts';
import type { OpenedSession, SessionOpener } from '../signing-in/open-session.ts';
import { noteSecondFactor, personOfSession } from '../store/federated-sessions.ts';
import {
  addState,
  countStates,
  findProvider,
  findState,
  listProviders,
  noteSignIn,
  type ProviderRow,
  type StateRow,
  useState,
} from '../store/federation.ts';
import { listPasskeys } from '../store/passkeys.ts';
import { noteManaged } from '../store/posture.ts';
import { type Hasher, sameHash } from '../workloads/tokens.ts';
import { type Admission, createAdmitter } from './admit.ts';
import { FRESH_MS, readClaims } from './claims.ts';
import { type Attempt, createOidc } from './oidc.ts';
import { createProviders, type Providers } from './providers.ts';
import type { FederationTransport } from './transport.ts';

export interface Begin {
  /** Id of a company login of any tenant, or its name in `tenant`. */
  readonly provider: string;
  readonly tenant: TenantId;
  /** The page to go to after; one of ours, or the first one. */
  readonly returnTo: string;
  /** The public key of the browser; the session will be bound to it. */
  readonly key: { readonly x: string; readonly y: string } | null;
  /** What the browser sent as its sign-in cookie. */
  readonly cookie: string | null;
  /** Whoever is signed in, to link an account or to confirm with a second factor. */
  readonly as?: { readonly person: PersonPrincipal; readonly purpose: 'link' | 'step_up' };
}

export interface Begun {
  /** Where the browser goes: a page of the company login. */
  readonly url: string;
  /** The cookie that binds the attempt to this browser. */
  readonly cookie: string;
  readonly lifetimeMs: UnixMs;
}

export interface Finished {
  readonly returnTo: string;
  /** Null when there was a session already. */
  readonly session: OpenedSession | null;
  readonly purpose: StateRow['purpose'];
}

export interface Federation {
  readonly providers: Omit<Providers, 'clientOf' | 'proofOf'>;
  /** What the sign-in page offers to anybody. */
  offered(tenant: TenantId): Promise<readonly { readonly name: string; readonly label: string }[]>;
  begin(begin: Begin): Promise<Begun | Refusal>;
  /** `label`: what the browser calls itself. */
  finish(answer: { readonly params: URLSearchParams; readonly cookie: string | null; readonly label: string }): Promise<Finished | Refusal>;
}

export interface FederationDeps {
  readonly db: Database;
  readonly clock: Clock;
  readonly random: Random;
  readonly hasher: Hasher;
  readonly follower: Pick<Follower, 'refresh'>;
  readonly opener: SessionOpener;
  readonly profiles: Profiles;
  readonly vault: ProfileVault;
  readonly transport: FederationTransport;
  readonly origin: () => string;
  readonly onFault?: (fault: unknown) => void;
}

/** Whoever is signed in hears of a refusal on the page they came from. */
function sendBack<T extends object>({ purpose, return_to: at }: StateRow, answer: T | Refusal): T | Refusal {
  return isRefusal(answer) && purpose !== 'sign_in' ? { ...answer, evidence: { ...answer.evidence, at } } : answer;
}

export const ATTEMPT_MS = 10 * 60_000;
/** Attempts under way in one tenant; they are cheap to begin, and each is a row. */
const MAX_ATTEMPTS = 2_000;
const SECRET_BYTES = 32;
const SECRET = /^[\w-]{43}$/;
/** A path of ours: no second slash, backslash or scheme that a browser could take for another place. */
const OWN_PATH = /^\/(?![/\\])[\w./~-]{0,150}(?:\?[\w.~=&%-]{0,150})?$/;

export function createFederation(deps: FederationDeps): Federation {
  const { db, clock, random, hasher, follower, opener, transport, onFault } = deps;
  const oidc = createOidc({ transport, clock, ...(onFault === undefined ? {} : { onFault }) });
  const providers = createProviders({ ...deps, oidc });
  const admitter = createAdmitter(deps);
  const now = (): Date => new Date(clock.now());
  const secret = (): string => Buffer.from(random.bytes(SECRET_BYTES)).toString('base64url');
  /** Whoever reads the table has neither of them. */
  const attemptOf = (state: string, cookie: string): Attempt => ({
    state,
    nonce: hasher.keyed('sso nonce', `${state} ${cookie}`).toString('base64url'),
    verifier: hasher.keyed('sso verifier', `${state} ${cookie}`).toString('base64url'),
  });

  async function providerFor({ provider, tenant }: Begin): Promise<ProviderRow | null> {
    const id = parseId('idp', provider);
    const row = await findProvider(db, id === null ? { tenant, name: provider.slice(0, 40) } : { id });
    return row?.enabled === true ? row : null;
  }

  /** Where an attempt belongs, if this browser began it and nobody finished it; it is used up by this. */
  async function take(state: string | null, cookie: string | null): Promise<StateRow | null> {
    if (state === null || cookie === null || !SECRET.test(state) || !SECRET.test(cookie)) return null;
    const row = await findState(db, hasher.keyed('sso state', state));
    if (row === null || !sameHash(row.browser, hasher.keyed('sso browser', cookie))) return null;
    return (await db.inTenant(row.tenant, (tx) => useState(tx, row.tenant, row.state, now()))) ? row : null;
  }

  /** An account that is linked is a way in like a passkey, so that nobody who took over a session may link one of theirs. */
  async function isStale(person: PersonPrincipal): Promise<boolean> {
    const passkeys = await db.inTenant(person.home, (tx) => listPasskeys(tx, person.home, person.person));
    return passkeys.length > 0 && !isFresh(person, clock.now());
  }

  async function refused(provider: ProviderRow, answer: Refusal): Promise<Refusal> {
    const { tenant, id } = provider;
    const told = { tenant, type: 'identity.sso.refused', actor: 'installation', subject: id, public: { code: answer.code } };
    await db.inTenant(tenant, (tx) => appendEvents(tx, [makeEvent({ clock, random }, told)]));
    return answer;
  }

  async function signIn(row: StateRow, admission: Admission, label: string): Promise<Finished | Refusal> {
    const { tenant } = row;
    const opened = await db.inTenant(tenant, async (tx) => {
      const admitted = await admitter.admit(tx, tenant, admission);
      if (admitted === null) return null;
      const session = await opener.open(tx, tenant, { person: admitted.person, method: 'sso', key: row.bound_key, label });
      const { secondFactorAtMs, isManaged } = admission.said;
      if (isManaged !== undefined) await noteManaged(tx, tenant, session.session, isManaged);
      if (secondFactorAtMs !== null) await noteSecondFactor(tx, tenant, session.session, new Date(secondFactorAtMs));
      await noteSignIn(tx, tenant, { provider: row.provider, subject: admission.subject }, now());
      return { session, admitted };
    });
    if (opened === null) return refused(admission.provider, refusal('IDENTITY_SSO_NOT_ADMITTED'));
    if (opened.admitted.isChanged) await follower.refresh({ tenant, kind: 'person', id: opened.admitted.person });
    return { returnTo: row.return_to, session: await opener.opened(opened.session), purpose: 'sign_in' };
  }

  async function confirm(row: StateRow, admission: Admission): Promise<Finished | Refusal> {
    const { tenant, session } = row;
    if (session === null) return refusal('IDENTITY_SSO_STATE_INVALID');
    const answer = await db.inTenant(tenant, async (tx) => {
      const person = await personOfSession(tx, tenant, session, now());
      if (person === null) return refusal('IDENTITY_SESSION_INVALID');
      if (row.purpose === 'link')
        return (await admitter.link(tx, tenant, admission, person)) ? null : refusal('IDENTITY_SSO_ACCOUNT_TAKEN');
      // Somebody else's login, or one that is nobody's yet, says nothing here, and changes nothing.
      const isTheirs = await admitter.isOf(tx, tenant, admission, person);
      if (!isTheirs || (await admitter.admit(tx, tenant, admission)) === null) return refusal('IDENTITY_SSO_NOT_ADMITTED');
      const at = admission.said.secondFactorAtMs;
      if (at === null || clock.now() - at > FRESH_MS) return refusal('IDENTITY_SSO_NO_MFA');
      await noteSecondFactor(tx, tenant, session, new Date(at));
      return null;
    });
    if (answer !== null) return refused(admission.provider, answer);
    await follower.refresh({ tenant, kind: 'session', id: session });
    return { returnTo: row.return_to, session: null, purpose: row.purpose };
  }

  return {
    providers,

    offered: (tenant) =>
      db.inTenant(tenant, async (tx) =>
        (await listProviders(tx, tenant)).filter(({ enabled }) => enabled).map(({ name, label }) => ({ name, label })),
      ),

    async begin(begin) {
      const provider = await providerFor(begin);
      if (provider === null || (begin.as !== undefined && begin.as.person.home !== provider.tenant))
        return refusal('IDENTITY_SSO_UNAVAILABLE');
      const key = begin.key === null ? null : boundKeyText(begin.key);
      if (key === null && begin.as === undefined) return refusal('IDENTITY_SSO_STATE_INVALID');
      const cookie = begin.cookie !== null && SECRET.test(begin.cookie) ? begin.cookie : secret();
      const state = secret();
      const purpose = begin.as?.purpose ?? 'sign_in';
      const attempt = attemptOf(state, cookie);
      const asked = { scopes: provider.settings.scopes, isStepUp: purpose === 'step_up' };
      const url = await oidc.authorizationUrl(providers.clientOf(provider), attempt, asked);
      if (isRefusal(url)) return url;
      const { tenant } = provider;
      if (begin.as?.purpose === 'link' && (await isStale(begin.as.person))) return refusal('IDENTITY_PASSKEY_FRESH_NEEDED');
      const isFull = await db.inTenant(tenant, async (tx) => {
        if ((await countStates(tx, tenant, now())) >= MAX_ATTEMPTS) return true;
        const row: StateRow = {
          tenant,
          state: hasher.keyed('sso state', state),
          browser: hasher.keyed('sso browser', cookie),
          provider: provider.id,
          purpose,
          session: begin.as?.person.session ?? null,
          return_to: OWN_PATH.test(begin.returnTo) ? begin.returnTo : '/',
          origin: deps.origin(),
          bound_key: key,
          expires_at: new Date(clock.now() + ATTEMPT_MS),
        };
        await addState(tx, row, now());
        return false;
      });
      return isFull ? refusal('IDENTITY_SSO_BUSY') : { url, cookie, lifetimeMs: ATTEMPT_MS };
    },

    async finish({ params, cookie, label }) {
      const state = params.get('state');
      const row = await take(state, cookie);
      if (row === null || state === null || cookie === null) return refusal('IDENTITY_SSO_STATE_INVALID');
      const provider = await findProvider(db, { id: row.provider });
      if (provider === null || !provider.enabled || provider.tenant !== row.tenant) return refusal('IDENTITY_SSO_UNAVAILABLE');
      const client = { ...providers.clientOf(provider), redirectUri: `${row.origin}/sso/callback` };
      const isStepUp = row.purpose === 'step_up';
      const claims = await oidc.finish(client, await providers.proofOf(provider), attemptOf(state, cookie), params, isStepUp);
      if (isRefusal(claims)) return sendBack(row, await refused(provider, claims));
      const subject = hasher.keyed('sso subject', `${provider.tenant}\0${provider.id}\0${claims.sub}`);
      const admission: Admission = { provider, subject, said: readClaims(claims, provider.settings, clock.now()) };
      return row.purpose === 'sign_in' ? signIn(row, admission, label) : sendBack(row, await confirm(row, admission));
    },
  };
}
