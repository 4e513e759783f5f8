// What a department (a workspace of a tenant) may use and spend: rules that only take away, and limits on windows of time. Pure.
// INVARIANT: a part that is absent says nothing; whatever one rule does not name stays refused by it, whoever else would allow it.

import type { JsonObject, JsonValue } from './json.ts';
import { PII_CLASSES, type PiiClass } from './labels.ts';
import { formatDecimal, parseMoney } from './money.ts';
import { EFFECTS, type Effect } from './operation.ts';

/** `null`: no rule of that part. An empty list allows nothing of it. */
export interface DepartmentRules {
  /** Shops and providers of models. */
  readonly integrations: readonly string[] | null;
  readonly models: readonly string[] | null;
  /** What operations may do. */
  readonly effects: readonly Effect[] | null;
  /** Classes of personal data a call may carry, or an operation give back. */
  readonly dataClasses: readonly PiiClass[] | null;
}

export const RULE_PARTS = ['integrations', 'models', 'effects', 'dataClasses'] as const satisfies readonly (keyof DepartmentRules)[];
export type RulePart = (typeof RULE_PARTS)[number];

export const NO_RULES: DepartmentRules = Object.freeze({ integrations: null, models: null, effects: null, dataClasses: null });
const NOTHING_ALLOWED: DepartmentRules = Object.freeze({ integrations: [], models: [], effects: [], dataClasses: [] });

/** Counted in numbers, the others in money. */
export const COUNTED = ['calls', 'tokens', 'effects'] as const;
export const LIMITED = [...COUNTED, 'model_cost', 'money'] as const;
export type Limited = (typeof LIMITED)[number];
export const LIMIT_WINDOWS = ['hour', 'day', 'month'] as const;
export type LimitWindow = (typeof LIMIT_WINDOWS)[number];

export interface DepartmentLimit {
  readonly what: Limited;
  readonly per: LimitWindow;
  /** A number, or money in the smallest unit of its currency. */
  readonly most: bigint;
  readonly currency: string | null;
}

export interface Department {
  readonly name: string;
  readonly rules: DepartmentRules;
  readonly limits: readonly DepartmentLimit[];
}

/** More is not a table that a person reads. */
export const MAX_LIMITS = 20;
export const MAX_NAMED = 500;
const NAME = /^[A-Za-z0-9][A-Za-z0-9._:/-]{0,127}$/;
/** Far above any shop, below what a bigint column holds. */
const MOST = 10n ** 15n;

export const isCounted = (what: Limited): boolean => (COUNTED as readonly Limited[]).includes(what);

export function limitToJson({ what, per, most, currency }: DepartmentLimit): JsonObject {
  return currency === null
    ? { what, per, most: most.toString() }
    : { what, per, most: formatDecimal({ amountMinor: most, currency }), currency };
}

/** Null for anything that is not exactly a limit: a number for what is counted, an amount with its currency for money. */
export function limitFrom(value: { readonly [member: string]: unknown }): DepartmentLimit | null {
  const { what, per, most, currency } = value;
  if (!LIMITED.includes(what as Limited) || !LIMIT_WINDOWS.includes(per as LimitWindow) || typeof most !== 'string') return null;
  const base = { what: what as Limited, per: per as LimitWindow };
  if (isCounted(base.what)) {
    if (currency !== undefined || !/^(?:0|[1-9][0-9]{0,14})$/.test(most)) return null;
    return { ...base, most: BigInt(most), currency: null };
  }
  if (typeof currency !== 'string') return null;
  const money = parseMoney(most, currency);
  return money === null || money.amountMinor < 0n || money.amountMinor > MOST ? null : { ...base, most: money.amountMinor, currency };
}

/** Null when one is no limit, or when two say the same window of the same thing. */
export function limitsFrom(list: readonly { readonly [member: string]: unknown }[]): readonly DepartmentLimit[] | null {
  const limits = list.map(limitFrom);
  if (limits.length > MAX_LIMITS || !limits.every((limit) => limit !== null)) return null;
  return new Set(limits.map(placeOf)).size === limits.length ? limits : null;
}

const placeOf = ({ what, per, currency }: DepartmentLimit): string => `${what} ${per} ${currency ?? ''}`;

