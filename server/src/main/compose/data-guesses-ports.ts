// The switch of guesses for the control plane: each change recorded with what was in force before, and off is called a loosening.

import type { DataGuessesPorts, GuessesView } from '#control';
import { refuse, type TenantId } from '#core';
import { putGuesses, readGuesses } from '#enforcement';
import { recordChange } from './change-records.ts';
import type { OpenDatabase } from './database.ts';
import type { Rooms } from './rooms.ts';

export function dataGuessesPorts(rooms: Rooms, { database }: OpenDatabase): DataGuessesPorts {
  const { dataMatrix, guard } = rooms;
  const show = (tenant: TenantId): GuessesView => {
    const { names } = guard;
    return {
      isOn: dataMatrix.guesses(tenant) || names?.isRequired === true,
      model: names === null ? null : { types: [...names.types], isRequired: names.isRequired },
    };
  };
  return {
    dataGuesses: {
      show,
      set: async (person, isOn) => {
        const { tenant } = person;
        if (!isOn && guard.names?.isRequired === true)
          return refuse(
            'ENFORCEMENT_DATA_GUESSES_REQUIRED',
            'The operator requires that calls are read by the model of names, so guesses stay on.',
          );
        await database.inTenant(tenant, async (tx) => {
          const before = await readGuesses(tx, tenant);
          if (before === isOn) return;
          await putGuesses(tx, tenant, isOn);
          await recordChange(rooms, tx, {
            person,
            type: 'enforcement.data_guesses.changed',
            subject: 'guesses',
            public: { change: isOn ? 'on' : 'off', ...(isOn ? {} : { loosened: ['guesses'] }) },
            before: { isOn: before },
            after: { isOn },
          });
        });
        await dataMatrix.refreshed();
        return show(tenant);
      },
    },
  };
}
