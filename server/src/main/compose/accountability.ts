// Breaches, assessments and automated decisions over the rooms: what they read of the log, of flows, of workflows and of manifests; and the
// round that lets the clock of a breach be heard and finds what needs an assessment.

import { isRefusal, type PersonPrincipal, type TenantId, type Tx } from '#core';
import {
  type AssessedWorkflow,
  type Assessments,
  type Breaches,
  createAssessments,
  createBreaches,
  createDecisions,
  customersBehind,
  type DecidingThing,
  type Decisions,
  type SubjectIndex,
} from '#governance';
import { listTenants } from '#identity';
import type { Alerts } from '#monitoring';
import type { WorkflowDefinition } from '#workflows';
import type { Logger } from '../logger.ts';
import { systemDigest, systemWorld } from '../world.ts';
import type { OpenDatabase } from './database.ts';
import { createLedRounds } from './led-rounds.ts';
import { logOf, openedTokensOf } from './read-log.ts';
import { codeOf, type Rooms } from './rooms.ts';
import type { Workflows } from './workflows.ts';

export interface Accountability {
  readonly breaches: Breaches;
  readonly assessments: Assessments;
  readonly decisions: Decisions;
  /** What decides about people and counts as significant, for the copy of a person's data. */
  deciding(tenant: TenantId): readonly DecidingThing[];
  readonly clock: Rooms['guard']['clock'];
  /** What a workflow is, for whoever asks whether it may be published. */
  readonly publishGate: (
    tenant: TenantId,
    version: { readonly hash: string; readonly definition: WorkflowDefinition },
  ) => ReturnType<Assessments['publishGate']>;
  start(): void;
  stop(): Promise<void>;
}

export interface AccountabilityOptions {
  readonly logger: Logger;
  /** Absent: the times of a real installation. */
  readonly clock?: Rooms['guard']['clock'] | undefined;
  readonly index: SubjectIndex;
  readonly alerts: Pick<Alerts, 'find'>;
  readonly workflows: Pick<Workflows, 'registry'>;
}

const JOB = 'accountability';
const ROUND_MS = 10_000;
/** What needs an assessment is looked for this often; what a breach waits for, in every round. */
const FIND_MS = 60_000;

export function openAccountability(
  rooms: Rooms,
  { database }: Pick<OpenDatabase, 'database'>,
  { logger, clock = systemWorld.clock, index, alerts, workflows }: AccountabilityOptions,
): Accountability {
  const { vault, flows, identity, sealChange, catalogue } = rooms;
  const world = { ...systemWorld, clock, digest: systemDigest, db: database, vault, sealChange };
  const others = (action: 'breaches.handle' | 'assessments.manage') => async (tx: Tx, person: PersonPrincipal) =>
    (await identity.peopleWho(tx, person.tenant, action)).some((other) => other !== person.person);

  const breaches = createBreaches({
    ...world,
    index,
    log: logOf(rooms),
    openedTokens: openedTokensOf(rooms, database),
    hasOthers: others('breaches.handle'),
    controller: (tenant) => {
      const { controller, contact } = flows.profile(tenant);
      return { name: controller, contact };
    },
    alertOf: async (tenant, id) => {
      const found = await alerts.find(tenant, id);
      return isRefusal(found) ? null : { id: found.id, rule: found.rule };
    },
    namesOf: (tenant, people) => customersBehind({ db: database, index, blindIndex: vault.blindIndex }, tenant, people),
  });

  const operationsOf = (tenant: TenantId, integration: string) => catalogue.integration(tenant, integration)?.manifest?.operations ?? [];
  const decisions = createDecisions({
    ...world,
    rules: rooms.flowRules,
    manifestDecisions: (tenant) =>
      catalogue
        .list(tenant)
        .flatMap(({ name, manifest }) =>
          (manifest?.operations ?? []).flatMap((operation) =>
            operation.decision === undefined
              ? []
              : [{ integration: name, operation: operation.name, decision: operation.decision, manifest: manifest?.digest ?? '' }],
          ),
        ),
    exists: async (tenant, kind, name) => {
      if (kind === 'workflow') return !isRefusal(await workflows.registry.show(tenant, name, null));
      const at = name.indexOf('.');
      return at > 0 && operationsOf(tenant, name.slice(0, at)).some((operation) => operation.name === name.slice(at + 1));
    },
  });

  const workflowOf = async (tenant: TenantId, name: string, hash: string | null): Promise<AssessedWorkflow | null> => {
    const shown = await workflows.registry.show(tenant, name, hash);
    return isRefusal(shown) || shown.definition === null ? null : assessed(shown.hash, shown.definition);
  };
  const assessments = createAssessments({
    ...world,
    hasOthers: others('assessments.manage'),
    facts: async (tenant) => {
      const published = (await workflows.registry.list(tenant)).filter(({ state }) => state === 'published');
      const known: AssessedWorkflow[] = [];
      for (const { name, hash } of published) {
        const workflow = await workflowOf(tenant, name, hash);
        if (workflow !== null) known.push(workflow);
      }
      return {
        profile: flows.profile(tenant),
        destinations: flows.destinations(tenant),
        flows: await flows.list(tenant),
        workflows: known,
        deciders: decisions.deciders(tenant),
      };
    },
    workflow: workflowOf,
  });

  let foundAtMs: number | null = null;
  const rounds = createLedRounds({
    database,
    role: 'sequencer',
    job: JOB,
    holder: rooms.instance,
    everyMs: ROUND_MS,
    work: async (nowMs) => {
      const tenants = await listTenants(database);
      try {
        await breaches.watch(tenants);
      } finally {
        if (foundAtMs === null || nowMs < foundAtMs || nowMs - foundAtMs >= FIND_MS) {
          await assessments.watch(tenants);
          foundAtMs = nowMs;
        }
      }
    },
    onFault: (fault) => logger.error({ event: 'accountability.fault', code: codeOf(fault) }),
    breakOff: () => undefined,
  });
  return {
    breaches,
    assessments,
    decisions,
    clock,
    deciding: (tenant) => decisions.list(tenant).filter(({ significant }) => significant),
    publishGate: (tenant, { hash, definition }) => assessments.publishGate(tenant, assessed(hash, definition)),
    start: rounds.start,
    stop: rounds.stop,
  };
}

function assessed(hash: string, { name, dataUse, operations }: WorkflowDefinition): AssessedWorkflow {
  return {
    name,
    hash,
    dataUse,
    operations: [...operations].flatMap(([integration, own]) => [...own].map((one) => `${integration}.${one}`)),
  };
}
