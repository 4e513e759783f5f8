// What needs an assessment (GDPR Article 35, CCPA risk assessment), computed from what really flows, what workflows are and what is declared.
// Pure. INVARIANT: every need names the version it is about, so that a change of what was assessed makes it a need again by itself.

import { canonicalJson, DATA_CLASSES, type Digest, type JsonValue, type OptOutUse } from '#core';
import { isInside } from '../flows/regions.ts';
import { declaredFor, isPersonalTransfer } from '../flows/transfers.ts';
import { type Destination, type FlowRow, OWN_MACHINE, type Profile } from '../flows/types.ts';

export const TRIGGERS = [
  'special_category',
  'restricted_class',
  'model_in_clear',
  'profiling',
  'large_scale',
  'automated_decision',
  'transfer_without_adequacy',
  'sale_or_sharing',
] as const;
export type TriggerKind = (typeof TRIGGERS)[number];
export type Law = 'gdpr_35' | 'ccpa_7150';

/** Which law asks for it. */
const LAWS: Readonly<Record<TriggerKind, readonly Law[]>> = {
  special_category: ['gdpr_35', 'ccpa_7150'],
  restricted_class: ['gdpr_35', 'ccpa_7150'],
  model_in_clear: ['gdpr_35'],
  profiling: ['gdpr_35', 'ccpa_7150'],
  large_scale: ['gdpr_35'],
  automated_decision: ['gdpr_35', 'ccpa_7150'],
  transfer_without_adequacy: ['gdpr_35'],
  sale_or_sharing: ['gdpr_35', 'ccpa_7150'],
};

/** Calls of one workflow that carried personal data from which on it is large. */
export const LARGE_SCALE = 5_000;
const MODEL_OPERATION = 'chat';
const SPECIAL = 'health_detail';

export interface Trigger {
  readonly trigger: TriggerKind;
  readonly because: string;
  readonly laws: readonly Law[];
}

export interface Need {
  /** `flow:help-desk`, `workflow:segments`, `operation:shop.refunds.create`. */
  readonly subject: string;
  readonly version: string;
  readonly triggers: readonly Trigger[];
}

/** A version of a workflow, as far as it matters here. */
export interface AssessedWorkflow {
  readonly name: string;
  readonly hash: string;
  readonly dataUse: readonly OptOutUse[];
  /** `integration.operation` of everything it may call. */
  readonly operations: readonly string[];
}

/** Something that decides about people by itself and counts as significant. */
export interface Decider {
  readonly kind: 'workflow' | 'operation';
  /** Of an operation `integration.operation`. */
  readonly name: string;
  readonly decides: string;
  /** Changes when what was declared or the manifest changes. */
  readonly version: string;
}

export interface Facts {
  readonly profile: Profile;
  readonly destinations: readonly Destination[];
  readonly flows: readonly FlowRow[];
  readonly workflows: readonly AssessedWorkflow[];
  readonly deciders: readonly Decider[];
}

const found = (trigger: TriggerKind, because: string): Trigger => ({ trigger, because, laws: LAWS[trigger] });
const digestOf = (digest: Digest, value: JsonValue): string => digest.sha256(canonicalJson(value));

export function needsOf(digest: Digest, facts: Facts): readonly Need[] {
  const { destinations, flows, workflows, deciders } = facts;
  const names = [...new Set([...flows.map(({ destination }) => destination), ...destinations.map(({ name }) => name)])].sort();
  return [
    ...names.flatMap((name) => flowNeed(digest, facts, name)),
    ...workflows.flatMap((workflow) => workflowNeed(facts, workflow)),
    ...deciders
      .filter(({ kind }) => kind === 'operation')
      .map(({ name, decides, version }) => ({
        subject: `operation:${name}`,
        version,
        triggers: [found('automated_decision', `it decides about a person: ${decides}`)],
      })),
  ];
}

