// Links that whoever runs the installation makes for owners of other tenants: until somebody came in, and to recover, never past a passkey.

import { passkeyDevice } from '@sallyport/testkit';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { isRefusal, type PersonPrincipal, type TenantId } from '#core';
import { newName, nodeRandom, type OpenedIdentity, openIdentity } from '../test/opened-identity.ts';
import { type Directory, openDirectory } from './directory.ts';
import { createTenants, type Tenants } from './tenants.ts';

const ACTOR = 'per_01a205c7-6c11-7d2e-8a4b-91d0f3a6b2c4';
let given: OpenedIdentity;
let directory: Directory;
let tenants: Tenants;

beforeAll(async () => {
  given = await openIdentity();
  const { clock, identity, database } = given;
  directory = await openDirectory({ db: database.db, clock, onFault: (fault) => given.faults.push(fault) });
  tenants = createTenants({ db: database.db, clock, random: nodeRandom, directory, identity });
});
afterAll(async () => {
  await directory.close();
  await given.close();
});

const make = (): Promise<TenantId> => tenants.createTenantFor({ name: newName(), actor: ACTOR });
const made = (tenant: TenantId, recover = false) => tenants.ownerLinkFor({ tenant, actor: ACTOR, recover });
const link = async (tenant: TenantId, recover = false) => {
  const answer = await made(tenant, recover);
  return isRefusal(answer) ? answer : answer.secret;
};
const codeOf = (answer: string | object): string => (isRefusal(answer as object) ? (answer as { code: string }).code : 'link');
async function enter(secret: unknown): Promise<PersonPrincipal> {
  const opened = await given.identity.redeem(String(secret));
  if (isRefusal(opened)) throw new Error(opened.code);
  return given.identity.authenticateSession(opened.token) as PersonPrincipal;
}
const recoveries = (tenant: TenantId) =>
  given.database.admin<{ actor: string }>("select actor from event_inbox where tenant = $1 and type = 'identity.tenant.recovered'", [
    tenant,
  ]);

describe('a link for the owner of another tenant', () => {
  it('is made again and again while nobody has come in, each in place of the one before', async () => {
    const tenant = await make();
    const first = await link(tenant);
    const second = await link(tenant);
    expect([codeOf(first), codeOf(second)]).toEqual(['link', 'link']);
    expect(codeOf(await given.identity.redeem(String(first)))).toBe('IDENTITY_LINK_INVALID');
    await enter(second);
    expect(await recoveries(tenant)).toEqual([]);
  });

  it('is refused from the moment anybody came in, also when they signed out and their session is long over', async () => {
    const tenant = await make();
    const owner = await enter(await link(tenant));
    expect(codeOf(await link(tenant))).toBe('IDENTITY_TENANT_ENTERED');
    await given.identity.signOutEverywhere(owner);
    given.clock.advance(400 * 24 * 60 * 60_000);
    await given.identity.sweep();
    expect(codeOf(await link(tenant))).toBe('IDENTITY_TENANT_ENTERED');
  });

  it('is refused when somebody else than the owner came in, so that a new owner is nobody’s prey', async () => {
    const tenant = await make();
    await link(tenant);
    const guest = await given.identity.addPerson({ tenant, name: 'Ana', roles: ['analyst'], actor: 'installation' });
    if (isRefusal(guest)) throw new Error(guest.code);
    await enter(guest.secret);
    expect(codeOf(await link(tenant))).toBe('IDENTITY_TENANT_ENTERED');
  });

  it('does not void the one the owner holds when it is refused', async () => {
    const tenant = await make();
    const owner = await enter(await link(tenant));
    const own = await given.identity.ownLink(owner);
    expect(codeOf(await link(tenant))).toBe('IDENTITY_TENANT_ENTERED');
    await enter(own);
  });

  it('recovers a tenant whose owner has no passkey, and its log says who did', async () => {
    const tenant = await make();
    // Nobody was here: it is the first link, whatever it was asked for as.
    expect(await made(tenant, true)).toMatchObject({ isRecovery: false });
    expect(await recoveries(tenant)).toEqual([]);
    await enter(await link(tenant));
    const again = await made(tenant, true);
    expect(again).toMatchObject({ isRecovery: true });
    await enter(isRefusal(again) ? null : again.secret);
    expect(await recoveries(tenant)).toEqual([{ actor: ACTOR }]);
  });

  it('is never made once an owner holds a passkey, to recover or not', async () => {
    const tenant = await make();
    const owner = await enter(await link(tenant));
    const options = await given.identity.passkeys.enrolOptions(owner);
    if (isRefusal(options)) throw new Error(options.code);
    await given.identity.passkeys.enrol(owner, { ...passkeyDevice().create(options), name: 'Key' });
    for (const recover of [false, true]) expect(codeOf(await link(tenant, recover))).toBe('IDENTITY_TENANT_OWNED');
    expect(await recoveries(tenant)).toEqual([]);
  });

  it('does not slip in beside the owner who comes in at the same moment', async () => {
    for (let nth = 0; nth < 8; nth += 1) {
      const tenant = await make();
      const secret = await link(tenant);
      const [entered, made] = await Promise.all([given.identity.redeem(String(secret)), link(tenant)]);
      const both = codeOf(made) === 'link' && !isRefusal(entered);
      expect(both).toBe(false);
    }
  });
});
