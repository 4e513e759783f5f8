import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { isRefusal, newId } from '#core';
import { inspectRowSecurity } from '#storage';
import { createIdentity, type Identity } from './identity.ts';
import { codeOf, HOUR_MS, newName, nodeRandom, type OpenedIdentity, openIdentity, outcome, until } from './test/opened-identity.ts';
import { BINDING_AUDIENCE, createBindingKeys, signBinding } from './workloads/binding.ts';

let given: OpenedIdentity;
let identity: Identity;
beforeAll(async () => {
  given = await openIdentity();
  identity = given.identity;
});
afterAll(() => given.close());

describe('an API key', () => {
  test('lets in its workload with its scope, in every process', async () => {
    const { tenant, workload, id, key } = await given.keyed(['shop', 'model', 'shop']);
    const other = await given.another();
    for (const by of [identity, other.identity]) {
      expect(by.authenticate(key)).toEqual({
        kind: 'workload',
        tenant,
        workload,
        key: id,
        workflow: 'refunds',
        integrations: new Set(['shop', 'model']),
      });
      expect(by.reauthenticate(id)).toEqual(by.authenticate(key));
    }
  });

  test('made now is heard of by a process that runs already', async () => {
    const other = await given.another();
    const { key } = await given.keyed();
    await until(() => outcome(other.identity.authenticate(key)) === 'in');
  });

  test.each([
    ['nothing', () => null, 'IDENTITY_KEY_MISSING'],
    ['an empty text', () => '', 'IDENTITY_KEY_UNKNOWN'],
    ['rubbish', () => 'rubbish', 'IDENTITY_KEY_UNKNOWN'],
    ['one wrong character in the secret', (key: string) => key.slice(0, -1) + (key.endsWith('A') ? 'B' : 'A'), 'IDENTITY_KEY_UNKNOWN'],
    ['one wrong character in the lookup', (key: string) => key.replace(/^(sp_.{15})./, '$1-'), 'IDENTITY_KEY_UNKNOWN'],
    ['another kind of token', (key: string) => key.replace('sp_', 'sps_'), 'IDENTITY_KEY_UNKNOWN'],
    ['a key and more', (key: string) => `${key}, ${key}`, 'IDENTITY_KEY_UNKNOWN'],
  ])('is not %s', async (_what, change, code) => {
    const { key } = await given.keyed();
    expect(outcome(identity.authenticate(change(key)))).toBe(code);
  });

  test('with the lookup part of one key and the secret of another is nobody’s', async () => {
    const [one, other] = [await given.keyed(), await given.keyed()];
    expect(outcome(identity.authenticate(one.key.slice(0, 19) + other.key.slice(19)))).toBe('IDENTITY_KEY_UNKNOWN');
  });

  test('expires by the clock, and can not be made without an end or in the past', async () => {
    const { tenant, workload } = await given.keyed();
    const make = (expiresAtMs: number): Promise<{ id: never; key: string }> =>
      identity.createKey({ tenant, workload, expiresAtMs }) as never;
    const { id, key } = await make(given.clock.now() + 1_000);
    expect(outcome(identity.authenticate(key))).toBe('in');
    given.clock.advance(1_000);
    expect(outcome(identity.authenticate(key))).toBe('IDENTITY_KEY_EXPIRED');
    expect(outcome(identity.reauthenticate(id))).toBe('IDENTITY_KEY_EXPIRED');
    for (const end of [given.clock.now(), given.clock.now() + 401 * 24 * HOUR_MS, Number.POSITIVE_INFINITY, Number.NaN]) {
      expect(await codeOf(make(end))).toBe('IDENTITY_INPUT_INVALID');
    }
  });

  test('once revoked is refused everywhere, and revoking it again is nothing', async () => {
    const { tenant, id, key } = await given.keyed();
    const other = await given.another();
    expect(outcome(other.identity.authenticate(key))).toBe('in');
    expect(await identity.revokeKey({ tenant, key: id })).toBe(true);
    expect(outcome(identity.authenticate(key))).toBe('IDENTITY_KEY_UNKNOWN');
    expect(outcome(identity.reauthenticate(id))).toBe('IDENTITY_KEY_UNKNOWN');
    await until(() => outcome(other.identity.authenticate(key)) === 'IDENTITY_KEY_UNKNOWN');
    expect(await identity.revokeKey({ tenant, key: id })).toBe(false);
    expect(await identity.listKeys(tenant)).toMatchObject([{ id, revokedAt: expect.any(Date) }]);
  });

  test('of one tenant can be neither revoked, listed nor made by another', async () => {
    const [mine, yours] = [await given.keyed(), await given.keyed()];
    expect(await identity.revokeKey({ tenant: yours.tenant, key: mine.id })).toBe(false);
    expect(outcome(identity.authenticate(mine.key))).toBe('in');
    expect((await identity.listKeys(yours.tenant)).map((key) => key.id)).toEqual([yours.id]);
    const stolen = identity.createKey({ tenant: yours.tenant, workload: mine.workload, expiresAtMs: given.clock.now() + HOUR_MS });
    expect(await codeOf(stolen)).toBe('IDENTITY_WORKLOAD_UNKNOWN');
    expect(await codeOf(identity.changeWorkload({ tenant: yours.tenant, workload: mine.workload, integrations: ['evil'] }))).toBe(
      'IDENTITY_WORKLOAD_UNKNOWN',
    );
  });

  test('is nowhere in the database, in events or in lists', async () => {
    const { tenant, key } = await given.keyed();
    const [, , secret = ''] = key.match(/^(sp_[^_]+_)(.*)$/) ?? [];
    const tables = ['identity_keys', 'identity_workloads', 'identity_tenants', 'event_inbox'];
    for (const table of tables) {
      const rows = await given.database.admin(`select t::text as row from ${table} t where tenant = $1`, [tenant]);
      expect(rows.length).toBeGreaterThan(0);
      expect(JSON.stringify(rows)).not.toContain(secret);
      expect(JSON.stringify(rows)).not.toContain(Buffer.from(secret, 'base64url').toString('hex'));
    }
    expect(JSON.stringify(await identity.listKeys(tenant))).not.toContain(secret);
  });

  test('leaves events with who, what and until when', async () => {
    const tenant = await identity.createTenant({ name: newName() });
    const workload = await identity.createWorkload({
      tenant,
      name: 'agent',
      workflow: null,
      integrations: ['shop'],
      actor: 'person:per_1',
    });
    const { id } = await identity.createKey({ tenant, workload, expiresAtMs: given.clock.now() + HOUR_MS, actor: 'person:per_1' });
    await identity.revokeKey({ tenant, key: id, actor: 'person:per_2' });
    const events = await given.database.admin('select type, actor, subject from event_inbox where tenant = $1 order by sequence', [tenant]);
    expect(events).toEqual([
      { type: 'identity.tenant.created', actor: 'installation', subject: tenant },
      { type: 'identity.workload.created', actor: 'person:per_1', subject: workload },
      { type: 'identity.key.created', actor: 'person:per_1', subject: id },
      { type: 'identity.key.revoked', actor: 'person:per_2', subject: id },
    ]);
  });
});

