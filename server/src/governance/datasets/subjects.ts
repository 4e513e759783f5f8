// Whose a row of a dataset is. Pure.

import type { Column } from './columns.ts';
import { normalValue } from './columns.ts';

/** What every row is sealed for. */
export const PURPOSE = 'dataset.row';

/** Its values are numbers of customers, in whatever form. */
export const isCustomerColumn = (column: Column | undefined): boolean => column?.dataClass === 'customer_number';

/** Whose key a row is sealed under: a customer as everywhere else, else their address. */
export function subjectOf(column: Column | undefined, value: string): string | null {
  const text = normalValue(value);
  if (column === undefined || text === '') return null;
  if (isCustomerColumn(column)) return value.trim();
  return column.dataClass === 'email_address' ? `email:${text}` : `${column.dataClass ?? 'subject'}:${text}`;
}
