// One row or more for every table with a tenant, as JSON: what a tenant has before the calls of the differential test are made.
// Times and ids are fixed. A table that is missing here fails the test.

import { governanceSeed } from './seed-governance.ts';
import { keysSeed } from './seed-keys.ts';
import { AT_MS } from './seed-time.ts';
import { tokenSeed } from './seed-tokens.ts';

export { AT_MS };

const at = new Date(AT_MS).toISOString();
const later = new Date(AT_MS + 86_400_000).toISOString();

/** The same number in every id, so that what names what can be read off. */
const id = (prefix: string, n = 1): string => `${prefix}_018cc251-f400-7000-8000-00000000000${n}`;

export const ids = {
  person: id('per'),
  other: id('per', 2),
  workload: id('wkl'),
  key: id('key'),
  client: id('oac'),
  family: id('fam'),
  token: id('tok'),
  session: id('ses'),
  passkey: id('psk'),
  run: id('run'),
  finishedRun: id('run', 2),
  call: id('call'),
  approval: id('apr'),
  executing: id('apr', 2),
  granted: id('apr', 3),
  integration: id('int'),
  credential: id('crd'),
  reservation: id('rsv'),
  event: id('evt'),
  delegation: id('dlg'),
  /** Of another tenant, whose people act in this one. */
  staff: id('per', 7),
  grant: id('grt'),
  group: id('grp'),
  breakGlass: id('bgl'),
  provider: id('idp'),
  scimGroup: id('grp', 2),
  /** Somebody who was removed. */
  gone: id('per', 3),
  alert: id('alr'),
  freeze: id('frz'),
  endedGrant: id('grt', 4),
  proposal: id('prp'),
  review: id('rev'),
  reviewItem: id('itm'),
  request: id('dsr'),
  task: id('vtk'),
  hold: id('hld'),
  sweep: id('rtn'),
} as const;

export const AGENCY = id('ten', 8);

const hex = (byte: string, count = 32): string => `\\x${byte.repeat(count)}`;

/** A leaf as the ledger keeps it, with every fact that a query looks for. */
function leaf(seq: number, type: string, subject: string, facts: object): object {
  const entry = { actor: 'act_00', at, commit: null, id: ids.event, public: facts, seq, subject, tenant: 'TENANT', type, v: 1 };
  return { seq, event_id: `${ids.event}${seq}`, type, occurred_at: at, subject, leaf: JSON.stringify(entry), leaf_hash: hex('0a') };
}

const call = { workload: ids.workload, run: ids.run, tier: 'bound', effect: 'money', amount: '5.00 EUR', tokenised: { email: 1 } };
const approval = {
  call: ids.call,
  workload: ids.workload,
  integration: 'shop',
  operation: 'refund',
  sealed_sentence: hex('01'),
  sealed_call: hex('02'),
  evidence: [],
  requested_at: at,
  expires_at: later,
  attempts: 0,
  required: 1,
  asker_counts: true,
  amount_minor: 500,
  currency: 'EUR',
};
const effect = {
  call: ids.call,
  digest: 'd1',
  integration: 'shop',
  operation: 'refund',
  approval: ids.approval,
  instance: 'proc_1',
  created_at: at,
};