describe('a workload', () => {
  test('whose integrations are narrowed takes its keys with it, everywhere', async () => {
    const { tenant, workload, key } = await given.keyed(['shop', 'model']);
    const other = await given.another();
    await identity.changeWorkload({ tenant, workload, integrations: ['model'] });
    const reached = (by: Identity): string => {
      const principal = by.authenticate(key);
      return isRefusal(principal) || principal.kind !== 'workload' ? 'out' : [...principal.integrations].join();
    };
    expect(reached(identity)).toBe('model');
    await until(() => reached(other.identity) === 'model');
  });

  test.each([
    ['a name with spaces', { name: 'my agent' }],
    ['no name', { name: '' }],
    ['a long name', { name: 'a'.repeat(65) }],
    ['an integration that is none', { integrations: ['Shop!'] }],
    ['too many integrations', { integrations: Array.from({ length: 201 }, (_, index) => `i${index}`) }],
    ['a private key', { publicKeyJwk: createBindingKeys().privateKeyJwk }],
  ])('is not made with %s', async (_what, change) => {
    const tenant = await identity.createTenant({ name: newName() });
    expect(await codeOf(identity.createWorkload({ tenant, name: 'agent', workflow: null, integrations: [], ...change }))).toBe(
      'IDENTITY_INPUT_INVALID',
    );
  });

  test('has a name of its own in its tenant', async () => {
    const { tenant } = await given.keyed();
    expect(await codeOf(identity.createWorkload({ tenant, name: 'agent', workflow: null, integrations: [] }))).toBe('IDENTITY_NAME_TAKEN');
    expect((await identity.listWorkloads(tenant)).map((workload) => workload.name)).toEqual(['agent']);
  });

  test('binds calls with its registered key and with no other', async () => {
    const { tenant, workload, key } = await given.keyed();
    const principal = identity.authenticate(key);
    if (isRefusal(principal)) throw new Error('not in');
    const now = given.clock.now();
    const statement = (jti: string) =>
      ({
        iss: workload,
        aud: BINDING_AUDIENCE,
        run: newId('run', given.clock, nodeRandom),
        iat: now / 1_000,
        exp: now / 1_000 + 60,
        jti,
      }) as const;
    const [first, second] = [createBindingKeys(), createBindingKeys()];
    const bind = async (keys: typeof first): Promise<string> => {
      const bound = await identity.bind(principal, await signBinding(keys.privateKeyJwk, statement('statement-0123456789')), now);
      return isRefusal(bound) ? bound.code : bound.tier;
    };
    expect(await identity.bind(principal, null, now)).toEqual({ tier: 'plain' });
    expect(await bind(first)).toBe('IDENTITY_BINDING_KEY_MISSING');
    await identity.changeWorkload({ tenant, workload, publicKeyJwk: first.publicKeyJwk });
    expect([await bind(first), await bind(second)]).toEqual(['bound', 'IDENTITY_BINDING_INVALID']);
    await identity.changeWorkload({ tenant, workload, publicKeyJwk: second.publicKeyJwk });
    expect([await bind(first), await bind(second)]).toEqual(['IDENTITY_BINDING_INVALID', 'bound']);
    await identity.changeWorkload({ tenant, workload, publicKeyJwk: null });
    expect(await bind(second)).toBe('IDENTITY_BINDING_KEY_MISSING');
  });
});

