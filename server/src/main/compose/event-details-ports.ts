// Opens what is sealed beside an event, for whoever may see personal data in the clear. INVARIANT: nothing is given out unless the event that says so commits with it.

import { readPayload } from '#audit';
import type { AuthorizePorts, ControlPorts } from '#control';
import { makeEvent } from '#core';
import { appendEvents } from '#storage';
import { systemWorld } from '../world.ts';
import { lookBy } from './authorize-ports.ts';
import { openDetails } from './change-records.ts';
import type { OpenDatabase } from './database.ts';
import type { Rooms } from './rooms.ts';

const NOTHING = { details: null, isErased: false, detailsWithheld: false };

export function eventDetailsPorts(
  rooms: Pick<Rooms, 'vault'>,
  { database }: Pick<OpenDatabase, 'database'>,
  authorize: AuthorizePorts['authorize'],
): Pick<ControlPorts, 'eventDetails'> {
  const mayLook = lookBy(authorize);
  return {
    eventDetails: {
      open: (who, seq) =>
        database.inTenant(who.tenant, async (tx) => {
          const { tenant, person } = who;
          const kept = await readPayload(tx, tenant, seq);
          if (kept === null || !kept.wasSealed) return NOTHING;
          if (kept.payload === null) return { ...NOTHING, isErased: true };
          if (!mayLook(who, 'data.reveal')) return { ...NOTHING, detailsWithheld: true };
          const details = await openDetails(rooms.vault, tx, { tenant, payload: kept.payload });
          if (details === null) return { ...NOTHING, isErased: true };
          await appendEvents(tx, [
            makeEvent(systemWorld, { tenant, type: 'audit.event.opened', actor: person, subject: tenant, public: { seq } }),
          ]);
          return { details, isErased: false, detailsWithheld: false };
        }),
    },
  };
}
