// What may stand in the engine's own tables: ids and single words. A value, a text or the message of an error can not get there, because
// there is no form for it. Customers' values stand in our sealed rows instead, where row security and erasure reach them.

import { isArray } from '#core';

const REFERENCE = /^[A-Za-z0-9_.:-]{1,100}$/;
const PREFIX = 'ref:';

export interface ReferenceSerializer {
  name(): string;
  stringify(value: unknown): string;
  parse(text: string | null | undefined): unknown;
}

export function createReferenceSerializer(): ReferenceSerializer {
  return { name: () => 'sallyport-references', stringify: (value) => `${PREFIX}${JSON.stringify(reduce(value, 0))}`, parse };
}

/** Ids, words, small numbers and lists of them as they are; of an error only its code; anything else becomes `null`. */
function reduce(value: unknown, depth: number): unknown {
  if (value === null || value === undefined || typeof value === 'boolean') return value ?? null;
  if (typeof value === 'string') return REFERENCE.test(value) ? value : null;
  if (typeof value === 'number') return Number.isSafeInteger(value) ? value : null;
  if (isArray(value as never) && depth < 4) return (value as readonly unknown[]).slice(0, 20).map((item) => reduce(item, depth + 1));
  if (value instanceof Error) return { error: codeOf(value) };
  return null;
}

function parse(text: string | null | undefined): unknown {
  if (text === null || text === undefined) return null;
  if (!text.startsWith(PREFIX)) return null;
  const value: unknown = JSON.parse(text.slice(PREFIX.length));
  const error = typeof value === 'object' && value !== null && 'error' in value ? value.error : null;
  return typeof error === 'string' ? new Error(error) : value;
}

function codeOf(error: Error): string {
  const { code } = error as { code?: unknown };
  return typeof code === 'string' && REFERENCE.test(code) ? code : 'WORKFLOWS_ENGINE_FAILED';
}