describe('a binding statement', () => {
  const consume = (tenant: Parameters<Identity['consumeBinding']>[1], statement: string): Promise<string> =>
    given.database.db.inTenant(
      tenant,
      async (tx) => (await identity.consumeBinding(tx, tenant, statement, given.clock.now() + HOUR_MS))?.code ?? 'first',
    );

  test('serves one effect of its tenant, whoever tries at the same time', async () => {
    const [mine, yours] = [await given.keyed(), await given.keyed()];
    const tries = await Promise.all(Array.from({ length: 8 }, () => consume(mine.tenant, 'wkl a-statement')));
    expect(tries.filter((code) => code === 'first')).toHaveLength(1);
    expect(tries.filter((code) => code === 'IDENTITY_BINDING_REPLAYED')).toHaveLength(7);
    expect(await consume(yours.tenant, 'wkl a-statement')).toBe('first');
  });

  test('is free again when the effect’s transaction was rolled back', async () => {
    const { tenant } = await given.keyed();
    const failed = given.database.db.inTenant(tenant, async (tx) => {
      await identity.consumeBinding(tx, tenant, 'wkl rolled-back', given.clock.now() + HOUR_MS);
      throw new Error('no effect');
    });
    await expect(failed).rejects.toThrow('no effect');
    expect(await consume(tenant, 'wkl rolled-back')).toBe('first');
  });

  test('is swept once it could not be accepted any more', async () => {
    const { tenant } = await given.keyed();
    await consume(tenant, 'wkl swept');
    expect(await consume(tenant, 'wkl swept')).toBe('IDENTITY_BINDING_REPLAYED');
    given.clock.advance(26 * HOUR_MS);
    expect(await identity.sweep()).toBeGreaterThan(0);
    expect(await given.database.admin("select 1 from identity_statements where statement = 'wkl swept'")).toEqual([]);
  });
});

test('another pepper than the one the keys were made with stops the start', async () => {
  await given.keyed();
  const start = createIdentity({ db: given.database.db, clock: given.clock, random: nodeRandom, pepper: nodeRandom.bytes(32) });
  expect(await codeOf(start)).toBe('IDENTITY_PEPPER_MISMATCH');
});

test('the tables stand behind the tenant wall', async () => {
  // These hold nothing of any tenant; why, says the list that the whole server is checked against.
  const ours = ['identity_attempts', 'identity_challenges', 'identity_token_keys'];
  const { tenantTables, holes } = await inspectRowSecurity(given.database.db, ours);
  expect(holes).toEqual([]);
  expect(tenantTables.filter((name) => name.includes('identity_')).length).toBeGreaterThan(30);
});

test('the default tenant is made once, however many processes start', async () => {
  const others = await Promise.all([given.another(), given.another()]);
  const made = await Promise.all([identity, ...others.map((other) => other.identity)].map((by) => by.ensureDefaultTenant()));
  expect(new Set(made.map(({ tenant }) => tenant)).size).toBe(1);
});
