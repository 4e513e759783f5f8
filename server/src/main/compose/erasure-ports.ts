// Erases what is kept of one data subject, in one transaction: its key, without which nothing sealed for it opens again, the payloads and
// salts of its events, and the link from it to its pseudonym. The sealed log itself, and every proof, stays as it is.

import type { ControlPorts } from '#control';
import type { OpenDatabase } from './database.ts';
import type { Rooms } from './rooms.ts';

export function erasurePorts(
  rooms: Pick<Rooms, 'vault' | 'ledger'>,
  { database }: Pick<OpenDatabase, 'database'>,
): ControlPorts['erasures'] {
  return {
    erase: ({ tenant, person }, subject) =>
      database.inTenant(tenant, async (tx) => {
        const keyPrefix = await rooms.vault.keyPrefix(tx, { tenant, subject });
        if (keyPrefix === null) return null;
        await rooms.vault.eraseSubject(tx, { tenant, subject, actor: person });
        const payloads = await rooms.ledger.erasePayloads(tx, { tenant, keyPrefix, actor: person });
        const pseudonym = await rooms.ledger.forgetActor(tx, { tenant, forgotten: subject, actor: person });
        return { payloads, pseudonym };
      }),
  };
}
