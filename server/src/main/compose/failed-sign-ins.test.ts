import { fixedClock, seededRandom } from '@sallyport/testkit';
import { expect, it } from 'vitest';
import { type NewEvent, refuse, type TenantId } from '#core';
import type { GuardDeps } from '#enforcement';
import { createDatabase } from '#storage';
import { allEvents } from './event-catalogue.ts';
import { createFailedSignIns, notingKeys, notingRefusals } from './failed-sign-ins.ts';

const TENANT = 'ten_01890000-0000-7000-8000-000000000001' as TenantId;

async function recorded(work: (failures: ReturnType<typeof createFailedSignIns>) => Promise<void>) {
  const told: Record<string, unknown>[] = [];
  // Nothing is asked of it: it only says how an event is written.
  const db = createDatabase({ url: 'postgres://127.0.0.1:1/none', poolSize: 1, events: allEvents, onFault: () => undefined });
  const failures = createFailedSignIns({
    events: {
      appendSoon: async (event: NewEvent) => {
        const { tenant, actor, subject, public: facts } = db.checkEvent(event);
        told.push({ tenant, actor, subject, ...facts });
      },
    },
    ...{ tenant: TENANT, clock: fixedClock(), random: seededRandom() },
    onFault: (fault) => {
      throw fault;
    },
  });
  await work(failures);
  failures.stop();
  await db.close();
  return told;
}

it('tells the first few of a way and a code one by one, the rest as a count, and nothing of who tried', async () => {
  const told = await recorded(async ({ note, flush }) => {
    for (let nth = 0; nth < 500; nth += 1) note('passkey', 'IDENTITY_PASSKEY_INVALID');
    note('link', 'IDENTITY_LINK_INVALID');
    flush();
    note('passkey', 'IDENTITY_PASSKEY_INVALID');
  });
  const of = { tenant: TENANT, actor: 'system:sign_in', subject: TENANT };
  const passkey = { ...of, how: 'passkey', code: 'IDENTITY_PASSKEY_INVALID' };
  expect(told).toEqual([
    ...[1, 2, 3].map(() => ({ ...passkey, times: 1 })),
    { ...of, how: 'link', code: 'IDENTITY_LINK_INVALID', times: 1 },
    { ...passkey, times: 497 },
    { ...passkey, times: 1 },
  ]);
});

it('notes every way of coming in that did not let anybody in, and none that did', async () => {
  const no = async () => refuse('IDENTITY_LINK_INVALID', 'no');
  const ports = {
    signIn: { limit: async () => null, withLink: no, withPasskey: no, withRecoveryCode: no, stepUp: no },
    scim: { authenticate: async (token: string | null) => (token === 'good' ? {} : null) },
    oauth: { token: async () => ({ status: 401, body: {}, retryAfterS: null }) },
    federation: { finish: no },
  } as unknown as Parameters<typeof notingRefusals>[0];
  const told = await recorded(async (failures) => {
    const noting = notingRefusals(ports, failures);
    await noting.signIn.withLink('x', {} as never);
    await noting.signIn.withPasskey({} as never, {} as never);
    await noting.signIn.withRecoveryCode('x', {} as never);
    await noting.signIn.stepUp({} as never, {} as never);
    expect(await noting.signIn.limit('x', 'any')).toBeNull();
    for (const token of [null, 'good', 'bad']) await noting.scim.authenticate(token);
    await noting.oauth.token({} as never, 'x');
    await noting.federation.finish({} as never);
    const answers = [refuse('IDENTITY_KEY_UNKNOWN', 'no'), refuse('IDENTITY_FEED_LOST', 'no'), { kind: 'workload' }];
    const guard = { identity: { authenticateCall: () => answers.shift() } } as unknown as GuardDeps;
    for (let nth = 0; nth < 3; nth += 1) await notingKeys(guard, failures).identity.authenticateCall('x', undefined);
  });
  expect(told.map(({ how, times }) => [how, times])).toEqual(
    ['link', 'passkey', 'recovery_code', 'step_up', 'provisioning', 'client', 'company_login', 'key'].map((how) => [how, 1]),
  );
});
