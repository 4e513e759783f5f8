// What is kept of people who came by an identity provider: name and addresses, sealed under a key of their own that an erasure destroys.
// INVARIANT: a sealed profile says whose it is, so that one that was moved to another person's row is nobody's.

import type { JsonObject, PersonId, TenantId, Tx } from '#core';
import { parseOwnJson } from '#core';
import { putProfile, readProfiles } from '../store/profiles.ts';

export interface ProfileVault {
  seal(tx: Tx, value: { tenant: TenantId; subject: string | null; purpose: string; plaintext: Uint8Array }): Promise<Uint8Array>;
  open(tx: Tx, value: { tenant: TenantId; purpose: string; sealed: Uint8Array }): Promise<Uint8Array>;
  openMany(tx: Tx, value: { tenant: TenantId; purpose: string; sealed: readonly Uint8Array[] }): Promise<readonly (Uint8Array | null)[]>;
}

export interface Profile {
  /** As it is shown; null when the provider told none that may be. */
  readonly name: string | null;
  /** The user as SCIM has it; null for people whom a sign-in brought. */
  readonly user: JsonObject | null;
}

export interface Profiles {
  put(tx: Tx, tenant: TenantId, of: { readonly person: PersonId; readonly profile: Profile; readonly at: Date }): Promise<void>;
  /** Of these people, or of everybody; whoever was erased has none. */
  read(tx: Tx, tenant: TenantId, people?: readonly PersonId[]): Promise<ReadonlyMap<PersonId, Profile>>;
}

export const PROFILE_PURPOSE = 'identity.profile';
const MAX_NAME_CHARS = 80;
/** What may stand in a name on a screen; the rest is left out. */
const NOT_OF_NAMES = /[^\p{L}\p{M}\p{N} .,'’()-]+/gu;

export function createProfiles(vault: ProfileVault): Profiles {
  return {
    async put(tx, tenant, { person, profile, at }) {
      const plaintext = Buffer.from(JSON.stringify({ person, ...profile }), 'utf8');
      const sealed = await vault.seal(tx, { tenant, subject: `person:${person}`, purpose: PROFILE_PURPOSE, plaintext });
      await putProfile(tx, tenant, { person, sealed: Buffer.from(sealed) }, at);
    },
    async read(tx, tenant, people) {
      const rows = await readProfiles(tx, tenant, people);
      const opened = await vault.openMany(tx, { tenant, purpose: PROFILE_PURPOSE, sealed: rows.map(({ sealed }) => sealed) });
      const profiles = new Map<PersonId, Profile>();
      for (const [index, row] of rows.entries()) {
        const text = opened[index];
        if (text === null || text === undefined) continue;
        const { person, name, user } = parseOwnJson(Buffer.from(text).toString('utf8')) as unknown as Profile & { person: PersonId };
        if (person === row.person) profiles.set(person, { name, user });
      }
      return profiles;
    },
  };
}

/** The first of these that is a name; nothing that could pass for something else on a screen. */
export function shownName(...candidates: readonly unknown[]): string | null {
  for (const candidate of candidates) {
    if (typeof candidate !== 'string') continue;
    const name = candidate.normalize('NFC').replace(NOT_OF_NAMES, ' ').replace(/\s+/g, ' ').trim().slice(0, MAX_NAME_CHARS).trim();
    if (/^[\p{L}\p{N}]/u.test(name)) return name;
  }
  return null;
}
