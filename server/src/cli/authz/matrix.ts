// The matrix of every route, every built-in role and two tenants, asked of a running server: what should be open by the tables, and what is.
// It sends bodies that are not JSON, and ids of nothing: whoever is let in is refused those before anything is done.

import { FOR_THE_INSTALLATION, ROUTE_ACTIONS } from '#control';
import { type Action, BUILT_IN_ROLES, isObject, type JsonValue, ROLES, type Role } from '#core';

export interface Sent {
  readonly status: number;
  readonly body: JsonValue;
}
export type Send = (token: string, method: string, path: string, body?: string) => Promise<Sent>;

export interface Subject {
  readonly tenant: string;
  /** Of the tenant the installation began with. */
  readonly isFirst: boolean;
  readonly role: Role;
  readonly token: string;
}

export interface Cell {
  readonly tenant: string;
  readonly role: Role;
  readonly route: string;
  readonly action: string;
  readonly expected: 'open' | 'shut';
  readonly got: 'open' | 'shut';
  readonly status: number;
  readonly code: string | null;
}

const AT_ONCE = 8;
const NOBODY = '00000000-0000-7000-8000-000000000000';

/** An address of nothing, of the form its route expects. */
export function nothingAt(path: string, name = 'nothing-of-that-name'): string {
  return path.replace(/:(\w+)/g, (_, part: string) =>
    part === 'name' || part === 'provider' ? name : part === 'seq' ? '999999999' : `per_${NOBODY}`,
  );
}

const roles: readonly Role[] = ROLES.filter((role) => role !== 'agent');
export const matrixRoles = roles;

/** Every cell, in the order they are asked: what should be open first, for so many refusals make any session look like a thief’s. */
export async function runMatrix(
  subjects: readonly Subject[],
  send: Send,
  onCell: (done: number, of: number) => void,
): Promise<readonly Cell[]> {
  const routes = Object.entries(ROUTE_ACTIONS as Readonly<Record<string, string>>).filter(([, action]) => action !== 'anyone');
  const planned = subjects.flatMap((subject) =>
    routes.map(([route, action]) => ({ subject, route, action, expected: expectedOf(subject, route, action) })),
  );
  const cells: Cell[] = [];
  for (const phase of ['open', 'shut'] as const) {
    const waiting = planned.filter(({ expected }) => expected === phase);
    await Promise.all(
      Array.from({ length: AT_ONCE }, async () => {
        for (let one = waiting.shift(); one !== undefined; one = waiting.shift()) {
          const { subject, route, action, expected } = one;
          const [method = '', path = ''] = route.split(' ');
          const { status, body } = await send(subject.token, method, nothingAt(path), method === 'GET' ? undefined : '{"not json');
          const code = isObject(body) && typeof body.code === 'string' ? body.code : null;
          const got = status === 401 || status === 403 ? 'shut' : 'open';
          cells.push({ tenant: subject.tenant, role: subject.role, route, action, expected, got, status, code });
          onCell(cells.length, planned.length);
        }
      }),
    );
  }
  return cells;
}

function expectedOf({ role, isFirst }: Subject, route: string, action: string): Cell['expected'] {
  if (FOR_THE_INSTALLATION.has(route) && !isFirst) return 'shut';
  return action === 'self' || BUILT_IN_ROLES[role].actions.includes(action as Action) ? 'open' : 'shut';
}

export interface Verdict {
  readonly cells: number;
  readonly unexpectedAllows: readonly Cell[];
  /** Refused for want of a role, where the tables give it. */
  readonly unexpectedRefusals: readonly Cell[];
  /** Refused by a condition of the tenant, such as a freeze: no fault of the matrix. */
  readonly byCondition: number;
}

export function judge(cells: readonly Cell[]): Verdict {
  const wrong = cells.filter(({ expected, got }) => expected !== got);
  const refused = wrong.filter(({ got }) => got === 'shut');
  const isMissing = ({ code, status }: Cell): boolean => code === 'CONTROL_ROLE_FORBIDDEN' || status === 401;
  return {
    cells: cells.length,
    unexpectedAllows: wrong.filter(({ got }) => got === 'open'),
    unexpectedRefusals: refused.filter(isMissing),
    byCondition: refused.filter((cell) => !isMissing(cell)).length,
  };
}
