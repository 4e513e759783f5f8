// Conditions of access for the control plane: shown with what a request looks like to them, and never set so that they shut their setter out.

import type { ConditionPorts, ConditionsView } from '#control';
import { formatTime, isOwner, isRefusal, type JsonObject, type PersonPrincipal, refuse } from '#core';
import {
  type AccessContext,
  type ConditionSettings,
  conditionSettings,
  contextOf,
  freezeInput,
  isPrivileged,
  lockOut,
  ownTraining,
  parseAddress,
} from '#identity';
import { systemClock } from '../world.ts';
import { sealFor } from './change-records.ts';
import { namesOf } from './people-ports.ts';
import type { Rooms } from './rooms.ts';

const YEAR_MS = 366 * 24 * 60 * 60_000;

const invalid = (field: string, message: string) => refuse('CONTROL_REQUEST_INVALID', `Field ${field}: ${message}.`, { field });

export function conditionPorts(rooms: Rooms): ConditionPorts {
  const { identity, surroundings } = rooms;
  const { conditions, risk } = surroundings;
  const by = (person: PersonPrincipal) => ({ tenant: person.tenant, actor: person.person, seal: sealFor(rooms, person) });

  async function show(person: PersonPrincipal): Promise<ConditionsView> {
    const { tenant } = person;
    const nameOf = await namesOf(rooms, tenant);
    const { freezes: _, ...settings } = conditions.of(tenant);
    const nowMs = systemClock.now();
    const address = person.via?.address ?? null;
    const around = surroundings.circumstances(person, 'conditions.manage', true);
    return {
      settings: settings as unknown as JsonObject,
      freezes: conditions.freezes(tenant).map(({ fromMs, toMs, liftedAtMs, madeBy, liftedBy, ...freeze }) => ({
        ...freeze,
        from: formatTime(fromMs),
        to: formatTime(toMs),
        madeBy: nameOf(madeBy),
        liftedAt: liftedAtMs === null ? null : formatTime(liftedAtMs),
        liftedBy: liftedBy === null ? null : nameOf(liftedBy),
        active: liftedAtMs === null && fromMs <= nowMs && nowMs < toMs,
      })),
      acknowledgements: conditions.acknowledgements(tenant).map((one) => ({
        person: one.person,
        name: nameOf(one.person),
        course: one.course,
        recordedAt: formatTime(one.recordedAtMs),
        expiresAt: formatTime(one.expiresAtMs),
      })),
      risks: risk.list(tenant).map((one) => ({
        session: one.session,
        person: one.person,
        name: nameOf(one.person),
        level: one.level,
        signals: one.signals,
        raisedAt: formatTime(one.raisedAtMs),
        clearedAt: one.clearedAtMs === null ? null : formatTime(one.clearedAtMs),
      })),
      you: { address, country: around.country, network: around.network, risk: around.risk },
      knowsCountries: risk.knowsCountries,
    };
  }

  /** What the new settings would ask of whoever sets them, right now. */
  function asksOf(person: PersonPrincipal, settings: ConditionSettings): AccessContext {
    const address = person.via?.address == null ? null : parseAddress(person.via.address);
    return contextOf(
      { ...settings, freezes: [] },
      {
        action: 'conditions.manage',
        takesAway: false,
        nowMs: systemClock.now(),
        address,
        place: risk.placeOf(address),
        isManagedDevice: person.proof.managed ?? null,
        acknowledged: conditions.acknowledgedBy(person.home, person.person),
        risk: 'none',
      },
    );
  }

  /** Whether anybody else could put something on record. */
  async function othersManage({ tenant, person }: PersonPrincipal): Promise<boolean> {
    const all = await rooms.guard.database.inTenant(tenant, (tx) => identity.peopleWho(tx, tenant, 'conditions.manage'));
    return all.some((other) => other !== person);
  }

  return {
    conditions: {
      show,
      set: async (person, body) => {
        const parsed = conditionSettings.safeParse(body);
        if (!parsed.success) {
          const [issue] = parsed.error.issues;
          return invalid(issue?.path.join('.') || 'body', issue?.message ?? 'not valid');
        }
        const asks = asksOf(person, parsed.data);
        const shutBy = (['askedByHours', 'askedByNetwork', 'askedByCountry', 'askedByPosture', 'askedByTraining'] as const).filter(
          (name) => asks[name] === 'refuse',
        );
        // The command line on the server is how a mistake is undone.
        if (shutBy.length > 0 && person.proof.method !== 'cli' && isPrivileged('conditions.manage')) {
          return lockOut(shutBy);
        }
        await conditions.set(by(person), parsed.data);
        return show(person);
      },
      freeze: async (person, input) => {
        const parsed = freezeInput.safeParse(input);
        if (!parsed.success) return invalid('to', parsed.error.issues[0]?.message ?? 'not valid');
        if (parsed.data.toMs <= systemClock.now() || parsed.data.toMs - parsed.data.fromMs > YEAR_MS)
          return invalid('to', 'is in the future, and at most a year after it begins');
        const made = await conditions.freeze(by(person), parsed.data);
        return isRefusal(made) ? made : show(person);
      },
      lift: async (person, id, reason) => {
        if (!isOwner(person)) return refuse('CONTROL_ROLE_FORBIDDEN', 'Only an owner lifts a change freeze.', { allowed: ['owner'] });
        const via = { address: null, device: null, ...person.via, reason };
        const refused = await conditions.lift(by({ ...person, via }), id);
        return refused ?? show(person);
      },
      acknowledge: async (person, done) => {
        const nowMs = systemClock.now();
        if (done.expiresAtMs <= nowMs || done.expiresAtMs - nowMs > 5 * YEAR_MS)
          return invalid('expiresAt', 'is in the future, within five years');
        const people = await identity.listPeople(person.tenant);
        if (!people.some((one) => one.id === done.person && one.removedAt === null))
          return refuse('CONTROL_NOT_FOUND', 'There is no such person.');
        if (done.person === person.person && person.proof.method !== 'cli' && (await othersManage(person))) return ownTraining();
        await conditions.acknowledge(by(person), done);
        return show(person);
      },
      clearRisk: (person, session) => risk.clear({ person, isSolo: identity.isSolo(person.tenant), seal: sealFor(rooms, person) }, session),
    },
  };
}
