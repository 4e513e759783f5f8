// The access policies that ship, by name: each is `access/<name>.cedar` with its cases in `access/<name>.cases.json`. Main reads the files.

/** Of several forbids that fire, the first one here gives the refusal its code: whose, then when and from where, then how sure. */
export const accessPolicyFiles = [
  'forbid-other-tenant',
  'forbid-undelegated',
  'forbid-frozen',
  'forbid-outside-network',
  'forbid-outside-country',
  'forbid-outside-hours',
  'forbid-unmanaged-device',
  'forbid-untrained',
  'forbid-high-risk',
  'step-up-single-factor',
  'forbid-single-factor',
  'step-up-risk',
  'step-up-outside-network',
  'step-up-outside-country',
  'step-up-outside-hours',
  'step-up-unmanaged-device',
  'step-up-untrained',
  'forbid-stale-proof',
  'permit-granted',
] as const;
