// Whether somebody may do something on the control plane: which of their grants hold here and now, what the circumstances are, and what the
// access policies say to both. One function decides for requests and explains for people.

import type { AuthorizePorts, Explanation } from '#control';
import {
  type ActedOn,
  type Action,
  actionsOf,
  BUILT_IN_ROLES,
  covers,
  factsOf,
  type Grant,
  isAction,
  isOwner,
  mainRole,
  type PersonPrincipal,
  type Refusal,
  ROLES,
  refuse,
} from '#core';
import type { Access, AccessCircumstances, AccessDecision } from '#policy';
import { systemClock } from '../world.ts';
import type { Rooms } from './rooms.ts';

/** What a request's surroundings say; whoever keeps the tenant's conditions tells it. */
export type Circumstances = Omit<AccessCircumstances, 'isLocal' | 'hasPasskey' | 'isSingleFactor' | 'isFresh' | 'isSolo'> & {
  /** What the company login says of the device; null when it says nothing. */
  readonly isManagedDevice: boolean | null;
};
export type CircumstancesOf = (person: PersonPrincipal, action: Action, takesAway: boolean) => Circumstances;

export interface AuthorizeDeps {
  readonly rooms: Pick<Rooms, 'identity' | 'agency'>;
  readonly access: Access;
  readonly circumstances: CircumstancesOf;
  /** Told of the grant that allowed what was asked for: of several the first. */
  readonly onAllowed?: (person: PersonPrincipal, grant: Grant) => void;
}

/** A passkey counts for so long. */
export const FRESH_MS = 5 * 60_000;

/** Nothing is asked, and nothing is known: a grant that asks for a network or a device does not hold. */
export const noCircumstances: CircumstancesOf = (person) => ({
  ...{ risk: person.risk, network: 'unknown', country: 'unknown', hour: new Date(systemClock.now()).getUTCHours(), isFrozen: false },
  ...{
    askedByHours: 'nothing',
    askedByNetwork: 'nothing',
    askedByCountry: 'nothing',
    askedByPosture: 'nothing',
    askedByTraining: 'nothing',
    isManagedDevice: null,
  },
});

interface Judged {
  readonly decision: AccessDecision;
  /** Those that give the action on this thing now. */
  readonly grants: readonly Grant[];
}

/** Whether a grant gives this look here and now: not interrupted to use a passkey, and stopped by no freeze of changes. */
export function lookBy(authorize: AuthorizePorts['authorize']): (person: PersonPrincipal, action: Action) => boolean {
  return (person, action) => {
    const refused = authorize(person, action, {}, true);
    return refused === null || refused.code === 'CONTROL_STEP_UP_REQUIRED';
  };
}

