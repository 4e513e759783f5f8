import { granted, type PasskeyDevice, passkeyDevice } from '@sallyport/testkit';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { isRefusal, type PersonPrincipal, type TenantId } from '#core';
import type { Identity } from '../identity.ts';
import { newName, type OpenedIdentity, openIdentity, outcome, until } from '../test/opened-identity.ts';
import type { PasskeyView } from './passkeys.ts';

let given: OpenedIdentity;
let identity: Identity;
beforeAll(async () => {
  given = await openIdentity();
  identity = given.identity;
});
afterAll(() => given.close());

const BROWSER = { key: null, label: 'Firefox on Linux' };
const person = (token: string, of: Identity = identity): PersonPrincipal => granted(of.authenticateSession(token));
const byLink = async (tenant: TenantId): Promise<string> => granted(await identity.redeem(await identity.ownerLink(tenant))).token;

interface Holder {
  readonly tenant: TenantId;
  readonly device: PasskeyDevice;
  readonly passkey: PasskeyView;
  /** The session the passkey was made in. */
  readonly token: string;
}

async function enrol(token: string, device: PasskeyDevice, lies = {}, of: Identity = identity) {
  const who = person(token, of);
  const options = await of.passkeys.enrolOptions(who);
  if (isRefusal(options)) return options;
  return of.passkeys.enrol(who, { ...device.create(options, lies), name: 'Laptop' });
}

async function holder(device = passkeyDevice()): Promise<Holder> {
  const tenant = await identity.createTenant({ name: newName() });
  const token = await byLink(tenant);
  return { tenant, device, token, passkey: granted(await enrol(token, device)) };
}

const signIn = async (device: PasskeyDevice, lies = {}, of: Identity = identity) =>
  of.signInWithPasskey(device.get(await of.signInOptions(), lies), BROWSER);

test('tries are counted by the network of a household, however its address is written', async () => {
  const from = async (address: string) => outcome((await identity.limitSignIn(address, 'recovery')) ?? {});
  for (let nth = 1; nth <= 20; nth += 1) expect(await from(`2001:db8::${nth.toString(16)}:0:0:1`)).toBe('in');
  expect(await from('2001:db8:0:0:ffff::1')).toBe('IDENTITY_TOO_MANY_ATTEMPTS');
  expect(await from('2001:db8:0:1::1')).toBe('in');
  for (let nth = 1; nth <= 20; nth += 1) expect(await from(nth % 2 === 0 ? '::ffff:203.0.113.9' : '203.0.113.9')).toBe('in');
  expect(await from('203.0.113.9')).toBe('IDENTITY_TOO_MANY_ATTEMPTS');
});

