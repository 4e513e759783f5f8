// The policies that ship, by name: each is `policies/<name>.cedar` with its cases in `policies/<name>.cases.json`. Main reads the files.

export const policySchemaFile = 'schema.cedarschema';

export const policyFiles = [
  'forbid-broken-target-rule',
  'forbid-cross-tenant',
  'forbid-foreign-object',
  'forbid-integration-not-granted',
  'forbid-model-not-allowed',
  'forbid-over-remainder',
  'forbid-unknown-object',
  'forbid-unreviewed-operation',
  'permit-endorsed',
  'permit-endorsed-money',
  'permit-explained-fetch',
  'permit-model-call',
  'permit-own-effect',
  'permit-own-money',
  'permit-read',
] as const;
