// Looks whether the narrower roles of rooms stand as declared, and who has a login of their own. Changes nothing.

import { withSession } from './backup/session.ts';
import { LOGINS, type Login, loginOf, loginRole, membershipsOf } from './logins.ts';
import { ACROSS_ROLES, acrossRole, ROOM_ROLES, roomRole } from './room-rights.ts';
import { detours, isSame, MEMBERSHIPS, standing } from './room-roles.ts';

export interface RoomRolesInspection {
  /** The part whose login asked; null for any other. */
  readonly login: Login | null;
  /** One sentence for each role that may something else than is declared, or is missing. */
  readonly differences: readonly string[];
  readonly logins: readonly { readonly role: string; readonly canLogIn: boolean }[];
}

export function inspectRoomRoles(url: string): Promise<RoomRolesInspection> {
  return withSession(url, 'sallyport-doctor', async (client) => {
    const found = await client.query<{ role: string; canLogIn: boolean; self: string }>(
      `select rolname::text as role, rolcanlogin as "canLogIn", session_user::text as self from pg_roles where rolname like 'sallyport%'`,
    );
    const known = new Map(found.rows.map(({ role, canLogIn }) => [role, canLogIn]));
    const wanted = [...ROOM_ROLES.map(roomRole), ...ACROSS_ROLES.map(acrossRole), ...LOGINS.map(loginRole)];
    const differences = wanted.filter((role) => !known.has(role)).map((role) => `the role ${role} is missing`);
    const isWhole = differences.length === 0;
    if (isWhole) {
      for (const { table, changes } of await standing(client))
        if (changes.length > 0) differences.push(`the rights on ${table} are not as declared`);
      for (const { member, role } of await detours(client)) differences.push(`${member} may become ${role}`);
      for (const login of LOGINS) {
        const { rows } = await client.query(MEMBERSHIPS, [loginRole(login)]);
        const declared = membershipsOf(login);
        const isExact = rows.length === declared.length && rows.every((held) => declared.some((one) => isSame(one, held)));
        if (!isExact) differences.push(`${loginRole(login)} may become other roles than declared`);
      }
    }
    return {
      login: loginOf(found.rows[0]?.self ?? ''),
      differences,
      logins: LOGINS.map((login) => ({ role: loginRole(login), canLogIn: known.get(loginRole(login)) ?? false })),
    };
  });
}
