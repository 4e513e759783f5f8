// Using a passkey: to sign in, or to confirm in an open session that it is still its person. And whether something was signed with one.
// INVARIANT: a challenge is used up before anything else is looked at; whatever is wrong, the answer and its cost are the same.

import { createHash } from 'node:crypto';
import { generateAuthenticationOptions } from '@simplewebauthn/server';
import {
  type Endorsable,
  endorsableText,
  makeEvent,
  type PersonId,
  type PersonPrincipal,
  type Refusal,
  type Signatures,
  type Tx,
} from '#core';
import { appendEvents, outsideTransaction } from '#storage';
import { refusal } from '../errors.ts';
import { type Attempts, BY_CREDENTIAL } from '../signing-in/attempts.ts';
import type { Browser, OpenedSession, SessionOpener } from '../signing-in/open-session.ts';
import { findCredential, holdPasskey, listPasskeys, type PasskeyRow, usePasskey } from '../store/passkeys.ts';
import { holdPerson } from '../store/people.ts';
import { stampSession } from '../store/sessions.ts';
import { type Asserted, type Assertion, challengeOf, checkAssertion, clientDataOf } from './assertion.ts';
import { descriptorsOf, thumbprintOf } from './creation.ts';
import { boundTo, type PasskeyDeps } from './passkeys.ts';
import { isSealed } from './seal.ts';

export interface PasskeyUse {
  /** The same for everybody: it names nobody's passkeys. */
  signInOptions(): Promise<object>;
  signInWithPasskey(assertion: Assertion, browser: Browser): Promise<OpenedSession | Refusal>;
  stepUpOptions(person: PersonPrincipal): Promise<object>;
  /** From now on a passkey was used in this session just now, in every process. */
  stepUp(person: PersonPrincipal, assertion: Assertion): Promise<Refusal | null>;
  /** What a browser asks the person's passkeys to sign: exactly this, and not a random challenge. */
  signOptions(person: PersonPrincipal, endorsable: Endorsable): Promise<object>;
  /** Whether the person has signed exactly this just now, with a passkey of theirs that is there; uses the passkey. */
  sign: Signatures['check'];
  /** The same of a signature that was kept, and whether its passkey was removed since. Changes nothing. */
  verifyAssertion: Signatures['verify'];
}

