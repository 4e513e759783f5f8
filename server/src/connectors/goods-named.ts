// What a reply names of what the shop sells: values of fields that its manifest calls `product` and trusted. Pure.
// INVARIANT: a field that an outsider can write names nothing, and no field does by its name or a map alone.

import type { JsonValue, OperationSpec } from '#core';
import { searchPath } from './field-path.ts';

/** Of one reply: a page of products and their variants. */
const MAX_NAMES = 2_000;
/** A name of a product, a brand, a code; what is longer describes one. */
const MAX_CHARS = 120;
const MAX_WORDS = 12;
/** Sentences, markup and addresses are no names, whoever wrote them; nor is what the database can not keep, for the names beside it would not be kept either. */
const NO_NAME = /[<>@\p{Cc}\p{Cs}]|[.!?]\s/u;

export function goodsNamed({ effect, output }: Pick<OperationSpec, 'effect' | 'output'>, reply: JsonValue): readonly string[] {
  if (effect !== 'read') return [];
  const names = new Set<string>();
  for (const { path, dataClass, trusted } of output.fields) {
    if (dataClass !== 'product' || !trusted || path.startsWith('**')) continue;
    for (const { value } of searchPath(reply, path).found) {
      if (names.size >= MAX_NAMES) return [...names];
      const name = typeof value === 'string' ? value.trim().replace(/\s+/g, ' ') : '';
      if (name.length >= 2 && name.length <= MAX_CHARS && name.split(' ').length <= MAX_WORDS && !NO_NAME.test(name)) names.add(name);
    }
  }
  return [...names];
}
