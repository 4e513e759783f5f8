// What a migration is, the one order they run in, and the lock that keeps the published ones as they are.
// INVARIANT: a migration without steps and of phase `expand` hashes to its SQL alone, as every one locked before steps existed.

import { createHash } from 'node:crypto';
import { storageFault } from './errors.ts';
import { SYSTEM_ROLES, type SystemRole } from './roles.ts';

/** Built beside the running servers, outside a transaction; a half-built one of a killed attempt is dropped first. */
export interface IndexStep {
  readonly kind: 'index';
  readonly name: string;
  /** `create [unique] index concurrently NAME on ...` */
  readonly sql: string;
}

/** Fills rows a few at a time, each batch a transaction that also remembers its place. */
export interface BatchStep {
  readonly kind: 'batches';
  readonly name: string;
  /** The role it works as: row security is forced on owners too, so the migration grants this role what it needs. */
  readonly as: SystemRole;
  /** `$1` is the place so far (text, empty at first), `$2` how many rows at most. Answers one row: `place` (null when done) and `done`. */
  readonly sql: string;
}

/** Looks at the rows behind a constraint that was added NOT VALID, without stopping writers. */
export interface ValidateStep {
  readonly kind: 'validate';
  readonly table: string;
  readonly name: string;
}

export type OnlineStep = IndexStep | BatchStep | ValidateStep;

export interface Migration {
  /** `NNNN-room-name`; numbers are unique over all rooms. */
  readonly id: string;
  readonly sql: string;
  /** `expand` (the default): servers of the version before keep working. `contract`: runs only when none of them is left. */
  readonly phase?: 'expand' | 'contract';
  /** After `sql`, outside its transaction; each is idempotent and is resumed after a kill. */
  readonly steps?: readonly OnlineStep[];
}

/** Migration id -> SHA-256, as kept in `server/migrations.lock.json`. */
export type MigrationLock = Readonly<Record<string, string>>;

const ID = /^\d{4}-[a-z][a-z0-9]*(-[a-z0-9]+)*$/;
const NAME = /^[a-z][a-z0-9_]{0,62}$/;
const INDEX = /^\s*create\s+(?:unique\s+)?index\s+concurrently\s+([a-z0-9_]+)\s+on\s+[^;]+$/i;

export const phaseOf = (migration: Migration): 'expand' | 'contract' => migration.phase ?? 'expand';

export function migrationHash(migration: Migration): string {
  const steps = migration.steps ?? [];
  const isPlain = phaseOf(migration) === 'expand' && steps.length === 0;
  const text = isPlain ? migration.sql : JSON.stringify([migration.sql, phaseOf(migration), steps.map(stepText)]);
  return createHash('sha256').update(text, 'utf8').digest('hex');
}

function stepText(step: OnlineStep): readonly string[] {
  switch (step.kind) {
    case 'index':
      return [step.kind, step.name, step.sql];
    case 'batches':
      return [step.kind, step.name, step.as, step.sql];
    case 'validate':
      return [step.kind, step.table, step.name];
    default:
      return step satisfies never;
  }
}

export function lockOf(migrations: readonly Migration[]): MigrationLock {
  return Object.fromEntries(sortMigrations(migrations).map((migration) => [migration.id, migrationHash(migration)]));
}

function checkSteps({ id, steps = [] }: Migration): void {
  const names = new Set(steps.map(({ name }) => name));
  const isWhole = (step: OnlineStep): boolean => {
    if (!NAME.test(step.name)) return false;
    if (step.kind === 'index') return INDEX.exec(step.sql)?.[1] === step.name;
    if (step.kind === 'validate') return NAME.test(step.table);
    return SYSTEM_ROLES.includes(step.as) && step.sql.includes('$1') && step.sql.includes('$2');
  };
  if (names.size !== steps.length || !steps.every(isWhole)) throw storageFault('STORAGE_MIGRATION_INVALID', `a step of ${id}`);
}

/** In the one global order; refuses malformed ids and steps, and two migrations with one number. */
export function sortMigrations(migrations: readonly Migration[]): readonly Migration[] {
  const sorted = migrations.toSorted((left, right) => (left.id < right.id ? -1 : 1));
  sorted.forEach((migration, index) => {
    if (!ID.test(migration.id)) throw storageFault('STORAGE_MIGRATION_INVALID', migration.id.slice(0, 60));
    if (sorted[index - 1]?.id.slice(0, 4) === migration.id.slice(0, 4)) {
      throw storageFault('STORAGE_MIGRATION_INVALID', `two migrations have the number ${migration.id.slice(0, 4)}`);
    }
    checkSteps(migration);
  });
  return sorted;
}

export function checkLock(migrations: readonly Migration[], lock: MigrationLock): void {
  for (const migration of migrations) {
    if (lock[migration.id] !== migrationHash(migration)) throw storageFault('STORAGE_MIGRATION_EDITED', `${migration.id} is not as locked`);
  }
}
