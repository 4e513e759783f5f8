// The mark by which a process that runs workflows shows that it is one of this installation.

export const migration = {
  id: '0129-workflows-executors',
  sql: 'alter table workflow_executors add column mark text;',
};
