// The alerts there are, in one table: what each means and which events raise it. Pure: it judges one event and what is remembered.
// INVARIANT: no setting, route or flag takes a rule out of this table.

import { BUILT_IN_ROLES, factsOf, isObject, type JsonObject, type UnixMs } from '#core';
import { isPerson, type Observed, textOf, textsOf } from './observed.ts';

export const SEVERITIES = ['notice', 'warning', 'critical'] as const;
export type Severity = (typeof SEVERITIES)[number];

/** What is known beside the event itself. */
export interface Remembered {
  /** The actor did an act of this type before. */
  readonly hasDoneBefore: boolean;
  /** How long this log is considered already; what is new in the first days of an installation says nothing. */
  readonly watchedMs: number;
  /** Calls of this actor refused in the last minutes, this one among them. */
  readonly deniedCalls: number;
  readonly isOutsideHours: (atMs: UnixMs) => boolean;
}

/** Who an alert flags: staff, customers and programs stand in one list. */
export const FLAGGED_KINDS = ['person', 'workload', 'customer'] as const;
export type FlaggedKind = (typeof FLAGGED_KINDS)[number];

export interface Rule {
  readonly severity: Severity;
  /** While it is open, whoever it is about is flagged. */
  readonly flags?: FlaggedKind;
  /** One sentence for lists, docs and webhooks. */
  readonly meaning: string;
  /** A second event of the same actor within this time counts up the open alert instead of making another one. */
  readonly gatherMs: number;
  /** Only the same about the same subject is counted up: a greater right does not hide behind a lesser one. */
  readonly apart?: true;
  readonly judge: (event: Observed, memory: Remembered) => JsonObject | null;
}

const MINUTE_MS = 60_000;
/** After so long an installation is set up, and an act that a person never did before is worth a look. */
export const LEARNING_MS = 7 * 24 * 60 * MINUTE_MS;
/** Calls refused within `BURST_WINDOW_MS` that make a burst. */
export const BURST = 30;
export const BURST_WINDOW_MS = 5 * MINUTE_MS;
/** Failed tries of one kind to come in, in a minute. */
export const SIGN_IN_BURST = 20;
export const REFUSED_CALL = 'enforcement.call.refused';
/** Refused, and a person is asked: no probing. */
const ASKED_CODE = 'ENDORSEMENT_REQUIRED';

const NOTHING: JsonObject = Object.freeze({});
const isOf =
  (...types: readonly string[]) =>
  (event: Observed): boolean =>
    types.includes(event.type);

/** Acts that give somebody rights. The person who gains is the subject of the event, or named in it. */
const isGrant = isOf('identity.grant.created', 'identity.group.member_added');
const isBreakGlass = (event: Observed): boolean => event.type.startsWith('identity.break_glass.');
/** What an alert itself shows is looked at because of the alert. */
const isRawRead = (event: Observed): boolean => event.type === 'audit.event.opened' && event.facts.alert === undefined;
const isExport = isOf('audit.pack.exported', 'audit.log.exported', 'governance.dataset.exported');
const isLoosening = isOf(
  'identity.conditions.changed',
  'enforcement.integration.changed',
  'enforcement.data_rule.changed',
  'enforcement.data_guesses.changed',
  'identity.grant.expiry_changed',
  'identity.role.changed',
  'identity.freeze.lifted',
  'identity.workspace.ruled',
  'identity.workspace.limited',
  'identity.workspace.joined',
  'identity.workspace.left',
  'identity.workspace.removed',
);

const isWayIn = isOf('identity.sso.saved', 'identity.scim_token.created', 'identity.delegation.offered');

/** Roles of somebody who is added; a person added without any may decide, as in versions before roles could be chosen. */
const addedRoles = ({ type, facts }: Observed): readonly string[] => {
  if (type !== 'identity.person.added') return [];
  const named = textsOf(facts.roles);
  return named.length > 0 ? named : [textOf(facts.role) ?? 'approver'];
};

/** A role that changes nothing. What a custom role gives is not in the event, so it counts as more. */
function isOnlyLooking(role: string): boolean {
  if (!Object.hasOwn(BUILT_IN_ROLES, role)) return false;
  return BUILT_IN_ROLES[role as keyof typeof BUILT_IN_ROLES].actions.every((action) => factsOf(action).kind === 'look');
}

/** Taking note of an alert is no act to be alarmed about. */
const isChange = (event: Observed): boolean => event.isPrivileged && isPerson(event.actor) && !event.type.startsWith('monitoring.');

export function isDeniedCall(event: Observed): boolean {
  return event.type === REFUSED_CALL && event.facts.code !== ASKED_CODE;
}

