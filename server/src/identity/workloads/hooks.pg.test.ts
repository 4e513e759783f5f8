import { createCipheriv, createDecipheriv, createHmac } from 'node:crypto';
import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import { SallyportError, type TenantId } from '#core';
import type { Database } from '#storage';
import { FEED_GRACE_MS } from '../follow.ts';
import { CUT_FEED, nodeRandom, type OpenedIdentity, openIdentity, until } from '../test/opened-identity.ts';
import type { PresentedHook } from './hook-signature.ts';
import { type Hooks, type HooksDeps, openHooks, ROTATION_MS } from './hooks.ts';

let given: OpenedIdentity;
let hooks: Hooks;
let tenant: TenantId;
let opened: Hooks[];
const actor = 'per_test';

/** Seals as a vault would: what was sealed for one use opens for no other. */
const vault: HooksDeps['vault'] = (() => {
  const key = nodeRandom.bytes(32);
  const aad = (of: { tenant: string; purpose: string }): Buffer => Buffer.from(`${of.tenant} ${of.purpose}`);
  return {
    seal: async (_tx, value) => {
      const iv = nodeRandom.bytes(12);
      const cipher = createCipheriv('aes-256-gcm', key, iv).setAAD(aad(value));
      const text = Buffer.concat([cipher.update(value.plaintext), cipher.final()]);
      return Buffer.concat([iv, cipher.getAuthTag(), text]);
    },
    open: async (_tx, { sealed, ...value }) => {
      const bytes = Buffer.from(sealed);
      const cipher = createDecipheriv('aes-256-gcm', key, bytes.subarray(0, 12)).setAAD(aad(value)).setAuthTag(bytes.subarray(12, 28));
      try {
        return Buffer.concat([cipher.update(bytes.subarray(28)), cipher.final()]);
      } catch (cause) {
        throw new SallyportError('VAULT_SEALED_UNREADABLE', 'not sealed for this', { cause });
      }
    },
  };
})();

async function open(db: Database): Promise<Hooks> {
  const made = await openHooks({ db, clock: given.clock, random: nodeRandom, vault, onFault: (fault) => given.faults.push(fault) });
  opened.push(made);
  return made;
}

beforeEach(async () => {
  given = await openIdentity();
  opened = [];
  tenant = (await given.keyed()).tenant;
  hooks = await open(given.database.db);
});
afterEach(async () => {
  for (const one of opened) await one.close();
  await given.close();
});

function sign(secret: string, atMs: number = given.clock.now()): PresentedHook {
  const timestampS = Math.floor(atMs / 1_000);
  const body = Buffer.from('{}');
  const mac = createHmac('sha256', Buffer.from(secret.slice(6), 'base64'))
    .update(`msg.${timestampS}.{}`)
    .digest('base64');
  return { id: 'msg', timestampS, body, signatures: `v1,${mac}` };
}
const check = (by: Hooks, secret: string, integration = 'shop', of = tenant): string | undefined =>
  by.verify({ tenant: of, integration }, sign(secret))?.code;
const WRONG = 'IDENTITY_HOOK_SIGNATURE_INVALID';

