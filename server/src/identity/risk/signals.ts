// What about a session differs from how its person usually works, and how bad that is. Pure: values in, signals and a level out.
// INVARIANT: the first device, network and country of a person are no news; a signal never makes a level better.

import { RISKS, type Risk, type UnixMs } from '#core';
import { distanceKm, type Place } from '../conditions/countries.ts';

export const SIGNALS = [
  'new_device',
  'new_network',
  'new_country',
  'impossible_travel',
  'denied_burst',
  'bulk_reads',
  'off_hours',
] as const;
export type Signal = (typeof SIGNALS)[number];

/** What each signal makes of a session by itself. */
const LEVEL_OF: Readonly<Record<Signal, Risk>> = {
  new_device: 'raised',
  new_network: 'raised',
  new_country: 'raised',
  bulk_reads: 'raised',
  off_hours: 'raised',
  impossible_travel: 'high',
  denied_burst: 'high',
};
/** Two of these at once are what somebody else with the person's cookie looks like. */
const TOGETHER_HIGH: readonly Signal[] = ['new_device', 'new_country', 'bulk_reads'];

export function worst(left: Risk, right: Risk): Risk {
  return RISKS.indexOf(left) >= RISKS.indexOf(right) ? left : right;
}

export function levelOf(signals: ReadonlySet<Signal>): Risk {
  if (TOGETHER_HIGH.filter((signal) => signals.has(signal)).length >= 2) return 'high';
  return [...signals].reduce<Risk>((level, signal) => worst(level, LEVEL_OF[signal]), 'none');
}

export interface Sighting {
  readonly atMs: UnixMs;
  readonly place: Place;
}

/** Faster than an airliner, over more than the error of a list of addresses. */
const FASTEST_KM_H = 900;
const NEAREST_KM = 500;
const HOUR_MS = 3_600_000;

/** Null when nothing can be said: no coordinates on one of the sides. */
export function isImpossibleTravel(before: Sighting, now: Sighting): boolean | null {
  if (before.place.at === null || now.place.at === null) return null;
  const km = distanceKm(before.place.at, now.place.at);
  const hours = Math.max(0, now.atMs - before.atMs) / HOUR_MS;
  return km > NEAREST_KM && km > FASTEST_KM_H * hours;
}

/** Known marks of a person; an empty list of a kind means that nothing of it was ever seen. */
export interface Usual {
  readonly device: ReadonlySet<string>;
  readonly network: ReadonlySet<string>;
  readonly country: ReadonlySet<string>;
  readonly last: Sighting | null;
}

export interface Observation {
  readonly device: string | null;
  readonly network: string | null;
  readonly country: string | null;
  readonly sighting: Sighting | null;
  readonly isOutsideHours: boolean;
}

const isNews = (known: ReadonlySet<string>, mark: string | null): boolean => mark !== null && known.size > 0 && !known.has(mark);

export function signalsOf(usual: Usual, now: Observation): ReadonlySet<Signal> {
  const signals = new Set<Signal>();
  if (isNews(usual.device, now.device)) signals.add('new_device');
  if (isNews(usual.network, now.network)) signals.add('new_network');
  if (isNews(usual.country, now.country)) signals.add('new_country');
  if (usual.last !== null && now.sighting !== null && isImpossibleTravel(usual.last, now.sighting) === true) {
    signals.add('impossible_travel');
  }
  if (now.isOutsideHours) signals.add('off_hours');
  return signals;
}

/** Denied requests of a person within the window that make a burst. */
export const DENIED_BURST = 30;
export const DENIED_WINDOW_MS = 5 * 60_000;
/** Reads within an hour that are never called bulk, however quiet the person usually is. */
export const READS_FLOOR = 2_000;
/** A look at the details of one customer weighs as much as so many records of runs or of the log, in which nobody's are in the clear. */
export const READS_OF_A_CUSTOMER = 40;
/** So many times a person's own busiest hour of the last month is more than work. */
export const READS_FACTOR = 3;

export function isBulk(readsThisHour: number, busiestHourBefore: number): boolean {
  return readsThisHour > Math.max(READS_FLOOR, READS_FACTOR * busiestHourBefore);
}
