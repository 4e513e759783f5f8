import { testPerson } from '@sallyport/testkit';
import { expect, it } from 'vitest';
import type { Grant, PersonId, SessionId, TenantId } from '#core';
import { underOf, visitorOf } from './visitor.ts';

const ID = '01a205c7-6d01-7c1e-9f0a-52b7d1c0e3a';
const [client, agency] = [`ten_${ID}1` as TenantId, `ten_${ID}2` as TenantId];
const given = (nth: number, change: Partial<Grant> = {}): Grant => ({
  id: `grt_${ID}${nth}` as Grant['id'],
  role: 'admin',
  actions: new Set(['keys.manage'] as const),
  scope: {},
  condition: null,
  expiresAtMs: nth * 1_000,
  via: `delegation:dlg_${ID}${nth}`,
  ...change,
});
const somebody = (home: TenantId, grants: readonly Grant[]) => ({
  ...testPerson({ tenant: client, person: `per_${ID}1` as PersonId, session: `ses_${ID}1` as SessionId, roles: [] }),
  home,
  grants,
});

it('what staff make stands under the delegation that gives it and lasts longest, over the whole tenant', () => {
  const narrow = given(9, { scope: { integration: 'shop' } });
  const other = given(8, { actions: new Set(['runs.view'] as const) });
  expect(underOf(somebody(agency, [given(1), narrow, given(3), other, given(2)]), 'keys.manage')).toEqual({ under: `dlg_${ID}3` });
});

it('what people make at home stands under nothing', () => {
  const own = somebody(client, [given(1, { via: 'direct' }), given(2, { via: `group:grp_${ID}1` })]);
  expect([underOf(own, 'keys.manage'), visitorOf(own)]).toEqual([{}, null]);
});
