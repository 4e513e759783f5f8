// What may be told of a phase without opening it: its kind, the operation of the signed content and the guarded call it made.

export const migration = {
  id: '0084-workflows-phases',
  sql: `
alter table workflow_steps
  add column kind text not null default 'call' check (kind in ('channel', 'call', 'model', 'tool', 'emit', 'approval', 'tool_refused')),
  add column integration text,
  add column operation text,
  add column call text;
`,
};
