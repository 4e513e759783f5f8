// Values the tests of this room share. No product code imports this.

import { isRefusal } from '#core';
import type { OutputPolicy } from './link-rules.ts';
import { createTextScreen } from './text-screen.ts';

export const REQUEST_TEXT = 'Please compare https://partner.example.net/a?b=1&c=2 with our shop.';

export const policy: OutputPolicy = {
  allowedLinkHosts: new Set(['shop.example.com', '*.cdn.example.com', 'localhost:8080']),
  requestText: (needle) => REQUEST_TEXT.includes(needle),
  hasPlaceholder: (text) => /<[A-Z_]+_\d+>|\[[A-Z_]+_\d+\]|&lt;[A-Z_]+_\d+&gt;/.test(text),
};

export interface Outcome {
  readonly released: string;
  readonly code: string | null;
  /** Kind -> count. */
  readonly findings: Readonly<Record<string, number>>;
}

export function screenChunks(chunks: readonly string[], format: 'text' | 'json' = 'text'): Outcome {
  const screen = createTextScreen({ ...policy, format });
  const findings: Record<string, number> = {};
  let released = '';
  for (let index = 0; index <= chunks.length; index += 1) {
    const chunk = chunks[index];
    const verdict = chunk === undefined ? screen.end() : screen.push(chunk);
    if (isRefusal(verdict)) return { released, code: verdict.code, findings };
    released += verdict.release;
    for (const { kind, count } of verdict.findings) findings[kind] = (findings[kind] ?? 0) + count;
  }
  return { released, code: null, findings };
}

export function screenText(text: string, format: 'text' | 'json' = 'text'): Outcome {
  return screenChunks([text], format);
}
