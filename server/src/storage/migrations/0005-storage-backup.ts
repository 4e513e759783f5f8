// The role that reads everything for a backup, the record of backups, and the state of a database that was put back.

export const migration = {
  id: '0005-storage-backup',
  sql: `
do $$ begin
  create role sallyport_backup nologin noinherit;
exception when duplicate_object or unique_violation then null;
end $$;
do $$ begin
  execute format('grant sallyport_backup to %I with inherit false, set true', current_user);
exception when unique_violation then null;
end $$;

create table storage_backups (
  id text primary key,
  state text not null check (state in ('running', 'complete', 'failed', 'deleted')),
  started_at timestamptz not null,
  finished_at timestamptz,
  bytes bigint not null default 0,
  events bigint not null default 0,
  code text,
  verified_at timestamptz,
  drilled_at timestamptz,
  drill_ok boolean,
  drill_code text
);
revoke all on table storage_backups from public;
grant select, insert, update on table storage_backups to sallyport_installer;

-- One row for each time this database was put back; the newest one counts.
create table storage_restore (
  id text primary key,
  backup text,
  manifest text,
  state text not null check (state in ('loading', 'pending', 'confirmed')),
  needed smallint not null default 2 check (needed between 1 and 2),
  started_at timestamptz not null,
  restored_at timestamptz,
  runs_at timestamptz,
  confirmed_at timestamptz,
  -- Signed notes of the ledger: the last one known outside of the database, and the one the backup holds.
  witnessed text,
  restored text,
  report json not null default '{}'
);
create table storage_restore_yes (
  restore text not null references storage_restore (id),
  person text not null,
  at timestamptz not null,
  primary key (restore, person)
);
create table storage_restore_step (
  restore text not null references storage_restore (id),
  step text not null,
  done json not null,
  primary key (restore, step)
);
revoke all on table storage_restore, storage_restore_yes, storage_restore_step from public;
grant select on table storage_restore to sallyport_app;
grant select, insert on table storage_restore_step to sallyport_app;
grant select, insert, update on table storage_restore to sallyport_installer;
grant select, insert on table storage_restore_yes, storage_restore_step to sallyport_installer;
grant select, update on table storage_restore to sallyport_sequencer;
`,
};
