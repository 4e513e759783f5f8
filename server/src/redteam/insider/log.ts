// Insiders against the log: taking it away whole, removing what it says of them, and editing it below us.

import type { Scenario } from '../types.ts';

const FORBIDDEN = ['CONTROL_ROLE_FORBIDDEN'];

export const bulkExport: Scenario = {
  name: 'bulk-export',
  title: 'Takes the whole log away',
  async run({ insider, refused, alerted }) {
    const marketer = await insider('a marketer', 'marketer');
    await refused('a marketer exports the log', marketer, marketer.ask('GET', '/api/events/export?format=csv'), FORBIDDEN);
    await refused('a marketer exports the ledger with its proofs', marketer, marketer.ask('GET', '/api/ledger/export'), FORBIDDEN);
    const admin = await insider('an admin', 'admin');
    await refused('an admin exports the log', admin, admin.ask('GET', '/api/events/export?format=ndjson'), FORBIDDEN);
    const auditor = await insider('an auditor', 'auditor');
    await alerted('an auditor, who may, exports the log', auditor, auditor.ask('GET', '/api/events/export?format=csv'), 'export');
    const security = await insider('a security officer', 'security');
    await alerted('a security officer, who may, exports the ledger', security, security.ask('GET', '/api/ledger/export'), 'export');
  },
};

/** Addresses at which a log could be changed, if there were a route for it. */
const WAYS = [
  ['DELETE', '/api/events/0'],
  ['PUT', '/api/events/0'],
  ['PATCH', '/api/events/0'],
  ['DELETE', '/api/events'],
  ['DELETE', '/api/ledger'],
  ['PUT', '/api/ledger'],
] as const;

export const logDeletion: Scenario = {
  name: 'log-deletion',
  title: 'Removes or edits what the log says',
  async run({ owner, insider, refused, seen }) {
    const mighty = await insider('a second owner', 'owner');
    for (const [method, path] of WAYS)
      await refused(`an owner sends ${method} ${path}`, mighty, mighty.ask(method, path, method === 'DELETE' ? undefined : {}), [
        'CONTROL_NOT_FOUND',
      ]);
    const operator = await insider('an operator', 'operator');
    const own = { subject: `person:${operator.id}`, confirm: `person:${operator.id}` };
    await refused('an operator erases their own traces', operator, operator.ask('POST', '/api/erasures', own), FORBIDDEN);
    const verdict = await owner.must('POST', '/api/ledger/verify', {});
    const told = verdict.ok === true ? `${String(verdict.events)} events verified` : String(verdict.code);
    seen('after all of it the log verifies whole', mighty, { isStopped: verdict.ok === true, told, how: 'blocked' });
  },
};

export const logSql: Scenario = {
  name: 'log-sql',
  title: 'Edits the log in the database, as its administrator',
  async run({ tamper, tenant, seen }) {
    if (tamper === null) {
      const told = 'the database is not reached as its administrator from here';
      seen('the sealed log is changed with SQL', null, { isStopped: null, told, how: 'found' });
      return;
    }
    for (const { tried, isFound, told } of await tamper(tenant.id)) seen(tried, null, { isStopped: isFound, told, how: 'found' });
  },
};

export const alertsOff: Scenario = {
  name: 'alerts-off',
  title: 'Silences the alerts about themselves',
  async run({ owner, insider, refused, alerted, alertOf, after }) {
    const security = await insider('a security officer', 'security');
    await alerted('a security officer exports the log', security, security.ask('GET', '/api/events/export?format=csv'), 'export');
    const alert = await alertOf('export', security);
    await refused(
      'they acknowledge the alert about themselves',
      security,
      security.ask('POST', `/api/alerts/${alert}/acknowledge`, { note: 'was me, all fine' }),
      ['MONITORING_ALERT_OWN'],
    );
    for (const method of ['DELETE', 'PUT'] as const)
      await refused(
        `they send ${method} for it`,
        security,
        security.ask(method, `/api/alerts/${alert}`, method === 'PUT' ? { state: 'gone' } : undefined),
        ['CONTROL_NOT_FOUND'],
      );
    const admin = await insider('an admin', 'admin');
    await refused('an admin acknowledges it for them', admin, admin.ask('POST', `/api/alerts/${alert}/acknowledge`, {}), FORBIDDEN);
    const { settings } = await owner.must('GET', '/api/conditions');
    after(() => owner.must('PUT', '/api/conditions', settings));
    const days = { mon: DAY, tue: DAY, wed: DAY, thu: DAY, fri: DAY, sat: DAY, sun: DAY };
    const hours = { timeZone: 'UTC', days, outside: 'step_up', applies: 'all' };
    await owner.must('PUT', '/api/conditions', { ...(settings as object), hours });
    await alerted(
      'they take the working hours away, so that nothing is outside of them',
      security,
      security.ask('PUT', '/api/conditions', { ...(settings as object), hours: null }),
      'loosened',
    );
  },
};
const DAY = { from: '00:00', to: '24:00' };
