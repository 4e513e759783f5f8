// What of an integration asks for less after a change than before: its limits, and what stands where a limit would. Pure.
// INVARIANT: what can not be compared counts as looser; no limit is looser than any.

import type { Money } from '#core';
import type { Autonomy, Integration } from '#enforcement';

const AMOUNTS = ['perCall', 'perCustomerDay', 'perDay', 'fourEyesAbove', 'soloPerDay'] as const satisfies readonly (keyof Autonomy)[];

function isHigher(before: Money | null, after: Money | null): boolean {
  if (before === null) return false;
  return after === null || after.currency !== before.currency || after.amountMinor > before.amountMinor;
}

const grows = (before: ReadonlySet<string>, after: ReadonlySet<string>): boolean => [...after].some((name) => !before.has(name));

function loosenedAutonomy(before: Autonomy | undefined, after: Autonomy): readonly string[] {
  // It asked for a person each time.
  if (before === undefined) return ['autonomy'];
  const { timesPerCustomerDay: times } = before;
  const isOftener = times !== null && (after.timesPerCustomerDay === null || after.timesPerCustomerDay > times);
  return [...AMOUNTS.filter((name) => isHigher(before[name], after[name])), ...(isOftener ? ['timesPerCustomerDay'] : [])];
}

function loosenedSpending(before: Integration['spending'], after: Integration['spending']): readonly string[] {
  if (before === null) return [];
  if (after === null || after.currency !== before.currency) return ['perWorkloadDay'];
  // A model that costs less by our table, or nothing, spends less of the limit.
  const isCheaper = [...before.prices].some(([model, { inputMicros, outputMicros }]) => {
    const now = after.prices.get(model);
    return now === undefined || now.inputMicros < inputMicros || now.outputMicros < outputMicros;
  });
  return [...(after.perWorkloadDayMicros > before.perWorkloadDayMicros ? ['perWorkloadDay'] : []), ...(isCheaper ? ['prices'] : [])];
}

/** Names of what was loosened, each once; nothing for an integration that is new or gone. */
export function loosenedLimits(before: Integration | null, after: Integration | null): readonly string[] {
  if (before === null || after === null) return [];
  const isElsewhere = before.origin !== after.origin || before.pathPrefix !== after.pathPrefix;
  const isOther = before.manifest?.digest !== after.manifest?.digest;
  return [
    ...new Set([
      ...[...after.autonomy].flatMap(([operation, limits]) => loosenedAutonomy(before.autonomy.get(operation), limits)),
      ...loosenedSpending(before.spending, after.spending),
      ...(isElsewhere ? ['destination'] : []),
      ...(isOther ? ['manifest'] : []),
      ...(grows(before.models, after.models) ? ['models'] : []),
      ...(grows(before.linkHosts, after.linkHosts) ? ['linkHosts'] : []),
      ...(grows(before.prompts, after.prompts) ? ['prompts'] : []),
    ]),
  ];
}
