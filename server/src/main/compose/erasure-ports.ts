// Erases what is kept of one data subject, in one transaction: its key, without which nothing sealed for it opens again, the payloads and
// salts of its events, and the link from it to its pseudonym. The sealed log itself, and every proof, stays as it is.

import type { ControlPorts, ErasureView } from '#control';
import { isRefusal, parseId, type Refusal, refuse, type TenantId, type Tx } from '#core';
import { parseSubject, type Rights, type SubjectIndex } from '#governance';
import { changeSubject } from './change-records.ts';
import type { OpenDatabase } from './database.ts';
import type { Rooms } from './rooms.ts';

export function erasurePorts(
  rooms: Pick<Rooms, 'vault' | 'ledger' | 'federated'>,
  { database }: Pick<OpenDatabase, 'database'>,
  { index, rights }: { readonly index: SubjectIndex; readonly rights: Rights },
): ControlPorts['erasures'] {
  const eraseOne = eraseSubjectOf(rooms);
  /** Here a key is named, and nobody looks what it seals: while a place or a purpose is held, a privacy request has to. */
  const heldOf = async (tx: Tx, tenant: TenantId, subject: string): Promise<Refusal | null> => {
    const active = await rights.holds.active(tx, tenant);
    if (active.count === 0) return null;
    const asked = parseSubject(subject);
    const subjects = [await rooms.vault.blindReference(tx, tenant, subject)];
    if (!isRefusal(asked)) subjects.push(await index.blindOf(tx, tenant, asked));
    const isThing = THING.test(subject);
    return active.hasNarrow || isThing || active.covers({ subjects, place: null, purpose: null })
      ? refuse('GOVERNANCE_SUBJECT_HELD', 'A legal hold covers what would be erased, or may cover it; open a privacy request.', {})
      : null;
  };
  return {
    erase: async ({ tenant, person }, subject) => {
      if (await rights.holds.any(tenant)) await index.catchUp(tenant, { full: true });
      return database.inTenant(
        tenant,
        async (tx) => (await heldOf(tx, tenant, subject)) ?? eraseOne(tx, { tenant, subject, actor: person }),
      );
    },
  };
}

/** Keys of things, not of people: whose data they seal is not said. */
const THING = /^(?:run|call|approval|request):/;

/** In the caller's transaction; null when nothing is sealed for that subject. */
export function eraseSubjectOf(rooms: Pick<Rooms, 'vault' | 'ledger' | 'federated'>) {
  return async (
    tx: Tx,
    { tenant, subject, actor }: { readonly tenant: TenantId; readonly subject: string; readonly actor: string },
  ): Promise<ErasureView | null> => {
    const keyPrefixes = await rooms.vault.keyPrefixes(tx, { tenant, subject });
    let payloads = 0;
    if (keyPrefixes.length > 0) {
      await rooms.vault.eraseSubject(tx, { tenant, subject, actor });
      payloads = await rooms.ledger.erasePayloads(tx, { tenant, keyPrefixes, actor });
    }
    let pseudonym = false;
    for (const forgotten of actorsOf(subject)) {
      if (await rooms.ledger.forgetActor(tx, { tenant, forgotten, actor })) pseudonym = true;
    }
    const somebody = subject.startsWith(PERSON) ? parseId('per', subject.slice(PERSON.length)) : null;
    const forgot = somebody !== null && (await rooms.federated.forget(tx, tenant, somebody));
    return keyPrefixes.length === 0 && !pseudonym && !forgot ? null : { payloads, pseudonym };
  };
}

/** A person acts by id, and for their own session as `person:` and that id. */
function actorsOf(subject: string): readonly string[] {
  return subject.startsWith(PERSON) ? [subject, subject.slice(PERSON.length)] : [subject];
}

const PERSON = changeSubject('');
