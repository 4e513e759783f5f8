// Impact and risk assessments: what needs one, as it was found; what people recorded and approved, bound to a version; whether publishing waits for it.

import { APP_ROLE, tenantTable } from '#storage';

export const migration = {
  id: '0241-governance-assessments',
  sql: `
create table governance_assessment_needs (
  tenant text not null,
  -- flow:DESTINATION, workflow:NAME or operation:INTEGRATION.OPERATION.
  subject text not null,
  version text not null,
  trigger text not null,
  why text not null check (why in ('new', 'changed', 'review_due')),
  -- Of a review that is due: which assessment; empty otherwise.
  assessment text not null default '',
  first_at timestamptz not null,
  primary key (tenant, subject, version, trigger, why, assessment)
);
${tenantTable('governance_assessment_needs', ['select', 'insert'])}
create table governance_assessments (
  tenant text not null,
  id text not null,
  subject text not null,
  version text not null,
  revision integer not null check (revision > 0),
  residual_risk text not null check (residual_risk in ('low', 'medium', 'high')),
  sealed bytea not null,
  review_at timestamptz not null,
  recorded_at timestamptz not null,
  recorded_by text not null,
  approved_at timestamptz,
  approved_by text,
  -- Nobody else could approve it.
  alone boolean,
  primary key (tenant, id),
  unique (tenant, subject, revision),
  check ((approved_at is null) = (approved_by is null))
);
${tenantTable('governance_assessments', ['select', 'insert'])}
grant update (approved_at, approved_by, alone) on governance_assessments to ${APP_ROLE};
create table governance_assessment_settings (
  tenant text primary key,
  -- A workflow that needs an assessment is not published without a current one.
  blocking boolean not null,
  changed_at timestamptz not null,
  changed_by text not null
);
${tenantTable('governance_assessment_settings', ['select', 'insert', 'update'])}
`,
};