describe('the secret of an integration', () => {
  test('is good for its deliveries, in every process, and for no other integration or tenant', async () => {
    const other = await open((await given.another()).db);
    const { secret } = await hooks.create({ tenant, integration: 'shop', actor });
    const { secret: desk } = await hooks.create({ tenant, integration: 'desk', actor });
    const neighbour = (await given.keyed()).tenant;
    const { secret: foreign } = await hooks.create({ tenant: neighbour, integration: 'shop', actor });
    await until(() => check(other, foreign, 'shop', neighbour) === undefined);
    for (const by of [hooks, other]) {
      expect(check(by, secret)).toBe(undefined);
      expect([check(by, desk), check(by, foreign), check(by, secret, 'desk'), check(by, secret, 'shop', neighbour)]).toEqual([
        WRONG,
        WRONG,
        WRONG,
        WRONG,
      ]);
      expect(check(by, secret, 'none')).toBe(WRONG);
    }
  });

  test('stays good for a day after it was replaced, beside the new one, and then no longer', async () => {
    const first = await hooks.create({ tenant, integration: 'shop', actor });
    const second = await hooks.create({ tenant, integration: 'shop', actor });
    expect([first.previousUntilMs, second.previousUntilMs]).toEqual([null, given.clock.now() + ROTATION_MS]);
    expect([check(hooks, first.secret), check(hooks, second.secret)]).toEqual([undefined, undefined]);
    given.clock.advance(ROTATION_MS);
    expect([check(hooks, first.secret), check(hooks, second.secret)]).toEqual([WRONG, undefined]);
    expect(hooks.list(tenant)).toMatchObject([{ integration: 'shop', previousUntilMs: null }]);
  });

  test('may be one the sender made, if it has the form of the standard', async () => {
    const secret = 'whsec_MfKQ9r8GKYqrTwjUPD8ILPZIo2LaLaSw';
    await hooks.create({ tenant, integration: 'shop', secret, actor });
    expect(check(hooks, secret)).toBe(undefined);
    await expect(hooks.create({ tenant, integration: 'shop', secret: 'short', actor })).rejects.toMatchObject({
      code: 'IDENTITY_INPUT_INVALID',
    });
  });

  test('is gone once it was removed, in every process, and its events name no secret', async () => {
    const other = await open((await given.another()).db);
    const { secret } = await hooks.create({ tenant, integration: 'shop', actor });
    await until(() => check(other, secret) === undefined);
    expect(await hooks.remove({ tenant, integration: 'shop', actor })).toBe(true);
    expect(check(hooks, secret)).toBe(WRONG);
    await until(() => check(other, secret) === WRONG);
    expect(await hooks.remove({ tenant, integration: 'shop', actor })).toBe(false);
    const rows = await given.database.admin(`select type, public from event_inbox where subject = 'hook:shop' order by sequence`);
    expect(rows.map(({ type }) => type)).toEqual(['identity.hook.created', 'identity.hook.removed']);
    expect(JSON.stringify(rows)).not.toContain(secret);
  });

  test('does not open as another integration’s when somebody moves the row', async () => {
    const { secret } = await hooks.create({ tenant, integration: 'shop', actor });
    await given.database.admin(`update identity_hooks set integration = 'bank' where tenant = $1`, [tenant]);
    await hooks.refreshed();
    expect([check(hooks, secret), check(hooks, secret, 'bank')]).toEqual([WRONG, WRONG]);
    expect(given.faults).toMatchObject([{ code: 'VAULT_SEALED_UNREADABLE' }]);
  });
});

test('a delivery outside its time is refused, once its signature is good', async () => {
  const { secret } = await hooks.create({ tenant, integration: 'shop', actor });
  const source = { tenant, integration: 'shop' };
  for (const offMs of [-301_000, 301_000]) {
    expect(hooks.verify(source, sign(secret, given.clock.now() + offMs))?.code).toBe('IDENTITY_HOOK_OUTSIDE_TIME');
    expect(hooks.verify(source, { ...sign(secret, given.clock.now() + offMs), id: 'other' })?.code).toBe(WRONG);
  }
});

test('while changes can not be heard, nothing is taken, and everything again once they can', async () => {
  const { secret } = await hooks.create({ tenant, integration: 'shop', actor });
  const name = new URL(given.database.url).pathname.slice(1);
  await given.database.admin(`alter database ${name} connection limit 0`);
  try {
    const before = given.faults.length;
    await given.database.admin(CUT_FEED);
    await until(() => given.faults.length > before);
    given.clock.advance(FEED_GRACE_MS + 1);
    expect(check(hooks, secret)).toBe('IDENTITY_FEED_LOST');
    expect(check(hooks, secret, 'none')).toBe('IDENTITY_FEED_LOST');
  } finally {
    await given.database.admin(`alter database ${name} connection limit -1`);
  }
  await until(() => check(hooks, secret) === undefined);
});

test('many changes at once end in one secret that is good', async () => {
  const made = await Promise.all(Array.from({ length: 8 }, () => hooks.create({ tenant, integration: 'shop', actor })));
  const good = made.filter(({ secret }) => check(hooks, secret) === undefined);
  expect(good.length).toBe(2);
});
