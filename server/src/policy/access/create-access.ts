// Decides whether a person may do something on the control plane: a grant must give it, and no rule may forbid it.
// INVARIANT: an evaluation that errs, throws or can not be understood denies; everything that reaches Cedar is part of the memo's key.

import { type Action, CONTROL_ACTIONS, type Risk, type TenantId } from '#core';
import type { AuthorizationAnswer } from '../engine.ts';
import { loadPolicySet, type Plane, type PolicyFacts, type PolicySet, type PolicySources } from '../policy-set.ts';
import { accessSchema } from './schema.ts';

type Asked = 'nothing' | 'step_up' | 'refuse';

/** The circumstances of a request. What can not be told counts as the worse. */
export interface AccessCircumstances {
  readonly isLocal: boolean;
  readonly hasPasskey: boolean;
  readonly isSingleFactor: boolean;
  readonly isFresh: boolean;
  readonly isSolo: boolean;
  readonly risk: Risk;
  readonly network: 'inside' | 'outside' | 'unknown';
  readonly country: string;
  readonly hour: number;
  readonly isFrozen: boolean;
  readonly askedByHours: Asked;
  readonly askedByNetwork: Asked;
  readonly askedByCountry: Asked;
  readonly askedByPosture: Asked;
  readonly askedByTraining: Asked;
}

export interface AccessQuestion extends AccessCircumstances {
  readonly action: Action;
  /** Whose thing it is. */
  readonly tenant: TenantId;
  readonly actor: { readonly tenant: TenantId; readonly home: TenantId; readonly isOwner: boolean };
  /** Whether a grant that holds now, its own condition included, gives the action on this thing. */
  readonly isGranted: boolean;
  readonly isDelegated: boolean;
}

export type AccessDecision =
  | { readonly kind: 'allow'; readonly policies: readonly string[] }
  /** Without a code nothing forbids it: no grant gives it. */
  | { readonly kind: 'deny'; readonly code: string | null; readonly reason: string; readonly policies: readonly string[] };

export interface Access {
  decide(question: AccessQuestion): AccessDecision;
}

const MEMO_SIZE = 4_096;
const CONTROL_PLANE: Plane<Action> = { actions: CONTROL_ACTIONS, code: /^[A-Z]{3,12}_[A-Z_]{3,60}$/ };

export function createAccess(sources: Omit<PolicySources, 'schema'>): Access {
  const { engine } = sources;
  const set = loadPolicySet({ ...sources, schema: accessSchema() }, CONTROL_PLANE);
  const memo = new Map<string, AccessDecision>();
  return {
    decide(question) {
      const request = requestOf(question);
      const key = JSON.stringify(request);
      const known = memo.get(key);
      if (known !== undefined) return known;
      const decision = evaluate(set, engine, { question, request });
      if (memo.size >= MEMO_SIZE) memo.delete(memo.keys().next().value as string);
      memo.set(key, decision);
      return decision;
    },
  };
}

function requestOf(question: AccessQuestion) {
  const { action, tenant, actor, isGranted, isDelegated, ...context } = question;
  // Nobody is named: two people with the same grants in the same circumstances get the same answer.
  const principal = { type: 'Sallyport::Person', id: 'actor' };
  const resource = { type: 'Sallyport::Thing', id: 'thing' };
  const { home, isOwner } = actor;
  const attrs = { tenant: actor.tenant as string, home: home as string, isOwner, can: isGranted ? [action as string] : [], isDelegated };
  return {
    principal,
    action: { type: 'Sallyport::Action', id: action as string },
    resource,
    context: { ...context, action: action as string, isCrossTenant: actor.home !== tenant },
    validateRequest: true,
    entities: [
      { uid: principal, attrs, parents: [] },
      { uid: resource, attrs: { tenant: tenant as string }, parents: [] },
    ],
  };
}

interface Asking {
  readonly question: AccessQuestion;
  readonly request: ReturnType<typeof requestOf>;
}

const FAILED: AccessDecision = Object.freeze({
  kind: 'deny',
  code: 'POLICY_EVALUATION_ERROR',
  reason: 'The access policies could not be evaluated, so nothing is allowed.',
  policies: [],
});

function evaluate(set: PolicySet<Action>, engine: PolicySources['engine'], { question, request }: Asking): AccessDecision {
  const slice = set.slices[question.action];
  if (slice === undefined) return FAILED;
  let answer: AuthorizationAnswer;
  try {
    answer = engine.statefulIsAuthorized({ ...request, preparsedSchemaName: set.schemaName, preparsedPolicySetId: slice });
  } catch {
    // The engine is foreign code; whatever it throws means that nothing was decided.
    return FAILED;
  }
  if (answer.type !== 'success' || answer.response.diagnostics.errors.length > 0) return FAILED;
  const policies = answer.response.diagnostics.reason.map((id) => set.policies.get(id));
  if (!policies.every((policy): policy is PolicyFacts => policy !== undefined)) return FAILED;
  const sorted = [...policies].sort((left, right) => left.rank - right.rank);
  const ids = sorted.map(({ id }) => id);
  if (answer.response.decision === 'allow')
    return sorted.length > 0 && sorted.every(({ effect }) => effect === 'permit')
      ? Object.freeze({ kind: 'allow', policies: ids })
      : FAILED;
  const forbid = sorted.find(({ effect }) => effect === 'forbid');
  // Whoever has no grant is told that first: what else would stand in the way is no business of theirs.
  if (forbid === undefined || (!question.isGranted && forbid.code !== 'POLICY_CROSS_TENANT'))
    return Object.freeze({ kind: 'deny', code: null, reason: 'No grant of yours gives this.', policies: [] });
  return Object.freeze({ kind: 'deny', code: forbid.code, reason: forbid.reason, policies: ids });
}
