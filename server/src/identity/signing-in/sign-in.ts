// Everything about how a person comes in and proves that it is still them, put together for identity.ts.

import type { Clock, Endorsable, PersonPrincipal, Random, Refusal, Signatures } from '#core';
import type { Database } from '#storage';
import { parseAddress } from '../conditions/networks.ts';
import { refusal } from '../errors.ts';
import type { Follower } from '../follow.ts';
import { createPasskeys, type Passkeys } from '../passkeys/passkeys.ts';
import { createPasskeyUse, type PasskeyUse } from '../passkeys/use.ts';
import type { SessionEntry, Snapshot } from '../snapshot.ts';
import type { Hasher } from '../workloads/tokens.ts';
import { type AttemptLimit, BY_ADDRESS, createAttempts, RECOVERY_BY_ADDRESS } from './attempts.ts';
import { createChallenges } from './challenges.ts';
import { createSessionOpener, type SessionOpener } from './open-session.ts';
import { createRecoveryCodes, type RecoveryCodes } from './recovery-codes.ts';
import type { RelyingParty } from './relying-party.ts';
import { createResets, type Resets } from './reset.ts';
import { createProofChecker, type PresentedProof } from './session-proof.ts';
import { createSessions, type Sessions } from './sessions.ts';

export interface SignIn extends Sessions, PasskeyUse, RecoveryCodes, Resets {
  readonly passkeys: Passkeys;
  /** For whatever people endorse: one way to sign, and to look at it again. */
  readonly signatures: Signatures;
  /** What a browser asks the person's passkeys to sign; null of somebody who has none. */
  endorseOptions(person: PersonPrincipal, endorsable: Endorsable): Promise<object | null>;
  /** For other ways of coming in, e.g. a company login. */
  readonly opener: SessionOpener;
  /** Null when the request was signed by the browser its session belongs to, or the session belongs to none. */
  proveSession(person: PersonPrincipal, presented: PresentedProof): Refusal | null;
  hasPasskey(person: PersonPrincipal): boolean;
  /** The same, and of a session that ended since the request began: nobody is spared their passkey by signing out. */
  isAskedForPasskey(person: PersonPrincipal): boolean;
  /** Counts a request of somebody who has not signed in; a refusal once there were too many from this address. */
  limitSignIn(address: string, kind: 'any' | 'recovery'): Promise<Refusal | null>;
}

export interface SignInDeps {
  readonly db: Database;
  readonly clock: Clock;
  readonly random: Random;
  readonly hasher: Hasher;
  readonly follower: Follower;
  readonly snapshot: Pick<Snapshot, 'sessionById'>;
  readonly relyingParty: () => RelyingParty;
}

/** Without anything done in it, a browser's session is over after this. */
const IDLE_MS = 60 * 60_000;

export function isOver({ kind, seenAtMs, expiresAtMs }: SessionEntry, nowMs: number): boolean {
  return expiresAtMs <= nowMs || (kind === 'browser' && nowMs - seenAtMs >= IDLE_MS);
}

export function createSignIn(deps: SignInDeps): SignIn {
  const { snapshot } = deps;
  const challenges = createChallenges(deps);
  const attempts = createAttempts(deps);
  const opener = createSessionOpener(deps);
  const proofs = createProofChecker(deps);
  const limitOf: Readonly<Record<'any' | 'recovery', AttemptLimit>> = { any: BY_ADDRESS, recovery: RECOVERY_BY_ADDRESS };
  const use = createPasskeyUse({ ...deps, challenges, attempts, opener });
  const hasPasskey = ({ session }: PersonPrincipal): boolean => snapshot.sessionById(session)?.hasPasskey ?? false;
  const isAskedForPasskey = ({ session }: PersonPrincipal): boolean => snapshot.sessionById(session)?.hasPasskey ?? true;
  return {
    ...createSessions({ ...deps, opener }),
    ...use,
    ...createRecoveryCodes({ ...deps, opener }),
    ...createResets(deps),
    passkeys: createPasskeys({ ...deps, challenges }),
    opener,
    proveSession({ session }, presented) {
      const entry = snapshot.sessionById(session);
      if (entry === undefined) return refusal('IDENTITY_SESSION_INVALID');
      return entry.boundKey === null ? null : proofs.check({ id: entry.id, boundKey: entry.boundKey }, presented);
    },
    hasPasskey,
    isAskedForPasskey,
    endorseOptions: async (person, endorsable) => (hasPasskey(person) ? use.signOptions(person, endorsable) : null),
    signatures: { isAskedOf: isAskedForPasskey, check: use.sign, verify: use.verifyAssertion },
    limitSignIn: (address, kind) => attempts.count(limitOf[kind], householdOf(address)),
  };
}

/** One household has many addresses of IPv6: what counts is its network. */
function householdOf(text: string): string {
  const address = parseAddress(text);
  if (address === null) return text;
  return address.bits === 32 ? `4:${address.value}` : `6:${address.value >> 64n}`;
}
