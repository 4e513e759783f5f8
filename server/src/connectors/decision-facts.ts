// The facts in the words of the policy, so that no caller has to translate (and mistranslate) them.

import type { Facts } from './facts.ts';
import type { MatchedOperation } from './match-operation.ts';

export interface DecisionFacts {
  readonly ownership: Facts['ownership'];
  readonly targetsExplained: boolean;
  readonly targetRuleBroken: boolean;
  readonly amountWithinRemainder: Facts['amountWithinRemainder'];
  readonly amountMinor: bigint | null;
  readonly needsReview: boolean;
}

export function decisionFacts(matched: MatchedOperation, facts: Facts): DecisionFacts {
  return {
    ownership: facts.ownership,
    targetsExplained: Object.values(facts.targets).every((state) => state === 'explained'),
    targetRuleBroken: facts.brokenRules.length > 0,
    amountWithinRemainder: facts.amountWithinRemainder,
    amountMinor: facts.amount?.requested.amountMinor ?? null,
    needsReview: matched.operation.needsReview,
  };
}
