// What a tenant asks of everybody's access beside their grants: one value, its form, and which changes of it ask for less. Pure.
// INVARIANT: a new tenant asks for nothing; every part is off until somebody switches it on.

import { z } from 'zod';
import { DAYS, isTimeOfDay, isTimeZone } from './hours.ts';
import { parseRange } from './networks.ts';

/** `step_up`: a passkey used within the last five minutes makes up for it. `refuse`: nothing does. */
export const DEMANDS = ['step_up', 'refuse'] as const;
export type Demand = (typeof DEMANDS)[number];
/** `privileged`: acts that change what others may do or see, decisions and exports. `all`: looking, too. */
export const REACHES = ['privileged', 'all'] as const;
export type Reach = (typeof REACHES)[number];
/** What a freeze stops: new versions going live; integrations, limits and conditions; people, roles and keys. */
export const FREEZABLE = ['publishing', 'policy', 'access'] as const;
export type Freezable = (typeof FREEZABLE)[number];

const MAX_RANGES = 200;
const MAX_FREEZES = 50;
const MAX_COURSES = 20;
const COURSE = /^[a-z0-9][a-z0-9-]{0,62}$/;

const demand = { outside: z.enum(DEMANDS), applies: z.enum(REACHES) };
const time = z.string().refine(isTimeOfDay, 'is a time such as 09:00, at most 24:00');
const span = z.strictObject({ from: time, to: time }).refine(({ from, to }) => from !== to, 'begins and ends at different times');
const moment = z.number().int().min(0).max(8_640_000_000_000_000);

const hours = z
  .strictObject({
    timeZone: z.string().refine(isTimeZone, 'is a time zone such as Europe/Berlin'),
    days: z.strictObject(
      Object.fromEntries(DAYS.map((day) => [day, span.optional()])) as Record<(typeof DAYS)[number], z.ZodOptional<typeof span>>,
    ),
    ...demand,
  })
  .refine(({ days }) => Object.values(days).some((day) => day !== undefined), 'has at least one working day');
const networks = z.strictObject({
  inside: z
    .array(
      z
        .string()
        .max(64)
        .refine((text) => parseRange(text) !== null, 'is a range such as 203.0.113.0/24, without host bits'),
    )
    .min(1)
    .max(MAX_RANGES),
  ...demand,
});
const countries = z.strictObject({
  allowed: z
    .array(z.string().regex(/^[A-Z]{2}$/, 'is a country such as DE'))
    .min(1)
    .max(250),
  ...demand,
});
const posture = z.strictObject({ ...demand });
const training = z.strictObject({
  required: z.array(z.string().regex(COURSE, 'is a name such as data-protection')).min(1).max(MAX_COURSES),
  ...demand,
});

/** The part that is set as a whole. Freezes are added and lifted one by one. */
export const conditionSettings = z.strictObject({
  hours: hours.nullable().default(null),
  networks: networks.nullable().default(null),
  countries: countries.nullable().default(null),
  posture: posture.nullable().default(null),
  training: training.nullable().default(null),
  /** Whether reading what a run was about names the ticket, case or order it is for, also outside support. */
  cases: z.enum(['support', 'everybody']).default('support'),
});
export type ConditionSettings = z.infer<typeof conditionSettings>;

export const freezeInput = z
  .strictObject({
    fromMs: moment,
    toMs: moment,
    stops: z.array(z.enum(FREEZABLE)).min(1).max(FREEZABLE.length),
    reason: z.string().trim().min(1).max(200),
  })
  .refine(({ fromMs, toMs }) => fromMs < toMs, 'ends after it begins');
export type FreezeInput = z.infer<typeof freezeInput>;

export interface Freeze extends FreezeInput {
  readonly id: string;
  /** Set when the owner ended it early. */
  readonly liftedAtMs: number | null;
}

export interface Conditions extends ConditionSettings {
  readonly freezes: readonly Freeze[];
}

export const NO_CONDITIONS: Conditions = Object.freeze({ ...conditionSettings.parse({}), freezes: [] });

export { MAX_FREEZES };

type Demanding = { readonly outside: Demand; readonly applies: Reach } | null;

function isSofter(before: Demanding, after: Demanding): boolean {
  if (before === null) return false;
  if (after === null) return true;
  return (before.outside === 'refuse' && after.outside === 'step_up') || (before.applies === 'all' && after.applies === 'privileged');
}

const minutes = (text: string): number => Number(text.slice(0, 2)) * 60 + Number(text.slice(3, 5));

/** Whether a day of `after` has a minute that `before` did not have; another zone counts as one. */
function isWider(before: NonNullable<ConditionSettings['hours']>, after: NonNullable<ConditionSettings['hours']>): boolean {
  if (before.timeZone !== after.timeZone) return true;
  return DAYS.some((day) => {
    const [was, is] = [before.days[day], after.days[day]];
    if (is === undefined) return false;
    if (was === undefined) return true;
    const end = (one: typeof is): number => minutes(one.to) + (minutes(one.to) <= minutes(one.from) ? 1_440 : 0);
    return minutes(is.from) < minutes(was.from) || end(is) > end(was);
  });
}

const hasMore = (before: readonly string[], after: readonly string[]): boolean => after.some((one) => !before.includes(one));

/** The parts that ask for less than before. Doubt counts as less: an alert too many is better than one too few. */
export function loosenedParts(before: ConditionSettings, after: ConditionSettings): readonly string[] {
  const loosened: string[] = [];
  for (const part of ['hours', 'networks', 'countries', 'posture', 'training'] as const) {
    if (isSofter(before[part], after[part])) loosened.push(part);
  }
  const add = (part: string, isLooser: boolean): void => {
    if (isLooser && !loosened.includes(part)) loosened.push(part);
  };
  if (before.hours !== null && after.hours !== null) add('hours', isWider(before.hours, after.hours));
  if (before.networks !== null && after.networks !== null) add('networks', hasMore(before.networks.inside, after.networks.inside));
  if (before.countries !== null && after.countries !== null) add('countries', hasMore(before.countries.allowed, after.countries.allowed));
  if (before.training !== null && after.training !== null) add('training', hasMore(after.training.required, before.training.required));
  add('cases', before.cases === 'everybody' && after.cases === 'support');
  return loosened;
}

/** The freeze that stops this kind of change now, or null. */
export function freezeOn({ freezes }: Pick<Conditions, 'freezes'>, what: Freezable, nowMs: number): Freeze | null {
  return (
    freezes.find(({ fromMs, toMs, stops, liftedAtMs }) => liftedAtMs === null && fromMs <= nowMs && nowMs < toMs && stops.includes(what)) ??
    null
  );
}
