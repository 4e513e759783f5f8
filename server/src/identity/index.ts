export { BINDING_AUDIENCE, type BindingClaims, type BindingKeys, createBindingKeys, signBinding } from './binding.ts';
export { type BundleSigner, openBundleSigner } from './bundle-signer.ts';
export { identityCodes } from './errors.ts';
export { identityEvents } from './events.ts';
export { createIdentity, type Identity, type IdentityDeps } from './identity.ts';
export { migrations } from './migrations/index.ts';
export type { Invitation, People } from './people.ts';
export type { OpenedSession } from './sessions.ts';
export type { NewKey, NewWorkload } from './workloads.ts';
