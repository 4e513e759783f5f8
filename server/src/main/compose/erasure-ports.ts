// Erases what is kept of one data subject, in one transaction: its key, without which nothing sealed for it opens again, the payloads and
// salts of its events, and the link from it to its pseudonym. The sealed log itself, and every proof, stays as it is.

import type { ControlPorts, ErasureView } from '#control';
import { parseId, type TenantId, type Tx } from '#core';
import { changeSubject } from './change-records.ts';
import type { OpenDatabase } from './database.ts';
import type { Rooms } from './rooms.ts';

export function erasurePorts(
  rooms: Pick<Rooms, 'vault' | 'ledger' | 'federated'>,
  { database }: Pick<OpenDatabase, 'database'>,
): ControlPorts['erasures'] {
  const eraseOne = eraseSubjectOf(rooms);
  return {
    erase: ({ tenant, person }, subject) => database.inTenant(tenant, (tx) => eraseOne(tx, { tenant, subject, actor: person })),
  };
}

/** In the caller's transaction; null when nothing is sealed for that subject. */
export function eraseSubjectOf(rooms: Pick<Rooms, 'vault' | 'ledger' | 'federated'>) {
  return async (
    tx: Tx,
    { tenant, subject, actor }: { readonly tenant: TenantId; readonly subject: string; readonly actor: string },
  ): Promise<ErasureView | null> => {
    const keyPrefix = await rooms.vault.keyPrefix(tx, { tenant, subject });
    let payloads = 0;
    if (keyPrefix !== null) {
      await rooms.vault.eraseSubject(tx, { tenant, subject, actor });
      payloads = await rooms.ledger.erasePayloads(tx, { tenant, keyPrefix, actor });
    }
    let pseudonym = false;
    for (const forgotten of actorsOf(subject)) {
      if (await rooms.ledger.forgetActor(tx, { tenant, forgotten, actor })) pseudonym = true;
    }
    const somebody = subject.startsWith(PERSON) ? parseId('per', subject.slice(PERSON.length)) : null;
    const forgot = somebody !== null && (await rooms.federated.forget(tx, tenant, somebody));
    return keyPrefix === null && !pseudonym && !forgot ? null : { payloads, pseudonym };
  };
}

/** A person acts by id, and for their own session as `person:` and that id. */
function actorsOf(subject: string): readonly string[] {
  return subject.startsWith(PERSON) ? [subject, subject.slice(PERSON.length)] : [subject];
}

const PERSON = changeSubject('');
