// What an approver of a request to a model said beside yes: that what was in doubt goes as it is.

export const migration = {
  id: '0250-approvals-as-is',
  sql: `
-- Null of what has nothing in doubt, and of decisions made before it could be said.
alter table approval_decisions add column sends_as_is boolean;
`,
};
