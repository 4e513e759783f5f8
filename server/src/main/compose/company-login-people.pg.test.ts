// Whom a company login lets in, into which groups, and what its second factor is worth; against a real identity provider over TLS.

import { passkeyDevice } from '@sallyport/testkit';
import { describe, expect, test } from 'vitest';
import { isRefusal, type PersonId, rolesOf, type TenantId } from '#core';
import type { Login } from './test/company-login.ts';
import {
  by,
  come,
  federation,
  finish,
  grantTo,
  here,
  idp,
  newGroup,
  outside,
  person,
  rows,
  save,
  settings,
  somebody,
  useCompanyLogin,
  world,
} from './test/company-visits.ts';

useCompanyLogin(fetch);

/** Somebody who is signed in goes to the company login and back. */
async function visitAs(purpose: 'link' | 'step_up', token: string | null, login: Login): ReturnType<typeof finish> {
  const begun = await federation().begin({
    provider: 'corp',
    tenant: world.tenant,
    returnTo: '/account',
    key: null,
    cookie: null,
    as: { person: person(token), purpose },
  });
  if (isRefusal(begun)) throw new Error(begun.code);
  return finish(await idp.signIn(begun.url, login), `sallyport_sso=${begun.cookie}`);
}

describe('whom a login lets in', () => {
  test('is in mode "invited" nobody it has not seen; somebody who is in links an account and comes by it from then on', async () => {
    await save({ mode: 'invited' });
    const login = somebody();
    expect(await come(login)).toMatchObject({ to: '/sign-in?refused=IDENTITY_SSO_NOT_ADMITTED', token: null });
    const { identity } = here();
    const added = await identity.addPerson({ tenant: world.tenant, name: 'Lee Example', actor: world.owner().person, roles: ['analyst'] });
    if (isRefusal(added)) throw new Error(added.code);
    const opened = await identity.redeem(added.secret);
    if (isRefusal(opened)) throw new Error(opened.code);
    const link = (token: string, account: Login) => visitAs('link', token, account);
    expect(await link(opened.token, login)).toEqual({ to: '/account', token: null });
    expect(person((await come(login)).token).person).toBe(added.id);
    // Neither a second account for the same person, nor the same account for a second one.
    expect((await link(opened.token, somebody())).to).toBe('/account?refused=IDENTITY_SSO_ACCOUNT_TAKEN');
    const owner = await identity.redeem(await identity.ownerLink(world.tenant));
    if (isRefusal(owner)) throw new Error(owner.code);
    expect((await link(owner.token, login)).to).toContain('IDENTITY_SSO_ACCOUNT_TAKEN');
  });

  test('is linked by somebody with a passkey only right after using it: whoever took over a session adds no way in of their own', async () => {
    await save({ mode: 'invited' });
    const { identity } = here();
    const added = await identity.addPerson({ tenant: world.tenant, name: 'Kim Example', actor: world.owner().person, roles: ['analyst'] });
    if (isRefusal(added)) throw new Error(added.code);
    const opened = await identity.redeem(added.secret);
    if (isRefusal(opened)) throw new Error(opened.code);
    const begin = () => {
      const as = { person: person(opened.token), purpose: 'link' } as const;
      return federation().begin({ provider: 'corp', tenant: world.tenant, returnTo: '/account', key: null, cookie: null, as });
    };
    const codeOf = (answer: object): string => (isRefusal(answer) ? answer.code : 'begun');
    expect(codeOf(await begin())).toBe('begun');
    const options = await identity.passkeys.enrolOptions(person(opened.token));
    const made = passkeyDevice().create(options as object);
    await identity.passkeys.enrol(person(opened.token), { ...made, name: 'Laptop' });
    expect(codeOf(await begin())).toBe('begun');
    outside.aheadMs = 6 * 60_000;
    expect(codeOf(await begin())).toBe('IDENTITY_PASSKEY_FRESH_NEEDED');
  });

  test('is nobody who was removed: the next login makes no new person of them, and says what it says to strangers', async () => {
    await save();
    const login = somebody();
    const { person: id } = person((await come(login)).token);
    expect(await here().identity.removePerson({ tenant: world.tenant, person: id, actor: world.owner().person })).toBeNull();
    const before = await rows('select count(*) from identity_people');
    expect(await come(login)).toMatchObject({ to: '/sign-in?refused=IDENTITY_SSO_NOT_ADMITTED', token: null });
    expect(await rows('select count(*) from identity_people')).toEqual(before);
  });

  test('is with provisioning whom that knows by its own id, and nobody else, also not whom it switched off', async () => {
    const { scim } = here().federated;
    await scim.createToken(by());
    try {
      await save({ externalIdClaim: 'oid' });
      const request = { tenant: world.tenant, base: '', ifMatch: null };
      const user = (await scim.users.create(request, { userName: 'ana@example.com', externalId: 'oid-1' })) as { id?: unknown };
      const login = somebody({ oid: 'oid-1', email: 'other@example.com' });
      const who = person((await come(login)).token);
      expect(who.person).toBe(user.id);
      // The address is the same and the id is not.
      expect((await come(somebody({ oid: 'oid-2', email: 'ana@example.com' }))).to).toContain('IDENTITY_SSO_NOT_ADMITTED');
      const never = (await scim.users.create(request, { userName: 'off@example.com', externalId: 'oid-3', active: false })) as {
        id?: unknown;
      };
      expect(never.id).toBeDefined();
      expect((await come(somebody({ oid: 'oid-3' }))).to).toContain('IDENTITY_SSO_NOT_ADMITTED');
      await scim.users.remove(request, who.person);
      expect((await come(login)).to).toContain('IDENTITY_SSO_NOT_ADMITTED');
      // Hired again: a new user with the same id there.
      const anew = (await scim.users.create(request, { userName: 'ana@example.com', externalId: 'oid-1' })) as { id?: unknown };
      expect(person((await come(login)).token).person).toBe(anew.id as PersonId);
    } finally {
      await scim.removeTokens(by());
    }
  });
});

