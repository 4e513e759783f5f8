export { governanceCodes } from './errors.ts';
export { governanceEvents } from './events.ts';
export { type Article30, article30, article30Html } from './flows/article-30.ts';
export { createFlows, type Flows } from './flows/flows.ts';
export { isCountry, regionOf, TRANSFER_BASES, type TransferBasis } from './flows/regions.ts';
export { type FlowRules, openFlowRules } from './flows/rules.ts';
export {
  type Destination,
  type Finding,
  type FlowRow,
  LEGAL_BASES,
  type LegalBasis,
  OPT_OUT_USES,
  type OptOutUse,
  PARTY_ROLES,
  type PartyRole,
  type Profile,
} from './flows/types.ts';
export { migrations } from './migrations/index.ts';
