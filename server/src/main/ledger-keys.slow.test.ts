// Keys and actors of the ledger in a whole server: rotation over HTTP and who may ask for it, and links sealed by the real vault.

import { existsSync } from 'node:fs';
import { join } from 'node:path';
import pg from 'pg';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { startTestServer, type TestServer } from '../../../testkit/test-server.ts';

type Body = Record<string, unknown>;
let test: TestServer & { readonly folder: string };
let db: pg.Client;
let me = '';

beforeAll(async () => {
  test = await startTestServer({ allowPrivate: [] });
  db = new pg.Client({ connectionString: test.server.database.adminUrl });
  await db.connect();
  me = String((await test.owner('GET', '/api/session')).body.person);
});
afterAll(async () => {
  await db?.end();
  await test?.close();
});

/** How many signatures the newest checkpoint bears. */
async function signatures(): Promise<number> {
  const { rows } = await db.query<{ note: string }>('select note from audit_checkpoint order by epoch desc, size desc limit 1');
  return (rows[0]?.note ?? '').split('\n\u2014 ').length - 1;
}

const signed = (lines: number): Promise<unknown> => expect.poll(signatures, { timeout: 20_000, interval: 50 }).toBe(lines);

const keysOf = ({ body }: { body: Body }): unknown[] => (body.keys as Body[]).map(({ sequence, signing }) => [sequence, signing]);

describe('the signing key of a running server', () => {
  it('is rotated and finished by the owner, without a restart, and the log says so', async () => {
    expect(keysOf(await test.owner('GET', '/api/ledger/keys'))).toEqual([[1, true]]);
    await signed(1);
    const rotated = await test.owner('POST', '/api/ledger/rotate-key');
    expect([rotated.status, keysOf(rotated)]).toEqual([
      200,
      [
        [1, true],
        [2, true],
      ],
    ]);
    expect(existsSync(join(test.folder, 'secrets', 'audit-key-2.pem'))).toBe(true);
    await signed(2);
    expect(await test.owner('POST', '/api/ledger/rotate-key')).toMatchObject({ status: 409, body: { code: 'AUDIT_ROTATION_UNDER_WAY' } });
    const finished = await test.owner('POST', '/api/ledger/rotate-key', { finish: true });
    expect(keysOf(finished)).toEqual([
      [1, false],
      [2, true],
    ]);
    await signed(1);
    expect(await test.owner('POST', '/api/ledger/rotate-key', { finish: true })).toMatchObject({ body: { code: 'AUDIT_ROTATION_NONE' } });
    const told = async () => (await test.owner('GET', '/api/events?type=audit.key.rotated')).body.events as Body[];
    await expect.poll(async () => (await told()).length, { timeout: 20_000, interval: 50 }).toBe(2);
    expect((await told()).map(({ by, entry }) => [by, (entry as Body).public])).toEqual([
      [me, { phase: 'finished', sequence: 2 }],
      [me, { phase: 'begun', sequence: 2 }],
    ]);
    expect(await test.owner('POST', '/api/ledger/rotate-key', { finish: 'yes' })).toMatchObject({ status: 400 });
  });
});

describe('who stands behind a pseudonym', () => {
  it('is encrypted by the vault: no actor is in clear, and nothing opens once the subject was erased', async () => {
    await expect.poll(async () => (await db.query('select 1 from event_inbox')).rowCount, { timeout: 20_000, interval: 50 }).toBe(0);
    expect((await db.query('select * from audit_actor')).rowCount).toBe(0);
    const { rows } = await db.query<{ pseudonym: string; sealed: Buffer; actor_index: string }>('select * from audit_link');
    expect(rows.length).toBeGreaterThan(0);
    for (const row of rows) expect(`${row.sealed.toString('latin1')}${row.actor_index}`).not.toContain(me);
    const { ledger, vault, tenant } = test.server.rooms;
    const pseudonyms = rows.map(({ pseudonym }) => pseudonym);
    const known = async () => [...(await ledger.actorsBehind(tenant, pseudonyms)).values()];
    expect(await known()).toContain(me);
    await test.server.database.database.inTenant(tenant, (tx) => vault.eraseSubject(tx, { tenant, subject: `person:${me}` }));
    expect(await known()).not.toContain(me);
  });
});
