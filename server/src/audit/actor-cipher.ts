// Hides who stands behind a pseudonym: a keyed hash to find the link of an actor, and the actor encrypted for itself as a subject, so that
// erasing the subject shreds the link. INVARIANT: a sealed actor opens only beside the pseudonym it was sealed for.

import { createHmac } from 'node:crypto';
import type { TenantId, Tx } from '#core';

/** What is used of the vault. */
export interface SubjectVault {
  seal(tx: Tx, input: { tenant: TenantId; subject: string; purpose: string; plaintext: Uint8Array }): Promise<Uint8Array>;
  /** Null for each value whose subject was erased. */
  openMany(tx: Tx, input: { tenant: TenantId; purpose: string; sealed: readonly Uint8Array[] }): Promise<readonly (Uint8Array | null)[]>;
}

export interface SealedActor {
  readonly pseudonym: string;
  readonly sealed: Uint8Array;
}

export interface ActorCipher {
  /** Finds an actor of a tenant again and tells nothing about it without the key. */
  index(tenant: string, actor: string): string;
  seal(tx: Tx, tenant: TenantId, link: { readonly pseudonym: string; readonly actor: string }): Promise<Uint8Array>;
  /** Pseudonym to actor; without those whose subject was erased. */
  open(tx: Tx, tenant: TenantId, links: readonly SealedActor[]): Promise<ReadonlyMap<string, string>>;
}

export const LINK_PURPOSE = 'audit_link.sealed';
const MAX_INDEXES = 20_000;

/** The data subject an actor is. People are named with and without the word in front; it is one person. */
export function subjectOf(actor: string): string {
  return actor.startsWith('per_') ? `person:${actor}` : actor;
}

/** Every way in which events may name this actor. */
export function namesOf(actor: string): readonly string[] {
  const subject = subjectOf(actor);
  return subject.startsWith('person:') ? [subject, subject.slice('person:'.length)] : [subject];
}

/** `indexKey`: 32 secret bytes that stay the same for the life of the installation. */
export function createActorCipher({ indexKey, vault }: { readonly indexKey: Uint8Array; readonly vault: SubjectVault }): ActorCipher {
  /** A pure function remembered, nothing of the database: an erased link can not come back from here. */
  const indexes = new Map<string, string>();
  return {
    index(tenant, actor) {
      const place = `${tenant} ${actor}`;
      const known = indexes.get(place);
      if (known !== undefined) return known;
      const made = createHmac('sha256', indexKey).update(place).digest('base64url');
      if (indexes.size >= MAX_INDEXES) indexes.delete(indexes.keys().next().value as string);
      indexes.set(place, made);
      return made;
    },
    seal: (tx, tenant, { pseudonym, actor }) =>
      vault.seal(tx, { tenant, subject: subjectOf(actor), purpose: LINK_PURPOSE, plaintext: Buffer.from(`${pseudonym}\n${actor}`) }),
    async open(tx, tenant, links) {
      const opened = await vault.openMany(tx, { tenant, purpose: LINK_PURPOSE, sealed: links.map(({ sealed }) => sealed) });
      const actors = new Map<string, string>();
      links.forEach(({ pseudonym }, index) => {
        const text = Buffer.from(opened[index] ?? []).toString('utf8');
        if (text.startsWith(`${pseudonym}\n`)) actors.set(pseudonym, text.slice(pseudonym.length + 1));
      });
      return actors;
    },
  };
}