export function createAuthorizer({ rooms, access, circumstances, onAllowed = () => undefined }: AuthorizeDeps) {
  const { identity, agency } = rooms;

  const isFresh = ({ proof }: PersonPrincipal): boolean => proof.passkeyAtMs !== null && systemClock.now() - proof.passkeyAtMs <= FRESH_MS;

  /** Whether what the grant itself asks for is met; what can not be told is not. */
  function holds({ condition }: Grant, person: PersonPrincipal, around: Circumstances): boolean {
    if (condition === null) return true;
    const { hours, network, passkey, device } = condition;
    const hour = new Date(systemClock.now()).getUTCHours();
    if (hours !== undefined && !(hours.from < hours.to ? hour >= hours.from && hour < hours.to : hour >= hours.from || hour < hours.to))
      return false;
    if (network !== undefined && around.network !== network) return false;
    if (passkey !== undefined && !isFresh(person)) return false;
    return device === undefined || around.isManagedDevice === true;
  }

  function withPlaces(person: PersonPrincipal, on: ActedOn): ActedOn {
    if (on.workspaces !== undefined || !person.grants.some(({ scope }) => scope.workspace !== undefined)) return on;
    const { workflow, integration } = on;
    const thing = { ...(workflow === undefined ? {} : { workflow }), ...(integration === undefined ? {} : { integration }) };
    return { ...on, workspaces: agency.directory.workspacesOf(person.tenant, thing) };
  }

  function judge(person: PersonPrincipal, action: Action, on: ActedOn | 'something', takesAway = false): Judged {
    const around = circumstances(person, action, takesAway);
    const place = on === 'something' ? on : withPlaces(person, on);
    const grants = person.grants.filter(
      (grant) => grant.actions.has(action) && (place === 'something' || covers(grant.scope, place)) && holds(grant, person, around),
    );
    const { isManagedDevice: _, ...asked } = around;
    const decision = access.decide({
      action,
      tenant: person.tenant,
      actor: { tenant: person.tenant, home: person.home, isOwner: isOwner(person) },
      isGranted: grants.length > 0,
      isDelegated: grants.length > 0 && grants.every(({ via }) => via.startsWith('delegation:')),
      isLocal: person.proof.method === 'cli',
      // Who is only asked about has no session: that they would be asked for a passkey is no answer to whether they may.
      hasPasskey: person.session !== '' && identity.isAskedForPasskey(person),
      isSingleFactor: person.proof.method === 'sso' && person.proof.passkeyAtMs === null,
      isFresh: isFresh(person),
      isSolo: agency.isSolo(person.tenant),
      ...asked,
    });
    return { decision, grants };
  }

  /** What shows that the thing is there: of an action on a workflow, seeing workflows. */
  const viewOf = (action: Action): Action | null => {
    const view = `${action.split('.')[0]}.view`;
    return isAction(view) ? view : null;
  };

  function refusalFor(person: PersonPrincipal, action: Action, on: ActedOn | 'something', decision: AccessDecision): Refusal | null {
    if (decision.kind === 'allow') return null;
    const allowed = rolesWith(action);
    const resource = on === 'something' ? null : (on.workflow ?? on.integration ?? null);
    if (decision.code === 'CONTROL_STEP_UP_REQUIRED')
      return refuse(decision.code, decision.reason, { action, withinSeconds: FRESH_MS / 1000 });
    if (decision.code !== null) return refuse(decision.code, decision.reason, { action, resource, rules: [...decision.policies] });
    const view = viewOf(action);
    const isNamed = resource !== null && view !== null;
    // Whoever holds it elsewhere and can not see this one is told what they would be told of one that is not there.
    if (isNamed && actionsOf(person).has(action) && judge(person, view, on).decision.kind === 'deny')
      return refuse('CONTROL_NOT_FOUND', `There is no ${factsOf(view).on} of that name or id.`);
    const why = actionsOf(person).has(action) ? 'narrowed' : 'not_granted';
    const sentence = why === 'narrowed' ? 'Your access does not cover this one; ask somebody who can give access.' : NO_GRANT;
    return refuse('CONTROL_ROLE_FORBIDDEN', sentence, { action, resource, allowed, why });
  }

  const authorize: AuthorizePorts['authorize'] = (person, action, on, takesAway) => {
    const { decision, grants } = judge(person, action, on, takesAway);
    const refused = refusalFor(person, action, on, decision);
    const [grant] = grants;
    if (refused === null && grant !== undefined) onAllowed(person, grant);
    return refused;
  };

  const sees: AuthorizePorts['sees'] = (person, action) => {
    const around = circumstances(person, action, false);
    const grants = person.grants.filter((grant) => grant.actions.has(action) && holds(grant, person, around));
    if (grants.some(({ scope }) => Object.keys(scope).length === 0)) return () => true;
    return (on) => grants.some(({ scope }) => covers(scope, withPlaces(person, on)));
  };

  function explain(person: PersonPrincipal, action: Action, on: ActedOn): Omit<Explanation, 'ask'> {
    const { decision, grants } = judge(person, action, on);
    const refused = refusalFor(person, action, on, decision);
    const [grant] = grants;
    return {
      isAllowed: refused === null,
      code: refused?.code ?? null,
      reason: refused?.reason ?? null,
      rule: decision.policies[0] ?? null,
      grant: grant === undefined ? null : { id: grant.id, role: grant.role, via: grant.via },
      allowedRoles: rolesWith(action),
      roles: [...new Set(person.grants.map(({ role }) => role))],
      main: mainRole(person.grants.map(({ role }) => role)),
    };
  }

  return { authorize, sees, explain };
}

const NO_GRANT = 'Your roles do not allow this; ask somebody who can give access.';

const rolesWith = (action: Action): readonly string[] => ROLES.filter((role) => BUILT_IN_ROLES[role].actions.includes(action));
