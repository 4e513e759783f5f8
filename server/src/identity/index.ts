export { BINDING_AUDIENCE, type BindingClaims, type BindingKeys, createBindingKeys, signBinding } from './binding.ts';
export { boundKeyText } from './bound-key.ts';
export { type BundleSigner, openBundleSigner } from './bundle-signer.ts';
export {
  type Acknowledgement,
  type ConditionsRoom,
  type FreezeView,
  lockOut,
  openConditions,
  ownTraining,
} from './conditions/conditions.ts';
export { type AccessContext, contextOf, isPrivileged } from './conditions/context.ts';
export { type Countries, NO_COUNTRIES, parseCountries } from './conditions/countries.ts';
export { type Hours, isInHours } from './conditions/hours.ts';
export { type Address, clientAddress, parseAddress, parseRange, type Range } from './conditions/networks.ts';
export {
  type ConditionSettings,
  type Conditions,
  conditionSettings,
  type Freeze,
  type FreezeInput,
  freezeInput,
} from './conditions/settings.ts';
export { DELEGABLE_ROLES, delegatedActions, NEVER_DELEGATED } from './delegated-actions.ts';
export { createDelegations, type DelegationRecord, type Delegations } from './delegations.ts';
export { type Directory, type LiveDelegation, openDirectory, type TenantEntry } from './directory.ts';
export { PROOF_ALGORITHMS } from './dpop.ts';
export { actionsOfRole } from './effective.ts';
export { identityCodes } from './errors.ts';
export { identityEvents } from './events.ts';
export type { Federated, Outside } from './federated.ts';
export type { Begin, Begun, Finished } from './federation/federation.ts';
export { AUTH_METHODS } from './federation/oidc.ts';
export type { ProviderInput, ProviderView } from './federation/providers.ts';
export { conflictsAmong } from './grant-rules.ts';
export type { PresentedHook } from './hook-signature.ts';
export { type HookRecord, type HookSource, type Hooks, openHooks } from './hooks.ts';
export { createIdentity, type Identity, type IdentityDeps } from './identity.ts';
export { createInstanceProof, type InstanceProof } from './instance-proof.ts';
export type { Offers } from './least/collect.ts';
export { expireUnused } from './least/expire-unused.ts';
export { DAY_MS, indexUse, type LeastFacts, type Offer } from './least/propose.ts';
export { migrations } from './migrations/index.ts';
export type { ClientRecord, ConsentRecord, RegisteredClient } from './oauth/clients.ts';
export type { ConsentQuestion, SentBack } from './oauth/consent.ts';
export { isOAuthFault, type OAuthFault } from './oauth/fault.ts';
export type { OAuth, OAuthOptions } from './oauth/oauth.ts';
export type { OAuthPlace, OAuthResource } from './oauth/place.ts';
export type { TokenAnswer, TokenRequest } from './oauth/token-answer.ts';
export type { Browser, OpenedSession, SessionOpener } from './open-session.ts';
export type { Assertion } from './passkeys/assertion.ts';
export { FRESH_MS, type NewPasskey, type PasskeyView } from './passkeys/passkeys.ts';
export type { Invitation, People } from './people.ts';
export { createProposals, LEAST_ACTOR, type Proposals } from './proposals.ts';
export { type RelyingParty, relyingPartyOf } from './relying-party.ts';
export type { FreshLink } from './reset.ts';
export { createReviews, decisionsDigest, type Reviews, type ReviewWithItems } from './reviews.ts';
export type { NotedRisk } from './risk/levels.ts';
export { openRisk, type RiskRoom } from './risk/risk.ts';
export type { ProvisioningState, ScimCaller } from './scim/caller.ts';
export { readListQuery } from './scim/listing.ts';
export type { Scim } from './scim/scim.ts';
export { isScimFault, renderFault, type ScimFault, scimFault } from './scim/scim-error.ts';
export type { ScimResources } from './scim/users.ts';
export { PROOF_TYPE, type PresentedProof } from './session-proof.ts';
export { MEMBER_KINDS, type MemberKind } from './store/directory.ts';
export { type LeastSettings, PROPOSAL_STATES, type ProposalRow, type ProposalState } from './store/least.ts';
export { endAllAccess, endDelegations, listTenants, peopleBefore } from './store/restore.ts';
export { DECISIONS, type Decision, type ItemRow, type ReviewRow, type ReviewScope, tenantsToSweep } from './store/reviews.ts';
export type { OpenSession } from './store/sessions.ts';
export type { Membership } from './store/workspaces.ts';
export { createTenants, type Tenants, type TenantView } from './tenants.ts';
export { createUsage, USAGE_KEEP_MS, type Usage } from './usage.ts';
export { createVisits, type Visits } from './visits.ts';
export type { NewKey, NewWorkload } from './workloads.ts';
export { createWorkspaces, MAX_MOVED, type WorkspaceRecord, type Workspaces } from './workspaces.ts';
