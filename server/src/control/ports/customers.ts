// What a person may be shown of a customer, field by field, for a case that is open.

import type { JsonValue } from '#core';

export interface CustomerView {
  /** The case it was read for, as it stands in the log. */
  readonly purpose: string;
  readonly fields: readonly { readonly name: string; readonly classes: readonly string[]; readonly value: JsonValue }[];
  /** A screen hides it again after so long. */
  readonly expiresInSeconds: number;
}