describe('whoever may set up a company login', () => {
  const request = () => ({ tenant: world.tenant, base: '', ifMatch: null });
  let users = 0;
  async function provisioned(roles: readonly string[] = []): Promise<{ id: PersonId; oid: string }> {
    users += 1;
    const oid = `oid-of-${users}`;
    const user = (await here().federated.scim.users.create(request(), { userName: `user${users}@example.com`, externalId: oid })) as {
      id: PersonId;
    };
    for (const role of roles) await here().identity.grant({ tenant: world.tenant, subject: user.id, role, actor: 'test' });
    return { id: user.id, oid };
  }
  const asAdmin = async () => {
    const admin = await here().identity.addPerson({ tenant: world.tenant, name: 'Ada', actor: 'test', roles: ['admin'] });
    if (isRefusal(admin)) throw new Error(admin.code);
    return { tenant: world.tenant, actor: admin.id };
  };
  const saveAs = async (who: { tenant: TenantId; actor: string }, name: string, change: object): Promise<string> => {
    const [corp] = (await federation().providers.list(world.tenant)).filter((one) => one.name === 'corp');
    const { label, issuer, clientId, authMethod, mode, scopes, groupsClaim, groups, externalIdClaim, secondFactorAcr, enabled } =
      corp as never;
    const input = { label, issuer, clientId, authMethod, mode, scopes, groupsClaim, groups, externalIdClaim, secondFactorAcr, enabled };
    const saved = await federation().providers.save(who, {
      ...input,
      name,
      secret: name === 'corp' ? null : 'their-own-secret',
      ...change,
    } as never);
    return isRefusal(saved) ? saved.code : 'saved';
  };

  test('lets no login say who a provisioned person is, unless they own the tenant', async () => {
    await save({ externalIdClaim: 'oid' });
    const admin = await asAdmin();
    const own = { issuer: 'https://evil.example.com', externalIdClaim: 'sub', groups: {} };
    expect(await saveAs(admin, 'mine', own)).toBe('IDENTITY_SSO_OWNER_ONLY');
    expect(await saveAs(admin, 'corp', { externalIdClaim: 'email' })).toBe('IDENTITY_SSO_OWNER_ONLY');
    expect(await saveAs(admin, 'mine', { ...own, externalIdClaim: null })).toBe('saved');
    expect(await saveAs(admin, 'mine', own)).toBe('IDENTITY_SSO_OWNER_ONLY');
    expect(await saveAs(admin, 'corp', { label: 'Our company' })).toBe('saved');
    expect(await saveAs(by(), 'mine', own)).toBe('saved');
    await federation().providers.remove(by(), 'mine');
  });

  test('becomes nobody by an id they gave them: neither somebody who came in another way, nor an owner', async () => {
    const { scim } = here().federated;
    await scim.createToken(by());
    try {
      await save({ externalIdClaim: 'oid' });
      const keyed = await provisioned(['security']);
      await rows(
        `insert into identity_sessions (tenant, id, person, kind, method, label, lookup, hash, pepper, created_at, expires_at)
         values ($1, 'ses_018cc251-f400-7000-8000-00000000000a', $2, 'browser', 'link', 'Firefox', 'lk-1', '\\x00', 'p', now() - interval '9 days', now() - interval '8 days')`,
        [world.tenant, keyed.id],
      );
      expect((await come(somebody({ oid: keyed.oid }))).to).toContain('IDENTITY_SSO_NOT_ADMITTED');
      const owning = await provisioned(['owner']);
      expect((await come(somebody({ oid: owning.oid }))).to).toContain('IDENTITY_SSO_NOT_ADMITTED');
      const fresh = await provisioned(['analyst']);
      expect(person((await come(somebody({ oid: fresh.oid }))).token).person).toBe(fresh.id);
    } finally {
      await scim.removeTokens(by());
    }
  });
});

