import { inspect } from 'node:util';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { type CredentialId, isRefusal, newId, type TenantId } from '#core';
import type { NewCredential } from './credentials.ts';
import type { Lease } from './leases.ts';
import { codeOf, type OpenedVault, openVault } from './test/opened-vault.ts';
import { newTenant, nodeRandom } from './test/ports.ts';
import type { Vault } from './vault.ts';

let given: OpenedVault;
let vault: Vault;
beforeAll(async () => {
  given = await openVault();
  vault = given.vault;
});
afterAll(() => given.close());

const ORIGIN = 'https://shop.example.com';
const credential = (tenant: TenantId, change: Partial<NewCredential> = {}): NewCredential => ({
  tenant,
  name: 'shop',
  secret: 'canary-shpat_0123456789',
  slot: { header: 'authorization', prefix: 'Bearer ' },
  origin: ORIGIN,
  methods: ['GET', 'POST'],
  pathPrefix: '/admin/api',
  ...change,
});
const put = (tenant: TenantId, change: Partial<NewCredential> = {}): Promise<CredentialId> =>
  given.database.db.inTenant(tenant, (tx) => vault.putCredential(tx, credential(tenant, change)));
const drop = (tenant: TenantId, id: CredentialId): Promise<boolean> =>
  given.database.db.inTenant(tenant, (tx) => vault.dropCredential(tx, { tenant, credential: id }));
const HOLDER = { kind: 'system', job: 'recovery' } as const;
const leaseOf = async (
  tenant: TenantId,
  id: CredentialId,
  change: { origin?: string; method?: string; path?: string; vault?: Vault } = {},
): Promise<string> => {
  const { vault: by = vault, ...call } = change;
  const request = { tenant, credential: id, integration: 'shop', holder: HOLDER, origin: ORIGIN, method: 'GET' };
  const lease = await by.lease({ ...request, path: '/admin/api/orders.json?x=1', ...call });
  return isRefusal(lease) ? lease.code : `${lease.header}: ${lease.value.reveal()}`;
};
const until = async (isDone: () => Promise<boolean>): Promise<void> => {
  while (!(await isDone())) await new Promise((resolve) => setImmediate(resolve));
};

/** Changes the row where no notification tells of it. */
const move = (tenant: TenantId, prefix: string): Promise<unknown> =>
  given.database.admin('update vault_credentials set path_prefix = $2 where tenant = $1', [tenant, prefix]);

/** Moves the row back and forth: whoever answers the same both times did not look. */
const answersFromMemory = async (tenant: TenantId, id: CredentialId): Promise<boolean> => {
  const leaseAfterMovingTo = async (prefix: string): Promise<string> => {
    await move(tenant, prefix);
    return leaseOf(tenant, id);
  };
  return (await leaseAfterMovingTo('/admin/api')) === (await leaseAfterMovingTo('/moved'));
};

/** Whether new connections to this database, and so a new feed, can be opened. */
const allowConnections = (limit: 'none' | 'any'): Promise<unknown> => {
  const name = new URL(given.database.url).pathname.slice(1);
  return given.database.admin(`alter database ${name} connection limit ${limit === 'none' ? 0 : -1}`);
};

