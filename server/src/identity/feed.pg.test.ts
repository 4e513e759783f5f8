import pg from 'pg';
import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import { isRefusal } from '#core';
import { FEED_GRACE_MS } from './follow.ts';
import { CUT_FEED, type OpenedIdentity, openIdentity, outcome, until } from './test/opened-identity.ts';

let given: OpenedIdentity;
beforeEach(async () => {
  given = await openIdentity();
});
afterEach(() => given.close());

/** Whether new connections to this database, and so a new feed, can be opened. */
const allowConnections = (limit: 'none' | 'any'): Promise<unknown> => {
  const name = new URL(given.database.url).pathname.slice(1);
  return given.database.admin(`alter database ${name} connection limit ${limit === 'none' ? 0 : -1}`);
};

describe('when the feed of changes is cut', () => {
  test('a short blip turns nobody away, and changes made meanwhile are known afterwards', async () => {
    const { tenant, id, key } = await given.keyed();
    const other = await given.another();
    await given.database.admin(CUT_FEED);
    await given.identity.revokeKey({ tenant, key: id });
    await until(() => outcome(other.identity.authenticate(key)) === 'IDENTITY_KEY_UNKNOWN');
    const { key: later } = await given.keyed();
    await until(() => outcome(other.identity.authenticate(later)) === 'in');
  });

  test('for longer than the grace, nobody is let in until it is back and everything was read again', async () => {
    const { identity, clock, faults } = given;
    const { tenant, id, key } = await given.keyed();
    const session = await identity.redeem(await identity.ownerLink(tenant));
    if (isRefusal(session)) throw new Error(session.code);
    const stays = await given.keyed();
    await allowConnections('none');
    try {
      const before = faults.length;
      await given.database.admin(CUT_FEED);
      await until(() => faults.length > before);
      expect(outcome(identity.authenticate(key))).toBe('in');
      clock.advance(FEED_GRACE_MS + 1);
      expect(outcome(identity.authenticate(key))).toBe('IDENTITY_FEED_LOST');
      expect(outcome(identity.authenticate(null))).toBe('IDENTITY_FEED_LOST');
      expect(outcome(identity.reauthenticate(id))).toBe('IDENTITY_FEED_LOST');
      expect(outcome(identity.authenticateSession(session.token))).toBe('IDENTITY_FEED_LOST');
      // Revoked by somebody this process can not hear.
      await given.database.admin('update identity_keys set revoked_at = now() where id = $1', [id]);
    } finally {
      await allowConnections('any');
    }
    await until(() => outcome(identity.authenticate(stays.key)) === 'in');
    expect(outcome(identity.authenticate(key))).toBe('IDENTITY_KEY_UNKNOWN');
    expect(outcome(identity.authenticateSession(session.token))).toBe('in');
  });

  test('a gap in the revisions causes a full read', async () => {
    const { tenant, id, key, workload } = await given.keyed();
    const other = await given.another();
    // Two changes behind the back of the feed, then one that is heard.
    await given.database.admin('update identity_keys set revoked_at = now() where id = $1', [id]);
    await given.database.admin('update identity_tenants set revision = revision + 1 where tenant = $1', [tenant]);
    expect(outcome(other.identity.authenticate(key))).toBe('in');
    await given.identity.changeWorkload({ tenant, workload, integrations: ['model'] });
    await until(() => outcome(other.identity.authenticate(key)) === 'IDENTITY_KEY_UNKNOWN');
  });

  test('rubbish on the channel changes nothing', async () => {
    const { id, tenant, key } = await given.keyed();
    for (const payload of ['', 'rubbish', `${tenant} 99999 -key`, `${tenant} x -key ${id}`, `${tenant} 1 drop ${id}`, 'x'.repeat(5_000)]) {
      await given.database.admin('select pg_notify($1, $2)', ['sallyport_identity', payload]);
    }
    const after = await given.keyed();
    const other = await given.another();
    await until(() => outcome(other.identity.authenticate(after.key)) === 'in');
    expect(outcome(given.identity.authenticate(key))).toBe('in');
  });

  test('a closed identity lets nobody in', async () => {
    const { key } = await given.keyed();
    const other = await given.another();
    await other.identity.close();
    expect(outcome(other.identity.authenticate(key))).toBe('IDENTITY_FEED_LOST');
  });
});

test('a session that was ended is refused although a slow read stands in line before it', async () => {
  const { tenant, id } = await given.keyed();
  const session = await given.identity.redeem(await given.identity.ownerLink(tenant));
  if (isRefusal(session)) throw new Error(session.code);
  const who = given.identity.authenticateSession(session.token);
  if (isRefusal(who)) throw new Error(who.code);
  const other = await given.another();
  const holder = new pg.Client({ connectionString: given.database.adminUrl });
  await holder.connect();
  try {
    await holder.query('begin; lock table identity_keys in access exclusive mode');
    const { rows } = await holder.query('select revision from identity_tenants where tenant = $1', [tenant]);
    const next = BigInt(rows[0].revision) + 1n;
    await given.database.admin('select pg_notify($1, $2)', ['sallyport_identity', `${tenant} ${next} key ${id}`]);
    await given.identity.signOut(who);
    expect(outcome(given.identity.authenticateSession(session.token))).toBe('IDENTITY_SESSION_INVALID');
    await until(() => outcome(other.identity.authenticateSession(session.token)) === 'IDENTITY_SESSION_INVALID');
    expect(given.faults).toEqual([]); // the slow read still waits: it was not given up first
  } finally {
    await holder.query('rollback');
    await holder.end();
  }
});

test('a revocation races the reading of the same key and wins', async () => {
  const other = await given.another();
  const first = await given.keyed();
  for (let round = 0; round < 20; round += 1) {
    const made = await given.identity.createKey({
      tenant: first.tenant,
      workload: first.workload,
      expiresAtMs: given.clock.now() + 60_000,
    });
    await given.identity.revokeKey({ tenant: first.tenant, key: made.id });
    const marker = await given.identity.createKey({
      tenant: first.tenant,
      workload: first.workload,
      expiresAtMs: given.clock.now() + 60_000,
    });
    await until(() => outcome(other.identity.authenticate(marker.key)) === 'in');
    expect(outcome(other.identity.authenticate(made.key))).toBe('IDENTITY_KEY_UNKNOWN');
  }
});
