// Staff of an agency in a client's tenant: who they are there, and that both tenants' logs note it.
// INVARIANTS: whoever acts in another tenant holds there what live delegations give, no two duties that conflict, and nothing of what they
// hold at home; nothing is done before both logs say that they came.

import {
  type ActedOn,
  type ActionKind,
  type Clock,
  covers,
  makeEvent,
  type PersonId,
  type PersonPrincipal,
  type Random,
  type Refusal,
  type TenantId,
  type Tx,
} from '#core';
import { actingFor, appendEvents, type Database } from '#storage';
import { refusal } from '../errors.ts';
import { agenciesOf, firstUse, noteUse } from '../store/delegations.ts';
import { namePeople, nameSubjects } from '../store/subjects.ts';
import { delegatedActions, grantOf, withoutConflicts } from './delegated-actions.ts';
import type { Directory, LiveDelegation, TenantEntry } from './directory.ts';

export interface Visits {
  /** The person as somebody of the named tenant: of their own as they are, of a client by delegation. Id or name. */
  enter(person: PersonPrincipal, named: string): PersonPrincipal | Refusal;
  /** Where else this person may act now, by name. */
  clientsOf(person: PersonPrincipal): readonly TenantEntry[];
  /** Staff who may do this in the client's tenant: on this when it is named, else whatever narrows it. */
  staffWho(client: TenantId, action: 'approvals.decide' | 'workflows.approve', on?: ActedOn): readonly PersonId[];
  /** What people of agencies that were ever let in are called, with the agency's name; for ids that stand in this tenant's own records. */
  staffNames(client: TenantId): Promise<ReadonlyMap<string, string>>;
  /** What these people and groups of a tenant are called. */
  namesAt(tenant: TenantId, ids: readonly string[]): Promise<ReadonlyMap<string, string>>;
  /** Notes in both logs that this visitor acted, once for each kind of action in ten minutes. Throws when it can not. */
  note(visitor: PersonPrincipal, kind: ActionKind): Promise<void>;
}

export interface VisitsDeps {
  readonly db: Database;
  readonly clock: Clock;
  readonly random: Random;
  readonly directory: Directory;
}

const SLOT_MS = 10 * 60_000;
/** What this process noted in the present slot; begun anew with each. */
const MAX_NOTED = 50_000;

export function createVisits({ db, clock, random, directory }: VisitsDeps): Visits {
  let noted = new Set<string>();
  let notedSlot = 0;

  const heldIn = (person: PersonPrincipal, client: TenantId): readonly LiveDelegation[] =>
    withoutConflicts(directory.heldBy(person.home, person.person).filter((delegation) => delegation.client === client));

  const write = (tenant: TenantId, visitor: PersonPrincipal, kind: ActionKind, slot: Date): Promise<void> =>
    db.inTenant(tenant, async (tx: Tx) => {
      const { person, home, tenant: client } = visitor;
      const ids = heldIn(visitor, client).map(({ id }) => id);
      if (tenant === client) await noteUse(tx, client, ids, { by: person, at: new Date(clock.now()) });
      if (!(await firstUse(tx, tenant, { person, client, kind, slot }))) return;
      const event = makeEvent(
        { clock, random },
        {
          tenant,
          type: 'identity.delegation.used',
          actor: person,
          subject: ids[0] ?? client,
          public: { agency: home, client, kind, delegations: ids },
        },
      );
      await appendEvents(tx, [event]);
    });

  return {
    enter(person, named) {
      const there = directory.findTenant(named);
      if (there?.tenant === person.tenant) return person;
      if (directory.isLost()) return refusal('IDENTITY_FEED_LOST');
      // A tenant that gave nothing and one that does not exist are answered alike.
      const held = there === null || person.home !== person.tenant ? [] : heldIn(person, there.tenant);
      if (there === null || held.length === 0) return refusal('IDENTITY_DELEGATION_NONE');
      return { ...person, tenant: there.tenant, grants: held.map(grantOf) };
    },

    clientsOf: ({ home, person }) => {
      const ids = new Set(directory.heldBy(home, person).map(({ client }) => client));
      return [...ids].flatMap((id) => directory.tenant(id) ?? []).sort((left, right) => (left.name < right.name ? -1 : 1));
    },

    staffWho: (client, action, on) =>
      [...Map.groupBy(directory.staffOf(client), ({ person }) => person)].flatMap(([person, held]) => {
        const live = withoutConflicts(held.map(({ delegation }) => delegation));
        return live.some(({ role, scope }) => delegatedActions(role).has(action) && (on === undefined || covers(scope, on)))
          ? [person]
          : [];
      }),

    namesAt: (tenant, ids) => db.inTenant(tenant, (tx) => nameSubjects(tx, tenant, ids)),

    async staffNames(client) {
      const named = new Map<string, string>();
      for (const agency of await db.inTenant(client, (tx) => agenciesOf(tx, client))) {
        const from = directory.tenant(agency)?.name ?? 'an agency';
        for (const [id, name] of await db.inTenant(agency, (tx) => namePeople(tx, agency))) named.set(id, `${name} (${from})`);
      }
      return named;
    },

    async note(visitor, kind) {
      const slot = Math.floor(clock.now() / SLOT_MS) * SLOT_MS;
      if (slot !== notedSlot || noted.size > MAX_NOTED) [noted, notedSlot] = [new Set(), slot];
      const key = `${visitor.person} ${visitor.tenant} ${kind}`;
      if (noted.has(key)) return;
      await actingFor({ person: visitor.person, home: visitor.home }, async () => {
        await write(visitor.tenant, visitor, kind, new Date(slot));
        // At home they are no visitor.
        await actingFor(null, () => write(visitor.home, visitor, kind, new Date(slot)));
      });
      noted.add(key);
    },
  };
}
