// Logs to standard error, as JSON lines, only the fields on the list: no free objects, so no personal value can slip in.

import { pino } from 'pino';

export const LOG_FIELDS = [
  'event',
  'code',
  'call',
  'tenant',
  'instance',
  'host',
  'port',
  'pid',
  'count',
  'durationMs',
  'integration',
  'migration',
] as const;
export type LogFields = Partial<Record<(typeof LOG_FIELDS)[number], string | number | boolean | null>>;

export interface Logger {
  info(fields: LogFields): void;
  warn(fields: LogFields): void;
  error(fields: LogFields): void;
}

/** Longest value of a field; codes, ids and host names are shorter. */
const MAX_VALUE_CHARS = 200;

export function createLogger(level: string, write: (line: string) => void): Logger {
  const logger = pino({ level, base: null, timestamp: pino.stdTimeFunctions.isoTime }, { write });
  const at = (kind: 'info' | 'warn' | 'error') => (fields: LogFields) => logger[kind](allowed(fields));
  return { info: at('info'), warn: at('warn'), error: at('error') };
}

export function allowed(fields: LogFields): LogFields {
  const kept: Record<string, string | number | boolean | null> = {};
  for (const name of LOG_FIELDS) {
    const value = fields[name];
    if (value === undefined) continue;
    kept[name] = typeof value === 'string' ? value.slice(0, MAX_VALUE_CHARS) : value;
  }
  return kept;
}
