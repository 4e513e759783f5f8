// Tells for each field of records what class of data it holds, and on what evidence: a map of the API, the field’s name, its values.
// Holds at most so many values a field and so many fields, whatever the length of the input; says what it left out. Never repeats a value.

import { classOfName, type DataClass, type FieldMap, isObject, type JsonValue } from '#core';
import { detect } from '../detect.ts';
import type { NameLists } from '../guess/lists.ts';
import { type MatchedRecord, mappedField, matchRecord } from './match-record.ts';
import { classOfValue } from './value-class.ts';

export type EvidenceKind = 'map' | 'key' | 'values' | 'none';

export interface ClassifiedField {
  /** `orders[].note`: members of a list share one path. */
  readonly path: string;
  /** null with evidence `map`: about nobody. null with evidence `none`: nothing is known, so it counts as everything. */
  readonly dataClass: DataClass | null;
  readonly confidence: number;
  readonly evidence: {
    readonly by: EvidenceKind;
    /** `shopify customer`, or the name that spoke for it. */
    readonly said: string | null;
    readonly sampled: number;
    /** Share of the sampled values that are, whole, of this class; null where no value could be. */
    readonly recognised: number | null;
  };
  /** Classes found inside values, with the share of sampled values that hold some. */
  readonly contains: Partial<Readonly<Record<DataClass, number>>>;
  /** Values that were not empty. */
  readonly seen: number;
}

export interface Classification {
  readonly fields: readonly ClassifiedField[];
  readonly records: number;
  /** `shopify customer`, with how many of the records. */
  readonly maps: Readonly<Record<string, number>>;
  /** Values of fields past the bound, which were looked at by nobody. */
  readonly leftOut: number;
}

/** More fields than any record has; past it the keys are data themselves, such as ids. */
export const MAX_FIELDS = 2_000;
/** Different values looked at, a field: enough to tell a share, few enough for 2,000 fields. */
export const MAX_SAMPLES = 40;
const MAX_DEPTH = 64;
const MAX_SHAPES = 1_000;
/** Classes that a value is or is not, by its check digits or form. */
const CHECKABLE: ReadonlySet<DataClass> = new Set<DataClass>([
  'email_address',
  'payment_card',
  'bank_account',
  'network_address',
  'government_id',
]);
/** Where the name of an object speaks for what lies in it. */
const SPEAKS_BELOW: ReadonlySet<DataClass> = new Set<DataClass>([
  'conversation',
  'purchase_history',
  'payment_details',
  'behaviour',
  'marketing_profile',
  'credential',
  'file',
  'review',
  'health_detail',
  'return_case',
  'delivery',
]);

interface Gathered {
  readonly steps: readonly string[];
  readonly samples: Set<string>;
  readonly map: { readonly name: string; readonly dataClass: DataClass | null } | null;
  seen: number;
}

export interface Classifier {
  add(record: JsonValue): void;
  result(): Classification;
}

/** Words; a digit, a space or another sign in a key may make it somebody's. */
const PLAIN_KEY = /^[A-Za-z_$][A-Za-z_$.-]*$/;
const NUMBER = /^\d{4,}$/;
const ANY_KEY = '*';

function isValue(key: string, lists: NameLists): boolean {
  return NUMBER.test(key) || detect(key).some(({ personal }) => personal) || classOfValue(key, lists).whole === 'person_name';
}

export function createClassifier(options: {
  readonly maps: readonly FieldMap[];
  /** The name of the map the user says it is; null to find out. */
  readonly map: string | null;
  readonly lists: NameLists;
}): Classifier {
  const maps = options.map === null ? options.maps : options.maps.filter(({ name }) => name === options.map);
  const fields = new Map<string, Gathered>();
  const shapes = new Map<string, MatchedRecord | null>();
  const used: Record<string, number> = {};
  let records = 0;
  let leftOut = 0;

  const matched = (value: JsonValue): MatchedRecord | null => {
    const shape = shapeOf(value);
    let found = shapes.get(shape);
    if (found === undefined) {
      found = matchRecord(value, maps, options.map !== null);
      if (shapes.size < MAX_SHAPES) shapes.set(shape, found);
    }
    return found;
  };

  const told = new Map<string, string>();
  /** Lists keyed by somebody's address or number: the key is a value, so it is named as a manifest names any key. */
  const stepOf = (key: string): string => {
    if (PLAIN_KEY.test(key)) return key;
    const step = told.get(key) ?? (isValue(key, options.lists) ? ANY_KEY : key);
    if (told.size < MAX_FIELDS) told.set(key, step);
    return step;
  };

  const addLeaf = (value: string | number, steps: readonly string[], match: MatchedRecord | null): void => {
    const path = pathOf(steps);
    let field = fields.get(path);
    if (field === undefined) {
      if (fields.size >= MAX_FIELDS) {
        leftOut += 1;
        return;
      }
      const said = match === null ? null : mappedField(match, path);
      const map = match === null || said === null ? null : { name: nameOf(match), dataClass: said.dataClass };
      field = { steps, samples: new Set(), map, seen: 0 };
      fields.set(path, field);
    }
    const text = String(value).trim();
    if (text === '') return;
    field.seen += 1;
    if (field.samples.size < MAX_SAMPLES) field.samples.add(text);
  };

  const walk = (value: JsonValue, steps: readonly string[], match: MatchedRecord | null): void => {
    if (value === null) addLeaf('', steps, match);
    else if (typeof value !== 'object') addLeaf(typeof value === 'boolean' ? '' : value, steps, match);
    else if (steps.length >= MAX_DEPTH) leftOut += 1;
    else if (Array.isArray(value)) for (const member of value) walk(member, [...steps, '[]'], match);
    else for (const [key, member] of Object.entries(value)) walk(member, [...steps, stepOf(key)], match);
  };

  return {
    add: (record) => {
      records += 1;
      const match = matched(record);
      if (match !== null) used[nameOf(match)] = (used[nameOf(match)] ?? 0) + 1;
      walk(record, [], match);
    },
    result: () => ({
      fields: [...fields.values()].map((field) => judge(field, options.lists)),
      records,
      maps: used,
      leftOut,
    }),
  };
}

