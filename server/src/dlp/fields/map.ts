// How the maps of this folder are written: per record a class and the paths that hold it. Decides form only; the API’s own pages decide the rest.

import { type DataClass, type FieldMap, isDataClass, type MappedField, type MappedRecord } from '#core';

/** Paths by class, separated by spaces. `nobody`: technical fields and what the shop’s own pages show anybody. */
export type Fields = Partial<Readonly<Record<DataClass | 'nobody', string>>>;

export interface RecordSource {
  readonly routes: string;
  /** Separated by spaces; `.` for a reply that is the record itself. */
  readonly wraps: string;
  readonly marker?: MappedRecord['marker'];
  readonly fields: readonly Fields[];
}

const words = (list: string): readonly string[] => list.split(/\s+/).filter((word) => word !== '');

/** The same fields below other ones: an address below `billing_address` and `shipping_address`. */
export function below(parents: string, fields: Fields): Fields {
  return Object.fromEntries(
    Object.entries(fields).map(([dataClass, paths]) => [
      dataClass,
      words(parents)
        .flatMap((parent) => words(paths).map((path) => `${parent}.${path}`))
        .join(' '),
    ]),
  );
}

function fieldsOf(groups: readonly Fields[]): readonly MappedField[] {
  return groups.flatMap((group) =>
    Object.entries(group).flatMap(([name, paths]) =>
      words(paths).map((path): MappedField => ({ path, dataClass: isDataClass(name) ? name : null })),
    ),
  );
}

export function fieldMap(source: {
  readonly name: string;
  readonly title: string;
  readonly pages: readonly string[];
  readonly records: Readonly<Record<string, RecordSource>>;
}): FieldMap {
  const records = Object.entries(source.records).map(
    ([name, { routes, wraps, marker, fields }]): MappedRecord =>
      Object.freeze({
        name,
        routes: words(routes),
        wraps: words(wraps).map((wrap) => (wrap === '.' ? '' : wrap)),
        marker: marker ?? null,
        fields: fieldsOf(fields),
      }),
  );
  return Object.freeze({ name: source.name, title: source.title, pages: source.pages, records });
}
