// What recovery reads of dead processes: their intents, in the inbox and in the sealed ledger, and the effects of approvals.

import { grantSystem } from '#storage';

export const migration = {
  id: '0061-enforcement-recovery',
  sql: `
create index effects_by_approval on effects (tenant, approval) where approval is not null;
create index effects_approved_at on effects (instance, created_at) where approval is not null;
-- The log grows in the order of time, so a summary of its blocks is enough to skip all but the last minutes.
create index audit_log_time on audit_log using brin (occurred_at) with (pages_per_range = 16, autosummarize = on);
${grantSystem('resolver', 'audit_log', ['select'])}
`,
};
