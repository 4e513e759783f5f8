import { describe, expect, it } from 'vitest';
import type { JsonObject } from '#core';
import type { Observed } from './observed.ts';
import { observe } from './observed.ts';
import { BURST, judge, LEARNING_MS, type Remembered, RULE_NAMES } from './rules.ts';

const ME = 'per_01a205c7-6c11-7d2e-8a4b-91d0f3a6b2c4';
const OTHER = 'per_01a205c7-6c11-7d2e-8a4b-91d0f3a6b2c5';
const event = (type: string, facts: JsonObject = {}, over: Partial<Observed> = {}): Observed => ({
  seq: 1,
  id: 'evt_1',
  type,
  atMs: 1_000,
  pseudonym: 'act_00',
  actor: ME,
  subject: 'key_1',
  facts,
  isPrivileged: false,
  ...over,
});
const usual: Remembered = { hasDoneBefore: true, watchedMs: LEARNING_MS, deniedCalls: 0, isOutsideHours: () => false };
const rules = (one: Observed, memory: Partial<Remembered> = {}): readonly string[] =>
  judge(one, { ...usual, ...memory }).map(({ rule }) => rule);

const CASES: readonly [string, Observed, Partial<Remembered>, readonly string[]][] = [
  ['a role given to oneself', event('identity.grant.created', { role: 'admin', isSelf: true }), {}, ['self_grant']],
  ['a role given to another', event('identity.grant.created', { role: 'admin', isSelf: false }, { subject: OTHER }), {}, ['powers_given']],
  [
    'a role of one’s own given to another',
    event('identity.grant.created', { role: 'custom:desk' }, { subject: OTHER }),
    {},
    ['powers_given'],
  ],
  ['a look given to another', event('identity.grant.created', { role: 'auditor', isSelf: false }, { subject: OTHER }), {}, []],
  ['a role given by the directory', event('identity.grant.created', { role: 'admin' }, { subject: OTHER, actor: 'system:scim' }), {}, []],
  [
    'somebody added who decides',
    event('identity.person.added', { roles: ['auditor', 'approver'] }, { subject: OTHER }),
    {},
    ['powers_given'],
  ],
  ['somebody added who looks', event('identity.person.added', { roles: ['analyst'] }, { subject: OTHER }), {}, []],
  ['another put into a group', event('identity.group.member_added', { member: OTHER }, { subject: 'grp_1' }), {}, ['powers_given']],
  ['a key that was shown', event('identity.key.created', { shown: true }), {}, ['key_made']],
  ['a key nobody saw, of a workflow', event('identity.key.created', {}), {}, []],
  ['provisioning opened', event('identity.scim_token.created'), {}, ['way_in']],
  ['a company login changed', event('identity.sso.saved', { name: 'okta' }), {}, ['way_in']],
  ['an agency let in', event('identity.delegation.offered', { role: 'support' }), {}, ['way_in']],
  [
    'a role somebody gave themselves through a group',
    event('identity.group.member_added', { member: ME, isSelf: true }),
    {},
    ['self_grant'],
  ],
  [
    'a role one holds, made wider',
    event('identity.role.changed', { isSelf: true, loosened: ['keys.manage'] }),
    {},
    ['self_grant', 'loosened'],
  ],
  ['a role one holds, made narrower', event('identity.role.changed', { isSelf: true, loosened: [] }), {}, []],
  ['a condition that asks for less', event('identity.conditions.changed', { loosened: ['hours'] }), {}, ['loosened']],
  ['a condition that asks for more', event('identity.conditions.changed', { loosened: [] }), {}, []],
  ['a limit raised', event('enforcement.integration.changed', { change: 'changed', loosened: ['perCall'] }), {}, ['loosened']],
  ['a limit lowered', event('enforcement.integration.changed', { change: 'changed', loosened: [] }), {}, []],
  ['access that lasts unused', event('identity.grant.expiry_changed', { days: null, loosened: ['expire_unused'] }), {}, ['loosened']],
  ['a freeze lifted', event('identity.freeze.lifted', { loosened: ['policy'] }), {}, ['loosened']],
  ['emergency access', event('identity.break_glass.opened', { role: 'owner' }), {}, ['break_glass']],
  ['a recovery code', event('identity.recovery_code.used'), {}, ['recovery_code']],
  ['a first passkey', event('identity.passkey.enrolled'), { hasDoneBefore: false }, []],
  ['a further passkey', event('identity.passkey.enrolled'), {}, ['passkey_added']],
  ['a passkey that counts backwards', event('identity.passkey.suspected'), {}, ['passkey_suspected']],
  ['a link for an owner made from outside', event('identity.tenant.recovered'), {}, ['owner_recovered']],
  ['a link one made for an owner of another tenant', event('identity.tenant.recovered', {}, { subject: 'ten_2' }), {}, []],
  [
    'many failed tries to come in',
    event('control.sign_in.refused', { how: 'key', code: 'X', times: 20 }, { actor: null }),
    {},
    ['sign_in_burst'],
  ],
  ['one failed try', event('control.sign_in.refused', { how: 'key', code: 'X', times: 1 }, { actor: null }), {}, []],
  ['a provisioning token of somebody who left', event('identity.scim_token.orphaned', { tokens: 1 }), {}, ['orphaned_token']],
  ['somebody’s sign-in taken away', event('identity.person.reset'), {}, ['person_reset']],
  ['a very unusual session', event('identity.risk.raised', { level: 'high', signals: ['denied_burst'] }), {}, ['risk_high']],
  ['an unusual session', event('identity.risk.raised', { level: 'raised', signals: ['new_network'] }), {}, []],
  ['sealed details opened', event('audit.event.opened', { seq: 4 }), {}, ['raw_read']],
  ['sealed details opened for an alert', event('audit.event.opened', { seq: 4, alert: 'alr_1' }), {}, []],
  ['the log exported', event('audit.log.exported', { format: 'csv', events: 9 }), {}, ['export']],
  ['a privileged act at night', event('identity.key.created', {}, { isPrivileged: true }), { isOutsideHours: () => true }, ['off_hours']],
  [
    'a program’s act at night',
    event('identity.key.created', {}, { isPrivileged: true, actor: 'wkl_1' }),
    { isOutsideHours: () => true },
    [],
  ],
  ['a first privileged act', event('identity.key.created', {}, { isPrivileged: true }), { hasDoneBefore: false }, ['first_time']],
  [
    'one in the first week',
    event('identity.key.created', {}, { isPrivileged: true }),
    { hasDoneBefore: false, watchedMs: LEARNING_MS - 1 },
    [],
  ],
  [
    'an alert acknowledged at night',
    event('monitoring.alert.acknowledged', {}, { isPrivileged: true }),
    { isOutsideHours: () => true },
    [],
  ],
  ['a refused call', event('enforcement.call.refused', { code: 'POLICY_NO_RULE' }), { deniedCalls: BURST - 1 }, []],
  ['reading far more than ever', event('identity.risk.raised', { level: 'raised', signals: ['bulk_reads'] }), {}, ['mass_export']],
  [
    'a model of names that did not read a call',
    event('enforcement.names.unread', { call: 'call_1', integration: 'model', refused: false }, { actor: 'wkl_1' }),
    {},
    ['names_unread'],
  ],
  [
    'a customer who probes',
    event('enforcement.customer.flagged', { denied: 10, injected: 0 }, { actor: 'system:guard' }),
    {},
    ['customer_probing'],
  ],
  [
    'a dataset opened in the clear',
    event('governance.dataset.raw_opened', { window: 'dra_1', minutes: 30, rows: 10 }),
    {},
    ['raw_dataset'],
  ],
  [
    'personal data that went where nobody had declared it',
    event(
      'governance.flow.found',
      { destination: 'help-desk', region: 'US', dataClass: 'email_address', kind: 'new_flow' },
      { actor: 'system:flows' },
    ),
    {},
    ['data_flow'],
  ],
  [
    'a breach of which the authority does not know yet',
    event('governance.breach.due', { breach: 'bre_1', mark: '48h', dueAt: '2026-01-04T00:00:00Z' }, { actor: 'system:breaches' }),
    {},
    ['breach_clock'],
  ],
  [
    'something that needs an assessment',
    event(
      'governance.assessment.needed',
      { kind: 'flow', name: 'help-desk', trigger: 'profiling', why: 'new' },
      { actor: 'system:assessments' },
    ),
    {},
    ['assessment_needed'],
  ],
  [
    'copies of keys that can not be written',
    event('vault.key_box.copy_failed', { code: 'VAULT_KEY_BOX_UNUSABLE' }, { actor: 'system:keys' }),
    {},
    ['key_copy_failed'],
  ],
  [
    'a canary that nobody deleted',
    event('governance.retention.stale', { since: '2026-01-01T00:00:00Z' }, { actor: 'system:retention' }),
    {},
    ['retention_stale'],
  ],
  [
    'a planted value that left in clear',
    event('governance.canary.found', { canary: 'cny_1', value: 'email', kind: 'left', way: 'model', at: 'model', refused: true }),
    {},
    ['canary_found'],
  ],
  [
    'a planted value of another tenant',
    event('governance.canary.crossed', { canary: 'cny_1', owner: 'ten_1', by: 'ten_2', value: 'email', way: 'model' }),
    {},
    ['canary_crossed'],
  ],
  [
    'a planted value nobody sees',
    event('governance.canary.stale', { canary: 'cny_1', since: '2026-01-01T00:00:00Z' }),
    {},
    ['canary_stale'],
  ],
  ['a credential in a file', event('governance.self_scan.finished', { scan: 'scn_1', found: 1, unread: 0 }), {}, ['leak_at_rest']],
  ['a file nobody could read', event('governance.self_scan.finished', { scan: 'scn_1', found: 0, unread: 1 }), {}, ['leak_search_missing']],
  ['a search that found nothing', event('governance.self_scan.finished', { scan: 'scn_1', found: 0, unread: 0 }), {}, []],
  ['a day and a half without a search', event('governance.self_scan.missed', { since: null }), {}, ['leak_search_missing']],
  ['a placeholder nobody gave out', event('enforcement.call.completed', { foreignPlaceholders: 2 }), {}, ['invented_placeholders']],
  ['a reply that invents nothing', event('enforcement.call.completed', { foreignPlaceholders: 0 }), {}, []],
  ['one of many', event('enforcement.call.refused', { code: 'POLICY_NO_RULE' }), { deniedCalls: BURST }, ['denied_burst']],
];