export function createPasskeyUse(deps: PasskeyDeps & { readonly attempts: Attempts; readonly opener: SessionOpener }): PasskeyUse {
  const { db, clock, random, hasher, follower, challenges, relyingParty, attempts, opener } = deps;

  const options = async (challenge: string, present: readonly PasskeyRow[]): Promise<object> =>
    generateAuthenticationOptions({
      rpID: relyingParty().id,
      challenge: new Uint8Array(Buffer.from(challenge, 'base64url')),
      userVerification: 'required',
      timeout: 5 * 60_000,
      allowCredentials: descriptorsOf(present),
    });

  const presentOf = ({ home, person }: PersonPrincipal): Promise<readonly PasskeyRow[]> =>
    db.inTenant(home, (tx) => listPasskeys(tx, home, person));

  const ours = (row: PasskeyRow | null): PasskeyRow | null => (row !== null && isSealed(hasher, row) ? row : null);
  const good = (row: PasskeyRow | null): PasskeyRow | null => (row?.removedAt === null ? ours(row) : null);

  /** Of staff of an agency, whose passkeys stand with the agency and not with the tenant whose transaction is open. */
  const elsewhere = (credential: string): Promise<PasskeyRow | null> => outsideTransaction(() => findCredential(db, credential));

  const belongsTo = ({ userHandle }: Assertion, person: PersonId): boolean =>
    userHandle === null || userHandle === Buffer.from(person).toString('base64url');

  /** Notes the use. False when the passkey counted backwards, which a copy of it would do; that is told. */
  const use = async (tx: Tx, row: PasskeyRow, { counter, isSynced }: Asserted): Promise<boolean> => {
    const next = BigInt(counter);
    if ((next > 0n || row.counter > 0n) && next <= row.counter) {
      const told = { tenant: row.tenant, type: 'identity.passkey.suspected', actor: `person:${row.person}`, subject: row.id };
      await appendEvents(tx, [makeEvent({ clock, random }, { ...told, public: { person: row.person } })]);
      return false;
    }
    await usePasskey(tx, row.tenant, row.id, { counter: next, isSynced, at: new Date(clock.now()) });
    return true;
  };

  /** The passkey this assertion is by, once it is good in every respect but its counter. */
  const asserted = async (
    assertion: Assertion,
    isTaken: boolean,
    isWanted: (row: PasskeyRow) => boolean,
  ): Promise<{ row: PasskeyRow; by: Asserted } | Refusal> => {
    const found = await findCredential(db, assertion.id);
    const limited = await attempts.check(BY_CREDENTIAL, assertion.id);
    const row = good(found);
    const expected = { challenge: challengeOf(assertion.clientDataJSON), rp: relyingParty() };
    const by = await checkAssertion(row, assertion, expected);
    if (limited !== null) return limited;
    if (isTaken && row !== null && by !== null && belongsTo(assertion, row.person) && isWanted(row)) return { row, by };
    await attempts.count(BY_CREDENTIAL, assertion.id);
    return refusal('IDENTITY_PASSKEY_INVALID');
  };

  return {
    signInOptions: async () => options(await challenges.make('sign-in', ''), []),

    async signInWithPasskey(assertion, browser) {
      const isTaken = await challenges.take('sign-in', '', challengeOf(assertion.clientDataJSON));
      const found = await asserted(assertion, isTaken, () => true);
      if (!('row' in found)) return found;
      const { row, by } = found;
      const { tenant, person, id } = row;
      const opened = await db.inTenant(tenant, async (tx) => {
        const held = good(await holdPasskey(tx, tenant, id));
        if (held === null || !(await holdPerson(tx, tenant, person))) return refusal('IDENTITY_PASSKEY_INVALID');
        if (!(await use(tx, held, by))) return refusal('IDENTITY_PASSKEY_COUNTER');
        return opener.open(tx, tenant, { person, method: 'passkey', ...browser });
      });
      return 'token' in opened ? opener.opened(opened) : opened;
    },

    stepUpOptions: async (person) => options(await challenges.make('step-up', boundTo(person)), await presentOf(person)),

    async stepUp(person, assertion) {
      const isTaken = await challenges.take('step-up', boundTo(person), challengeOf(assertion.clientDataJSON));
      const found = await asserted(assertion, isTaken, (row) => row.person === person.person && row.tenant === person.home);
      if (!('row' in found)) return found;
      const { home: tenant, session } = person;
      const told = await db.inTenant(tenant, async (tx) => {
        const held = good(await holdPasskey(tx, tenant, found.row.id));
        if (held === null) return refusal('IDENTITY_PASSKEY_INVALID');
        if (!(await use(tx, held, found.by))) return refusal('IDENTITY_PASSKEY_COUNTER');
        await stampSession(tx, tenant, session, new Date(clock.now()));
        const event = {
          tenant,
          type: 'identity.session.confirmed',
          actor: `person:${person.person}`,
          subject: session,
          public: { passkey: held.id },
        };
        await appendEvents(tx, [makeEvent({ clock, random }, event)]);
        return null;
      });
      if (told === null) await follower.refresh({ tenant, kind: 'session', id: session });
      return told;
    },

    signOptions: async (person, endorsable) => options(challengeFor(endorsable), await presentOf(person)),

    async sign(tx, person, endorsable, assertion) {
      const here = (await listPasskeys(tx, person.tenant, person.person)).find((one) => one.credential === assertion.id);
      // Held until the yes stands: it is not taken away meanwhile, and no two count from the same number.
      const row = here === undefined ? null : good(await holdPasskey(tx, person.tenant, here.id));
      const own = row ?? (person.home === person.tenant ? null : good(await elsewhere(assertion.id)));
      const by = await checkAssertion(own, assertion, { challenge: challengeFor(endorsable), rp: relyingParty() });
      if (own === null || own.person !== person.person || by === null || !belongsTo(assertion, own.person)) {
        return refusal('IDENTITY_PASSKEY_INVALID');
      }
      // Of staff of another tenant only the signature counts here: their passkey's row is not this tenant's to write.
      if (own.tenant === person.tenant && !(await use(tx, own, by))) return refusal('IDENTITY_PASSKEY_COUNTER');
      return { passkey: thumbprintOf(own.publicKey) };
    },

    async verifyAssertion(tx, { tenant, person, endorsable, assertion }) {
      const here = (await listPasskeys(tx, tenant, person, 'all')).find((one) => one.credential === assertion.id) ?? null;
      const row = ours(here ?? (await elsewhere(assertion.id)));
      if (row === null || row.person !== person || !belongsTo(assertion, person)) return null;
      const rp = { id: row.rp, origin: originAt(assertion, row.rp), isHttps: false };
      if ((await checkAssertion(row, assertion, { challenge: challengeFor(endorsable), rp })) === null) return null;
      return { passkey: thumbprintOf(row.publicKey), isRemoved: row.removedAt !== null };
    },
  };
}

/** Base64url of SHA-256: what is signed in place of a random challenge, so that the signature is under exactly this. */
function challengeFor(endorsable: Endorsable): string {
  return createHash('sha256').update(endorsableText(endorsable)).digest('base64url');
}

/** Where it was signed, if that is on the passkey's host: a server on this machine may have another port today. */
function originAt({ clientDataJSON }: Assertion, rp: string): string {
  const origin = clientDataOf(clientDataJSON)?.origin;
  if (typeof origin !== 'string' || !URL.canParse(origin)) return '';
  return new URL(origin).hostname === rp ? origin : '';
}
