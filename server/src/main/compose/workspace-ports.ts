// The roll-up over workspaces: a handful of counts over the whole tenant, put together in memory, whatever the number of workflows.

import { tallyWaiting } from '#approvals';
import type { AgencyPorts, AuthorizePorts, WorkspaceView } from '#control';
import { formatDecimal, formatTime, isRefusal, minorDigits, NO_RULES, type PersonPrincipal, type Refusal, type TenantId } from '#core';
import type { MemberKind } from '#identity';
import { listSpent, windowStart } from '#limits';
import { listWorkflowNames, tallyRuns } from '#workflows';
import { systemClock } from '../world.ts';
import { sealFor } from './change-records.ts';
import { departmentPorts, departmentUse, limitViews } from './department-ports.ts';
import type { Rooms } from './rooms.ts';

const DAY_MS = 24 * 60 * 60_000;
const MICROS = 1_000_000n;

interface Thing {
  readonly kind: MemberKind;
  readonly name: string;
}

interface Counted {
  runs: number;
  failed: number;
  refused: number;
  waiting: number;
  readonly cost: Map<string, bigint>;
}

export function workspacePorts(rooms: Rooms, { authorize, sees }: AuthorizePorts): AgencyPorts['workspaces'] {
  const { workspaces } = rooms.agency;
  /** What is held by rules or a budget is freed as these are changed: by whoever may at this moment, and in no change freeze. */
  const freeing = async <T>(person: PersonPrincipal, work: (mayFree: boolean) => Promise<T | Refusal>): Promise<T | Refusal> => {
    const done = await work(false);
    if (!isRefusal(done) || done.code !== 'IDENTITY_WORKSPACE_RULED') return done;
    const refused = authorize(person, 'conditions.manage', {});
    if (refused === null) return work(true);
    return refused.code === 'CONTROL_ROLE_FORBIDDEN' ? done : refused;
  };
  const by = (person: PersonPrincipal) => ({ tenant: person.tenant, actor: person.person, seal: sealFor(rooms, person) });
  return {
    list: async (person) => {
      const sinceMs = systemClock.now() - DAY_MS;
      const all = await rollUp(rooms, person.tenant, sinceMs);
      const isSeen = sees(person, 'workspaces.view');
      return { since: formatTime(sinceMs), workspaces: all.filter(({ name }) => isSeen(name === null ? {} : { workspaces: [name] })) };
    },
    create: (person, name) => workspaces.createWorkspace({ ...by(person), name }),
    remove: (person, name) => freeing(person, (mayFree) => workspaces.removeWorkspace({ ...by(person), name, mayFree })),
    move: async (person, workspace, moving) => {
      const members = moving.map(({ kind, name }) => ({ kind, member: name }));
      const moved = await freeing(person, (mayFree) => workspaces.moveIntoWorkspace({ ...by(person), mayFree, workspace, members }));
      if (isRefusal(moved)) return moved;
      const unknown = workspace === null ? [] : await notHere(rooms, person.tenant, moving);
      return unknown.length === 0 ? { moved } : { moved, unknown };
    },
    ...departmentPorts(rooms),
  };
}

/** Which of these things there are none of yet: rules hold for what comes by that name, and for nothing that was mistyped. */
async function notHere(rooms: Rooms, tenant: TenantId, things: readonly Thing[]): Promise<readonly Thing[]> {
  const [workloads, workflows] = await Promise.all([
    rooms.identity.listWorkloads(tenant),
    rooms.guard.database.inTenant(tenant, (tx) => listWorkflowNames(tx, tenant)),
  ]);
  const here: Readonly<Record<MemberKind, ReadonlySet<string>>> = {
    workload: new Set(workloads.map(({ id }) => id)),
    workflow: new Set(workflows),
    integration: new Set(rooms.catalogue.list(tenant).map(({ name }) => name)),
  };
  return things.filter(({ kind, name }) => !here[kind].has(name));
}

async function rollUp(rooms: Rooms, tenant: TenantId, sinceMs: number): Promise<readonly WorkspaceView[]> {
  const { database } = rooms.guard;
  const nowMs = systemClock.now();
  const [records, workloads, { runs, waiting, spent, workflows, use }] = await Promise.all([
    rooms.agency.workspaces.listWorkspaces(tenant),
    rooms.identity.listWorkloads(tenant),
    database.inTenant(tenant, async (tx) => ({
      runs: await tallyRuns(tx, tenant, sinceMs),
      waiting: await tallyWaiting(tx, tenant, nowMs),
      spent: await listSpent(tx, tenant, windowStart('day', nowMs)),
      workflows: await listWorkflowNames(tx, tenant),
      use: await departmentUse(tx, tenant, nowMs),
    })),
  ]);
  const place = new Map<string, string>(
    records.flatMap(({ name, members }) =>
      (['workflow', 'integration', 'workload'] as const).flatMap((kind) =>
        members[kind].map((member) => [`${kind}/${member}`, name] as const),
      ),
    ),
  );
  const counts = new Map<string | null, Counted>();
  const of = (...things: readonly (string | null)[]): Counted => {
    const named = things.find((thing) => thing !== null);
    const where = (named === undefined || named === null ? undefined : place.get(named)) ?? null;
    const known = counts.get(where) ?? { runs: 0, failed: 0, refused: 0, waiting: 0, cost: new Map<string, bigint>() };
    counts.set(where, known);
    return known;
  };
  for (const tally of runs) {
    const counted = of(`workflow/${tally.workflow}`);
    counted.runs += tally.runs;
    counted.failed += tally.failed;
    counted.refused += tally.refused;
  }
  for (const { workflow, integration, waiting: calls } of waiting)
    of(workflow === null ? null : `workflow/${workflow}`, `integration/${integration}`).waiting += calls;
  const workflowOf = new Map(workloads.map(({ id, workflow }) => [id as string, workflow]));
  for (const { scope, currency, micros } of spent) {
    const [kind, id] = scope.split(':');
    if (kind !== 'workload' || id === undefined) continue;
    const workflow = workflowOf.get(id) ?? null;
    const { cost } = of(workflow === null ? `workload/${id}` : `workflow/${workflow}`);
    cost.set(currency, (cost.get(currency) ?? 0n) + micros);
  }
  const there: Readonly<Record<MemberKind, readonly string[]>> = {
    workflow: workflows,
    integration: rooms.catalogue.list(tenant).map(({ name }) => name),
    workload: workloads.map(({ id }) => id),
  };
  const view = (name: string | null): WorkspaceView => {
    const record = records.find((one) => one.name === name);
    const { cost = new Map<string, bigint>(), ...counted } = counts.get(name) ?? { runs: 0, failed: 0, refused: 0, waiting: 0 };
    const members = (kind: MemberKind): readonly string[] =>
      there[kind].filter((member) => (place.get(`${kind}/${member}`) ?? null) === name).sort();
    return {
      name,
      workflows: members('workflow'),
      integrations: members('integration'),
      workloads: members('workload'),
      ...counted,
      cost: [...cost].map(([currency, micros]) => ({ currency, amount: amountOf(micros, currency) })),
      rules: record?.rules ?? NO_RULES,
      limits: record === undefined ? [] : limitViews(record, use, nowMs),
    };
  };
  return [...records.map(({ name }) => view(name)), view(null)];
}

/** Rounded up to the currency's smallest unit: what cost something is not shown as nothing. */
function amountOf(micros: bigint, currency: string): string {
  const unit = MICROS / 10n ** BigInt(minorDigits(currency));
  return formatDecimal({ amountMinor: (micros + unit - 1n) / unit, currency });
}
