// What a map of an API’s fields says: which kinds of records its replies hold, how they are wrapped, and the data class of each field.
// A map says what a value is, never who wrote it: it can not make a field trusted.

import type { DataClass } from './data-classes.ts';

export interface MappedField {
  /** Within the record, in the form of manifests: `default_address.phone`, `line_items[].name`. Covers what lies below it. */
  readonly path: string;
  /** null: about nobody. */
  readonly dataClass: DataClass | null;
}

export interface MappedRecord {
  readonly name: string;
  /** The last fixed parts of request paths whose replies hold such records: `customers`. */
  readonly routes: readonly string[];
  /** Where the record stands in a reply: `customer`, `customers[]`, `data[]`; `` for a reply that is the record. */
  readonly wraps: readonly string[];
  /** A field of the record that always has this value, where the API marks its records so. */
  readonly marker: { readonly field: string; readonly value: string } | null;
  readonly fields: readonly MappedField[];
}

export interface FieldMap {
  /** As manifests and `--map` name it. */
  readonly name: string;
  readonly title: string;
  /** The pages of the vendor it was written from. */
  readonly pages: readonly string[];
  readonly records: readonly MappedRecord[];
}

/** The record the replies of a request path hold: by the last of its fixed parts that names one. */
export function recordOfPath(map: FieldMap, path: string): MappedRecord | null {
  const parts = path.split('/').filter((part) => part !== '' && !part.includes('{'));
  for (const part of parts.reverse()) {
    const found = map.records.find(({ routes }) => routes.includes(part.replace(/\.json$/, '')));
    if (found !== undefined) return found;
  }
  return null;
}

/** Every path of a record in a whole reply, however it is wrapped. */
export function pathsInReply(record: MappedRecord): readonly MappedField[] {
  return record.wraps.flatMap((wrap) =>
    record.fields.map(({ path, dataClass }) => ({ path: wrap === '' ? path : `${wrap}.${path}`, dataClass })),
  );
}