describe('an alert about', () => {
  it.each(CASES)('%s', (_what, one, memory, expected) => {
    expect(rules(one, memory)).toEqual(expected);
  });

  it('each rule is in one of these cases', () => {
    expect([...new Set(CASES.flatMap(([, , , expected]) => expected))].sort()).toEqual([...RULE_NAMES].sort());
  });
});

describe('a leaf', () => {
  const leaf = (over: object) =>
    JSON.stringify({
      actor: 'act_0a',
      at: '2026-11-23T00:00:00.000Z',
      id: 'evt_1',
      public: {},
      seq: 3,
      subject: `person:${OTHER}`,
      type: 'a.b.c',
      ...over,
    });
  it('is seen with who is behind it, however they are written', () => {
    const seen = observe({ seq: 3, leaf: leaf({}) }, new Map([['act_0a', `person:${ME}`]]), new Set(['a.b.c']));
    expect(seen).toMatchObject({ actor: ME, subject: OTHER, isPrivileged: true, atMs: Date.parse('2026-11-23T00:00:00Z') });
  });
  it.each([['{'], ['[]'], ['null'], [leaf({ at: 'yesterday' })], [leaf({ actor: 7 })], [leaf({ type: null })]])(
    'in another form is passed by: %s',
    (text) => {
      expect(observe({ seq: 3, leaf: text }, new Map(), new Set())).toBe(null);
    },
  );
});
