// The people and tenants of a run: made in throw-away tenants of the installation, never in one that anybody works in, and taken away again.
// INVARIANT: whatever a scenario made is undone in reverse order when the run ends, also after a fault; what could not be is counted.

import { type JsonObject, SallyportError } from '#core';
import { codeOf, objectOf, rowsOf, toldOf } from './trial.ts';
import type { As, Insider, Reply } from './types.ts';

/** Kept between runs: tenants are never removed, and everything in their logs is of this pack. */
export const INSIDER_TENANT = 'redteam-insider';
export const AGENCY_TENANT = 'redteam-agency';

/** Without `as`: the owner of the installation. A body that is text is sent as it is. */
export type Call = (method: string, path: string, body?: unknown, as?: As) => Promise<Reply>;

export interface Tenant {
  readonly id: string;
  readonly name: string;
  readonly owner: Insider;
  person(who: string, roles: readonly string[]): Promise<Insider>;
}

export interface Stage {
  tenant(name: string): Promise<Tenant>;
  after(undo: () => Promise<unknown>): void;
  /** What could not be taken back. */
  clear(): Promise<readonly string[]>;
}

function checked(method: string, path: string, reply: Reply): JsonObject {
  if (reply.status < 400) return objectOf(reply.body);
  throw new SallyportError(codeOf(reply) || 'REDTEAM_SCENE_FAILED', `${method} ${path} was refused: ${toldOf(reply)}.`);
}

export function createStage(call: Call): Stage {
  const undone: (() => Promise<unknown>)[] = [];

  const somebody = (id: string, who: string, token: string): Insider => {
    const ask: Insider['ask'] = (method, path, body, tenant) =>
      call(method, path, body, { token, ...(tenant === undefined ? {} : { tenant }) });
    const elsewhere: Insider['elsewhere'] = (other) => (method, path, body) => call(method, path, body, { token: other });
    return {
      id,
      who,
      token,
      ask,
      elsewhere,
      must: async (method, path, ...rest) => checked(method, path, await ask(method, path, ...rest)),
    };
  };

  async function enter(link: unknown): Promise<{ readonly token: string; readonly person: string }> {
    const secret = String(link).split('#')[1] ?? '';
    const opened = checked('POST', '/api/session', await call('POST', '/api/session', { secret }));
    const token = String(opened.token);
    const who = checked('GET', '/api/session', await call('GET', '/api/session', undefined, { token }));
    return { token, person: String(who.person) };
  }

  async function openTenant(name: string): Promise<Tenant> {
    const { tenants } = checked('GET', '/api/tenants', await call('GET', '/api/tenants'));
    const isThere = rowsOf(tenants).some((tenant) => tenant.name === name);
    const path = isThere ? `/api/tenants/${name}/owner-link` : '/api/tenants';
    const made = checked('POST', path, await call('POST', path, isThere ? { recover: true } : { name }));
    const { token, person } = await enter(made.link);
    const owner = somebody(person, 'the owner', token);
    undone.push(() => owner.must('DELETE', '/api/session'));
    await sweep(owner);
    return {
      id: String(made.id),
      name,
      owner,
      async person(who, roles) {
        const added = await owner.must('POST', '/api/people', { name: `${NAME} ${who}`.slice(0, 60), roles });
        undone.push(() => owner.must('DELETE', `/api/people/${String(added.id)}`));
        return somebody(String(added.id), who, (await enter(added.link)).token);
      },
    };
  }

  const open = new Map<string, Promise<Tenant>>();
  return {
    tenant(name) {
      const known = open.get(name) ?? openTenant(name);
      open.set(name, known);
      return known;
    },
    after: (undo) => {
      undone.push(undo);
    },
    async clear() {
      const left: string[] = [];
      for (const undo of undone.splice(0).reverse()) {
        await undo().catch((fault: unknown) => left.push(fault instanceof Error ? fault.message : 'something of the run'));
      }
      return left;
    },
  };
}

const NAME = 'Insider test';

/** People of a run that was killed before it could take them away. */
async function sweep(owner: Insider): Promise<void> {
  const { people } = await owner.must('GET', '/api/people');
  for (const { id, name } of rowsOf(people))
    if (typeof name === 'string' && name.startsWith(NAME) && id !== owner.id) await owner.ask('DELETE', `/api/people/${String(id)}`);
}
