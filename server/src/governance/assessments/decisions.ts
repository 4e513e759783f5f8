// Which decisions about people are automated (GDPR Article 22, CCPA "ADMT"): those manifests declare, and those people declare; and the notice,
// the opt-out and the access that go with them.
// INVARIANT: what a manifest declares to decide about a person counts as significant until somebody says, on record, that it is not.

import {
  type Clock,
  canonicalJson,
  type Digest,
  type JsonObject,
  makeEvent,
  type PersonPrincipal,
  type Random,
  type Refusal,
  type SealChangeOf,
  type TenantId,
  type Tx,
} from '#core';
import { appendEvents, type Database } from '#storage';
import { refusal } from '../errors.ts';
import type { FlowRules } from '../flows/rules.ts';
import { type AdmtMode, type DecisionKind, type DeclaredDecision, dropDecision, putDecision } from '../store/decisions.ts';
import { announceRules } from '../store/flows.ts';
import type { Decider } from './triggers.ts';

/** What a manifest says decides something. */
export interface ManifestDecision {
  readonly integration: string;
  readonly operation: string;
  readonly decision: string;
  /** Digest of the manifest. */
  readonly manifest: string;
}

export interface DecisionView extends Omit<DeclaredDecision, 'declaredAtMs'> {
  /** `manifest`: nobody declared more than the manifest does. */
  readonly source: 'manifest' | 'declared';
  /** It never runs without a person, whoever opted out. */
  readonly alwaysByAPerson: boolean;
  readonly declaredAtMs: number | null;
}

export interface DecisionsDeps {
  readonly db: Pick<Database, 'inTenant'>;
  readonly rules: Pick<FlowRules, 'decisions' | 'refresh'>;
  readonly clock: Clock;
  readonly random: Random;
  readonly digest: Digest;
  readonly sealChange: SealChangeOf;
  manifestDecisions(tenant: TenantId): readonly ManifestDecision[];
  /** Whether there is such a workflow, or operation. */
  exists(tenant: TenantId, kind: DecisionKind, name: string): Promise<boolean>;
}

export interface NewDecision {
  readonly kind: DecisionKind;
  readonly name: string;
  readonly significant: boolean;
  readonly mode: AdmtMode;
  readonly decides: string;
  readonly purpose: string;
  readonly logic: string;
}

export interface Decisions {
  list(tenant: TenantId): readonly DecisionView[];
  /** All of them, with the version of what was declared: what somebody says is not significant is assessed as well. */
  deciders(tenant: TenantId): readonly Decider[];
  declare(person: PersonPrincipal, decision: NewDecision): Promise<DecisionView | Refusal>;
  withdraw(person: PersonPrincipal, kind: DecisionKind, name: string): Promise<Refusal | null>;
}

export const MAX_DECISIONS = 200;

export function createDecisions(deps: DecisionsDeps): Decisions {
  const { db, rules, clock } = deps;

  function list(tenant: TenantId): readonly DecisionView[] {
    const manifests = new Map(deps.manifestDecisions(tenant).map((one) => [`${one.integration}.${one.operation}`, one]));
    const declared = rules.decisions(tenant);
    const known = new Set(declared.flatMap(({ kind, name }) => (kind === 'operation' ? [name] : [])));
    const views: DecisionView[] = declared.map((one) => {
      return { ...one, source: 'declared', alwaysByAPerson: one.kind === 'operation' && manifests.has(one.name) };
    });
    for (const [name, { decision }] of manifests)
      if (!known.has(name))
        views.push({
          ...{ kind: 'operation', name, significant: true, mode: 'wait', decides: decision, purpose: '', logic: '' },
          ...{ source: 'manifest', alwaysByAPerson: true, declaredAtMs: null },
        });
    return views.sort((one, other) => (`${one.kind} ${one.name}` < `${other.kind} ${other.name}` ? -1 : 1));
  }

  async function tell(
    tx: Tx,
    person: PersonPrincipal,
    type: string,
    facts: JsonObject,
    change: { before: JsonObject | null; after: JsonObject | null },
  ) {
    const sealed = await deps.sealChange(tx, person, change);
    const subject = `${String(facts.kind)}:${String(facts.name)}`;
    const event = { tenant: person.tenant, type: `governance.decision.${type}`, actor: person.person, subject, public: facts, sealed };
    await appendEvents(tx, [makeEvent(deps, event)]);
  }
  const find = (tenant: TenantId, kind: DecisionKind, name: string): DeclaredDecision | undefined =>
    rules.decisions(tenant).find((one) => one.kind === kind && one.name === name);

  return {
    list,
    deciders: (tenant) => {
      const manifests = new Map(deps.manifestDecisions(tenant).map((one) => [`${one.integration}.${one.operation}`, one.manifest]));
      return list(tenant).map(({ kind, name, decides, purpose, logic, mode }) => {
        const version = deps.digest.sha256(
          canonicalJson({ kind, name, decides, purpose, logic, mode, manifest: manifests.get(name) ?? null }),
        );
        return { kind, name, decides, version };
      });
    },
    declare: async (person, decision) => {
      const { tenant } = person;
      const { kind, name, significant, mode } = decision;
      if (!(await deps.exists(tenant, kind, name))) return refusal('GOVERNANCE_DECISION_INVALID');
      const before = find(tenant, kind, name);
      if (before === undefined && rules.decisions(tenant).length >= MAX_DECISIONS) return refusal('GOVERNANCE_TOO_MANY');
      await db.inTenant(tenant, async (tx) => {
        await putDecision(tx, tenant, { ...decision, declaredAtMs: clock.now() }, person.person);
        await announceRules(tx, tenant);
        const change = { before: before === undefined ? null : { ...before }, after: { ...decision } };
        await tell(tx, person, 'declared', { kind, name, significant, mode }, change);
      });
      await rules.refresh(tenant);
      return list(tenant).find((one) => one.kind === kind && one.name === name) as DecisionView;
    },
    withdraw: async (person, kind, name) => {
      const { tenant } = person;
      const before = find(tenant, kind, name);
      const isGone = await db.inTenant(tenant, async (tx) => {
        if (!(await dropDecision(tx, tenant, kind, name))) return false;
        await announceRules(tx, tenant);
        await tell(tx, person, 'withdrawn', { kind, name }, { before: before === undefined ? null : { ...before }, after: null });
        return true;
      });
      await rules.refresh(tenant);
      return isGone ? null : refusal('GOVERNANCE_DECISION_UNKNOWN');
    },
  };
}
