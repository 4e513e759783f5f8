// What a decision is made of, and its two other forms: the Cedar request and the key under which a decision is remembered.
// INVARIANT: everything that reaches Cedar is built from the key's own members, so nothing can decide without being remembered.

import { type Breach, type Effect, type Integrity, isOwner, type Principal, type TenantId } from '#core';
import type { AuthorizationCall } from './engine.ts';

export const ACTIONS = [
  'call_model',
  'list_models',
  'read',
  'fetch',
  'write',
  'delete',
  'send',
  'money',
  'admin',
] as const satisfies readonly (Effect | 'call_model' | 'list_models')[];
export type PolicyAction = (typeof ACTIONS)[number];

export interface AuthorizationInput {
  readonly tenant: TenantId;
  readonly principal: Principal;
  readonly tier: 'plain' | 'bound' | 'native';
  readonly action: PolicyAction;
  readonly integration: string;
  readonly operation: string;
  readonly autonomy: 'none' | 'within_limits';
  readonly endorsed: boolean;
  readonly ownership: 'owned' | 'foreign' | 'unowned' | 'unknown' | 'not_applicable';
  readonly targetsExplained: boolean;
  /** A target breaks a closed rule of its operation; no endorsement covers that. */
  readonly targetRuleBroken: boolean;
  readonly customerProven: boolean;
  /** Our runtime reads the record its run began with, to learn whose case it is; absent for no. */
  readonly channel?: boolean;
  /** Worst integrity of the strict arguments (target, secret). */
  readonly argumentIntegrity: Integrity;
  /** Every text that leaves may be read where it goes; absent for yes, as where nobody keeps labels of single values. */
  readonly contentReadable?: boolean;
  readonly amountWithinRemainder: boolean | 'not_applicable';
  readonly amountMinor: bigint | null;
  /** How much this operation may pay without a person, in the amount's currency. */
  readonly limitMinor: bigint | null;
  readonly carriesPii: boolean;
  readonly needsReview: boolean;
  readonly modelAllowed: boolean;
  /** The first rule of a workspace that does not allow the call; absent for none. */
  readonly outside?: Breach | null;
}

/** Cedar's Long has 64 bits, but numbers cross into it as JavaScript numbers: above this they would no longer be exact. */
const LARGEST_EXACT = BigInt(Number.MAX_SAFE_INTEGER);

export function isInRange(amountMinor: bigint | null): boolean {
  return amountMinor === null || (amountMinor >= 0n && amountMinor <= LARGEST_EXACT);
}

/** Everything a decision depends on, flat, always written in this order: its JSON is the memo key, and the Cedar request is made of nothing else. */
interface Members {
  readonly action: PolicyAction;
  readonly principalType: 'Workload' | 'Person';
  readonly principalId: string;
  readonly principalTenant: string;
  /** Workflow of a workload; of a person `owner` or `member`. */
  readonly scope: string;
  readonly granted: boolean;
  readonly tenant: string;
  readonly integration: string;
  readonly operation: string;
  readonly context: Readonly<Record<string, string | number | boolean>>;
}

export function membersOf(input: AuthorizationInput): Members {
  const { principal } = input;
  const workload = principal.kind === 'workload';
  return {
    action: input.action,
    principalType: workload ? 'Workload' : 'Person',
    principalId: workload ? principal.workload : principal.person,
    principalTenant: principal.tenant,
    scope: workload ? (principal.workflow ?? '') : isOwner(principal) ? 'owner' : 'member',
    // Sliced: of all the integrations a key may use, only this one can matter to this call.
    granted: workload && principal.integrations.has(input.integration),
    tenant: input.tenant,
    integration: input.integration,
    operation: input.operation,
    context: contextOf(input),
  };
}

function contextOf(input: AuthorizationInput): Members['context'] {
  const within = input.amountWithinRemainder;
  return {
    tier: input.tier,
    autonomy: input.autonomy,
    endorsed: input.endorsed,
    ownership: input.ownership,
    targetsExplained: input.targetsExplained,
    targetRuleBroken: input.targetRuleBroken,
    customerProven: input.customerProven,
    channel: input.channel === true,
    argumentIntegrity: input.argumentIntegrity,
    contentReadable: input.contentReadable !== false,
    amountWithinRemainder: within === 'not_applicable' ? within : within ? 'yes' : 'no',
    carriesPii: input.carriesPii,
    needsReview: input.needsReview,
    modelAllowed: input.modelAllowed,
    outsideWorkspace: input.outside?.department ?? '',
    outsideRule: input.outside?.rule ?? '',
    ...(input.amountMinor === null ? {} : { amountMinor: Number(input.amountMinor) }),
    ...(input.limitMinor === null ? {} : { limitMinor: Number(input.limitMinor) }),
  };
}

export function keyOf(members: Members): string {
  return JSON.stringify(members);
}

export type CedarRequest = Omit<AuthorizationCall, 'preparsedSchemaName' | 'preparsedPolicySetId'>;

export function requestOf(members: Members): CedarRequest {
  const { principalTenant, scope, tenant, integration } = members;
  const principal = { type: `Sallyport::${members.principalType}`, id: members.principalId };
  const resource = { type: 'Sallyport::Operation', id: `${integration}/${members.operation}` };
  const attrs =
    members.principalType === 'Workload'
      ? { tenant: principalTenant, workflow: scope, integrations: members.granted ? [integration] : [] }
      : { tenant: principalTenant, role: scope };
  return {
    principal,
    action: { type: 'Sallyport::Action', id: members.action },
    resource,
    context: { ...members.context },
    validateRequest: true,
    entities: [
      { uid: principal, attrs, parents: [] },
      { uid: resource, attrs: { tenant, integration }, parents: [] },
    ],
  };
}
