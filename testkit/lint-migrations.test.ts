// No migration stops the servers that run or breaks those of the version before; the rules are tried on planted breaches.

import { describe, expect, test } from 'vitest';
import type { Migration } from '../server/src/storage/index.ts';
import { findMigrations } from './find-migrations.ts';
import { lintMigrations, statementsOf } from './lint-migrations.ts';

/** Written before the first published version, when no database had rows and no server had an older one beside it. Never added to. */
const BEFORE_FIRST_VERSION: readonly string[] = [
  '0026-identity-samples checks-all-rows',
  '0028-identity-roles checks-all-rows',
  '0041-approvals-recovery index-locks-writers',
  '0042-approvals-decisions checks-all-rows',
  '0042-approvals-decisions index-locks-writers',
  '0045-approvals-samples checks-all-rows',
  '0051-audit-epochs-keys checks-all-rows',
  '0051-audit-epochs-keys index-locks-writers',
  '0061-enforcement-recovery index-locks-writers',
  '0067-enforcement-read-back checks-all-rows',
  '0082-workflows-executors index-locks-writers',
  '0084-workflows-phases checks-all-rows',
  '0086-workflows-deliveries checks-all-rows',
  '0086-workflows-deliveries index-locks-writers',
  '0087-workflows-samples checks-all-rows',
  '0087-workflows-samples index-locks-writers',
];

const BASE: Migration = { id: '0901-storage-base', sql: 'create table old (id int primary key, a text, b int)' };
const rulesOf = (sql: string, phase?: 'contract'): readonly string[] =>
  lintMigrations([BASE, { id: '0902-storage-next', sql, ...(phase === undefined ? {} : { phase }) }]).map(({ rule }) => rule);

describe('the migrations of all rooms', () => {
  test('only add, and lock no table for long; a breach is written as steps, as NOT VALID and validate, or in the contract phase', async () => {
    const migrations = await findMigrations();
    expect(migrations.length).toBeGreaterThan(30);
    const found = [...new Set(lintMigrations(migrations).map(({ migration, rule }) => `${migration} ${rule}`))];
    expect(found.filter((one) => !BEFORE_FIRST_VERSION.includes(one))).toEqual([]);
    expect(BEFORE_FIRST_VERSION.filter((one) => !found.includes(one))).toEqual([]);
  });
});

describe('the lint reports', () => {
  test.each([
    ['drop-table', 'drop table old'],
    ['drop-table', 'DROP TABLE IF EXISTS public.old CASCADE'],
    ['drop-column', 'alter table old drop column a'],
    ['drop-column', 'alter table old add column c int, drop a'],
    ['rename', 'alter table old rename to older'],
    ['rename', 'alter table old rename column a to c'],
    ['alter-type', 'alter table old alter column b type bigint'],
    ['alter-type', 'alter table old alter b set data type bigint using b::bigint'],
    ['set-not-null', 'alter table old alter column a set not null'],
    ['required-column', 'alter table old add column c text not null'],
    ['rewrites-table', 'alter table old add column c uuid default gen_random_uuid()'],
    ['rewrites-table', 'alter table only old add c bigint generated always as identity'],
    ['checks-all-rows', 'alter table old add constraint sane check (b > 0)'],
    ['checks-all-rows', 'alter table old add unique (a)'],
    ['checks-all-rows', 'alter table old add column c text unique'],
    ['checks-all-rows', 'alter table old drop constraint x, add foreign key (b) references other (id)'],
    ['index-locks-writers', 'create index on old (a)'],
    ['index-locks-writers', 'create unique index if not exists old_a on public.old (a)'],
    ['changes-all-rows', "update old set a = 'x;y' where a is null"],
    ['changes-all-rows', 'delete from old'],
    ['changes-all-rows', 'truncate table old'],
    ['locks-table', 'lock table old'],
    ['takes-right-away', 'revoke insert on table old from sallyport_app'],
    ['drop-column', 'create table fresh (id int); -- nothing;\nalter table old drop column a;'],
    ['changes-all-rows', "do $$ begin if true then update old set a = ''; end if; end $$"],
  ])('%s in: %s', (rule, sql) => {
    expect(rulesOf(sql)).toEqual([rule]);
  });

  test.each([
    'create table fresh (id int primary key, a text unique); create index fresh_a on fresh (a); insert into fresh values (1)',
    "alter table old add column c text not null default 'drop table old'",
    'alter table old add constraint sane check (b > 0) not valid',
    'alter table old drop constraint sane; alter table old alter column a drop not null',
    "-- drop table old;\n/* update old set a = 1; */ comment on table old is 'renamed; drop table old'",
    'create function f() returns trigger language plpgsql as $$ begin update old set a = 1; return new; end $$',
    'grant select on table old to sallyport_app; revoke all on table old from public',
  ])('nothing in: %s', (sql) => {
    expect(rulesOf(sql)).toEqual([]);
  });

  test('what the contract phase may do: take away, and not stop the servers while it does', () => {
    expect(rulesOf('alter table old drop column a; drop table old', 'contract')).toEqual([]);
    expect(rulesOf('alter table old add constraint sane check (b > 0)', 'contract')).toEqual(['checks-all-rows']);
  });

  test('statements apart, whatever is quoted', () => {
    expect(statementsOf("select ';' ; select $x$ a; b $x$; -- c;\nselect 1")).toEqual(["select ';'", 'select $body$', 'select 1']);
  });
});
