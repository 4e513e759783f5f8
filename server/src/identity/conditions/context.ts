// Turns a request's circumstances into the attributes the access policies decide on: one for each condition. Pure.
// INVARIANT: what can not be told counts as outside; an attribute is never left out because it is not known.

import { ACTIONS, type Action, type Risk, type UnixMs } from '#core';
import type { Place } from './countries.ts';
import { isInHours, localTime } from './hours.ts';
import { type Address, isInAny, isLoopback, parseRange, type Range } from './networks.ts';
import { type Conditions, type Demand, type Freezable, freezeOn, type Reach } from './settings.ts';

/** What a condition asks for on this action now: nothing, a fresh passkey, or no. */
export type Asked = 'nothing' | Demand;

export interface AccessContext {
  /** A change freeze stops this action. */
  readonly isFrozen: boolean;
  readonly network: 'inside' | 'outside' | 'unknown';
  readonly country: string;
  /** Hour of the day where the tenant works, else in UTC. */
  readonly hour: number;
  readonly askedByHours: Asked;
  readonly askedByNetwork: Asked;
  readonly askedByCountry: Asked;
  readonly askedByPosture: Asked;
  readonly askedByTraining: Asked;
  readonly risk: Risk;
  readonly isManagedDevice: boolean | null;
}

export interface Circumstances {
  readonly action: Action;
  /** The request only takes something away: access, a key, a workflow that runs. That is never frozen. */
  readonly takesAway: boolean;
  readonly nowMs: UnixMs;
  readonly address: Address | null;
  readonly place: Place | null;
  /** What the company login says of the device; null when it says nothing. */
  readonly isManagedDevice: boolean | null;
  /** Courses and policies the person has acknowledged and that have not run out. */
  readonly acknowledged: ReadonlySet<string>;
  readonly risk: Risk;
}

/** What a freeze stops, by action. Conditions are policy, and the owner can lift a freeze all the same: lifting is a route of its own. */
const FROZEN_BY: Readonly<Partial<Record<Action, Freezable>>> = {
  'workflows.edit': 'publishing',
  'workflows.approve': 'publishing',
  'workflows.publish': 'publishing',
  'integrations.manage': 'policy',
  'hooks.manage': 'policy',
  'conditions.manage': 'policy',
  'people.manage': 'access',
  'access.grant': 'access',
  'federation.manage': 'access',
  'workloads.manage': 'access',
  'keys.manage': 'access',
  'oauth_clients.manage': 'access',
  'workspaces.manage': 'access',
  'delegation.manage': 'access',
  'least.apply': 'access',
};

/** Acts that change what others may do or see, decisions, and whatever asks for a fresh passkey anyway. */
export function isPrivileged(action: Action): boolean {
  const facts: { readonly kind: string; readonly stepUp?: boolean } = ACTIONS[action];
  return facts.stepUp === true || facts.kind === 'admin' || facts.kind === 'security' || facts.kind === 'approve';
}

const ranges = new WeakMap<readonly string[], readonly Range[]>();

function rangesOf(texts: readonly string[]): readonly Range[] {
  const known = ranges.get(texts);
  if (known !== undefined) return known;
  const parsed = texts.flatMap((text) => parseRange(text) ?? []);
  ranges.set(texts, parsed);
  return parsed;
}

function networkOfAddress(conditions: Conditions, address: Address | null): AccessContext['network'] {
  if (address === null || conditions.networks === null) return 'unknown';
  // Whoever is on the server's own console is inside.
  return isLoopback(address) || isInAny(address, rangesOf(conditions.networks.inside)) ? 'inside' : 'outside';
}

export function contextOf(conditions: Conditions, now: Circumstances): AccessContext {
  const { action, address, place, nowMs } = now;
  const reaches = (applies: Reach): boolean => applies === 'all' || isPrivileged(action);
  const asked = (part: { readonly outside: Demand; readonly applies: Reach } | null, isInside: boolean): Asked =>
    part === null || isInside || !reaches(part.applies) ? 'nothing' : part.outside;
  const { hours, networks, countries, posture, training } = conditions;
  const network = networkOfAddress(conditions, address);
  const frozenBy = FROZEN_BY[action];
  const isHere = address !== null && isLoopback(address);
  return {
    isFrozen: frozenBy !== undefined && !now.takesAway && freezeOn(conditions, frozenBy, nowMs) !== null,
    network,
    country: place?.country ?? 'unknown',
    hour: Math.floor(localTime(nowMs, hours?.timeZone ?? 'UTC').minute / 60),
    askedByHours: asked(hours, hours === null || isInHours(hours, nowMs)),
    askedByNetwork: asked(networks, network === 'inside'),
    askedByCountry: asked(countries, isHere || (place !== null && countries?.allowed.includes(place.country) === true)),
    askedByPosture: asked(posture, now.isManagedDevice === true),
    askedByTraining: asked(training, training === null || training.required.every((course) => now.acknowledged.has(course))),
    risk: now.risk,
    isManagedDevice: now.isManagedDevice,
  };
}