describe('signing in with a passkey', () => {
  test('opens a session of its person, which counts as confirmed', async () => {
    const { tenant, device, token } = await holder();
    const opened = granted(await signIn(device));
    const who = person(opened.token);
    expect(who).toMatchObject({ tenant, person: person(token).person, proof: { method: 'passkey', passkeyAtMs: given.clock.now() } });
    expect(identity.hasPasskey(who)).toBe(true);
    expect(await identity.passkeys.passkeys(tenant, who.person)).toMatchObject([{ name: 'Laptop', usedAt: new Date(given.clock.now()) }]);
  });

  test.each<[string, object]>([
    ['another origin', { origin: 'http://localhost.evil.example' }],
    ['another port of this machine', { origin: 'http://localhost:9999' }],
    ['another host’s passkey', { rpId: 'evil.example' }],
    ['a user who was there but not verified', { isVerified: false }],
    ['a challenge nobody asked for', { challenge: Buffer.alloc(32, 7).toString('base64url') }],
    ['the handle of another person', { userHandle: Buffer.from('per_01a205c7-6c11-7d2e-8a4b-91d0f3a6b2c4').toString('base64url') }],
    ['a page inside a page', { crossOrigin: true }],
  ])('is refused with %s, in the words of an unknown passkey', async (_what, lies) => {
    const { device } = await holder();
    expect(outcome(await signIn(device, lies))).toBe('IDENTITY_PASSKEY_INVALID');
    expect(outcome(await signIn(device))).toBe('in');
  });

  test('is refused for a passkey nobody knows, whose options look like everybody’s', async () => {
    const [known, unknown] = [await identity.signInOptions(), await identity.signInOptions()];
    expect(Object.keys(known)).toEqual(Object.keys(unknown));
    expect(known).toMatchObject({ rpId: 'localhost', userVerification: 'required', allowCredentials: [] });
    expect(outcome(await signIn(passkeyDevice()))).toBe('IDENTITY_PASSKEY_INVALID');
  });

  test('takes one assertion once, whichever process gets it, and no challenge that is five minutes old or made for something else', async () => {
    const { device, token } = await holder();
    const other = await given.another();
    const assertion = device.get(await identity.signInOptions());
    const answers = await Promise.all(
      Array.from({ length: 6 }, (_, index) => (index % 2 === 0 ? identity : other.identity).signInWithPasskey(assertion, BROWSER)),
    );
    expect(answers.map(outcome).filter((one) => one === 'in')).toHaveLength(1);
    const stepUp = device.get(await identity.stepUpOptions(person(token)));
    expect(outcome(await identity.signInWithPasskey(stepUp, BROWSER))).toBe('IDENTITY_PASSKEY_INVALID');
    const late = device.get(await identity.signInOptions());
    given.clock.advance(5 * 60_000);
    expect(outcome(await identity.signInWithPasskey(late, BROWSER))).toBe('IDENTITY_PASSKEY_INVALID');
  });

  test('refuses a passkey that counts backwards, and tells of it', async () => {
    const { device, tenant } = await holder();
    const copy = device.copy();
    expect(outcome(await signIn(device))).toBe('in');
    expect(outcome(await signIn(device))).toBe('in');
    expect(outcome(await signIn(copy))).toBe('IDENTITY_PASSKEY_COUNTER');
    const told = await given.database.admin('select type from event_inbox where tenant = $1 and type like $2', [tenant, '%suspected']);
    expect(told).toHaveLength(1);
    const still = await holder(passkeyDevice({ isCounting: false }));
    expect([outcome(await signIn(still.device)), outcome(await signIn(still.device))]).toEqual(['in', 'in']);
  });

  test('stops a passkey that fails again and again, in every process, and lets it in when the time is over', async () => {
    const { device } = await holder();
    const other = await given.another();
    for (let nth = 0; nth < 10; nth += 1) await signIn(device, { isVerified: false });
    const refused = await signIn(device, {}, other.identity);
    expect(refused).toMatchObject({ code: 'IDENTITY_TOO_MANY_ATTEMPTS', evidence: { retryAfterSeconds: 300 } });
    given.clock.advance(5 * 60_000);
    expect(outcome(await signIn(device))).toBe('in');
  });

  test('refuses a passkey that somebody wrote into the database', async () => {
    const { device, tenant, passkey } = await holder();
    const thief = passkeyDevice();
    const victim = await holder();
    await enrol(victim.token, thief);
    // Everything of a passkey that works, moved to the person it is to open.
    await given.database.admin(
      `update identity_passkeys set tenant = $1, person = (select person from identity_passkeys where id = $2), id = 'psk_forged'
       where credential = $3`,
      [tenant, passkey.id, thief.credential],
    );
    expect(outcome(await signIn(thief, { userHandle: null }))).toBe('IDENTITY_PASSKEY_INVALID');
    expect(outcome(await signIn(device))).toBe('in');
  });
});

describe('making and removing passkeys', () => {
  test.each<[string, object]>([
    ['an unverified user', { isVerified: false }],
    ['another origin', { origin: 'https://evil.example' }],
    ['another host', { rpId: 'evil.example' }],
    ['another challenge', { challenge: Buffer.alloc(32, 7).toString('base64url') }],
  ])('makes none with %s', async (_what, lies) => {
    const token = await byLink(await identity.createTenant({ name: newName() }));
    expect(outcome(await enrol(token, passkeyDevice(), lies))).toBe('IDENTITY_PASSKEY_NOT_ENROLLED');
    expect(identity.hasPasskey(person(token))).toBe(false);
  });

  test('a further one, its removal and new recovery codes need the use of an earlier one, which five minutes later is none', async () => {
    const { tenant, device, passkey } = await holder();
    const token = await byLink(tenant);
    expect(outcome(await enrol(token, passkeyDevice()))).toBe('IDENTITY_PASSKEY_FRESH_NEEDED');
    expect(outcome(await identity.makeRecoveryCodes(person(token)))).toBe('IDENTITY_PASSKEY_FRESH_NEEDED');
    const options = await identity.stepUpOptions(person(token));
    expect(await identity.stepUp(person(token), device.get(options))).toBeNull();
    const second = granted(await enrol(token, passkeyDevice()));
    given.clock.advance(5 * 60_000);
    expect(await identity.passkeys.remove(person(token), person(token).person, second.id)).toMatchObject({
      code: 'IDENTITY_PASSKEY_FRESH_NEEDED',
    });
    expect(await identity.stepUp(person(token), device.get(await identity.stepUpOptions(person(token))))).toBeNull();
    expect(await identity.passkeys.remove(person(token), person(token).person, second.id)).toBeNull();
    expect(await identity.passkeys.remove(person(token), person(token).person, passkey.id)).toMatchObject({
      code: 'IDENTITY_PASSKEY_LAST',
    });
    expect(await identity.makeRecoveryCodes(person(token))).toHaveLength(10);
    expect(await identity.passkeys.remove(person(token), person(token).person, passkey.id)).toBeNull();
    expect(outcome(await signIn(device))).toBe('IDENTITY_PASSKEY_INVALID');
  });

  test('a session is not confirmed by somebody else’s passkey, nor twice by one assertion', async () => {
    const [mine, yours] = [await holder(), await holder()];
    const token = await byLink(mine.tenant);
    const options = await identity.stepUpOptions(person(token));
    expect(await identity.stepUp(person(token), yours.device.get(options))).toMatchObject({ code: 'IDENTITY_PASSKEY_INVALID' });
    const assertion = mine.device.get(await identity.stepUpOptions(person(token)));
    expect(await identity.stepUp(person(token), assertion)).toBeNull();
    expect(await identity.stepUp(person(token), assertion)).toMatchObject({ code: 'IDENTITY_PASSKEY_INVALID' });
  });

  test('a confirmation is heard by every process', async () => {
    const { tenant, device } = await holder();
    const token = await byLink(tenant);
    const other = await given.another();
    await identity.stepUp(person(token), device.get(await identity.stepUpOptions(person(token))));
    await until(() => person(token, other.identity).proof.passkeyAtMs !== null);
    expect(other.identity.hasPasskey(person(token, other.identity))).toBe(true);
  });
});

