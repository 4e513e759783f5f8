// The role of the watch over the log: it sees how far each log is and what was raised, and seals nothing.

export const migration = {
  id: '0163-storage-watcher',
  sql: `
do $$ begin
  create role sallyport_watcher nologin noinherit;
exception when duplicate_object or unique_violation then null;
end $$;
do $$ begin
  grant sallyport_watcher to sallyport_app with inherit false, set true;
exception when unique_violation then null;
end $$;
`,
};