describe('groups of a login', () => {
  test('are those it maps: they come and go with each login, and what they grant with them', async () => {
    const [group, other] = [await newGroup(), await newGroup()];
    await grantTo(group, 'auditor');
    await save({ groups: { 'shop-auditors': group } });
    const login = somebody({ groups: ['shop-auditors', 'everybody'] });
    const first = await come(login);
    const who = person(first.token);
    expect(rolesOf(who)).toEqual(['auditor']);
    await rows('insert into identity_group_members (tenant, group_id, person, added_at) values ($1, $2, $3, now())', [
      world.tenant,
      other,
      who.person,
    ]);
    await come({ ...login, groups: 'everybody' });
    expect(rolesOf(person(first.token))).toEqual([]);
    expect(await rows('select group_id from identity_group_members where person = $1', [who.person])).toEqual([{ group_id: other }]);
    await come({ ...login, groups: undefined });
    expect(rolesOf(person(first.token))).toEqual([]);
  });

  test('[PROMISE-10] are mapped by whoever may give what they grant, and by nobody else', async () => {
    await save();
    const who = person((await come(somebody())).token);
    const mapped = await newGroup();
    await grantTo(mapped, 'approver');
    const change = settings({ groups: { mine: mapped } });
    expect(await federation().providers.save({ tenant: world.tenant, actor: who.person }, change)).toMatchObject({
      code: 'IDENTITY_GRANT_NOT_HELD',
    });
    await save({ groups: { mine: mapped } });
  });

  test('that provisioning keeps are not changed by a login, and can not be mapped', async () => {
    const managed = await newGroup('scim');
    await save();
    expect(await federation().providers.save(by(), settings({ groups: { admins: managed } }))).toMatchObject({
      code: 'IDENTITY_SSO_GROUP_MANAGED',
    });
    const mapped = await newGroup();
    await save({ groups: { admins: mapped } });
    await rows("update identity_groups set source = 'scim' where id = $1", [mapped]);
    const login = somebody({ groups: [] });
    const who = person((await come(login)).token);
    await rows('insert into identity_group_members (tenant, group_id, person, added_at) values ($1, $2, $3, now())', [
      world.tenant,
      mapped,
      who.person,
    ]);
    const held = () => rows('select group_id from identity_group_members where person = $1', [who.person]);
    await come(login);
    expect(await held()).toEqual([{ group_id: mapped }]);
    await rows('delete from identity_group_members where person = $1', [who.person]);
    await come({ ...login, groups: ['admins'] });
    expect(await held()).toEqual([]);
  });
});

describe('a second factor at the company login', () => {
  const stepUp = (token: string | null, login: Login) => visitAs('step_up', token, login);

  test.each([
    ['a password alone', { amr: ['pwd'] }, false],
    ['nothing said', {}, false],
    ['several factors', { amr: ['pwd', 'mfa'] }, true],
    ['a hardware key', { amr: ['hwk'] }, true],
    ['a level that was named in the settings', { acr: 'urn:example:strong' }, true],
  ])('counts after %s only where there was one: %s', async (_what, how, counts) => {
    await save({ secondFactorAcr: ['urn:example:strong'] });
    const { proof } = person((await come(somebody(how))).token);
    expect(proof.passkeyAtMs !== null).toBe(counts);
    if (proof.passkeyAtMs !== null) expect(Math.abs(Date.now() - proof.passkeyAtMs)).toBeLessThan(60_000);
  });

  test('confirms an open session, and a login without one does not', async () => {
    await save();
    const login = somebody({ amr: ['pwd'] });
    const { token } = await come(login);
    expect((await stepUp(token, login)).to).toContain('IDENTITY_SSO_NO_MFA');
    expect(person(token).proof.passkeyAtMs).toBeNull();
    expect((await stepUp(token, somebody({ amr: ['mfa'] }))).to).toContain('IDENTITY_SSO_NOT_ADMITTED');
    expect(await stepUp(token, { ...login, amr: ['mfa'] })).toEqual({ to: '/account', token: null });
    expect(person(token).proof.passkeyAtMs).not.toBeNull();
  });

  test('makes nobody: an account that is not linked yet proves nothing, and can be linked by whoever tried it', async () => {
    await save();
    const { identity } = here();
    const added = await identity.addPerson({ tenant: world.tenant, name: 'Ali Example', actor: world.owner().person, roles: ['analyst'] });
    if (isRefusal(added)) throw new Error(added.code);
    const opened = await identity.redeem(added.secret);
    if (isRefusal(opened)) throw new Error(opened.code);
    const people = () => rows('select count(*)::int as people from identity_people where tenant = $1', [world.tenant]);
    const before = await people();
    const login = somebody({ amr: ['mfa'] });
    expect((await stepUp(opened.token, login)).to).toContain('IDENTITY_SSO_NOT_ADMITTED');
    expect(person(opened.token).proof.passkeyAtMs).toBeNull();
    expect(await people()).toEqual(before);
    expect(await visitAs('link', opened.token, login)).toEqual({ to: '/account', token: null });
    expect(await stepUp(opened.token, login)).toEqual({ to: '/account', token: null });
  });
});