export const seed: Readonly<Record<string, readonly object[]>> = {
  identity_tenants: [{ name: 'shop', revision: 1, created_at: at }],
  identity_workspaces: [{ name: 'support', created_at: at }],
  identity_workspace_members: [{ kind: 'workflow', member: 'reply', workspace: 'support' }],
  identity_delegations: [
    {
      id: ids.delegation,
      agency: AGENCY,
      subject: ids.staff,
      role: 'operator',
      scope: { workspace: 'support' },
      reason: 'Runs our shop',
      offered_by: ids.person,
      offered_at: at,
      expires_at: later,
      accepted_by: ids.staff,
      accepted_at: at,
      changes: 2,
      told: 1,
    },
  ],
  identity_delegation_uses: [{ person: ids.staff, client: AGENCY, kind: 'look', slot: at }],
  identity_people: [
    { id: ids.person, role: 'owner', name: 'Robin', created_at: at },
    { id: ids.other, role: 'member', name: 'Kim', created_at: at },
    { id: ids.gone, role: 'member', name: 'Alex', created_at: at, removed_at: at },
  ],
  identity_grants: [
    { id: ids.grant, subject: ids.person, role: 'owner', scope: {}, via: 'direct', granted_by: 'installation', created_at: at },
    {
      id: id('grt', 2),
      subject: ids.group,
      role: 'custom:readers',
      scope: { workflow: 'refunds' },
      via: 'direct',
      granted_by: ids.person,
      created_at: at,
    },
    {
      ...{ id: ids.endedGrant, subject: ids.other, role: 'auditor', scope: {}, via: 'direct', granted_by: ids.person, created_at: at },
      ...{ ended_at: at, ended_by: ids.person },
    },
  ],
  identity_usage: [
    { subject: ids.workload, kind: 'operation', name: 'shop/refund', day: at.slice(0, 10), count: 2, last_at: at },
    { subject: ids.person, kind: 'action', name: 'runs.view', day: at.slice(0, 10), count: 1, last_at: at },
    { subject: ids.person, kind: 'grant', name: 'grt_1', day: at.slice(0, 10), count: 3, last_at: at },
  ],
  identity_least_settings: [{ window_days: 30, auto_apply: true, grace_days: 14, observed_since: at }],
  identity_proposals: [
    {
      ...{ id: ids.proposal, kind: 'integration_unused', subject: ids.workload, target: 'shop', state: 'open', remove: ['shop'] },
      ...{ keep: [], evidence: { windowDays: 30 }, first_seen_at: at },
    },
  ],
  identity_reviews: [
    {
      ...{ id: ids.review, name: 'Autumn', scope: { people: true, workloads: true }, reviewers: [ids.person], due_at: at },
      ...{ created_at: at, created_by: ids.person },
    },
  ],
  identity_review_items: [
    { review: ids.review, id: ids.reviewItem, subject: ids.workload, people: [], kind: 'workload_integration', target: 'shop', shown: {} },
  ],
  identity_custom_roles: [{ name: 'readers', meaning: 'reads', actions: ['runs.view'], created_at: at, changed_at: at }],
  identity_groups: [
    { id: ids.group, name: 'Support', source: 'local', created_at: at },
    { id: ids.scimGroup, name: 'Everybody', source: 'scim', created_at: at },
  ],
  identity_group_members: [{ group_id: ids.group, person: ids.other, added_at: at }],
  identity_providers: [
    {
      id: ids.provider,
      name: 'corp',
      label: 'Corp',
      issuer: 'https://login.example.com',
      client_id: 'c',
      auth_method: 'client_secret_basic',
      secret: hex('11'),
      mode: 'invited',
      settings: { scopes: [], groupsClaim: null, groups: {}, externalIdClaim: null, secondFactorAcr: [] },
      enabled: true,
      created_at: at,
      changed_at: at,
    },
  ],
  identity_sso_states: [
    {
      // Unique over all tenants: no two attempts share a state.
      state: 'TENANT-state',
      browser: hex('12'),
      provider: ids.provider,
      purpose: 'sign_in',
      return_to: '/',
      origin: 'http://localhost',
      expires_at: later,
    },
  ],
  identity_accounts: [{ provider: ids.provider, subject: hex('13'), person: ids.other, linked_at: at }],
  identity_profiles: [{ person: ids.other, sealed: hex('14'), changed_at: at }],
  identity_scim_users: [
    { person: ids.other, user_name: hex('15'), external_id: hex('16'), active: true, version: 1, created_at: at, changed_at: at },
  ],
  identity_scim_tokens: [{ lookup: 'TENANT-scim', hash: hex('17'), pepper: 'p', created_at: at, made_by: ids.person }],
  identity_scim_sync: [{ request_at: at }],
  identity_break_glass: [
    { id: ids.breakGlass, person: ids.other, role: 'operator', reason: 'Night.', asked_at: at, state: 'asked', expires_at: later },
  ],
  identity_workloads: [{ id: ids.workload, name: 'answers', workflow: null, integrations: ['shop'], created_at: at, is_sample: true }],
  identity_keys: [
    {
      ...{ id: ids.key, workload: ids.workload, lookup: 'k1', hash: hex('03'), pepper: 'p', created_at: at, expires_at: later },
      made_under: ids.delegation,
    },
  ],
  identity_sessions: [
    {
      id: ids.session,
      person: ids.person,
      kind: 'browser',
      label: 'x',
      lookup: 's1',
      hash: hex('04'),
      pepper: 'p',
      created_at: at,
      expires_at: later,
    },
  ],
  identity_passkeys: [
    {
      id: ids.passkey,
      person: ids.person,
      credential: 'TENANT-credential',
      public_key: hex('07'),
      rp: 'localhost',
      seal: hex('08'),
      name: 'Laptop',
      transports: ['internal'],
      counter: 1,
      is_synced: false,
      created_at: at,
    },
  ],
  identity_recovery_codes: [{ person: ids.person, hash: hex('0d'), created_at: at }],
  identity_links: [{ lookup: 'l1', hash: hex('05'), pepper: 'p', person: ids.person, expires_at: later }],
  identity_clients: [
    {
      ...{
        id: ids.client,
        client_id: 'desk',
        kind: 'app',
        name: 'Desk',
        workload: ids.workload,
        redirect_uris: ['https://desk.example.com/cb'],
      },
      ...{ binding: 'none', created_at: at, created_by: ids.person, made_under: ids.delegation },
    },
  ],
  identity_token_families: [
    {
      ...{ id: ids.family, client: ids.client, person: ids.person, resource: 'https://gateway.example.com', scope: ['shop'] },
      ...{ created_at: at, expires_at: later },
    },
  ],
  identity_grant_secrets: [{ lookup: 'g1', hash: hex('03'), pepper: 'p', kind: 'refresh', family: ids.family, expires_at: later }],
  identity_revoked_tokens: [{ id: ids.token, expires_at: later }],
  identity_replays: [{ digest: hex('0b'), expires_at: later }],
  identity_statements: [{ statement: 'jti-1', expires_at: later }],
  identity_hooks: [{ integration: 'shop', secret: hex('06'), created_at: at }],
  integrations: [
    {
      id: ids.integration,
      name: 'shop',
      kind: 'http',
      origin: 'https://shop.example.com',
      path_prefix: '/',
      settings: { models: [], linkHosts: [], autonomy: {}, prompts: [], spending: null },
      is_sample: true,
    },
  ],
  vault_credentials: [
    {
      id: ids.credential,
      name: 'shop-token',
      origin: 'https://shop.example.com',
      methods: ['GET'],
      path_prefix: '/',
      header: 'authorization',
      prefix: 'Bearer ',
      sealed: hex('09'),
      changed_at: at,
    },
  ],
  vault_known_values: [{ run: ids.run, digest: 'v1', amount: 3, sealed: hex('0a'), remembered_at: at }],
  limit_budget: [
    { scope: 'workload', starts_at: at, currency: 'EUR', spent_micros: 7 },
    { scope: 'department:/support/tokens/day', starts_at: at, currency: 'tokens', spent_micros: 9 },
  ],
  limit_window: [
    { scope: 'shop', period: 'day', starts_at: at, currency: 'EUR', spent_minor: 500, uses: 1 },
    { scope: 'department:/support/effects/month', period: 'month', starts_at: at, currency: 'NONE', spent_minor: 0, uses: 3 },
  ],
  limit_reservation: [
    {
      id: ids.reservation,
      call: ids.call,
      state: 'held',
      amount_minor: 500,
      windows: [{ scope: 'shop', window: 'day', startsAtMs: AT_MS }],
      held_at: at,
    },
  ],
  approvals: [
    { ...approval, id: ids.approval, digest: 'd1', state: 'pending', mode: 'four_eyes' },
    {
      ...approval,
      id: ids.executing,
      digest: 'd2',
      state: 'executing',
      mode: 'one',
      decided_at: at,
      decided_by: ids.person,
      claimed_at: at,
    },
    { ...approval, id: ids.granted, digest: 'd3', state: 'approved', mode: 'solo', decided_at: at, decided_by: ids.person, runs_at: at },
  ],
  approval_decisions: [{ approval: ids.granted, person: ids.person, verdict: 'approved', decided_at: at, nth: 1 }],
  effects: [
    { ...effect, effect_key: 'e1', state: 'sent' },
    { ...effect, effect_key: 'e2', state: 'unknown' },
  ],
  data_guesses: [{ guesses: false }],
  data_patterns: [{ name: 'member', class: 'customer_number', pattern: 'MB-[0-9]{6}', examples: { matches: ['MB-123456'], differs: [] } }],
  data_rules: [{ destination: 'model', class: 'person_name', mode: 'enforce', handling: 'mask' }],
  data_unsure_rules: [{ class: 'place', unsure: 'mask' }],
  data_rule_hits: [
    { day: at.slice(0, 10), kind: 'model', integration: 'shop', class: 'person_name', handling: 'mask', on_trial: false, hits: 3 },
  ],
  governance_items: [{ place: 'runs', ref: 'r1', mark: 'm', purpose: 'reply', classes: ['email_address'], at, ended_at: at }],
  governance_subjects: [{ kind: 'email', blind: 'b1', place: 'runs', ref: 'r1', owner: 'o1', is_record: true }],
  governance_requests: [
    {
      ...{ id: ids.request, kind: 'erase', state: 'verified', source: 'person', sealed_subject: hex('18'), subject: 's1', erased: {} },
      ...{ received_at: at, received_by: ids.person, due_at: later },
    },
  ],
  governance_tasks: [
    {
      id: ids.task,
      request: ids.request,
      vendor: 'shop',
      classes: ['email_address'],
      state: 'open',
      due_at: later,
      sealed_person: hex('2a'),
    },
  ],
  governance_holds: [{ id: ids.hold, subject: 's1', sealed_reason: hex('19'), placed_at: at, placed_by: ids.person }],
  governance_rules: [{ data_class: 'email_address', place: '', purpose: '', minutes: 60, set_at: at, set_by: ids.person }],
  governance_sweeps: [{ id: ids.sweep, started_at: at, finished_at: at, version: 'v', receipt: {}, event: ids.event }],
  governance_canaries: [{ id: 'c1', planted_at: at }],
  customer_verdicts: [{ customer: 'c0ffee', minute: at, denied: 2, injected: 1 }],
  run_results: [
    {
      run: ids.run,
      tool_call_id: 'tool-1',
      digest: 'r1',
      label: { integrity: 'outsider', sources: [], pii: [], readers: [], subject: null },
    },
  ],
  workflows: [
    {
      name: 'reply',
      paused: false,
      is_sample: true,
      publication: 1,
      published_hash: 'h1',
      publication_by: ids.person,
      publication_at: at,
      publication_signature: hex('0b'),
    },
  ],
  workflow_versions: [
    {
      name: 'reply',
      hash: 'h1',
      state: 'published',
      imported_at: at,
      imported_by: ids.person,
      listens_integration: 'shop',
      listens_event: 'ticket',
    },
    { name: 'reply', hash: 'h2', state: 'draft', imported_at: at, imported_by: ids.person },
  ],
  workflow_files: [{ name: 'reply', hash: 'h1', path: 'workflow.yaml', content: 'name: reply' }],
  workflow_runs: [
    {
      id: ids.run,
      workflow: 'reply',
      hash: 'h1',
      state: 'running',
      sealed_input: hex('0c'),
      started_at: at,
      started_by: ids.person,
      executor: 'one',
      moves: 0,
      trigger: 'person',
    },
    {
      id: ids.finishedRun,
      workflow: 'reply',
      hash: 'h1',
      state: 'done',
      sealed_input: hex('0c'),
      started_at: at,
      started_by: ids.person,
      finished_at: at,
      moves: 1,
      trigger: 'person',
    },
  ],
  workflow_steps: [
    {
      run: ids.run,
      step: 'refund',
      phase: 'ask',
      nth: 0,
      outcome: 'waiting',
      approval: ids.approval,
      sealed_value: hex('0d'),
      recorded_at: at,
      kind: 'call',
      integration: 'shop',
      operation: 'refund',
      call: ids.call,
    },
  ],
  workflow_deliveries: [{ integration: 'shop', delivery: 'dl-1', body: '{}', runs: [ids.run], received_at: at }],
  event_inbox: [
    {
      event_id: `${ids.event}9`,
      sequence: 9,
      type: 'workflows.run.started',
      occurred_at: at,
      actor: 'person:x',
      subject: ids.run,
      public: {},
      received_at: at,
    },
  ],
  audit_actor: [{ actor: 'person:x', pseudonym: 'act_00' }],
  audit_link: [{ pseudonym: 'act_01', actor_index: 'ix', sealed: hex('14') }],
  audit_log: [
    leaf(0, 'enforcement.call.intended', ids.call, call),
    leaf(1, 'enforcement.call.completed', ids.call, { ...call, status: 200 }),
    leaf(2, 'workflows.run.started', ids.run, {}),
    leaf(3, 'workflows.run.emitted', ids.run, { event: 'answered', facts: { solved: true } }),
    leaf(4, 'workflows.run.finished', ids.run, { state: 'done' }),
  ],
  audit_payload: [{ seq: 1, salt: hex('0e'), payload: hex('0f') }],
  audit_tree: [{ size: 5, frontier: hex('10') }],
  audit_node: [{ level: 1, idx: 0, hash: hex('11') }],
  audit_head: [{ size: 5, root: hex('12'), global_idx: 0, epoch: 1 }],
  audit_handout: [{ global_size: 1, handed_out_at: at, epoch: 1 }],
  audit_search: [
    { version: 1, block: 0, first_at: at, last_at: at, types: ['enforcement.call.intended'], filter: hex('ff', 64), columns: hex('13') },
  ],
  identity_conditions: [{ settings: { cases: 'support' }, changed_at: at, changed_by: ids.person }],
  identity_freezes: [
    { id: ids.freeze, starts_at: at, ends_at: later, stops: ['publishing'], reason: 'season', made_by: ids.person, made_at: at },
  ],
  identity_acknowledgements: [{ person: ids.person, course: 'privacy', recorded_at: at, expires_at: later, recorded_by: ids.person }],
  identity_risk_known: [{ person: ids.person, kind: 'network', mark: 'm1', first_at: at, last_at: at }],
  identity_risk_places: [{ person: ids.person, country: 'DE', latitude: 1, longitude: 2, at }],
  identity_risk_sessions: [{ session: ids.session, person: ids.person, level: 'raised', signals: ['new_network'], raised_at: at }],
  identity_risk_counts: [{ person: ids.person, kind: 'denied', minute: at, counted: 3 }],
  monitoring_cursor: [{ next_seq: 3, began_at: at }],
  monitoring_alerts: [
    {
      id: ids.alert,
      rule: 'export',
      severity: 'warning',
      seq: 2,
      type: 'audit.pack.exported',
      actor: 'act_00',
      subject: ids.run,
      facts: {},
      occurred_at: at,
      raised_at: at,
      times: 1,
      last_seq: 2,
      last_at: at,
      attempts: 0,
    },
  ],
  ...governanceSeed,
  ...keysSeed,
  ...tokenSeed,
  monitoring_first_acts: [{ actor: 'act_00', type: 'audit.pack.exported', seq: 2 }],
  monitoring_denials: [{ actor: 'act_00', minute: at, denied: 3 }],
  audit_verification: [{ verified_at: at, ok: true, code: 'VERIFIED', events: 5 }],
};
