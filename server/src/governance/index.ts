export { governanceCodes } from './errors.ts';
export { governanceEvents } from './events.ts';
export { createFlows, type Flows } from './flows/flows.ts';
export { openFlowRules, type FlowRules } from './flows/rules.ts';
export { isCountry, regionOf, TRANSFER_BASES, type TransferBasis } from './flows/regions.ts';
export { type Destination, type FlowRow, type Finding, LEGAL_BASES, type LegalBasis, OPT_OUT_USES, type OptOutUse, PARTY_ROLES, type PartyRole, type Profile } from './flows/types.ts';
export { migrations } from './migrations/index.ts';
