// How long a thing is kept: the shortest time of any kind of data it holds, by the most exact rule for that kind, place and purpose. Pure.

import { canonicalJson, DATA_CLASS_NAMES, type DataClass, type Digest, dataClassSpec, isDataClass } from '#core';
import type { RuleRow } from '../store/retention.ts';

export type Rule = Pick<RuleRow, 'dataClass' | 'place' | 'purpose' | 'minutes'>;

/** A thing as rules look at it. */
export interface Aged {
  readonly place: string;
  readonly purpose: string;
  readonly classes: readonly string[];
}

const DAY_MINUTES = 24 * 60;
export const MINUTE_MS = 60_000;
/** A hundred years: whoever means for ever sets no rule. */
export const MAX_MINUTES = 100 * 365 * DAY_MINUTES;

/** A week, in which a drill was made of one: whoever sets less would have nothing to restore from. */
export const LEAST_BACKUP_MINUTES = 7 * DAY_MINUTES;

/** What a place keeps at most where no rule says otherwise, whatever it holds; in days. */
export const PLACE_DAYS: Readonly<Record<string, number>> = {
  runs: 90,
  known_values: 90,
  approvals: 730,
  effects: 730,
  deliveries: 7,
  tokens: 0,
};

/** How exact a rule is: one for a purpose beats one for a kind of data, and that one for a place. */
const exactness = ({ purpose, dataClass, place }: Rule): number =>
  (purpose === null ? 0 : 4) + (dataClass === null ? 0 : 2) + (place === null ? 0 : 1);

function applies(rule: Rule, thing: Aged, dataClass: DataClass | null): boolean {
  return (
    (rule.dataClass === null || rule.dataClass === dataClass) &&
    (rule.place === null || rule.place === thing.place) &&
    (rule.purpose === null || rule.purpose === thing.purpose)
  );
}

function minutesFor(rules: readonly Rule[], thing: Aged, dataClass: DataClass | null): number | null {
  let best: Rule | null = null;
  for (const rule of rules) if (applies(rule, thing, dataClass) && (best === null || exactness(rule) > exactness(best))) best = rule;
  if (best !== null) return best.minutes;
  const days = dataClass === null ? (PLACE_DAYS[thing.place] ?? null) : dataClassSpec(dataClass).keepDays;
  // What is never to be kept is deleted when its purpose ends.
  return days === null ? null : days * DAY_MINUTES;
}

/** Minutes after its purpose ended; null: not by time. */
export function keepMinutes(rules: readonly Rule[], thing: Aged): number | null {
  // The canary shows that rounds run; what no rule can lengthen is gone at the next one.
  if (thing.place === 'canary') return 0;
  const kinds: readonly (DataClass | null)[] = [null, ...thing.classes.filter(isDataClass)];
  const all = kinds.map((kind) => minutesFor(rules, thing, kind)).filter((minutes) => minutes !== null);
  return all.length === 0 ? null : Math.min(...all);
}

/** The shortest time that anything of a place may be kept: nothing younger has to be looked at. */
export function shortestMinutes(rules: readonly Rule[], place: string): number {
  const own = rules.filter((rule) => rule.place === null || rule.place === place).map(({ minutes }) => minutes);
  const classes = DATA_CLASS_NAMES.map((name) => dataClassSpec(name).keepDays).filter((days) => days !== null);
  return place === 'canary'
    ? 0
    : Math.min(
        ...own,
        ...classes.map((days) => days * DAY_MINUTES),
        ...(place in PLACE_DAYS ? [(PLACE_DAYS[place] as number) * DAY_MINUTES] : []),
      );
}

/** Names what was in force: every rule of the tenant and every default. */
export function versionOf(rules: readonly Rule[], digest: Digest): string {
  const defaults = DATA_CLASS_NAMES.map((name) => [name, dataClassSpec(name).keepDays]);
  const own = rules.map(({ dataClass, place, purpose, minutes }) => [dataClass, place, purpose, minutes]);
  return digest.sha256(canonicalJson([own, defaults, { ...PLACE_DAYS }] as never));
}
