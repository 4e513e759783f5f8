// People with one role each in two tenants, for as long as the matrix is asked. They are removed whatever happens; the second tenant stays.

import { isObject, type JsonObject, SallyportError } from '#core';
import type { Control } from '../command.ts';
import { matrixRoles, type Subject } from './matrix.ts';

export const SECOND_TENANT = 'authz-test';
const NAME = 'Access test';

interface Made {
  readonly subjects: readonly Subject[];
  readonly owners: { readonly first: string; readonly second: string };
  remove(): Promise<number>;
}

async function must(control: Control, ...[method, path, body, as]: Parameters<Control['call']>): Promise<JsonObject> {
  const answer = await control.call(method, path, body, as);
  const read = isObject(answer.body) ? answer.body : {};
  if (answer.status < 400) return read;
  throw new SallyportError(String(read.code ?? 'CONTROL_FAULT'), String(read.detail ?? `${method} ${path} was refused.`));
}

async function enter(control: Control, made: JsonObject): Promise<string> {
  const secret = String(made.link ?? '').split('#')[1] ?? '';
  return String((await must(control, 'POST', '/api/session', { secret })).token);
}

export async function temporaryPeople(control: Control): Promise<Made> {
  const people: { readonly id: string; readonly owner: string }[] = [];
  const remove = async (): Promise<number> => {
    let left = 0;
    for (const { id, owner } of people.splice(0)) {
      const { status } = await control.call('DELETE', `/api/people/${id}`, undefined, { token: owner });
      if (status >= 400) left += 1;
    }
    return left;
  };
  const join = async (owner: string, tenant: string, isFirst: boolean): Promise<readonly Subject[]> => {
    const subjects: Subject[] = [{ tenant, isFirst, role: 'owner', token: owner }];
    for (const role of matrixRoles.filter((each) => each !== 'owner')) {
      const made = await must(
        control,
        'POST',
        '/api/people',
        { name: `${NAME} ${role.replaceAll('_', ' ')}`, roles: [role] },
        { token: owner },
      );
      people.push({ id: String(made.id), owner });
      subjects.push({ tenant, isFirst, role, token: await enter(control, made) });
    }
    return subjects;
  };
  try {
    const { tenants } = await must(control, 'GET', '/api/tenants');
    const isThere = Array.isArray(tenants) && tenants.some((tenant) => isObject(tenant) && tenant.name === SECOND_TENANT);
    const second = isThere
      ? await must(control, 'POST', `/api/tenants/${SECOND_TENANT}/owner-link`, { recover: true })
      : await must(control, 'POST', '/api/tenants', { name: SECOND_TENANT });
    const owners = { first: await enter(control, await ownLink(control)), second: await enter(control, second) };
    const subjects = [...(await join(owners.first, 'first', true)), ...(await join(owners.second, SECOND_TENANT, false))];
    return { subjects, owners, remove };
  } catch (fault) {
    await remove();
    throw fault;
  }
}

/** A session of the owner's own, so that so many questions are not asked with the one of the command line. */
async function ownLink(control: Control): Promise<JsonObject> {
  const made = await must(control, 'POST', '/api/sign-in-links', {});
  return typeof made.link === 'string' ? made : { link: `/sign-in#${String(made.secret)}` };
}
