// Which rows and columns somebody may read of a dataset: a grant names columns, and may narrow rows by the values of one column. Pure.
// INVARIANT: once a dataset has grants, who is named by none reads nothing of it.

import { type Refusal, refuse } from '#core';

export const FILTER_KINDS = ['equals', 'one_of', 'not'] as const;

export interface RowFilter {
  readonly column: string;
  readonly kind: (typeof FILTER_KINDS)[number];
  readonly values: readonly string[];
}

export interface DatasetGrant {
  readonly id: string;
  /** A person's id, or `role:analyst`. */
  readonly subject: string;
  /** `null`: every column. */
  readonly columns: readonly string[] | null;
  readonly filter: RowFilter | null;
}

export interface Reader {
  readonly person: string;
  readonly roles: readonly string[];
  /** Says who reads what, and so reads everything. */
  readonly isManager: boolean;
}

export interface Readable {
  readonly columns: readonly string[];
  /** A row is read when one of them lets it; none: every row. */
  readonly filters: readonly RowFilter[];
}

const REFUSED = 'No grant of this dataset covers you, or not those columns; ask whoever manages it.';

export function readableFor(
  reader: Reader,
  all: readonly string[],
  grants: readonly DatasetGrant[],
  asked: readonly string[] | null,
): Readable | Refusal {
  const unknown = asked?.find((name) => !all.includes(name));
  if (unknown !== undefined) return refuse('GOVERNANCE_DATASET_COLUMN', 'The dataset has no column of that name.', { column: unknown });
  if (grants.length === 0 || reader.isManager) return { columns: asked ?? all, filters: [] };
  const mine = grants.filter(({ subject }) => subject === reader.person || reader.roles.some((role) => subject === `role:${role}`));
  // One grant at a time: columns of one are not read for rows of another.
  const fitting = mine.filter(({ columns }) => columns === null || (asked ?? []).every((name) => columns.includes(name)));
  const first = fitting[0];
  if (first === undefined) return refuse('GOVERNANCE_DATASET_NOT_GRANTED', REFUSED);
  if (asked === null) {
    const columns = all.filter((name) => first.columns === null || first.columns.includes(name));
    return { columns, filters: first.filter === null ? [] : [first.filter] };
  }
  const filters = fitting.flatMap(({ filter }) => (filter === null ? [] : [filter]));
  return { columns: asked, filters: filters.length < fitting.length ? [] : filters };
}

export function passes(filters: readonly RowFilter[], read: (column: string) => string): boolean {
  return filters.length === 0 || filters.some((filter) => passesOne(filter, read(filter.column)));
}

function passesOne({ kind, values }: RowFilter, value: string): boolean {
  switch (kind) {
    case 'equals':
    case 'one_of':
      return values.includes(value);
    case 'not':
      return !values.includes(value);
    default:
      return kind satisfies never;
  }
}
