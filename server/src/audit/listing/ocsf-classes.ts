// Which OCSF class and activity each type of event is: one table. Classes and numbers are those of OCSF 1.6.0.

import type { JsonObject } from '#core';

export const OCSF_VERSION = '1.6.0';

export interface OcsfClass {
  readonly uid: number;
  readonly name: string;
  readonly category: number;
  readonly categoryName: string;
  readonly activities: Readonly<Record<number, string>>;
}

const IAM = { category: 3, categoryName: 'Identity & Access Management' } as const;

export const ACCOUNT_CHANGE: OcsfClass = {
  ...IAM,
  uid: 3001,
  name: 'Account Change',
  activities: { 1: 'Create', 2: 'Enable', 5: 'Disable', 6: 'Delete', 99: 'Other' },
};
export const AUTHENTICATION: OcsfClass = { ...IAM, uid: 3002, name: 'Authentication', activities: { 1: 'Logon', 2: 'Logoff' } };
export const ENTITY_MANAGEMENT: OcsfClass = {
  ...IAM,
  uid: 3004,
  name: 'Entity Management',
  activities: {
    1: 'Create',
    2: 'Read',
    3: 'Update',
    4: 'Delete',
    8: 'Enable',
    9: 'Disable',
    10: 'Activate',
    11: 'Deactivate',
    12: 'Suspend',
    13: 'Resume',
    99: 'Other',
  },
};
export const API_ACTIVITY: OcsfClass = {
  uid: 6003,
  name: 'API Activity',
  category: 6,
  categoryName: 'Application Activity',
  activities: { 0: 'Unknown', 1: 'Create', 2: 'Read', 3: 'Update', 4: 'Delete', 99: 'Other' },
};

export interface Mapped {
  readonly class: OcsfClass;
  readonly activity: number;
}

/** Types that are a class of their own. Calls are API activity, by what they do; every other type manages an entity, by its last word. */
const BY_TYPE: Readonly<Record<string, Mapped>> = {
  'identity.session.opened': { class: AUTHENTICATION, activity: 1 },
  'identity.session.closed': { class: AUTHENTICATION, activity: 2 },
  'identity.person.added': { class: ACCOUNT_CHANGE, activity: 1 },
  'identity.person.removed': { class: ACCOUNT_CHANGE, activity: 6 },
  'identity.workload.created': { class: ACCOUNT_CHANGE, activity: 1 },
  'identity.workload.changed': { class: ACCOUNT_CHANGE, activity: 99 },
  'identity.workload.removed': { class: ACCOUNT_CHANGE, activity: 6 },
};

/** What an operation does, as a manifest says. */
const BY_EFFECT: Readonly<Record<string, number>> = { read: 2, fetch: 2, write: 3, admin: 3, delete: 4, send: 1, money: 1, model: 99 };

const BY_WORD: Readonly<Record<string, number>> = {
  created: 1,
  added: 1,
  stored: 1,
  imported: 1,
  requested: 1,
  started: 1,
  accepted: 1,
  exported: 2,
  read: 2,
  content_read: 2,
  opened: 2,
  verified: 2,
  changed: 3,
  rotated: 3,
  approved: 3,
  endorsed: 3,
  finished: 3,
  resolved: 3,
  removed: 4,
  dropped: 4,
  erased: 4,
  forgotten: 4,
  revoked: 9,
  published: 10,
  retired: 11,
  paused: 12,
  resumed: 13,
};

export function mapType(type: string, facts: JsonObject): Mapped {
  const own = BY_TYPE[type];
  if (own !== undefined) return own;
  if (type.startsWith('enforcement.call.') || type.startsWith('enforcement.effect.')) {
    const effect = typeof facts.effect === 'string' ? facts.effect : null;
    return { class: API_ACTIVITY, activity: effect === null ? 0 : (BY_EFFECT[effect] ?? 99) };
  }
  const word = type.slice(type.lastIndexOf('.') + 1);
  return { class: ENTITY_MANAGEMENT, activity: BY_WORD[word] ?? 99 };
}
