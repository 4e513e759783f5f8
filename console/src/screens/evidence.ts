// Says the evidence of a stored call in plain words. What it does not know it shows as it is named, and leaves nothing out.

import type { Json, JsonMap } from '../api/types.ts';
import { strings } from '../strings/en.ts';
import { formatMoney } from '../ui/format.ts';

const text = strings.evidence;
const KNOWN = new Set(['tier', 'customerProven', 'ownership', 'integrity', 'signals', 'amount', 'remainder', 'operation']);

const isText = (value: Json | undefined): value is string => typeof value === 'string';

export function reasonsOf(evidence: JsonMap): readonly string[] {
  const { tier, customerProven, ownership, integrity, signals, amount, remainder } = evidence;
  const said = [
    isText(amount) ? text.amount(formatMoney(amount), isText(remainder) ? formatMoney(remainder) : null) : null,
    isText(integrity) ? (text.integrity[integrity] ?? null) : null,
    isText(ownership) ? (text.ownership[ownership] ?? null) : null,
    customerProven === false ? text.customerUnproven : customerProven === true ? text.customerProven : null,
    isText(tier) ? (text.tier[tier] ?? null) : null,
    ...(Array.isArray(signals) ? signals.filter(isText).map(text.signal) : []),
  ];
  const rest = Object.entries(evidence)
    .filter(([name, value]) => !KNOWN.has(name) && value !== null)
    .map(([name, value]) => `${name}: ${isText(value) ? value : JSON.stringify(value)}`);
  return [...said.filter((reason) => reason !== null), ...rest];
}
