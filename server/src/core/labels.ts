// The label lattice: who may have written a value (integrity, sources), what personal data it holds (pii, subject), who may see it (readers)
// and where it is from (regions). A join only ever gets worse; what may start better than what it is made from is named in `label-rules.ts`.

import { isObject } from './json.ts';

/** Lowest first. A join takes the minimum. */
export const INTEGRITY_LEVELS = ['third_party', 'verified_customer', 'system_of_record', 'staff', 'signed_workflow'] as const;
export type Integrity = (typeof INTEGRITY_LEVELS)[number];

export const PII_CLASSES = ['contact', 'address', 'payment', 'identity', 'order', 'free_text', 'secret'] as const;
export type PiiClass = (typeof PII_CLASSES)[number];

export interface Label {
  readonly integrity: Integrity;
  /** References of whoever may have written the value, e.g. `customer:123`, `integration:shop`. Join is union. */
  readonly sources: ReadonlySet<string>;
  readonly pii: ReadonlySet<PiiClass>;
  /** Who may see the value. Join is intersection; `public` is everybody. */
  readonly readers: 'public' | ReadonlySet<string>;
  /** References of the customers the value is about. Join is union. */
  readonly subject: ReadonlySet<string>;
  /** Where the systems are that hold what the value was made from: `EEA`, a country, `own` or `unknown`. Join is union; none: it was made here. */
  readonly regions: ReadonlySet<string>;
}

const NONE: ReadonlySet<never> = new Set<never>();

/** The identity of `join`: a constant of a signed workflow, about nobody, for everybody. */
export const TRUSTED_CONSTANT: Label = Object.freeze({
  integrity: 'signed_workflow',
  sources: NONE,
  pii: NONE,
  readers: 'public',
  subject: NONE,
  regions: NONE,
});

/** What an undeclared or lost label means: written by an outsider, every class of personal data, readable by nobody else. */
export const WORST: Label = Object.freeze({
  integrity: 'third_party',
  sources: new Set(['unknown']),
  pii: new Set<PiiClass>(PII_CLASSES),
  readers: NONE,
  subject: new Set(['unknown']),
  regions: new Set(['unknown']),
});

export function integrityRank(integrity: Integrity): number {
  return INTEGRITY_LEVELS.indexOf(integrity);
}

export function minIntegrity(left: Integrity, right: Integrity): Integrity {
  return integrityRank(left) <= integrityRank(right) ? left : right;
}

function union<T>(left: ReadonlySet<T>, right: ReadonlySet<T>): ReadonlySet<T> {
  if (right.size === 0 || left === right) return left;
  if (left.size === 0) return right;
  return new Set([...left, ...right]);
}

function commonReaders(left: Label['readers'], right: Label['readers']): Label['readers'] {
  if (left === 'public' || left === right) return right;
  if (right === 'public') return left;
  return new Set([...left].filter((reader) => right.has(reader)));
}

/** The label of anything made from both values. INVARIANT: commutative, associative, idempotent, never above either input. */
export function join(left: Label, right: Label): Label {
  if (left === right || right === TRUSTED_CONSTANT) return left;
  if (left === TRUSTED_CONSTANT) return right;
  return {
    integrity: minIntegrity(left.integrity, right.integrity),
    sources: union(left.sources, right.sources),
    pii: union(left.pii, right.pii),
    readers: commonReaders(left.readers, right.readers),
    subject: union(left.subject, right.subject),
    regions: union(left.regions, right.regions),
  };
}

/** The join of all labels; of none, the trusted constant. */
export function joinAll(labels: Iterable<Label>): Label {
  let joined = TRUSTED_CONSTANT;
  for (const label of labels) joined = join(joined, label);
  return joined;
}

/** True when `label` is at least as bad as `floor` in every component, i.e. data may move from `floor` to `label`. */
export function isAtLeastAsBad(label: Label, floor: Label): boolean {
  const holds = <T>(set: ReadonlySet<T>, subset: ReadonlySet<T>): boolean => [...subset].every((item) => set.has(item));
  const readersShrink = floor.readers === 'public' || (label.readers !== 'public' && holds(floor.readers, label.readers));
  return (
    integrityRank(label.integrity) <= integrityRank(floor.integrity) &&
    holds(label.sources, floor.sources) &&
    holds(label.pii, floor.pii) &&
    readersShrink &&
    holds(label.subject, floor.subject) &&
    holds(label.regions, floor.regions)
  );
}

export function mayRead(label: Label, reader: string): boolean {
  return label.readers === 'public' || label.readers.has(reader);
}

/** JSON form with sorted members, so that equal labels have equal canonical JSON. */
export interface LabelJson {
  readonly integrity: Integrity;
  readonly sources: readonly string[];
  readonly pii: readonly PiiClass[];
  readonly readers: 'public' | readonly string[];
  readonly subject: readonly string[];
  readonly regions?: readonly string[];
}

export function labelToJson(label: Label): LabelJson {
  return {
    integrity: label.integrity,
    sources: [...label.sources].sort(),
    pii: [...label.pii].sort(),
    readers: label.readers === 'public' ? 'public' : [...label.readers].sort(),
    subject: [...label.subject].sort(),
    // Left out is unknown: so a label that was stored before there were regions reads, and digests, as it did.
    ...(label.regions.size === 1 && label.regions.has('unknown') ? {} : { regions: [...label.regions].sort() }),
  };
}

function textSet(value: unknown): ReadonlySet<string> | null {
  return Array.isArray(value) && value.every((item) => typeof item === 'string') ? new Set(value as readonly string[]) : null;
}

function isMember<T extends string>(known: readonly T[], value: string): value is T {
  return (known as readonly string[]).includes(value);
}

/** Reads a stored label. INVARIANT: what is not a whole, known label is the worst label; a lost part never raises trust. */
export function labelFromJson(json: unknown): Label {
  if (!isObject(json)) return WORST;
  const integrity = json.integrity;
  const sources = textSet(json.sources);
  const pii = textSet(json.pii);
  const readers = json.readers === 'public' ? 'public' : textSet(json.readers);
  const subject = textSet(json.subject);
  const regions = json.regions === undefined ? WORST.regions : textSet(json.regions);
  if (typeof integrity !== 'string' || !isMember(INTEGRITY_LEVELS, integrity)) return WORST;
  if (sources === null || pii === null || readers === null || subject === null || regions === null) return WORST;
  const classes = [...pii].filter((item) => isMember(PII_CLASSES, item));
  if (classes.length !== pii.size) return WORST;
  return { integrity, sources, pii: new Set(classes), readers, subject, regions };
}
