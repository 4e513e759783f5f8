// Reads the policies once, at start: parses, validates against the schema, and cuts one slice per action, so that a call evaluates
// only policies that can speak about it. Anything doubtful is a fault; a policy that was not understood must not be skipped.

import { SallyportError } from '#core';
import type { CedarEngine } from './engine.ts';

export interface PolicyFacts {
  readonly id: string;
  /** Place in the list: of several forbids that fire, the first one gives the refusal its code. */
  readonly rank: number;
  readonly effect: 'permit' | 'forbid';
  /** Code and sentence of a refusal by a forbid. */
  readonly code: string;
  readonly reason: string;
}

export interface PolicySet<A extends string = string> {
  readonly schemaName: string;
  /** Name of the preparsed slice of each action. */
  readonly slices: Readonly<Record<A, string>>;
  readonly policies: ReadonlyMap<string, PolicyFacts>;
}

export interface PolicySources {
  readonly engine: CedarEngine;
  readonly schema: string;
  /** Policy id to the text of one policy. */
  readonly policies: Readonly<Record<string, string>>;
}

/** What the policies of one plane may speak about, and how their refusals are coded. */
export interface Plane<A extends string> {
  readonly actions: readonly A[];
  readonly code: RegExp;
}

// The engine keeps what it parsed under names in one table for the whole process; a fresh name per set keeps sets apart.
let revision = 0;

export function loadPolicySet<A extends string>({ engine, schema, policies }: PolicySources, plane: Plane<A>): PolicySet<A> {
  revision += 1;
  const schemaName = `sallyport-${revision}`;
  const parsed = engine.preparseSchema(schemaName, schema);
  if (parsed.type === 'failure')
    throw new SallyportError('POLICY_SCHEMA_INVALID', `The policy schema can not be used: ${parsed.errors[0]?.message}.`);
  const facts = new Map(Object.entries(policies).map(([id, text], rank) => [id, { ...readPolicy(engine, id, text, plane.code), rank }]));
  validate({ engine, schema, policies });
  const actionsOf = new Map(
    Object.entries(policies).map(([id, text]) => [id, readActions(engine, { id, text, schema }, new Set<string>(plane.actions))]),
  );
  const slices = Object.fromEntries(
    plane.actions.map((action) => {
      const name = `${schemaName}/${action}`;
      const slice = Object.fromEntries(Object.entries(policies).filter(([id]) => actionsOf.get(id)?.has(action)));
      const preparsed = engine.preparsePolicySet(name, { staticPolicies: slice });
      if (preparsed.type === 'failure') throw invalid(`for ${action}`, preparsed.errors[0]?.message);
      return [action, name] as const;
    }),
  ) as Record<A, string>;
  return { schemaName, slices, policies: facts };
}

function invalid(id: string, message = 'it can not be read'): SallyportError {
  return new SallyportError('POLICY_INVALID', `The policy ${id} can not be used: ${message}.`);
}

function readPolicy(engine: CedarEngine, id: string, text: string, form: RegExp): Omit<PolicyFacts, 'rank'> {
  const answer = engine.policyToJson(text);
  if (answer.type === 'failure') throw invalid(id, answer.errors[0]?.message);
  const { effect, annotations = {} } = answer.json;
  const { code = '', reason = '' } = annotations;
  if (effect === 'forbid' && (!form.test(code) || reason === ''))
    throw invalid(id, 'a forbid needs @code("...") of its room and @reason("...")');
  // Whoever writes another one expects something of it that nothing here does.
  const unread = Object.keys(annotations).find((name) => effect === 'permit' || (name !== 'code' && name !== 'reason'));
  if (unread !== undefined) throw invalid(id, `nothing reads its @${unread}`);
  return { id, effect, code, reason };
}

function validate({ engine, schema, policies }: PolicySources): void {
  const answer = engine.validate({ schema, policies: { staticPolicies: { ...policies } } });
  if (answer.type === 'failure') throw invalid('set', answer.errors[0]?.message);
  // A warning says, for instance, that a policy can never apply: a forbid that never fires is a hole, so it counts as an error.
  const [problem] = [...answer.validationErrors, ...answer.validationWarnings];
  if (problem !== undefined) throw invalid(problem.policyId, problem.error.message);
}

function readActions(
  engine: CedarEngine,
  policy: { id: string; text: string; schema: string },
  known: ReadonlySet<string>,
): ReadonlySet<string> {
  const answer = engine.getValidRequestEnvsPolicy(policy.text, policy.schema);
  if (answer.type === 'failure') throw invalid(policy.id, answer.error);
  const actions = answer.actions.map((uid) => /^Sallyport::Action::"([a-z_.]+)"$/.exec(uid)?.[1]);
  // An action we do not know, or none at all: the policy would silently be in no slice.
  if (actions.length === 0 || actions.some((action) => action === undefined || !known.has(action)))
    throw invalid(policy.id, 'it speaks of no known action');
  return new Set(actions as string[]);
}
