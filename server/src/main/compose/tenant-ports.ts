// Tenants, for the people of the one the installation began with; and who a request is, when it names a tenant.

import type { AgencyPorts, TenantSummary, VisitPorts } from '#control';
import { formatTime, isRefusal, makeEvent, type PersonPrincipal, refuse, SallyportError } from '#core';
import type { TenantEntry } from '#identity';
import { actingFor, actingThrough } from '#storage';
import { systemWorld } from '../world.ts';
import { sealFor } from './change-records.ts';
import type { Rooms } from './rooms.ts';
import { visitorOf } from './visitor.ts';

const summary = ({ tenant, name, createdAtMs }: TenantEntry): TenantSummary => ({ id: tenant, name, createdAt: formatTime(createdAtMs) });

export function tenantPorts(rooms: Rooms): AgencyPorts['tenants'] {
  const { directory, tenants } = rooms.agency;
  return {
    list: () => directory.tenants().map(summary),
    show: async (name) => {
      const there = directory.findTenant(name);
      const shown = there === null ? null : await tenants.showTenant(there.tenant);
      if (shown === null) return null;
      const { owners, hasSignedIn, hasPasskey } = shown;
      return { ...summary(shown), owners, hasSignedIn, hasPasskey };
    },
    create: async (operator, name) => {
      // In the log of the new tenant the operator is somebody of another one, and says so.
      const tenant = await asVisitor(operator, () => tenants.createTenantFor({ name, actor: operator.person }));
      await rooms.events.append(
        makeEvent(systemWorld, {
          tenant: operator.tenant,
          type: 'identity.tenant.added',
          actor: operator.person,
          subject: tenant,
          public: { tenant },
        }),
      );
      const made = await asVisitor(operator, () => tenants.ownerLinkFor({ tenant, actor: operator.person }));
      if (isRefusal(made)) return made;
      return { ...summary(directory.tenant(tenant) as TenantEntry), secret: made.secret };
    },
    ownerLink: async (operator, name, recover) => {
      const there = directory.findTenant(name);
      if (there === null) return refuse('CONTROL_NOT_FOUND', 'There is no tenant of that name or id.');
      const { tenant } = there;
      const seal = sealFor(rooms, { ...operator, tenant });
      const made = await asVisitor(operator, () => tenants.ownerLinkFor({ tenant, actor: operator.person, recover, seal }));
      if (isRefusal(made)) return made;
      if (made.isRecovery) {
        const told = { type: 'identity.tenant.recovered', actor: operator.person, subject: tenant, public: {} };
        await rooms.events.append(makeEvent(systemWorld, { tenant: operator.tenant, ...told }));
      }
      return { ...summary(there), secret: made.secret };
    },
  };
}

export function visitPorts(rooms: Rooms): VisitPorts {
  const { visits } = rooms.agency;
  return {
    enter: visits.enter,
    note: visits.note,
    actAs: (person, work) => actingFor(visitorOf(person), work),
    isSolo: rooms.agency.isSolo,
    isOperator: ({ tenant, home }) => tenant === rooms.tenant && home === rooms.tenant,
  };
}

/** What is read piece by piece, for as long as the reader may be there: whose delegation ends is told no more. */
export async function* whileWelcome<T>(rooms: Pick<Rooms, 'agency'>, person: PersonPrincipal, pieces: AsyncIterable<T>): AsyncGenerator<T> {
  const visitor = visitorOf(person);
  const here = rooms.agency.visits;
  for await (const piece of actingThrough(visitor, pieces)) {
    const still = visitor === null ? null : here.enter({ ...person, tenant: person.home }, person.tenant);
    if (still !== null && isRefusal(still)) throw new SallyportError(still.code, still.reason);
    yield piece;
  }
}

const asVisitor = <T>({ person, home }: PersonPrincipal, work: () => T): T => actingFor({ person, home }, work);
