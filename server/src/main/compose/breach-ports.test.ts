// What may be a breach is proposed, however many alerts of other rules stand above it.

import { expect, it } from 'vitest';
import type { TenantId } from '#core';
import type { Alerts } from '#monitoring';
import type { Accountability } from './accountability.ts';
import { breachPorts } from './breach-ports.ts';
import type { Rooms } from './rooms.ts';

it('an alert of a mass export is proposed under hundreds of later ones of another rule', async () => {
  const alertOf = (id: string, rule: string, occurredAtMs: number) => ({ id, rule, occurredAtMs, by: null, facts: {} });
  const held = [
    ...Array.from({ length: 300 }, (_, at) => alertOf(`alr_${String(at)}`, 'denied_burst', 1_000_000 - at)),
    alertOf('alr_export', 'mass_export', 1),
  ];
  const alerts = {
    list: async (_tenant: unknown, { rule, limit }: { rule: string | null; limit: number }) => ({
      alerts: held.filter((one) => rule === null || one.rule === rule).slice(0, limit),
      next: null,
    }),
  } as unknown as Alerts;
  const rooms = {
    identity: { listPeople: async () => [], listWorkloads: async () => [] },
    federated: { namesOf: async () => new Map() },
    agency: { visits: { staffNames: async () => new Map() } },
  } as unknown as Rooms;
  const accountability = { breaches: { list: async () => [] } } as unknown as Accountability;
  const { breaches } = breachPorts(rooms, accountability, alerts);
  expect((await breaches.proposals('ten_1' as TenantId)).map(({ alert }) => alert)).toEqual(['alr_export']);
});
