// What people need in order to decide, and how many of them it takes, told from the call as the guard knows it. Decides nothing.

import type { Facts, MatchedOperation } from '#connectors';
import { canonicalJson, type Doubt, type Integrity, joinAll, type Money } from '#core';
import { createKnownMatcher, detect } from '#dlp';
import type { GuardDeps } from '../ports.ts';
import type { Autonomy } from '../store/catalogue.ts';
import type { Resolved } from '../types.ts';
import type { Excerpt } from './excerpts.ts';
import { runMemoryOf } from './run-memory.ts';

/** Where the value of an argument came from, in references and never as a value. */
export interface Origin {
  readonly argument: string;
  readonly from: { readonly step: string; readonly phase: string; readonly field: string } | null;
  readonly integrity: Integrity;
  readonly sources: readonly string[];
  readonly how: 'label' | 'verbatim';
}

/** Sealed beside the call: it names customers. */
export interface ApprovalContext {
  readonly origins: readonly Origin[];
  /** Classes of personal data among the values that leave. */
  readonly classes: readonly string[];
  readonly customer: string | null;
  /** Of a request to a model: its doubtful texts, what is in doubt in them, and how many doubtful places are not shown. */
  readonly excerpts?: readonly Excerpt[];
  readonly doubts?: readonly Doubt[];
  readonly left?: number;
}

export async function approvalContext(deps: Pick<GuardDeps, 'runs'>, call: Resolved, matched: MatchedOperation): Promise<ApprovalContext> {
  return { origins: originsOf(call, matched), classes: await classesOf(deps, call, matched), customer: call.customer?.id ?? null };
}

function originsOf(call: Resolved, matched: MatchedOperation): readonly Origin[] {
  return Object.keys(matched.args).map((argument) => {
    const own = call.parts.filter((part) => part.path[0] === argument).map((part) => part.label);
    // A number or a truth value is no part of its own; it was chosen with the call.
    const label = call.argumentLabels?.[argument] ?? (own.length === 0 ? call.label : joinAll(own));
    return { argument, from: null, integrity: label.integrity, sources: [...label.sources].sort(), how: 'label' };
  });
}

async function classesOf(deps: Pick<GuardDeps, 'runs'>, call: Resolved, matched: MatchedOperation): Promise<readonly string[]> {
  const memory = runMemoryOf(call);
  const known = memory === null ? [] : (await deps.runs.open(call.principal.tenant, memory)).known;
  const matcher = createKnownMatcher(known);
  const found = Object.values(matched.args)
    .flatMap((value) => detect(typeof value === 'string' ? value : canonicalJson(value), { known: matcher }))
    .filter((span) => span.personal);
  return [...new Set(found.map((span) => span.type))].sort();
}

export interface PeopleNeeded {
  readonly amount: Money | null;
  readonly needsTwo: boolean;
  readonly soloPerDay: Money | null;
}

/** Two above the operation's limit. An amount in another currency, or no amount to compare at all, is above every limit. */
export function peopleNeeded(autonomy: Autonomy | undefined, facts: Pick<Facts, 'amount'>): PeopleNeeded {
  const amount = facts.amount?.requested ?? null;
  const limit = autonomy?.fourEyesAbove ?? null;
  const isWithin = amount !== null && limit !== null && amount.currency === limit.currency && amount.amountMinor <= limit.amountMinor;
  return { amount, needsTwo: limit !== null && !isWithin, soloPerDay: autonomy?.soloPerDay ?? null };
}
