export { actionsOfRole } from './access/effective.ts';
export { conflictsAmong } from './access/grant-rules.ts';
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
export { identityCodes } from './errors.ts';
export { identityEvents } from './events.ts';
export type { Federated, Outside } from './federation/federated.ts';
export type { Begin, Begun, Finished } from './federation/federation.ts';
export { AUTH_METHODS } from './federation/oidc.ts';
export type { ProviderInput, ProviderView } from './federation/providers.ts';
export { createIdentity, type Identity, type IdentityDeps } from './identity.ts';
export type { Offers } from './least/collect.ts';
export { expireUnused } from './least/expire-unused.ts';
export { createProposals, LEAST_ACTOR, type Proposals } from './least/proposals.ts';
export { DAY_MS, indexUse, type LeastFacts, type Offer } from './least/propose.ts';
export { createReviews, decisionsDigest, type Reviews, type ReviewWithItems } from './least/reviews.ts';
export { createUsage, USAGE_KEEP_MS, type Usage } from './least/usage.ts';
export { migrations } from './migrations/index.ts';
export type { ClientRecord, ConsentRecord, RegisteredClient } from './oauth/clients.ts';
export type { ConsentQuestion, SentBack } from './oauth/consent.ts';
export { PROOF_ALGORITHMS } from './oauth/dpop.ts';
export { isOAuthFault, type OAuthFault } from './oauth/fault.ts';
export type { OAuth, OAuthOptions } from './oauth/oauth.ts';
export type { OAuthPlace, OAuthResource } from './oauth/place.ts';
export type { TokenAnswer, TokenRequest } from './oauth/token-answer.ts';
export type { Assertion } from './passkeys/assertion.ts';
export { FRESH_MS, type NewPasskey, type PasskeyView } from './passkeys/passkeys.ts';
export type { Invitation, People } from './people/people.ts';
export type { NotedRisk } from './risk/levels.ts';
export { openRisk, type RiskRoom } from './risk/risk.ts';
export { READS_OF_A_CUSTOMER } from './risk/signals.ts';
export type { ProvisioningState, ScimCaller } from './scim/caller.ts';
export { readListQuery } from './scim/listing.ts';
export type { Scim } from './scim/scim.ts';
export { isScimFault, renderFault, type ScimFault, scimFault } from './scim/scim-error.ts';
export type { ScimResources } from './scim/users.ts';
export { sealedColumns } from './sealed-columns.ts';
export { boundKeyText } from './signing-in/bound-key.ts';
export type { Browser, OpenedSession, SessionOpener } from './signing-in/open-session.ts';
export { type RelyingParty, relyingPartyOf } from './signing-in/relying-party.ts';
export type { FreshLink } from './signing-in/reset.ts';
export { PROOF_TYPE, type PresentedProof } from './signing-in/session-proof.ts';
export { backAmong, DEPARTED, type DepartedKind, type Departure, departedSince, type EndedAgain, endAgain } from './store/departures.ts';
export { MEMBER_KINDS, type MemberKind } from './store/directory.ts';
export { type LeastSettings, PROPOSAL_STATES, type ProposalRow, type ProposalState } from './store/least.ts';
export { endAllAccess, endDelegations, listTenants, peopleBefore } from './store/restore.ts';
export { DECISIONS, type Decision, type ItemRow, type ReviewRow, type ReviewScope, tenantsToSweep } from './store/reviews.ts';
export type { OpenSession } from './store/sessions.ts';
export type { Membership } from './store/workspaces.ts';
export { DELEGABLE_ROLES, delegatedActions, NEVER_DELEGATED } from './tenants/delegated-actions.ts';
export { createDelegations, type DelegationRecord, type Delegations } from './tenants/delegations.ts';
export { type Directory, type LiveDelegation, openDirectory, type TenantEntry } from './tenants/directory.ts';
export { createTenants, type Tenants, type TenantView } from './tenants/tenants.ts';
export { createVisits, type Visits } from './tenants/visits.ts';
export { createWorkspaces, MAX_MOVED, type WorkspaceRecord, type Workspaces } from './tenants/workspaces.ts';
export { BINDING_AUDIENCE, type BindingClaims, type BindingKeys, createBindingKeys, signBinding } from './workloads/binding.ts';
export { type BundleSigner, openBundleSigner } from './workloads/bundle-signer.ts';
export type { PresentedHook } from './workloads/hook-signature.ts';
export { type HookRecord, type HookSource, type Hooks, openHooks } from './workloads/hooks.ts';
export { createInstanceProof, type InstanceProof } from './workloads/instance-proof.ts';
export type { NewKey, NewWorkload } from './workloads/workloads.ts';
