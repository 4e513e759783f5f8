// What each column of a dataset holds, and how its values are shown to somebody who may not see them. Pure.
// INVARIANT: a column nobody knows anything about counts as personal; card data and credentials are not kept at all.

import { DATA_CLASSES, type DataClass, isDataClass, isLocked, type Refusal } from '#core';
import { type Classifier, createClassifier, detect, FIELD_MAPS, type NameLists } from '#dlp';
import { tokenKind } from '#vault';
import { refusal } from '../errors.ts';
import type { Cells } from './parse.ts';

export interface Column {
  readonly name: string;
  /** `null`: nobody knows; treated as personal. */
  readonly dataClass: DataClass | null;
  /** `declared`, or what spoke for it: a map, the name, the values, nothing. */
  readonly by: 'declared' | 'map' | 'key' | 'values' | 'none';
}

/** `hidden`: it may be told by trying what it could be, or nobody knows what it is; nothing stands for it. */
export type Shown = 'clear' | 'pseudonym' | 'hidden' | 'removed';

/** About somebody, and telling who only together with what identifies them: clear beside pseudonyms, unless a value says more. */
const CLEAR_BESIDE: ReadonlySet<DataClass> = new Set<DataClass>([
  'purchase_history',
  'payment_details',
  'return_case',
  'behaviour',
  'marketing_profile',
]);

export function shownAs({ dataClass }: Pick<Column, 'dataClass'>): Shown {
  if (dataClass === null) return 'hidden';
  if (isLocked(dataClass, 'model', 'clear')) return 'removed';
  if (DATA_CLASSES[dataClass].pii.length === 0 || CLEAR_BESIDE.has(dataClass)) return 'clear';
  return tokenKind(dataClass) === 'stable' ? 'pseudonym' : 'hidden';
}

/** A value of a column that is shown clear, and all the same holds something of somebody. */
export const saysMore = (value: string): boolean => detect(value).length > 0;

/** Looks at rows as they pass, and holds a few values of each column. */
export interface ColumnClassifier {
  add(row: Cells): void;
  result(): readonly Column[] | Refusal;
}

export function createColumnClassifier(
  columns: readonly string[],
  declared: Readonly<Record<string, string>>,
  lists: NameLists,
): ColumnClassifier {
  const classifier = createClassifier({ maps: FIELD_MAPS, map: null, lists });
  return {
    add: (row) => classifier.add(Object.fromEntries(columns.map((name, at) => [name, row[at] ?? '']))),
    result: () => judged(columns, declared, classifier),
  };
}

function judged(
  columns: readonly string[],
  declared: Readonly<Record<string, string>>,
  classifier: Classifier,
): readonly Column[] | Refusal {
  const unknown = Object.entries(declared).find(([name, dataClass]) => !columns.includes(name) || !isDataClass(dataClass));
  if (unknown !== undefined) return refusal('GOVERNANCE_DATASET_LABEL', { column: unknown[0] });
  const found = new Map(classifier.result().fields.map((field) => [field.path, field]));
  return columns.map((name): Column => {
    const label = declared[name];
    if (label !== undefined && isDataClass(label)) return { name, dataClass: label, by: 'declared' };
    const field = found.get(name);
    if (field === undefined) return { name, dataClass: null, by: 'none' };
    // A map may say that a field is about nobody; what stands in it can still say more.
    const inside = Object.keys(field.contains).find(isDataClass) ?? null;
    const dataClass = field.dataClass ?? (field.evidence.by === 'map' && inside === null ? 'product' : inside);
    return { name, dataClass, by: field.evidence.by };
  });
}

/** The column that says whom a row is about: a customer's number, else an address of theirs. */
export function subjectColumn(columns: readonly Column[], named: string | null): string | null | Refusal {
  if (named !== null) {
    return columns.some(({ name }) => name === named) ? named : refusal('GOVERNANCE_DATASET_LABEL', { column: named });
  }
  for (const wanted of ['customer_number', 'email_address', 'phone_number'] as const) {
    const found = columns.find(({ dataClass }) => dataClass === wanted);
    if (found !== undefined) return found.name;
  }
  return null;
}

/** What makes two writings the same person or thing, so that pseudonyms join. */
export const normalValue = (value: string): string => value.normalize('NFKC').trim().toLowerCase();
