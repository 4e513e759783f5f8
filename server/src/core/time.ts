// Time is integer milliseconds in code and RFC 3339 in UTC on wires.

import type { UnixMs } from './ports.ts';

const RFC3339 = /^\d{4}-\d{2}-\d{2}T\d{2}:\d{2}:\d{2}(?:\.\d{1,9})?(?:Z|[+-]\d{2}:\d{2})$/;

export function formatTime(timeMs: UnixMs): string {
  return new Date(timeMs).toISOString();
}

/** The instant, or null when the text is not an RFC 3339 date-time. */
export function parseTime(text: string): UnixMs | null {
  if (!RFC3339.test(text)) return null;
  const timeMs = Date.parse(text);
  return Number.isNaN(timeMs) ? null : timeMs;
}
