// An invented record of a vendor's shape, and which class each of its fields is. Holds no data.

import type { DataClass, JsonValue } from '#core';

export interface Sample {
  readonly record: JsonValue;
  readonly expected: Readonly<Record<string, DataClass | null>>;
}
