// A person’s look at a customer, and what it adds to how unusual their session is.

import { caseKindsOf } from '#connectors';
import type { ControlPorts } from '#control';
import { isRefusal } from '#core';
import { createCustomerReader } from '#enforcement';
import { READS_OF_A_CUSTOMER } from '#identity';
import { systemWorld } from '../world.ts';
import type { OpenDatabase } from './database.ts';
import type { Rooms } from './rooms.ts';

/** A screen hides what it shows after so long. */
const SHOWN_SECONDS = 60;

export function customerPorts(
  {
    vault,
    catalogue,
    egress,
    guard,
    surroundings,
    sealChange,
  }: Pick<Rooms, 'vault' | 'catalogue' | 'egress' | 'guard' | 'surroundings' | 'sealChange'>,
  { database }: Pick<OpenDatabase, 'database'>,
): ControlPorts['customers'] {
  const read = createCustomerReader({
    ...systemWorld,
    database,
    catalogue,
    vault,
    egress,
    events: guard.events,
    blindReference: vault.blindReference,
    sealChange,
  });
  return {
    cases: (tenant) =>
      catalogue
        .list(tenant)
        .flatMap(({ name, manifest }) => (manifest === null ? [] : caseKindsOf(manifest)).map((kind) => ({ integration: name, kind }))),
    read: async (person, question) => {
      const result = await read(person, question);
      if (isRefusal(result)) return result;
      surroundings.risk.read(person, READS_OF_A_CUSTOMER);
      return { ...result, expiresInSeconds: SHOWN_SECONDS };
    },
  };
}
