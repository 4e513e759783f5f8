// Which record of which map a value is, told from the names of its fields. Says nothing rather than something that only fits a little.

import { type FieldMap, isObject, type JsonObject, type JsonValue, type MappedField, type MappedRecord, pathsInReply } from '#core';

export interface MatchedRecord {
  readonly map: FieldMap;
  readonly record: MappedRecord;
  /** How the record stands in the value: `customer`, `data[]`; `` when the value is the record. */
  readonly wrap: string;
}

/** Without a map named by the user, so many of a record’s fields must be the map’s, and so large a share. */
const FEWEST_ALIKE = 5;
const LEAST_SHARE = 0.75;
/** Where the user said which map it is. */
const LEAST_SHARE_NAMED = 0.3;

/** The first record at a wrapping; null where the value is not wrapped so. */
function unwrap(value: JsonValue, wrap: string): JsonObject | null {
  let here: JsonValue | undefined = value;
  for (const part of wrap === '' ? [] : wrap.split('.')) {
    const name = part.replace('[]', '');
    if (name !== '') here = isObject(here) && Object.hasOwn(here, name) ? here[name] : undefined;
    if (part.endsWith('[]')) here = Array.isArray(here) ? (here[0] as JsonValue | undefined) : undefined;
  }
  return isObject(here) ? here : null;
}

const topKeys = new WeakMap<MappedRecord, ReadonlySet<string>>();

function keysOf(record: MappedRecord): ReadonlySet<string> {
  let keys = topKeys.get(record);
  if (keys === undefined) {
    keys = new Set(record.fields.map(({ path }) => (path.split('.')[0] as string).replace('[]', '')));
    topKeys.set(record, keys);
  }
  return keys;
}

function closeness(record: MappedRecord, found: JsonObject, isNamed: boolean): number {
  const { marker } = record;
  if (marker !== null && found[marker.field] !== marker.value) return 0;
  const known = keysOf(record);
  const keys = Object.keys(found);
  const alike = keys.filter((key) => known.has(key)).length;
  const share = keys.length === 0 ? 0 : alike / keys.length;
  if (share < (isNamed || marker !== null ? LEAST_SHARE_NAMED : LEAST_SHARE)) return 0;
  if (!isNamed && marker === null && alike < FEWEST_ALIKE) return 0;
  return share * alike;
}

/** The best fit. `isNamed`: the user said that the value is from one of these maps. */
export function matchRecord(value: JsonValue, maps: readonly FieldMap[], isNamed: boolean): MatchedRecord | null {
  let best: MatchedRecord | null = null;
  let bestFit = 0;
  for (const map of maps) {
    for (const record of map.records) {
      for (const wrap of record.wraps) {
        const found = unwrap(value, wrap);
        const how = found === null ? 0 : closeness(record, found, isNamed);
        if (how > bestFit) [best, bestFit] = [{ map, record, wrap }, how];
      }
    }
  }
  return best;
}

/** The field of the map that covers a path of the value; of several, the one that says most. */
export function mappedField({ record, wrap }: MatchedRecord, path: string): MappedField | null {
  let best: MappedField | null = null;
  for (const field of pathsInReply({ ...record, wraps: [wrap] })) {
    const isCovering = path === field.path || path.startsWith(`${field.path}.`) || path.startsWith(`${field.path}[]`);
    if (isCovering && (best === null || field.path.length > best.path.length)) best = field;
  }
  return best;
}