describe('a recovery code', () => {
  test('lets its person in once, at the same moment too, into a session that is for making a passkey', async () => {
    const { token, device, tenant } = await holder();
    const codes = granted(await identity.makeRecoveryCodes(person(token)));
    const other = await given.another();
    const typed = String(codes[0]).toLowerCase().replaceAll('-', ' ').replaceAll('0', 'o');
    const answers = await Promise.all([identity, other.identity, identity, other.identity].map((one) => one.recover(typed, BROWSER)));
    expect(answers.map(outcome).filter((one) => one === 'in')).toHaveLength(1);
    const recovered = answers.find((one) => !isRefusal(one)) as { token: string };
    await until(() => outcome(identity.authenticateSession(recovered.token)) === 'in');
    expect(person(recovered.token).proof.method).toBe('recovery');
    expect(await identity.recoveryCodesLeft(tenant, person(token).person)).toBe(9);
    expect(outcome(await enrol(recovered.token, passkeyDevice()))).toBe('in');
    expect(person(recovered.token).proof).toMatchObject({ method: 'passkey', passkeyAtMs: given.clock.now() });
    expect(outcome(await signIn(device))).toBe('in');
  });

  test('is void when newer ones were made, and nothing of it stands in the database', async () => {
    const { token, tenant } = await holder();
    const [old] = granted(await identity.makeRecoveryCodes(person(token)));
    const [fresh] = granted(await identity.makeRecoveryCodes(person(token)));
    expect(outcome(await identity.recover(String(old), BROWSER))).toBe('IDENTITY_RECOVERY_CODE_INVALID');
    expect(outcome(await identity.recover('0000-0000-0000-0000', BROWSER))).toBe('IDENTITY_RECOVERY_CODE_INVALID');
    for (const table of ['identity_recovery_codes', 'event_inbox']) {
      const rows = JSON.stringify(await given.database.admin(`select t::text as row from ${table} t where tenant = $1`, [tenant]));
      expect(rows).not.toContain(String(fresh).replaceAll('-', ''));
      expect(rows).not.toContain(String(fresh));
    }
    expect(outcome(await identity.recover(String(fresh), BROWSER))).toBe('in');
  });
});

describe('a person who is reset', () => {
  test('is out everywhere, without passkeys and codes, and comes in by the new link', async () => {
    const { token, device, tenant } = await holder();
    const other = await given.another();
    const [code] = granted(await identity.makeRecoveryCodes(person(token)));
    const by = person(token);
    const link = granted(await identity.resetPerson(by, by.person));
    for (const one of [identity, other.identity]) await until(() => outcome(one.authenticateSession(token)) === 'IDENTITY_SESSION_INVALID');
    expect(outcome(await signIn(device))).toBe('IDENTITY_PASSKEY_INVALID');
    expect(outcome(await identity.recover(String(code), BROWSER))).toBe('IDENTITY_RECOVERY_CODE_INVALID');
    const fresh = granted(await identity.redeem(link.secret));
    expect([person(fresh.token).tenant, identity.hasPasskey(person(fresh.token))]).toEqual([tenant, false]);
  });
});