function gainerOf({ subject, facts }: Observed): readonly string[] {
  const member = textOf(facts.member);
  return member === null ? [subject] : [subject, member];
}

export const RULES = {
  self_grant: {
    severity: 'critical',
    meaning: 'Somebody gave rights to themselves.',
    gatherMs: 0,
    judge: (event) => {
      const isGain = isGrant(event) && (event.facts.isSelf === true || (event.actor !== null && gainerOf(event).includes(event.actor)));
      const isWider = event.type === 'identity.role.changed' && event.facts.isSelf === true && textsOf(event.facts.loosened).length > 0;
      return isGain || isWider ? pick(event.facts, ['role', 'loosened', 'until']) : null;
    },
  },
  powers_given: {
    severity: 'notice',
    meaning: 'A person gave somebody else rights beyond looking: to decide, to run, or to change what others may do.',
    gatherMs: 60 * MINUTE_MS,
    apart: true,
    judge: (event) => {
      const isSelf = event.facts.isSelf === true || (event.actor !== null && gainerOf(event).includes(event.actor));
      if (!isPerson(event.actor) || isSelf) return null;
      const member = textOf(event.facts.member);
      if (event.type === 'identity.group.member_added') return member === null ? NOTHING : { person: member };
      const given = event.type === 'identity.grant.created' ? [textOf(event.facts.role) ?? ''] : addedRoles(event);
      return given.some((role) => !isOnlyLooking(role)) ? pick(event.facts, ['role', 'until']) : null;
    },
  },
  way_in: {
    severity: 'warning',
    meaning: 'A way in for further people was opened or changed: a company login, provisioning, or an agency’s access.',
    gatherMs: 60 * MINUTE_MS,
    apart: true,
    judge: (event) => (isWayIn(event) && isPerson(event.actor) ? pick(event.facts, ['role', 'name']) : null),
  },
  key_made: {
    severity: 'notice',
    meaning: 'A person made a key for a program and was shown it: whoever has its text can call until it expires or is revoked.',
    gatherMs: 60 * MINUTE_MS,
    judge: (event) => (event.type === 'identity.key.created' && event.facts.shown === true ? pick(event.facts, ['expiresAt']) : null),
  },
  loosened: {
    severity: 'warning',
    meaning: 'A policy, a condition or a limit was loosened.',
    gatherMs: 0,
    judge: (event) => {
      const loosened = textsOf(event.facts.loosened);
      return isLoosening(event) && loosened.length > 0 ? { loosened } : null;
    },
  },
  break_glass: {
    severity: 'critical',
    meaning: 'Emergency access was asked for, given or used.',
    gatherMs: 0,
    judge: (event) => (isBreakGlass(event) ? pick(event.facts, ['person', 'role', 'expiresAt']) : null),
  },
  passkey_suspected: {
    severity: 'critical',
    meaning: 'A passkey answered as a copy of it would; it was refused.',
    gatherMs: 60 * MINUTE_MS,
    judge: (event) => (event.type === 'identity.passkey.suspected' ? NOTHING : null),
  },
  owner_recovered: {
    severity: 'critical',
    meaning: 'Whoever runs the installation made a sign-in link for an owner of this tenant who had come in before.',
    gatherMs: 0,
    // The log of the installation's own tenant notes it too, of the tenant whose owner it is.
    judge: ({ type, subject }) => (type === 'identity.tenant.recovered' && !subject.startsWith('ten_') ? NOTHING : null),
  },
  person_reset: {
    severity: 'warning',
    meaning: 'Somebody took away what another person signs in with, and made a link for them.',
    gatherMs: 0,
    judge: (event) => (event.type === 'identity.person.reset' ? pick(event.facts, ['passkeys', 'sessions']) : null),
  },
  sign_in_burst: {
    severity: 'warning',
    meaning: 'Many tries to come in failed within a minute: somebody guesses, or a program has a key that no longer works.',
    gatherMs: 60 * MINUTE_MS,
    judge: ({ type, facts }) =>
      type === 'control.sign_in.refused' && Number(facts.times) >= SIGN_IN_BURST ? pick(facts, ['how', 'code', 'times']) : null,
  },
  orphaned_token: {
    severity: 'warning',
    meaning: 'Somebody left who was shown a provisioning token that still works; replace it.',
    gatherMs: 0,
    judge: (event) => (event.type === 'identity.scim_token.orphaned' ? pick(event.facts, ['tokens']) : null),
  },
  recovery_code: {
    severity: 'critical',
    meaning: 'Somebody signed in with a recovery code instead of a passkey.',
    gatherMs: 0,
    judge: (event) => (event.type === 'identity.recovery_code.used' ? NOTHING : null),
  },
  passkey_added: {
    severity: 'warning',
    meaning: 'A further passkey was enrolled for a person, perhaps on another device.',
    gatherMs: 0,
    judge: (event, { hasDoneBefore }) => (event.type === 'identity.passkey.enrolled' && hasDoneBefore ? NOTHING : null),
  },
  risk_high: {
    severity: 'critical',
    flags: 'person',
    meaning: 'A session looks as if somebody else were using it, or as if its person tried what they may not.',
    gatherMs: 10 * MINUTE_MS,
    judge: (event) =>
      event.type === 'identity.risk.raised' && event.facts.level === 'high' ? { signals: [...textsOf(event.facts.signals)] } : null,
  },
  mass_export: {
    severity: 'warning',
    flags: 'person',
    meaning: 'A person read or exported far more records in an hour than they ever do.',
    gatherMs: 60 * MINUTE_MS,
    judge: (event) =>
      event.type === 'identity.risk.raised' && textsOf(event.facts.signals).includes('bulk_reads') ? pick(event.facts, ['level']) : null,
  },
  raw_read: {
    severity: 'notice',
    meaning: 'A person opened what is sealed beside an event: what was before and after, from where and why.',
    gatherMs: 60 * MINUTE_MS,
    judge: (event) => (isRawRead(event) ? pick(event.facts, ['purpose', 'count']) : null),
  },
  export: {
    severity: 'warning',
    meaning: 'The log, or a part of it, was exported.',
    gatherMs: 60 * MINUTE_MS,
    judge: (event) => (isExport(event) ? pick(event.facts, ['format', 'events', 'complete', 'withPayloads']) : null),
  },
  off_hours: {
    severity: 'warning',
    meaning: 'A person changed what others may do or see outside working hours.',
    gatherMs: 60 * MINUTE_MS,
    judge: (event, { isOutsideHours }) => (isChange(event) && isOutsideHours(event.atMs) ? NOTHING : null),
  },
  first_time: {
    severity: 'notice',
    meaning: 'A person did something privileged that they never did before.',
    gatherMs: 60 * MINUTE_MS,
    judge: (event, { hasDoneBefore, watchedMs }) => (isChange(event) && !hasDoneBefore && watchedMs >= LEARNING_MS ? NOTHING : null),
  },
  denied_burst: {
    severity: 'warning',
    flags: 'workload',
    meaning: 'Many calls of one key were refused within minutes: a broken agent, or one that probes.',
    gatherMs: 60 * MINUTE_MS,
    judge: (event, { deniedCalls }) =>
      isDeniedCall(event) && deniedCalls >= BURST ? { denied: deniedCalls, ...pick(event.facts, ['code', 'integration']) } : null,
  },
  raw_dataset: {
    severity: 'warning',
    flags: 'person',
    meaning: 'A person opened a dataset in the clear.',
    gatherMs: 0,
    judge: (event) => (event.type === 'governance.dataset.raw_opened' ? pick(event.facts, ['window', 'minutes', 'rows']) : null),
  },
  data_flow: {
    severity: 'warning',
    meaning: 'Personal data went, or was about to go, where nobody had declared that it goes.',
    gatherMs: 60 * MINUTE_MS,
    apart: true,
    judge: (event) =>
      event.type === 'governance.flow.found' || event.type === 'governance.transfer.refused'
        ? pick(event.facts, ['destination', 'region', 'dataClass', 'kind'])
        : null,
  },
  breach_clock: {
    severity: 'critical',
    meaning: 'A breach of personal data waits for its notification: 24, 48 or 66 hours are over since it was known, or the deadline is.',
    gatherMs: 0,
    judge: (event) => (event.type === 'governance.breach.due' ? pick(event.facts, ['breach', 'mark', 'dueAt']) : null),
  },
  assessment_needed: {
    severity: 'warning',
    meaning: 'A flow, a workflow or an operation needs an assessment of the risk for people: it is new, it changed, or its review is due.',
    gatherMs: 24 * 60 * MINUTE_MS,
    apart: true,
    judge: (event) => (event.type === 'governance.assessment.needed' ? pick(event.facts, ['kind', 'name', 'trigger', 'why']) : null),
  },
  key_copy_failed: {
    severity: 'warning',
    meaning:
      'The copies of the key box beside the backups can not be written: no erasure becomes final, and a machine that is lost could not be replaced.',
    gatherMs: 24 * 60 * MINUTE_MS,
    judge: (event) => (event.type === 'vault.key_box.copy_failed' ? pick(event.facts, ['code']) : null),
  },
  retention_stale: {
    severity: 'warning',
    meaning: 'What had to be deleted by now is still there: retention does not run, or does not get through.',
    gatherMs: 24 * 60 * MINUTE_MS,
    judge: (event) => (event.type === 'governance.retention.stale' ? pick(event.facts, ['since']) : null),
  },
  canary_found: {
    severity: 'critical',
    meaning: 'A planted value was where it must not be: it left in clear, came back from elsewhere, or lay in our own files.',
    gatherMs: 60 * MINUTE_MS,
    apart: true,
    judge: (event) =>
      event.type === 'governance.canary.found' ? pick(event.facts, ['canary', 'value', 'kind', 'way', 'at', 'refused']) : null,
  },
  canary_crossed: {
    severity: 'critical',
    meaning: 'A value that one tenant of this installation planted was in the traffic of another one.',
    gatherMs: 60 * MINUTE_MS,
    apart: true,
    judge: (event) => (event.type === 'governance.canary.crossed' ? pick(event.facts, ['canary', 'owner', 'by', 'value', 'way']) : null),
  },
  canary_stale: {
    severity: 'notice',
    meaning:
      'A planted value was not seen protected for as long as it should be: what reads its place does not run, or the test tests nothing.',
    gatherMs: 24 * 60 * MINUTE_MS,
    apart: true,
    judge: (event) => (event.type === 'governance.canary.stale' ? pick(event.facts, ['canary', 'since']) : null),
  },
  leak_at_rest: {
    severity: 'critical',
    meaning: 'The daily search found a credential or a planted value in what this installation wrote.',
    gatherMs: 24 * 60 * MINUTE_MS,
    judge: ({ type, facts }) =>
      type === 'governance.self_scan.finished' && Number(facts.found) > 0 ? pick(facts, ['scan', 'found', 'unread']) : null,
  },
  leak_search_missing: {
    severity: 'warning',
    meaning: 'The daily search of what this installation wrote did not run, or could not read everything.',
    gatherMs: 24 * 60 * MINUTE_MS,
    judge: ({ type, facts }) => {
      if (type === 'governance.self_scan.missed') return pick(facts, ['since']);
      return type === 'governance.self_scan.finished' && Number(facts.unread) > 0 ? pick(facts, ['scan', 'unread']) : null;
    },
  },
  invented_placeholders: {
    severity: 'warning',
    flags: 'workload',
    meaning: 'A model answered with placeholders that its conversation never held: confusion, or somebody fishing for other people’s data.',
    gatherMs: 60 * MINUTE_MS,
    judge: (event) =>
      Number(event.facts.foreignPlaceholders) > 0 && event.type.startsWith('enforcement.call.')
        ? pick(event.facts, ['foreignPlaceholders', 'integration', 'workload'])
        : null,
  },
  names_unread: {
    severity: 'warning',
    meaning:
      'The operator’s model of names did not read calls: too slow for what is sent, or dead. They were refused, or went on with our own guesses alone.',
    gatherMs: 60 * MINUTE_MS,
    judge: (event) => (event.type === 'enforcement.names.unread' ? pick(event.facts, ['integration', 'workload', 'refused']) : null),
  },
  customer_probing: {
    severity: 'warning',
    flags: 'customer',
    meaning: 'A customer tries what they may not: calls for them were refused again and again, or their texts give orders to the model.',
    gatherMs: 0,
    judge: (event) =>
      event.type === 'enforcement.customer.flagged' ? pick(event.facts, ['denied', 'injected', 'integration', 'workload', 'call']) : null,
  },
} as const satisfies Readonly<Record<string, Rule>>;

export type RuleName = keyof typeof RULES;
export const RULE_NAMES = Object.keys(RULES) as readonly RuleName[];

/** Rules that flag somebody. */
export const FLAGGING = RULE_NAMES.filter((rule) => (RULES[rule] as Rule).flags !== undefined);
export const flaggedBy = (rule: RuleName): FlaggedKind | null => (RULES[rule] as Rule).flags ?? null;

export interface Judged {
  readonly rule: RuleName;
  readonly severity: Severity;
  readonly gatherMs: number;
  readonly isApart: boolean;
  readonly facts: JsonObject;
}

/** Every alert that one event raises. */
export function judge(event: Observed, memory: Remembered): readonly Judged[] {
  return RULE_NAMES.flatMap((rule) => {
    const { severity, gatherMs, apart = false, judge: decide } = RULES[rule] as Rule;
    const facts = decide(event, memory);
    return facts === null ? [] : [{ rule, severity, gatherMs, isApart: apart, facts }];
  });
}

function pick(facts: JsonObject, names: readonly string[]): JsonObject {
  return Object.fromEntries(
    names.flatMap((name) => {
      const value = facts[name];
      return value === undefined || isObject(value) ? [] : [[name, value] as const];
    }),
  );
}