/** Null when a list names what can not exist. Sorted, each once. */
export function rulesFrom(value: { readonly [member: string]: unknown }): DepartmentRules | null {
  if (!Object.keys(value).every((part) => (RULE_PARTS as readonly string[]).includes(part))) return null;
  const known: Readonly<Record<RulePart, (name: string) => boolean>> = {
    integrations: (name) => NAME.test(name),
    models: (name) => NAME.test(name),
    effects: (name) => (EFFECTS as readonly string[]).includes(name),
    dataClasses: (name) => (PII_CLASSES as readonly string[]).includes(name),
  };
  const parts: Partial<Record<RulePart, readonly string[] | null>> = {};
  for (const part of RULE_PARTS) {
    const list = value[part] ?? null;
    if (list === null) parts[part] = null;
    else if (!Array.isArray(list) || list.length > MAX_NAMED) return null;
    else if (!list.every((name) => typeof name === 'string' && known[part](name))) return null;
    else parts[part] = [...new Set(list as readonly string[])].sort();
  }
  return parts as unknown as DepartmentRules;
}

export const rulesToJson = (rules: DepartmentRules): JsonObject =>
  Object.fromEntries(RULE_PARTS.map((part) => [part, rules[part] === null ? null : [...rules[part]]]));

/** As they were stored. INVARIANT: a row that can not be read allows nothing. */
export function departmentFrom(row: { readonly name: string; readonly rules: JsonValue; readonly limits: JsonValue }): Department {
  const { name } = row;
  const rules = row.rules === null ? NO_RULES : isPlain(row.rules) ? rulesFrom(row.rules) : null;
  const limits = row.limits === null ? [] : Array.isArray(row.limits) && row.limits.every(isPlain) ? limitsFrom(row.limits) : null;
  return rules === null || limits === null ? { name, rules: NOTHING_ALLOWED, limits: [] } : { name, rules, limits };
}

const isPlain = (value: JsonValue): value is JsonObject => typeof value === 'object' && value !== null && !Array.isArray(value);

export const isUnruled = ({ rules, limits }: Pick<Department, 'rules' | 'limits'>): boolean =>
  limits.length === 0 && RULE_PARTS.every((part) => rules[part] === null);

export interface Breach {
  readonly department: string;
  readonly rule: 'integration' | 'model' | 'effect' | 'data_class';
}

export interface Used {
  readonly integration: string;
  /** Null for anything but a call of a model. */
  readonly model: string | null;
  /** Null for a call of a model. */
  readonly effect: Effect | null;
  readonly dataClasses: Iterable<PiiClass>;
}

/** The first rule that does not allow the call, of any of these departments; null when all of them do. */
export function breachOf(departments: readonly Pick<Department, 'name' | 'rules'>[], used: Used): Breach | null {
  for (const { name, rules } of departments) {
    const { integrations, models, effects, dataClasses } = rules;
    if (integrations !== null && !integrations.includes(used.integration)) return { department: name, rule: 'integration' };
    if (models !== null && used.model !== null && !models.includes(used.model)) return { department: name, rule: 'model' };
    if (effects !== null && used.effect !== null && !effects.includes(used.effect)) return { department: name, rule: 'effect' };
    if (dataClasses !== null && [...used.dataClasses].some((one) => !dataClasses.includes(one)))
      return { department: name, rule: 'data_class' };
  }
  return null;
}

/** The parts of the rules that allow something now which they did not before. */
export function loosenedRules(before: DepartmentRules, after: DepartmentRules): readonly RulePart[] {
  return RULE_PARTS.filter((part) => {
    const [was, is] = [before[part] as readonly string[] | null, after[part] as readonly string[] | null];
    return was !== null && (is === null || is.some((name) => !was.includes(name)));
  });
}

/** What may be used more of than before. */
export function loosenedLimits(before: readonly DepartmentLimit[], after: readonly DepartmentLimit[]): readonly Limited[] {
  const now = new Map(after.map((limit) => [placeOf(limit), limit.most]));
  const wider = before.filter((limit) => (now.get(placeOf(limit)) ?? null) === null || (now.get(placeOf(limit)) as bigint) > limit.most);
  // Where money is limited, a currency without a limit of its own is refused: one that is added opens it.
  const opened = after.filter(
    ({ what, currency }) =>
      currency !== null && before.some((was) => was.what === what) && !before.some((was) => was.what === what && was.currency === currency),
  );
  return LIMITED.filter((what) => [...wider, ...opened].some((limit) => limit.what === what));
}
