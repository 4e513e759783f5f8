// Says the evidence of a stored call in plain words, what speaks against it first. What it does not know it shows as it is named:
// nothing is left out but what the card says already.

import type { Json, JsonMap } from '../../api/types.ts';
import { strings } from '../../strings/en.ts';
import { formatMoney } from '../../ui/format.ts';

export interface Reason {
  readonly kind: 'warn' | 'good' | 'info';
  readonly sentence: string;
}

const text = strings.evidence;
const ORDER = ['warn', 'info', 'good'];
/** Said by the card's own lines. */
const SHOWN = new Set(['classes', 'model', 'action', 'operation', 'integration', 'remainder', 'limit', 'approval', 'digest']);
/** Said better by where each argument comes from. */
const TRACED = new Set(['integrity', 'argumentIntegrity']);

const isText = (value: Json | undefined): value is string => typeof value === 'string';
const textsOf = (value: Json): readonly string[] => (Array.isArray(value) ? value.filter(isText) : []);
const named = (value: Json, words: Readonly<Record<string, string>>, good: string): readonly Reason[] => {
  const sentence = isText(value) ? words[value] : undefined;
  return sentence === undefined ? [] : [{ kind: value === good ? 'good' : 'warn', sentence }];
};
const either = (value: Json, good: string, bad: string): readonly Reason[] => [
  value === true ? { kind: 'good', sentence: good } : { kind: 'warn', sentence: bad },
];

const SAY: Readonly<Record<string, (value: Json, evidence: JsonMap) => readonly Reason[]>> = {
  tier: (value) => (value === 'native' ? named(value, text.tier, 'native') : named(value, text.tier, 'bound')),
  customerProven: (value) => either(value, text.customerProven, text.customerUnproven),
  ownership: (value) => named(value, text.ownership, 'owned'),
  integrity: (value) => named(value, text.integrity, ''),
  argumentIntegrity: (value) => named(value, text.integrity, ''),
  targetsExplained: (value) => either(value, text.targetsExplained, text.targetsUnexplained),
  autonomy: (value, { limit }) =>
    value === 'within_limits' && isText(limit)
      ? [{ kind: 'info', sentence: text.withinLimits(formatMoney(limit)) }]
      : named(value, text.autonomy, '').map(({ sentence }) => ({ kind: 'info', sentence })),
  needsReview: (value) => (value === true ? [{ kind: 'warn', sentence: text.needsReview }] : []),
  carriesPii: (value) => (value === true ? [{ kind: 'info', sentence: text.carriesPii }] : []),
  policies: (value) => [{ kind: 'info', sentence: text.policies(textsOf(value).join(', ')) }],
  doubts: (value) => (typeof value === 'number' ? [{ kind: 'warn', sentence: text.doubts(value) }] : []),
  signals: (value) => textsOf(value).map((name) => ({ kind: 'warn', sentence: text.signal(name) })),
  amount: (value, { remainder }) =>
    isText(value) ? [{ kind: 'info', sentence: text.amount(formatMoney(value), isText(remainder) ? formatMoney(remainder) : null) }] : [],
};

export function reasonsOf(evidence: JsonMap, { isTraced = false } = {}): readonly Reason[] {
  const reasons = Object.entries(evidence).flatMap(([name, value]): readonly Reason[] => {
    if (SHOWN.has(name) || value === null || (isTraced && TRACED.has(name))) return [];
    return SAY[name]?.(value, evidence) ?? [{ kind: 'info', sentence: `${name}: ${isText(value) ? value : JSON.stringify(value)}` }];
  });
  const once = reasons.filter(({ sentence }, index) => reasons.findIndex((other) => other.sentence === sentence) === index);
  return once.toSorted((left, right) => ORDER.indexOf(left.kind) - ORDER.indexOf(right.kind));
}
