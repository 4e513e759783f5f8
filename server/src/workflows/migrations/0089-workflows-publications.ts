// Which version of a workflow runs, as a numbered statement with a signature: a state that was merely written is none.

export const migration = {
  id: '0089-workflows-publications',
  sql: `
alter table workflows add column published_hash text;
alter table workflows add column publication integer not null default 0;
alter table workflows add column publication_by text;
alter table workflows add column publication_at timestamptz;
alter table workflows add column publication_signature bytea;
`,
};
