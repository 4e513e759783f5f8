// Logins of processes that serve a part only: which roles each may take on, and so what somebody who has taken such a process over may not.
// INVARIANT: what a login may become is what stands here and nothing else; the gateway's can become nobody who gives a right or seals an event.

import { APP_ROLE, postgresRole, SYSTEM_ROLES, type SystemRole } from './roles.ts';
import { ACROSS_ROLES, type AcrossRole, acrossRole, ROOM_ROLES, type RoomRole, roomRole } from './room-rights.ts';

export const LOGINS = ['gateway', 'control', 'worker'] as const;
export type Login = (typeof LOGINS)[number];

export const loginRole = (login: Login): string => `sallyport_login_${login}`;

/** Every role that a process may work as. None may pass the walls or take them down. */
export const OUR_ROLES: readonly string[] = [
  APP_ROLE,
  ...SYSTEM_ROLES.map(postgresRole),
  ...ROOM_ROLES.map(roomRole),
  ...ACROSS_ROLES.map(acrossRole),
  ...LOGINS.map(loginRole),
];

interface LoginRights {
  /** Under which role its transactions of a tenant are that name no room; null: all that the server's own role may. */
  readonly inTenant: RoomRole | null;
  readonly rooms: readonly RoomRole[];
  readonly systems: readonly SystemRole[];
  /** In place of the jobs over all tenants that it lacks. */
  readonly across: AcrossRole | null;
}

export const LOGIN_RIGHTS: Readonly<Record<Login, LoginRights>> = {
  gateway: { inTenant: 'gateway', rooms: ['gateway', 'workflows', 'usage'], systems: ['writer'], across: 'gateway' },
  control: { inTenant: null, rooms: ROOM_ROLES, systems: SYSTEM_ROLES, across: null },
  worker: {
    inTenant: 'worker',
    rooms: ROOM_ROLES,
    systems: SYSTEM_ROLES.filter((role) => role !== 'authenticator'),
    across: 'worker',
  },
};

export interface Membership {
  readonly role: string;
  readonly inherit: boolean;
  readonly set: boolean;
}

export function membershipsOf(login: Login): readonly Membership[] {
  const { inTenant, rooms, systems, across } = LOGIN_RIGHTS[login];
  const become = (role: string): Membership => ({ role, inherit: false, set: true });
  return [
    // Has what the server's role has, and can not become it: what that one may become stays closed.
    ...(inTenant === null ? [{ role: APP_ROLE, inherit: true, set: false }] : []),
    ...rooms.map((room) => become(roomRole(room))),
    ...systems.map((system) => become(postgresRole(system))),
    ...(across === null ? [] : [become(acrossRole(across))]),
  ];
}

/** Of whose login this name is; null for another. */
export const loginOf = (name: string): Login | null => LOGINS.find((login) => loginRole(login) === name) ?? null;

/** The role in which a login does a job over all tenants. `null`: the server's own login. */
export function systemRoleOf(login: Login | null, role: SystemRole): string {
  const rights = login === null ? null : LOGIN_RIGHTS[login];
  return rights === null || rights.across === null || rights.systems.includes(role) ? postgresRole(role) : acrossRole(rights.across);
}