function flowNeed(digest: Digest, { profile, destinations, flows }: Facts, name: string): readonly Need[] {
  const rows = flows.filter((row) => row.destination === name && row.direction === 'out' && isPersonalTransfer(row));
  const declared = destinations.find((one) => one.name === name);
  const uses = declared?.uses ?? [];
  const classes = [...new Set(rows.map(({ dataClass }) => dataClass))].sort();
  const triggers: Trigger[] = [];
  for (const dataClass of classes) {
    const { meaning, sensitivity } = DATA_CLASSES[dataClass];
    if (dataClass === SPECIAL) triggers.push(found('special_category', `${meaning} goes there`));
    else if (sensitivity === 'restricted') triggers.push(found('restricted_class', `${meaning} goes there`));
  }
  const inClear = rows.filter(
    ({ operation, handling, dataClass }) =>
      operation === MODEL_OPERATION && handling === 'clear' && DATA_CLASSES[dataClass].sensitivity === 'personal_id',
  );
  if (inClear.length > 0)
    triggers.push(
      found('model_in_clear', `a model sees ${[...new Set(inClear.map(({ dataClass }) => dataClass))].sort().join(', ')} in clear`),
    );
  triggers.push(...usesOf(uses));
  const abroad = abroadOf(profile, declared, rows);
  if (abroad !== null) triggers.push(found('transfer_without_adequacy', abroad));
  if (triggers.length === 0) return [];
  const version = digestOf(digest, {
    hosts: [...new Set(rows.map(({ host }) => host))].sort(),
    country: declared?.country ?? null,
    basis: declared?.transferBasis ?? null,
    role: declared?.role ?? null,
    purpose: declared?.purpose ?? null,
    uses: [...uses].sort(),
    carried: [...new Set(rows.map(({ dataClass, handling }) => `${dataClass} ${handling}`))].sort(),
  });
  return [{ subject: `flow:${name}`, version, triggers }];
}

/** Where it goes outside the tenant's region without a decision of adequacy; null when it does not, or nobody said where the tenant is. */
function abroadOf(profile: Profile, declared: Destination | undefined, rows: readonly FlowRow[]): string | null {
  const { home } = profile;
  if (home === null) return null;
  const elsewhere = rows.filter((row) => declaredFor({ ...row, isOwnMachine: row.region === OWN_MACHINE }, declared) === null);
  if (elsewhere.some(({ region }) => region !== OWN_MACHINE)) return 'it goes where nobody has declared the country';
  if (declared === undefined || isInside(home, declared.country) || declared.transferBasis === 'adequacy') return null;
  return `it goes to ${declared.country} on ${declared.transferBasis === 'none' ? 'no basis' : declared.transferBasis}`;
}

const usesOf = (uses: readonly OptOutUse[]): readonly Trigger[] =>
  uses.map((use) => {
    if (use === 'profiling') return found('profiling', 'declared for profiling');
    if (use === 'sensitive') return found('special_category', 'declared for uses of sensitive data that people may limit');
    return use === 'admt'
      ? found('automated_decision', 'declared for automated decisions')
      : found('sale_or_sharing', `declared for ${use}`);
  });

function workflowNeed({ flows, deciders }: Facts, { name, hash, dataUse, operations }: AssessedWorkflow): readonly Need[] {
  const triggers: Trigger[] = [...usesOf(dataUse)];
  const own = deciders.find((one) => one.kind === 'workflow' && one.name === name);
  if (own !== undefined) triggers.push(found('automated_decision', `it decides about people: ${own.decides}`));
  for (const one of deciders)
    if (one.kind === 'operation' && operations.includes(one.name))
      triggers.push(found('automated_decision', `${one.name} decides about a person: ${one.decides}`));
  const calls = callsOf(flows.filter((row) => row.workflow === name && row.direction === 'out' && isPersonalTransfer(row)));
  if (calls >= LARGE_SCALE) triggers.push(found('large_scale', `at least ${String(LARGE_SCALE)} calls with personal data`));
  return triggers.length === 0 ? [] : [{ subject: `workflow:${name}`, version: hash, triggers }];
}

/** One call is counted once for each kind of data, so that the most frequent kind of an operation counts its calls. */
function callsOf(rows: readonly FlowRow[]): number {
  const byOperation = Map.groupBy(rows, ({ destination, operation }) => `${destination} ${operation}`);
  return [...byOperation.values()].reduce((sum, group) => sum + Math.max(...group.map(({ count }) => count)), 0);
}
