// What is being edited: the settings as texts in fields, and back. Pure; the server judges what comes out.

import { DAYS, type Day, type Demand, type Part, type Settings, type Span } from '../../api/conditions.ts';

export interface Draft {
  readonly on: Readonly<Record<Part, boolean>>;
  readonly demands: Readonly<Record<Part, Demand>>;
  readonly timeZone: string;
  readonly days: Readonly<Partial<Record<Day, Span>>>;
  readonly ranges: string;
  readonly countries: string;
  readonly courses: string;
  readonly cases: Settings['cases'];
}

export const PARTS: readonly Part[] = ['hours', 'networks', 'countries', 'posture', 'training'];
const USUAL: Demand = { outside: 'step_up', applies: 'privileged' };
const WORK: Span = { from: '09:00', to: '18:00' };
const WORKDAYS: Draft['days'] = { mon: WORK, tue: WORK, wed: WORK, thu: WORK, fri: WORK };

const demandOf = (part: Demand | null): Demand => (part === null ? USUAL : { outside: part.outside, applies: part.applies });

export function draftOf({ hours, networks, countries, posture, training, cases }: Settings, timeZone: string): Draft {
  const all = { hours, networks, countries, posture, training };
  return {
    on: Object.fromEntries(PARTS.map((part) => [part, all[part] !== null])) as Record<Part, boolean>,
    demands: Object.fromEntries(PARTS.map((part) => [part, demandOf(all[part])])) as Record<Part, Demand>,
    timeZone: hours?.timeZone ?? timeZone,
    days: hours?.days ?? WORKDAYS,
    ranges: networks?.inside.join('\n') ?? '',
    countries: countries?.allowed.join(', ') ?? '',
    courses: training?.required.join(', ') ?? '',
    cases,
  };
}

const wordsOf = (text: string): readonly string[] => text.split(/[\s,]+/).filter((word) => word !== '');

export function settingsOf(draft: Draft): Settings {
  const { on, demands } = draft;
  const days = Object.fromEntries(
    DAYS.flatMap((day) => {
      const span = draft.days[day];
      return span === undefined ? [] : [[day, span] as const];
    }),
  );
  return {
    hours: on.hours ? { ...demands.hours, timeZone: draft.timeZone.trim(), days } : null,
    networks: on.networks ? { ...demands.networks, inside: wordsOf(draft.ranges) } : null,
    countries: on.countries ? { ...demands.countries, allowed: wordsOf(draft.countries).map((one) => one.toUpperCase()) } : null,
    posture: on.posture ? demands.posture : null,
    training: on.training ? { ...demands.training, required: wordsOf(draft.courses) } : null,
    cases: draft.cases,
  };
}
