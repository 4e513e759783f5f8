// Whether the company login vouched for the device of a session, when it was opened; null when it said nothing.

export const migration = {
  id: '0123-identity-posture',
  sql: 'alter table identity_sessions add column managed boolean;',
};