describe('[PROMISE-6] a lease', () => {
  test('gives the header value for the bound place, again and again without the database', async () => {
    const tenant = newTenant();
    const id = await put(tenant);
    expect(await leaseOf(tenant, id)).toBe('authorization: Bearer canary-shpat_0123456789');
    await until(() => answersFromMemory(tenant, id));
  });

  test.each([
    ['another origin', { origin: 'https://evil.example.com' }],
    ['the same name in plain http', { origin: 'http://shop.example.com' }],
    ['another port', { origin: 'https://shop.example.com:8443' }],
    ['another method', { method: 'DELETE' }],
    ['another path', { path: '/other' }],
    ['a path that only begins alike', { path: '/admin/apix' }],
    ['a path that climbs out', { path: '/admin/api/../secrets' }],
    ['a path that climbs out encoded', { path: '/admin/api/%2e%2e/secrets' }],
  ])('is refused for %s', async (_what, change) => {
    const tenant = newTenant();
    const id = await put(tenant);
    expect(await leaseOf(tenant, id, change)).toBe('VAULT_CREDENTIAL_OUT_OF_SCOPE');
    expect(await leaseOf(tenant, id)).toContain('canary');
    expect(await leaseOf(tenant, id, change)).toBe('VAULT_CREDENTIAL_OUT_OF_SCOPE');
  });

  test('is refused to another tenant, and for what does not exist', async () => {
    const [mine, yours] = [newTenant(), newTenant()];
    const id = await put(mine);
    expect(await leaseOf(yours, id)).toBe('VAULT_CREDENTIAL_UNKNOWN');
    expect(await leaseOf(mine, newId('crd', given.clock, nodeRandom))).toBe('VAULT_CREDENTIAL_UNKNOWN');
  });

  test('does not show its value in logs, JSON or inspection', async () => {
    const tenant = newTenant();
    const lease = (await vault.lease({
      tenant,
      credential: await put(tenant),
      integration: 'shop',
      holder: HOLDER,
      origin: ORIGIN,
      method: 'GET',
      path: '/admin/api',
    })) as Lease;
    expect(`${JSON.stringify(lease)} ${inspect(lease, { depth: 9, showHidden: true })} ${lease.value}`).not.toContain('canary');
  });

  test('of a replaced or dropped credential is not given out again, in any process', async () => {
    const tenant = newTenant();
    const other = await given.reopen();
    const id = await put(tenant);
    expect(await leaseOf(tenant, id, { vault: other })).toContain('0123456789');
    expect(await put(tenant, { secret: 'canary-second-secret' })).toBe(id);
    for (const by of [vault, other]) await until(async () => (await leaseOf(tenant, id, { vault: by })).endsWith('canary-second-secret'));
    expect(await drop(tenant, id)).toBe(true);
    for (const by of [vault, other]) await until(async () => (await leaseOf(tenant, id, { vault: by })) === 'VAULT_CREDENTIAL_UNKNOWN');
    expect(await drop(tenant, id)).toBe(false);
  });

  test('reads the database each time while the feed is cut, and memory again once it is back', async () => {
    const tenant = newTenant();
    const id = await put(tenant);
    await until(() => answersFromMemory(tenant, id));
    const before = await leaseOf(tenant, id);
    const [away, back] = before.includes('canary') ? (['/moved', '/admin/api'] as const) : (['/admin/api', '/moved'] as const);
    const faultsBefore = given.database.faults.length;
    await allowConnections('none');
    try {
      await given.database.admin(
        "select pg_terminate_backend(pid) from pg_stat_activity where application_name = 'sallyport-listen' and datname = current_database()",
      );
      await until(async () => given.database.faults.length > faultsBefore);
      for (let round = 0; round < 10; round += 1) {
        await move(tenant, away);
        expect(await leaseOf(tenant, id)).not.toBe(before);
        await move(tenant, back);
        expect(await leaseOf(tenant, id)).toBe(before);
      }
    } finally {
      await allowConnections('any');
    }
    await until(() => answersFromMemory(tenant, id));
  });
});

