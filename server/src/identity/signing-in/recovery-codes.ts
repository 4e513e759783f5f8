// The way back in for somebody without their passkeys: ten codes on paper, each good once.
// INVARIANT: codes are stored as keyed hashes and shown once; of two tries with one code at the same moment one comes in.

import {
  type Clock,
  makeEvent,
  type PersonId,
  type PersonPrincipal,
  type Random,
  type Refusal,
  type SealChange,
  type TenantId,
} from '#core';
import { appendEvents, type Database } from '#storage';
import { refusal } from '../errors.ts';
import { isFresh } from '../passkeys/passkeys.ts';
import { countRecoveryCodes, findRecoveryCode, listPasskeys, replaceRecoveryCodes, useRecoveryCode } from '../store/passkeys.ts';
import { holdPerson } from '../store/people.ts';
import type { Hasher } from '../workloads/tokens.ts';
import type { OpenedSession, SessionOpener } from './open-session.ts';

export interface RecoveryCodes {
  /** Ten new ones in place of all earlier ones, shown this once. */
  makeRecoveryCodes(person: PersonPrincipal, seal?: SealChange): Promise<readonly string[] | Refusal>;
  recoveryCodesLeft(tenant: TenantId, person: PersonId): Promise<number>;
  /** Opens a session in which nothing can be done but to make a passkey. */
  recover(code: string, browser: { readonly key: string | null; readonly label: string }): Promise<OpenedSession | Refusal>;
}

const COUNT = 10;
/** Crockford's letters: none that is taken for another one. 16 of them are 80 random bits. */
const LETTERS = '0123456789ABCDEFGHJKMNPQRSTVWXYZ';
const CHARS = 16;

export function createRecoveryCodes(deps: {
  readonly db: Database;
  readonly clock: Clock;
  readonly random: Random;
  readonly hasher: Pick<Hasher, 'keyed'>;
  readonly opener: SessionOpener;
}): RecoveryCodes {
  const { db, clock, random, hasher, opener } = deps;
  const now = (): Date => new Date(clock.now());
  const hashOf = (code: string): Buffer => hasher.keyed('recovery code', code);

  return {
    async makeRecoveryCodes(person, seal) {
      const { home: tenant } = person;
      const codes = Array.from({ length: COUNT }, () => newCode(random));
      const refused = await db.inTenant(tenant, async (tx) => {
        if (!(await holdPerson(tx, tenant, person.person))) return refusal('IDENTITY_PERSON_UNKNOWN');
        const hasPasskey = (await listPasskeys(tx, tenant, person.person)).length > 0;
        // Codes are as good as a passkey, so that nobody who took over a session may print some.
        if (!hasPasskey || !isFresh(person, clock.now())) return refusal('IDENTITY_PASSKEY_FRESH_NEEDED');
        const before = await countRecoveryCodes(tx, tenant, person.person);
        await replaceRecoveryCodes(tx, tenant, person.person, { hashes: codes.map(hashOf), at: now() });
        const facts = { count: COUNT };
        const sealed = (await seal?.(tx, { before: { count: before }, after: facts })) ?? null;
        const told = { tenant, type: 'identity.recovery_codes.created', actor: `person:${person.person}`, subject: person.person };
        await appendEvents(tx, [makeEvent({ clock, random }, { ...told, public: facts, sealed })]);
        return null;
      });
      return refused ?? codes.map(inGroups);
    },

    recoveryCodesLeft: (tenant, person) => db.inTenant(tenant, (tx) => countRecoveryCodes(tx, tenant, person)),

    async recover(typed, browser) {
      const hash = hashOf(normalize(typed));
      const found = await findRecoveryCode(db, hash);
      if (found === null) return refusal('IDENTITY_RECOVERY_CODE_INVALID');
      const { tenant, person } = found;
      const opened = await db.inTenant(tenant, async (tx) => {
        if (!(await useRecoveryCode(tx, tenant, hash, now())) || !(await holdPerson(tx, tenant, person))) return null;
        const remaining = await countRecoveryCodes(tx, tenant, person);
        const told = { tenant, type: 'identity.recovery_code.used', actor: `person:${person}`, subject: person };
        await appendEvents(tx, [makeEvent({ clock, random }, { ...told, public: { remaining } })]);
        return opener.open(tx, tenant, { person, method: 'recovery', ...browser });
      });
      if (opened === null) return refusal('IDENTITY_RECOVERY_CODE_INVALID');
      return opener.opened(opened);
    },
  };
}

function newCode(random: Random): string {
  // 256 is a multiple of 32, so that each letter is equally likely.
  return [...random.bytes(CHARS)].map((byte) => LETTERS[byte % LETTERS.length]).join('');
}

const inGroups = (code: string): string => (code.match(/.{4}/g) ?? []).join('-');

/** As people type: small letters, other dashes, O for 0 and I or L for 1. */
function normalize(typed: string): string {
  return typed
    .slice(0, 80)
    .toUpperCase()
    .replace(/[\s\p{Pd}]/gu, '')
    .replaceAll('O', '0')
    .replace(/[IL]/g, '1');
}
