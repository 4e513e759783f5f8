import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { isRefusal, type PersonPrincipal, type TenantId } from '#core';
import type { Identity } from '../identity.ts';
import { codeOf, HOUR_MS, newName, type OpenedIdentity, openIdentity, outcome, until } from '../test/opened-identity.ts';

let given: OpenedIdentity;
let identity: Identity;
beforeAll(async () => {
  given = await openIdentity();
  identity = given.identity;
});
afterAll(() => given.close());

const newTenant = (): Promise<TenantId> => identity.createTenant({ name: newName() });
const signIn = async (tenant: TenantId): Promise<string> => {
  const session = await identity.redeem(await identity.ownerLink(tenant));
  if (isRefusal(session)) throw new Error(session.code);
  return session.token;
};
const person = (token: string): PersonPrincipal => {
  const answer = identity.authenticateSession(token);
  if (isRefusal(answer)) throw new Error(answer.code);
  return answer;
};

describe('a sign-in link', () => {
  test('opens a session of the tenant’s owner for twelve hours', async () => {
    const tenant = await newTenant();
    const session = await identity.redeem(await identity.ownerLink(tenant));
    if (isRefusal(session)) throw new Error(session.code);
    expect(session.expiresAtMs).toBe(given.clock.now() + 12 * HOUR_MS);
    expect(person(session.token)).toMatchObject({ kind: 'person', tenant, grants: [{ role: 'owner' }] });
    given.clock.advance(12 * HOUR_MS);
    expect(outcome(identity.authenticateSession(session.token))).toBe('IDENTITY_SESSION_INVALID');
  });

  test('works once, whoever tries at the same time and in whichever process', async () => {
    const link = await identity.ownerLink(await newTenant());
    const other = await given.another();
    const answers = await Promise.all(Array.from({ length: 10 }, (_, index) => (index % 2 === 0 ? identity : other.identity).redeem(link)));
    expect(answers.filter((answer) => outcome(answer) === 'in')).toHaveLength(1);
    expect(answers.filter((answer) => outcome(answer) === 'IDENTITY_LINK_INVALID')).toHaveLength(9);
  });

  test('is void after 10 minutes, and when a newer one was made', async () => {
    const tenant = await newTenant();
    const old = await identity.ownerLink(tenant);
    const newer = await identity.ownerLink(tenant);
    expect(outcome(await identity.redeem(old))).toBe('IDENTITY_LINK_INVALID');
    given.clock.advance(10 * 60_000);
    expect(outcome(await identity.redeem(newer))).toBe('IDENTITY_LINK_INVALID');
  });

  test('is not guessed, mixed or taken from another kind of token', async () => {
    const [mine, yours] = [await identity.ownerLink(await newTenant()), await identity.ownerLink(await newTenant())];
    for (const wrong of ['', 'rubbish', mine.slice(0, -1), mine.replace('spl_', 'sp_'), mine.slice(0, 21) + yours.slice(21), `${mine} `]) {
      expect(outcome(await identity.redeem(wrong))).toBe('IDENTITY_LINK_INVALID');
    }
    expect(outcome(identity.authenticateSession(mine))).toBe('IDENTITY_SESSION_INVALID');
    expect(outcome(identity.authenticate(mine))).toBe('IDENTITY_KEY_UNKNOWN');
    expect(outcome(await identity.redeem(mine))).toBe('in');
  });
});