const nameOf = ({ map, record }: MatchedRecord): string => `${map.name} ${record.name}`;

/** Which keys stand on the first two levels: what the fit of a map is judged by. Values of markers too. */
function shapeOf(value: JsonValue): string {
  const first = Array.isArray(value) ? ['[]', value[0]] : ['', value];
  const here = first[1] as JsonValue | undefined;
  if (!isObject(here)) return String(first[0]);
  const below = Object.entries(here).map(([key, member]) => {
    const inner = Array.isArray(member) ? (member[0] as JsonValue | undefined) : member;
    const marks = key === 'object' || key === 'type' ? String(member) : '';
    return `${key}=${marks}${isObject(inner) ? `${Object.keys(inner).join()}${String(inner.object ?? inner.type ?? '')}` : ''}`;
  });
  return `${first[0]}${below.join(';')}`;
}

export function pathOf(steps: readonly string[]): string {
  return steps.length === 0 ? '(value)' : steps.map((step, index) => (step === '[]' || index === 0 ? step : `.${step}`)).join('');
}

interface Named {
  readonly dataClass: DataClass;
  readonly said: string;
  readonly sureness: number;
}

function namedClass(steps: readonly string[]): Named | null {
  const names = steps.filter((step) => step !== '[]');
  const own = names.at(-1);
  if (own === undefined) return null;
  const found = classOfName(own, names.at(-2) ?? null);
  if (found !== null) return { dataClass: found.dataClass, said: own, sureness: found.strength === 'sure' ? 0.8 : 0.5 };
  for (const above of names.slice(0, -1).reverse()) {
    const around = classOfName(above);
    if (around?.strength === 'sure' && SPEAKS_BELOW.has(around.dataClass))
      return { dataClass: around.dataClass, said: above, sureness: 0.4 };
  }
  return null;
}

interface Tally {
  readonly top: DataClass | null;
  readonly topShare: number;
  readonly shareOf: (dataClass: DataClass) => number;
  readonly contains: Partial<Record<DataClass, number>>;
  readonly prose: number;
}

function tally(samples: ReadonlySet<string>, lists: NameLists): Tally {
  const whole = new Map<DataClass, number>();
  const inside = new Map<DataClass, number>();
  let prose = 0;
  for (const sample of samples) {
    const found = classOfValue(sample, lists);
    if (found.whole !== null) whole.set(found.whole, (whole.get(found.whole) ?? 0) + 1);
    for (const dataClass of found.inside) inside.set(dataClass, (inside.get(dataClass) ?? 0) + 1);
    if (found.isProse) prose += 1;
  }
  const share = (count: number): number => (samples.size === 0 ? 0 : rounded(count / samples.size));
  const [top, count] = [...whole].sort((left, right) => right[1] - left[1])[0] ?? [null, 0];
  return {
    top,
    topShare: share(count),
    shareOf: (dataClass) => share(whole.get(dataClass) ?? 0),
    contains: Object.fromEntries([...inside].map(([dataClass, times]) => [dataClass, share(times)])),
    prose: share(prose),
  };
}

const rounded = (share: number): number => Math.round(share * 100) / 100;

function judge(field: Gathered, lists: NameLists): ClassifiedField {
  const values = tally(field.samples, lists);
  const { map } = field;
  const named = map === null ? namedClass(field.steps) : null;
  const base = { path: pathOf(field.steps), seen: field.seen };
  const about = (dataClass: DataClass | null, confidence: number, by: EvidenceKind, said: string | null): ClassifiedField => {
    const others = Object.entries({ ...values.contains, ...(values.top === null ? {} : { [values.top]: values.topShare }) });
    return {
      ...base,
      dataClass,
      confidence: rounded(confidence),
      evidence: { by, said, sampled: field.samples.size, recognised: dataClass === null ? null : values.shareOf(dataClass) },
      contains: Object.fromEntries(others.filter(([name]) => name !== dataClass)),
    };
  };
  if (map !== null) return about(map.dataClass, 0.98, 'map', map.name);
  const isTold = values.top !== null && values.topShare >= 0.6;
  const sure = values.top !== null && CHECKABLE.has(values.top) && values.topShare >= 0.8;
  // A value that passes its check digits is what it is, whatever its field is called.
  if (isTold && (named === null || (named.dataClass !== values.top && (sure || named.sureness <= 0.5))))
    return about(values.top, 0.5 + 0.45 * values.topShare, 'values', null);
  if (named !== null) {
    const agrees = values.shareOf(named.dataClass);
    return about(named.dataClass, agrees >= 0.5 ? 0.95 : named.sureness, 'key', named.said);
  }
  return values.prose >= 0.5 ? about('conversation', 0.4, 'values', null) : about(null, 0, 'none', null);
}
