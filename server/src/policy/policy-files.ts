// The policies that ship, by name: each is `policies/<name>.cedar` with its cases in `policies/<name>.cases.json`. Main reads the files.

export const policySchemaFile = 'schema.cedarschema';

/** Of several forbids that fire, the first one here gives the refusal its code: who, then whose, then what. */
export const policyFiles = [
  'forbid-cross-tenant',
  'forbid-integration-not-granted',
  'forbid-unreviewed-operation',
  'forbid-model-not-allowed',
  'forbid-foreign-object',
  'forbid-unknown-object',
  'forbid-broken-target-rule',
  'forbid-over-remainder',
  'forbid-outside-workspace',
  'permit-model-call',
  'permit-read',
  'permit-channel-read',
  'permit-explained-fetch',
  'permit-own-effect',
  'permit-own-money',
  'permit-endorsed',
  'permit-endorsed-money',
] as const;
