// What replicas must agree on while somebody signs in: challenges that are good once, and how often somebody tried.
// Both hold keyed hashes only, and belong to no tenant: whoever signs in has not said yet who they are.

export const migration = {
  id: '0106-identity-challenges',
  sql: `
create table identity_challenges (
  hash bytea primary key,
  purpose text not null,
  -- The person and session it was made for; empty for a sign-in.
  bound text not null,
  expires_at timestamptz not null
);
create index identity_challenges_expiry on identity_challenges (expires_at);
revoke all on identity_challenges from public;
grant select, insert, delete on identity_challenges to sallyport_authenticator;

create table identity_attempts (
  bucket bytea primary key,
  count integer not null,
  expires_at timestamptz not null
);
create index identity_attempts_expiry on identity_attempts (expires_at);
revoke all on identity_attempts from public;
grant select, insert, update, delete on identity_attempts to sallyport_authenticator;
`,
};
