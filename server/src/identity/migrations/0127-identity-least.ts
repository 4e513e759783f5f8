// What is proposed to be taken away, and the reviews in which people decide about it.

import { grantSystem, tenantTable } from '#storage';

export const migration = {
  id: '0127-identity-least',
  sql: `
create table identity_proposals (
  tenant text not null,
  id text not null,
  kind text not null,
  subject text not null,
  -- What of the subject it is about: an integration, a grant, a key.
  target text not null,
  state text not null check (state in ('open', 'applied', 'undone', 'dismissed', 'gone')),
  remove jsonb not null,
  keep jsonb not null,
  change jsonb,
  evidence jsonb not null,
  first_seen_at timestamptz not null,
  -- How it was before it was applied, and how it was left: undone only from exactly there.
  before jsonb,
  after jsonb,
  decided_at timestamptz,
  decided_by text,
  reason text check (char_length(reason) <= 300),
  primary key (tenant, id)
);
create unique index identity_proposals_one on identity_proposals (tenant, kind, subject, target) where state in ('open', 'dismissed');
${tenantTable('identity_proposals', ['select', 'insert', 'update'])}

create table identity_reviews (
  tenant text not null,
  id text not null,
  name text not null check (char_length(name) between 1 and 80),
  scope jsonb not null,
  reviewers text[] not null,
  due_at timestamptz not null,
  created_at timestamptz not null,
  created_by text not null,
  overdue_told_at timestamptz,
  completed_at timestamptz,
  -- The event in the ledger that records the completion, and the digest of every decision that stands in it.
  record_event text,
  record_digest text,
  primary key (tenant, id)
);
${tenantTable('identity_reviews', ['select', 'insert', 'update'])}
${grantSystem('authenticator', 'identity_reviews', 'select')}

create table identity_review_items (
  tenant text not null,
  review text not null,
  id text not null,
  subject text not null,
  -- Whose access it is, as people: one who is among them can not decide about it.
  people text[] not null,
  kind text not null check (kind in ('grant', 'workload_integration')),
  target text not null,
  shown jsonb not null,
  decision text check (decision in ('keep', 'remove', 'change')),
  role text,
  reason text check (char_length(reason) <= 300),
  decided_at timestamptz,
  decided_by text,
  outcome text check (outcome in ('applied', 'gone')),
  primary key (tenant, review, id),
  foreign key (tenant, review) references identity_reviews (tenant, id)
);
${tenantTable('identity_review_items', ['select', 'insert', 'update'])}
`,
};
