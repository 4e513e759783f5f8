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

/** What a run that was killed could not take away: its people, and whatever lets somebody in or stands in the way. Only what bears its marks. */
async function sweep(owner: Insider): Promise<void> {
  const list = async (path: string, member: string): Promise<readonly JsonObject[]> =>
    rowsOf((await owner.must('GET', path))[member]).filter((one) => isOfPack(one) && one.id !== owner.id);
  // A freeze stops the rest.
  for (const { id, active } of await list('/api/conditions', 'freezes'))
    if (active === true) await owner.ask('POST', `/api/conditions/freezes/${String(id)}/lift`, { reason: 'insider test' });
  const people = await list('/api/people', 'people');
  for (const { id } of people) await owner.ask('DELETE', `/api/people/${String(id)}`);
  for (const { id } of await list('/api/access/groups', 'groups')) await owner.ask('DELETE', `/api/access/groups/${String(id)}`);
  for (const { role } of await list('/api/access/roles', 'roles'))
    await owner.ask('DELETE', `/api/access/roles/${String(role).slice(CUSTOM.length)}`);
  for (const { name } of await list('/api/integrations', 'integrations')) await owner.ask('DELETE', `/api/integrations/${String(name)}`);
  for (const { id, endedAt } of await list('/api/delegations', 'delegations'))
    if (endedAt === null) await owner.ask('DELETE', `/api/delegations/${String(id)}`);
  // A token has no name; its maker does.
  const { tokens } = await owner.must('GET', '/api/scim');
  if (rowsOf(tokens).some(({ makerLeft }) => makerLeft === true)) await owner.ask('DELETE', '/api/scim');
}

const CUSTOM = 'custom:';

/** By how the scenarios name what they make, or the reason they give for it. */
function isOfPack({ name, role, reason }: JsonObject): boolean {
  if (reason === 'insider test' || (typeof role === 'string' && /^custom:(?:insider|keeper)_/.test(role))) return true;
  return typeof name === 'string' && (name.startsWith(NAME) || /^insider[- ]/i.test(name));
}