describe('a session', () => {
  test('that was signed out is refused at once here and as soon as heard elsewhere, and no other is touched', async () => {
    const tenant = await newTenant();
    const other = await given.another();
    const [gone, kept] = [await signIn(tenant), await signIn(tenant)];
    await until(() => outcome(other.identity.authenticateSession(gone)) === 'in');
    await identity.signOut(person(gone));
    expect(outcome(identity.authenticateSession(gone))).toBe('IDENTITY_SESSION_INVALID');
    await until(() => outcome(other.identity.authenticateSession(gone)) === 'IDENTITY_SESSION_INVALID');
    expect(outcome(identity.authenticateSession(kept))).toBe('in');
    expect(await identity.signOutEverywhere(person(kept))).toBe(1);
    expect(outcome(identity.authenticateSession(kept))).toBe('IDENTITY_SESSION_INVALID');
  });

  test.each([
    ['one wrong character', (token: string) => token.slice(0, -2) + (token.at(-2) === 'A' ? 'B' : 'A') + token.slice(-1)],
    ['the secret of another session', (token: string, other: string) => token.slice(0, 21) + other.slice(21)],
    ['the lookup part of another session', (token: string, other: string) => other.slice(0, 21) + token.slice(21)],
    ['its first part alone', (token: string) => token.slice(0, 21)],
    ['no text', () => ''],
  ])('is not opened by a token with %s', async (_what, change) => {
    const tenant = await newTenant();
    const [token, other] = [await signIn(tenant), await signIn(tenant)];
    expect(outcome(identity.authenticateSession(change(token, other)))).toBe('IDENTITY_SESSION_INVALID');
    expect(outcome(identity.authenticateSession(token))).toBe('in');
  });

  test('is not an API key, and an API key is not a session', async () => {
    const token = await signIn(await newTenant());
    const { key } = await given.keyed();
    expect(outcome(identity.authenticate(token))).toBe('IDENTITY_KEY_UNKNOWN');
    expect(outcome(identity.authenticateSession(key))).toBe('IDENTITY_SESSION_INVALID');
    expect(outcome(identity.authenticateSession(null))).toBe('IDENTITY_SESSION_INVALID');
    expect(await identity.bind(person(token), null, given.clock.now())).toMatchObject({ code: 'IDENTITY_NOT_A_WORKLOAD' });
  });

  test('of a browser ends after an hour in which nobody did anything, in every process; what is done in one keeps it open in all', async () => {
    const tenant = await newTenant();
    const other = await given.another();
    const [idle, used] = [await signIn(tenant), await signIn(tenant)];
    await until(() => outcome(other.identity.authenticateSession(used)) === 'in');
    given.clock.advance(HOUR_MS / 2);
    await identity.touch(person(used));
    const seen = given.clock.now();
    given.clock.advance(HOUR_MS / 2);
    expect(outcome(identity.authenticateSession(idle))).toBe('IDENTITY_SESSION_INVALID');
    expect(outcome(identity.authenticateSession(used))).toBe('in');
    await until(() => outcome(other.identity.authenticateSession(used)) === 'in');
    expect(outcome(other.identity.authenticateSession(idle))).toBe('IDENTITY_SESSION_INVALID');
    given.clock.advance(seen + HOUR_MS - given.clock.now());
    for (const one of [identity, other.identity]) expect(outcome(one.authenticateSession(used))).toBe('IDENTITY_SESSION_INVALID');
  });

  test('is listed with how it was opened, and ended by whoever may, in every process', async () => {
    const tenant = await newTenant();
    const other = await given.another();
    const [mine, theirs] = [await signIn(tenant), await signIn(tenant)];
    await until(() => outcome(other.identity.authenticateSession(theirs)) === 'in');
    const { session } = person(theirs);
    const listed = await identity.openSessions(tenant, person(mine).person);
    expect(listed.map(({ id, kind, method, isBound }) => ({ id, kind, method, isBound }))).toContainEqual({
      id: session,
      kind: 'browser',
      method: 'link',
      isBound: false,
    });
    expect(await identity.endSession(person(mine), tenant, session)).toBeNull();
    expect(outcome(identity.authenticateSession(theirs))).toBe('IDENTITY_SESSION_INVALID');
    await until(() => outcome(other.identity.authenticateSession(theirs)) === 'IDENTITY_SESSION_INVALID');
    expect(await identity.endSession(person(mine), tenant, session)).toMatchObject({ code: 'IDENTITY_SESSION_UNKNOWN' });
  });

  test('can not be ended by another tenant', async () => {
    const [mine, yours] = [await signIn(await newTenant()), await signIn(await newTenant())];
    await identity.signOut({ ...person(yours), session: person(mine).session });
    const elsewhere = person(yours);
    expect(await identity.endSession(elsewhere, elsewhere.tenant, person(mine).session)).toMatchObject({
      code: 'IDENTITY_SESSION_UNKNOWN',
    });
    expect(outcome(identity.authenticateSession(mine))).toBe('in');
  });

  test('leaves neither its token nor the link in the database, but events that name it', async () => {
    const tenant = await newTenant();
    const link = await identity.ownerLink(tenant);
    const session = await identity.redeem(link);
    if (isRefusal(session)) throw new Error(session.code);
    const who = person(session.token);
    await identity.signOut(who);
    for (const table of ['identity_links', 'identity_sessions', 'event_inbox']) {
      const rows = JSON.stringify(await given.database.admin(`select t::text as row from ${table} t where tenant = $1`, [tenant]));
      for (const secret of [link, session.token].map((text) => text.slice(-43))) {
        expect(rows).not.toContain(secret);
        expect(rows).not.toContain(Buffer.from(secret, 'base64url').toString('hex'));
      }
    }
    const events = await given.database.admin('select type, actor, subject from event_inbox where tenant = $1 order by sequence offset 1', [
      tenant,
    ]);
    expect(events).toEqual([
      { type: 'identity.link.created', actor: `person:${who.person}`, subject: who.person },
      { type: 'identity.session.opened', actor: `person:${who.person}`, subject: who.session },
      { type: 'identity.session.closed', actor: `person:${who.person}`, subject: who.session },
    ]);
  });
});

describe('the credential of the command line', () => {
  test('is the owner, and a new one ends the old one of the same machine only', async () => {
    const { tenant } = await identity.ensureDefaultTenant();
    const [first, elsewhere] = [await identity.createCliCredential(), await identity.createCliCredential({ label: 'other-host' })];
    expect(person(first)).toMatchObject({ kind: 'person', tenant, grants: [{ role: 'owner' }] });
    const second = await identity.createCliCredential();
    expect([first, elsewhere, second].map((token) => outcome(identity.authenticateSession(token)))).toEqual([
      'IDENTITY_SESSION_INVALID',
      'in',
      'in',
    ]);
    given.clock.advance(365 * 24 * HOUR_MS);
    expect(outcome(identity.authenticateSession(second))).toBe('in');
    expect(await codeOf(identity.createCliCredential({ label: 'Not A Label' }))).toBe('IDENTITY_INPUT_INVALID');
  });
});
