// Insiders who reach beyond their place: looser conditions, copied secrets, an agency outside what it was let in for.

import { formatTime } from '#core';
import { objectOf, rowsOf } from '../trial.ts';
import type { Scenario } from '../types.ts';

const FORBIDDEN = ['CONTROL_ROLE_FORBIDDEN'];
const MINUTE_MS = 60_000;

export const loosen: Scenario = {
  name: 'loosen',
  title: 'Loosens a policy, a condition or a freeze',
  async run({ owner, insider, refused, alerted, after, nowMs }) {
    const operator = await insider('an operator', 'operator');
    const { settings } = await owner.must('GET', '/api/conditions');
    const asked = settings as object;
    after(() => owner.must('PUT', '/api/conditions', asked));
    await refused('an operator changes the conditions of access', operator, operator.ask('PUT', '/api/conditions', asked), FORBIDDEN);
    await refused('an operator changes what unused access becomes of', operator, operator.ask('PUT', '/api/least/settings', {}), FORBIDDEN);
    await refused('an operator changes what runs without a person', operator, operator.ask('PUT', '/api/integrations/shop', {}), FORBIDDEN);
    const security = await insider('a security officer', 'security');
    await owner.must('PUT', '/api/conditions', { ...asked, cases: 'everybody' });
    await alerted(
      'a security officer asks less of whoever reads a case',
      security,
      security.ask('PUT', '/api/conditions', { ...asked, cases: 'support' }),
      'loosened',
    );
    const [from, to] = [nowMs() - MINUTE_MS, nowMs() + 60 * MINUTE_MS].map(formatTime);
    const frozen = await owner.must('POST', '/api/conditions/freezes', { from, to, stops: ['policy'], reason: 'insider test' });
    const freeze = rowsOf(frozen.freezes).find(({ active }) => active === true);
    const lift = `/api/conditions/freezes/${String(freeze?.id)}/lift`;
    after(() => owner.ask('POST', lift, { reason: 'insider test' }));
    await refused('a security officer lifts a change freeze', security, security.ask('POST', lift, { reason: 'mine' }), FORBIDDEN);
    await refused(
      'and changes conditions while it lasts',
      security,
      security.ask('PUT', '/api/conditions', { ...asked, cases: 'everybody' }),
      ['CONTROL_FROZEN'],
    );
    const mighty = await insider('a second owner', 'owner');
    await alerted('an owner lifts it', mighty, mighty.ask('POST', lift, { reason: 'insider test' }), 'loosened');
  },
};

/** Every list and page of the control plane where a secret could stand by mistake. */
const PAGES = [
  '/api/integrations',
  '/api/keys',
  '/api/workloads',
  '/api/hooks',
  '/api/oauth-clients',
  '/api/federation',
  '/api/scim',
  '/api/people',
  '/api/sessions?of=everybody',
  '/api/access/grants',
  '/api/conditions',
  '/api/overview',
] as const;

export const keyCopy: Scenario = {
  name: 'key-copy',
  title: 'Copies a key, and uses it elsewhere',
  async run({ owner, insider, refused, alerted, seen, after, mark }) {
    const admin = await insider('an admin', 'admin');
    const mighty = await insider('a second owner', 'owner');
    const secret = `sk-insider-${mark}-0123456789abcdef`;
    const name = `insider-${mark}`;
    await owner.must('PUT', `/api/integrations/${name}`, {
      kind: 'model',
      baseUrl: 'https://api.example.com/v1',
      models: ['m'],
      credential: { header: 'authorization', prefix: 'Bearer ', secret },
    });
    after(() => owner.must('DELETE', `/api/integrations/${name}`));
    const workload = await admin.must('POST', '/api/workloads', { name: `insider-${mark}`, integrations: [name] });
    const made = await alerted(
      'an admin makes a key for themselves to keep',
      admin,
      admin.ask('POST', '/api/keys', { workload: workload.id, expiresInDays: 1 }),
      'key_made',
    );
    const { id, key } = objectOf(made.body);
    after(() => owner.must('DELETE', `/api/keys/${String(id)}`));
    for (const who of [admin, mighty]) {
      const open: string[] = [];
      let read = 0;
      for (const page of PAGES) {
        const { status, body } = await who.ask('GET', page);
        if (status < 400) read += 1;
        const text = JSON.stringify(body);
        if (text.includes(secret) || (typeof key === 'string' && text.includes(key))) open.push(page);
      }
      const told = open.length === 0 ? `on none of ${read} pages` : open.join(', ');
      seen(`${who.who} looks for the secrets behind integrations and keys`, who, {
        isStopped: open.length === 0 && read > 5,
        told,
        how: 'blocked',
      });
    }
    const elsewhere = admin.elsewhere(String(key));
    await refused('the key is used to see what waits for people', admin, elsewhere('GET', '/api/approvals'), ['IDENTITY_SESSION_INVALID']);
    await refused('the key is used to give access', admin, elsewhere('POST', '/api/access/grants', {}), ['IDENTITY_SESSION_INVALID']);
    const operator = await insider('an operator', 'operator');
    await refused('an operator makes a key', operator, operator.ask('POST', '/api/keys', { workload: workload.id }), FORBIDDEN);
  },
};

export const agencyOutside: Scenario = {
  name: 'agency-outside',
  title: 'Agency staff act outside what they were let in for',
  async run({ owner, tenant, agency, refused }) {
    const there = await agency();
    const staff = await there.staff('staff of an agency');
    const here = tenant.name;
    await refused('staff come in before they were let in', staff, staff.ask('GET', '/api/workflows', undefined, here), OUTSIDE);
    const offered = await owner.must('POST', '/api/delegations', {
      agency: there.id,
      holder: staff.id,
      role: 'support',
      days: 1,
      reason: 'insider test',
    });
    const id = String(offered.id);
    await there.owner.must('POST', `/api/delegations/held/${id}/accept`, { client: tenant.id });
    await staff.must('GET', '/api/workflows', undefined, here);
    for (const [tried, method, path] of [
      ['look at the client’s people', 'GET', '/api/people'],
      ['decide on the client’s calls', 'POST', '/api/approvals/apr_00000000-0000-7000-8000-000000000000/approve'],
      ['give access in the client’s tenant', 'POST', '/api/access/grants'],
      ['export the client’s log', 'GET', '/api/events/export?format=csv'],
      ['prolong what they were given', 'POST', `/api/delegations/${id}/narrow`],
    ] as const)
      await refused(`they ${tried}`, staff, staff.ask(method, path, method === 'GET' ? undefined : {}, here), BEYOND);
    await refused(
      'they go on to the tenant the installation began with',
      staff,
      staff.ask('GET', '/api/workflows', undefined, 'default'),
      OUTSIDE,
    );
    await owner.must('DELETE', `/api/delegations/${id}`);
    await refused('they come back after the client ended it', staff, staff.ask('GET', '/api/workflows', undefined, here), OUTSIDE);
  },
};
const OUTSIDE = ['IDENTITY_DELEGATION_NONE'];
/** What no delegation can give, and what this one does not. */
const BEYOND = [...FORBIDDEN, 'POLICY_CROSS_TENANT'];
