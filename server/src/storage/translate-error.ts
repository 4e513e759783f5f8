// Turns whatever `pg` throws into a fault of this room.
// INVARIANT: texts of Postgres that may quote values (class 22, 23, raised errors, DETAIL) are dropped, not passed on.

import { SallyportError } from '#core';
import { type StorageCode, storageFault } from './errors.ts';

interface ServerError extends Error {
  readonly code: string;
  readonly constraint?: string;
  readonly table?: string;
  readonly severity?: string;
}

const SQLSTATE = /^[0-9A-Z]{5}$/;
/** SQLSTATE classes whose message texts quote identifiers of ours but no values. */
const QUOTABLE_CLASSES: ReadonlySet<string> = new Set(['08', '0A', '25', '28', '2B', '3D', '3F', '42', '53', '54', '55', '57', '58', 'XX']);
const UNAVAILABLE_STATES: ReadonlySet<string> = new Set(['57P01', '57P02', '57P03', '57P05', '53300', '25P03', '25P04']);
/** Raised by the SQL function `sallyport_tenant()`. */
export const TENANT_MISSING_STATE = 'SP001';

/** An error the server reported about a statement; the connection is still good. */
export function isServerError(error: unknown): error is ServerError {
  return error instanceof Error && 'code' in error && typeof error.code === 'string' && SQLSTATE.test(error.code) && 'severity' in error;
}

function codeFor(state: string): StorageCode {
  if (state === TENANT_MISSING_STATE) return 'STORAGE_TENANT_MISSING';
  if (state.startsWith('08') || UNAVAILABLE_STATES.has(state)) return 'STORAGE_UNAVAILABLE';
  if (state === '57014' || state === '55P03') return 'STORAGE_TIMEOUT';
  if (state === '40001' || state === '40P01') return 'STORAGE_CONFLICT';
  if (state === '25P02') return 'STORAGE_TRANSACTION_ABORTED';
  if (state === '53100') return 'STORAGE_DISK_FULL';
  if (state.startsWith('28') || state === '3D000') return 'STORAGE_LOGIN_REFUSED';
  if (state.startsWith('23')) return 'STORAGE_CONSTRAINT';
  if (state === '42501') return 'STORAGE_NOT_ALLOWED';
  return 'STORAGE_QUERY_FAILED';
}

/** What may be kept of a server error: its state and the names of our own objects. */
export class StatementError extends Error {
  readonly state: string;
  readonly constraint: string | null;
  readonly table: string | null;

  constructor(error: ServerError) {
    super(QUOTABLE_CLASSES.has(error.code.slice(0, 2)) ? error.message : `SQLSTATE ${error.code}`);
    this.name = 'StatementError';
    this.state = error.code;
    this.constraint = error.constraint ?? null;
    this.table = error.table ?? null;
  }
}

/** The fault for anything thrown while talking to Postgres. Faults pass unchanged. */
export function translateError(error: unknown): SallyportError {
  if (error instanceof SallyportError) return error;
  // A value the driver can not encode; its own message may quote it.
  if (error instanceof TypeError || error instanceof RangeError)
    return storageFault('STORAGE_QUERY_FAILED', `${error.name} before it was sent`);
  if (!isServerError(error)) return storageFault('STORAGE_UNAVAILABLE', undefined, error);
  const kept = new StatementError(error);
  const names = [`SQLSTATE ${kept.state}`, kept.table, kept.constraint].filter((name) => name !== null);
  return storageFault(codeFor(kept.state), names.join(', '), kept);
}

/** A statement the server refused was not committed; one of these, while a commit was under way, leaves it open whether it was. */
export function isUncertain(fault: SallyportError): boolean {
  return fault.code === 'STORAGE_UNAVAILABLE' || fault.code === 'STORAGE_TIMEOUT';
}

/** True when a fault says that a row with this key already exists; `constraint` narrows it to one index. */
export function isUniqueViolation(error: unknown, constraint?: string): boolean {
  if (!(error instanceof SallyportError) || !(error.cause instanceof StatementError)) return false;
  return error.cause.state === '23505' && (constraint === undefined || error.cause.constraint === constraint);
}
