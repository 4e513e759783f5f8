// Decides one call: allow, deny, or endorse (a person must approve exactly this call). Deny by default, forbid over everything.
// INVARIANT: an evaluation that errs, throws or can not be understood denies; it never counts as "no objection".

import { type Decision, type Evidence, refuse } from '#core';
import { ACTIONS, type AuthorizationInput, isInRange, keyOf, membersOf, type PolicyAction, requestOf } from './authorization-input.ts';
import type { AuthorizationAnswer } from './engine.ts';
import { loadPolicySet, type Plane, type PolicyFacts, type PolicySet, type PolicySources } from './policy-set.ts';

export interface Policy {
  authorize(input: AuthorizationInput): Decision;
}

/** Decisions kept. A shop's calls fall into some hundreds of kinds; amounts make single ones, which push each other out. */
const MEMO_SIZE = 4_096;

const DATA_PLANE: Plane<PolicyAction> = { actions: ACTIONS, code: /^POLICY_[A-Z_]{3,60}$/ };

export function createPolicy(sources: PolicySources): Policy {
  const set = loadPolicySet(sources, DATA_PLANE);
  // Lives and dies with this policy set: another revision has another memo.
  const memo = new Map<string, Decision>();
  return {
    authorize(input) {
      if (!isInRange(input.amountMinor) || !isInRange(input.limitMinor)) {
        return deny([], 'POLICY_AMOUNT_OUT_OF_RANGE', 'The amount is negative or too large to be decided on.', evidenceOf(input));
      }
      const key = keyOf(membersOf(input));
      const known = memo.get(key);
      if (known !== undefined) return known;
      const decision = decide(set, sources, input);
      if (memo.size >= MEMO_SIZE) memo.delete(memo.keys().next().value as string);
      memo.set(key, decision);
      return decision;
    },
  };
}

function decide(set: PolicySet<PolicyAction>, sources: PolicySources, input: AuthorizationInput): Decision {
  const verdict = evaluate(set, sources, input);
  const evidence = evidenceOf(input);
  if (verdict.kind === 'error') return deny([], 'POLICY_EVALUATION_ERROR', 'The policies could not be evaluated for this call.', evidence);
  if (verdict.kind === 'permitted') return Object.freeze({ kind: 'allow', policies: idsOf(verdict.policies) });
  const [forbid] = verdict.policies;
  if (forbid !== undefined) return deny(idsOf(verdict.policies), forbid.code, forbid.reason, evidence);
  const endorsed = input.endorsed ? verdict : evaluate(set, sources, { ...input, endorsed: true });
  if (endorsed.kind === 'error') return deny([], 'POLICY_EVALUATION_ERROR', 'The policies could not be evaluated for this call.', evidence);
  if (endorsed.kind === 'denied')
    return deny(idsOf(endorsed.policies), 'POLICY_NO_RULE', 'No policy allows this call, not even with an approval.', evidence);
  return Object.freeze({
    kind: 'endorse',
    policies: idsOf(endorsed.policies),
    code: 'ENDORSEMENT_REQUIRED',
    reason: 'A person must approve exactly this call before it is done.',
    evidence,
  });
}

type Verdict =
  | { readonly kind: 'permitted'; readonly policies: readonly PolicyFacts[] }
  /** By these forbids, or by none: nothing permits it. */
  | { readonly kind: 'denied'; readonly policies: readonly PolicyFacts[] }
  | { readonly kind: 'error' };

function evaluate(set: PolicySet<PolicyAction>, { engine }: PolicySources, input: AuthorizationInput): Verdict {
  let answer: AuthorizationAnswer;
  try {
    answer = engine.statefulIsAuthorized({
      ...requestOf(membersOf(input)),
      preparsedSchemaName: set.schemaName,
      preparsedPolicySetId: set.slices[input.action],
    });
  } catch {
    // The engine is foreign code; whatever it throws means that nothing was decided.
    return { kind: 'error' };
  }
  if (answer.type !== 'success' || answer.response.diagnostics.errors.length > 0) return { kind: 'error' };
  const policies = answer.response.diagnostics.reason.map((id) => set.policies.get(id));
  if (!policies.every((policy) => policy !== undefined)) return { kind: 'error' };
  const sorted = [...policies].sort((left, right) => left.rank - right.rank);
  if (answer.response.decision !== 'allow') return { kind: 'denied', policies: sorted };
  return sorted.length > 0 && sorted.every((policy) => policy.effect === 'permit')
    ? { kind: 'permitted', policies: sorted }
    : { kind: 'error' };
}

function deny(policies: readonly string[], code: string, reason: string, evidence: Evidence): Decision {
  return Object.freeze({ ...refuse(code, reason, evidence), policies });
}

function idsOf(policies: readonly PolicyFacts[]): readonly string[] {
  return policies.map((policy) => policy.id);
}

/** The circumstances a person needs to understand the decision. */
function evidenceOf(input: AuthorizationInput): Evidence {
  return {
    action: input.action,
    integration: input.integration,
    operation: input.operation,
    tier: input.tier,
    customerProven: input.customerProven,
    ownership: input.ownership,
    targetsExplained: input.targetsExplained,
    autonomy: input.autonomy,
    ...(input.outside == null ? {} : { workspace: input.outside.department, workspaceRule: input.outside.rule }),
  };
}