describe('[PROMISE-6] storing', () => {
  test.each([
    ['a secret too short to be found again', { secret: 'short' }],
    ['a secret that breaks the header', { secret: 'abc\r\nx-evil: 1234' }],
    ['a secret outside ASCII', { secret: 'p\u00e4ssw\u00f6rd-long' }],
    ['an upper-case header', { slot: { header: 'Authorization', prefix: '' } }],
    ['a header that is ours', { slot: { header: 'host', prefix: '' } }],
    ['a prefix with a line break', { slot: { header: 'authorization', prefix: 'Bearer\r\n' } }],
    ['an origin with a path', { origin: 'https://shop.example.com/' }],
    ['an origin with a user', { origin: 'https://u@shop.example.com' }],
    ['a prefix with a query', { pathPrefix: '/x?y' }],
    ['a prefix that climbs', { pathPrefix: '/x/../y' }],
    ['no method', { methods: [] }],
    ['an unknown method', { methods: ['TRACE'] }],
    ['a name with spaces', { name: 'my shop' }],
  ])('refuses %s', async (_what, change) => {
    expect(await codeOf(put(newTenant(), change))).toBe('VAULT_CREDENTIAL_INVALID');
  });

  test('keeps the secret out of rows, lists and events', async () => {
    const tenant = newTenant();
    const id = await put(tenant, { actor: 'person:per_1' });
    const list = await given.database.db.inTenant(tenant, (tx) => vault.listCredentials(tx, tenant));
    expect(list).toMatchObject([
      { id, name: 'shop', origin: ORIGIN, methods: ['GET', 'POST'], pathPrefix: '/admin/api', header: 'authorization', prefix: 'Bearer ' },
    ]);
    await drop(tenant, id);
    const events = await given.database.admin('select type, actor, subject, public from event_inbox where tenant = $1 order by sequence', [
      tenant,
    ]);
    expect(events).toEqual([
      {
        type: 'vault.credential.stored',
        actor: 'person:per_1',
        subject: id,
        public: { name: 'shop', origin: ORIGIN, methods: ['GET', 'POST'], header: 'authorization' },
      },
      { type: 'vault.credential.dropped', actor: 'installation', subject: id, public: {} },
    ]);
    await put(tenant);
    const rows = await given.database.admin('select c::text as row from vault_credentials c where tenant = $1', [tenant]);
    expect(rows).toHaveLength(1);
    expect(JSON.stringify([list, events, rows])).not.toMatch(/canary|63616e617279/);
  });

  test('dropping destroys the key of the credential, so a saved row does not open', async () => {
    const tenant = newTenant();
    const id = await put(tenant);
    const [row] = await given.database.admin<{ sealed: Buffer }>('select sealed from vault_credentials where tenant = $1', [tenant]);
    await drop(tenant, id);
    const opening = given.database.db.inTenant(tenant, (tx) =>
      vault.open(tx, { tenant, purpose: 'credential', sealed: row?.sealed as Buffer }),
    );
    expect(await codeOf(opening)).toBe('VAULT_SUBJECT_ERASED');
  });
});

describe('[PROMISE-6] scrubbing', () => {
  test('takes a leased secret out of text, bytes and streams of its tenant only', async () => {
    const [mine, yours] = [newTenant(), newTenant()];
    const id = await put(mine);
    const echo = 'you sent Bearer canary-shpat_0123456789!';
    expect(vault.scrub(mine, echo)).toBe(echo);
    await leaseOf(mine, id);
    expect(vault.scrub(mine, echo)).toBe('you sent Bearer [secret removed]!');
    expect(vault.scrub(yours, echo)).toBe(echo);
    const bytes = Buffer.concat([Buffer.of(0xff, 0xfe), Buffer.from(echo), Buffer.from('\u00e9')]);
    expect(Buffer.from(vault.scrub(mine, new Uint8Array(bytes))).includes('canary')).toBe(false);
    expect(Buffer.from(vault.scrub(mine, bytes)).subarray(0, 2)).toEqual(Buffer.of(0xff, 0xfe));
    const clean = Buffer.from('clean');
    expect(vault.scrub(mine, clean)).toBe(clean);
    const stream = vault.scrubStream(mine);
    expect([...echo].map((letter) => stream.push(letter)).join('') + stream.end()).toBe('you sent Bearer [secret removed]!');
  });

  test('still takes a dropped secret out of replies that are under way, and forgets it after a while', async () => {
    const tenant = newTenant();
    const id = await put(tenant);
    await leaseOf(tenant, id);
    await drop(tenant, id);
    expect(vault.scrub(tenant, 'canary-shpat_0123456789')).toBe('[secret removed]');
    given.clock.advance(60 * 60_000);
    const next = await put(tenant, { secret: 'canary-another-one' });
    await leaseOf(tenant, next);
    expect(vault.scrub(tenant, 'canary-another-one canary-shpat_0123456789')).toBe('[secret removed] canary-shpat_0123456789');
  });
});
