// What departments may use and spend: changes of it, how much is left, and what rules would have refused lately.
// The preview reads what calls left in the log; it never guesses: what a log does not tell is not counted.

import type { AgencyPorts, RulesPreview, WorkspaceLimit } from '#control';
import {
  breachOf,
  type Department,
  type DepartmentLimit,
  type DepartmentRules,
  EFFECTS,
  type Effect,
  formatDecimal,
  formatTime,
  isObject,
  isRefusal,
  type JsonObject,
  LIMIT_WINDOWS,
  limitToJson,
  minorDigits,
  type PersonPrincipal,
  type PiiClass,
  refuse,
  rulesToJson,
  type TenantId,
  type Tx,
} from '#core';
import { departmentScope, listDepartmentUse, type Used, windowEnd, windowStart } from '#limits';
import { sealFor } from './change-records.ts';
import type { Rooms } from './rooms.ts';

/** Calls a preview looks at: one page of the log. */
const LOOKED = 500;
const MAX_EXAMPLES = 20;
const INTENDED = 'enforcement.call.intended';
const MICROS = 1_000_000n;

type Ports = Pick<AgencyPorts['workspaces'], 'rule' | 'limit' | 'preview'>;

export function departmentPorts(rooms: Rooms): Ports {
  const { workspaces } = rooms.agency;
  const change = (person: PersonPrincipal, name: string, to: { rules?: DepartmentRules; limits?: readonly DepartmentLimit[] }) =>
    workspaces.ruleWorkspace({ tenant: person.tenant, actor: person.person, seal: sealFor(rooms, person), name, ...to });
  return {
    rule: async (person, name, rules) => {
      const done = await change(person, name, { rules });
      return isRefusal(done) ? done : { name, rules: rulesToJson(done.rules) };
    },
    limit: async (person, name, limits) => {
      const done = await change(person, name, { limits });
      return isRefusal(done) ? done : { name, limits: done.limits.map(limitToJson) };
    },
    preview: async ({ tenant }, name, rules) => {
      if (!rooms.agency.directory.workspaces(tenant).includes(name)) {
        return refuse('IDENTITY_WORKSPACE_UNKNOWN', 'There is no such workspace; list the workspaces.');
      }
      return preview(rooms, tenant, { name, rules });
    },
  };
}

/** What is used of every budget, by the scope it is counted under. */
export async function departmentUse(tx: Tx, tenant: TenantId, nowMs: number): Promise<ReadonlyMap<string, Used>> {
  const [hour, day, month] = LIMIT_WINDOWS.map((window) => windowStart(window, nowMs)) as [number, number, number];
  return new Map((await listDepartmentUse(tx, tenant, { hour, day, month })).map((used) => [used.scope, used]));
}

export function limitViews({ name, limits }: Department, use: ReadonlyMap<string, Used>, nowMs: number): readonly WorkspaceLimit[] {
  return limits.map((limit) => {
    const { what, per, most, currency } = limit;
    const counted = use.get(departmentScope(name, limit));
    const used = counted === undefined ? 0n : usedOf(limit, counted);
    const say = (amount: bigint): string => (currency === null ? amount.toString() : formatDecimal({ amountMinor: amount, currency }));
    const resetsAt = formatTime(windowEnd(per, nowMs));
    return { what, per, currency, most: say(most), used: say(used), left: say(used < most ? most - used : 0n), resetsAt };
  });
}

/** Millionths are rounded up to the smallest unit: what cost something is not shown as nothing. */
function usedOf({ what, currency }: DepartmentLimit, { spent, uses }: Used): bigint {
  if (what === 'effects') return BigInt(uses ?? 0);
  if (what !== 'model_cost' || currency === null) return spent;
  const unit = MICROS / 10n ** BigInt(minorDigits(currency));
  return unit === 0n ? spent : (spent + unit - 1n) / unit;
}

async function preview(rooms: Rooms, tenant: TenantId, rule: Pick<Department, 'name' | 'rules'>): Promise<RulesPreview> {
  const [{ events }, workloads] = await Promise.all([
    rooms.search.page(tenant, { type: INTENDED }, { before: null, limit: LOOKED }),
    rooms.identity.listWorkloads(tenant),
  ]);
  const workflowOf = new Map(workloads.map(({ id, workflow }) => [id as string, workflow]));
  const kinds = new Map<string, { rule: string; integration: string; operation: string; model: string | null; times: number }>();
  let [calls, refused] = [0, 0];
  for (const { entry } of events) {
    const facts = isObject(entry.public) ? entry.public : {};
    const [integration, operation, workload] = [facts.integration, facts.operation, facts.workload].map(String) as [string, string, string];
    const workflow = workflowOf.get(workload) ?? null;
    const theirs = rooms.agency.directory.departmentsOf(tenant, { ...(workflow === null ? {} : { workflow }), workload, integration });
    if (theirs?.some(({ name }) => name === rule.name) !== true) continue;
    calls += 1;
    const model = typeof facts.model === 'string' ? facts.model : null;
    const effect = EFFECTS.find((one) => one === facts.effect) ?? null;
    const breach = breachOf([rule], {
      integration,
      model,
      effect,
      dataClasses: givenBy(rooms, tenant, { integration, operation, effect }),
    });
    if (breach === null) continue;
    refused += 1;
    const key = `${breach.rule} ${integration} ${operation} ${model ?? ''}`;
    const known = kinds.get(key) ?? { rule: breach.rule, integration, operation, model, times: 0 };
    known.times += 1;
    kinds.set(key, known);
  }
  const oldest: JsonObject | undefined = events.at(-1)?.entry;
  return {
    looked: events.length,
    calls,
    refused,
    since: typeof oldest?.at === 'string' ? oldest.at : null,
    kinds: kinds.size,
    examples: [...kinds.values()].sort((left, right) => right.times - left.times).slice(0, MAX_EXAMPLES),
  };
}

/** What the operation gives back as it is declared now; what a call carried is in no log. */
function givenBy(
  rooms: Rooms,
  tenant: TenantId,
  { integration, operation, effect }: { readonly integration: string; readonly operation: string; readonly effect: Effect | null },
): readonly PiiClass[] {
  if (effect === null) return [];
  const operations = rooms.catalogue.integration(tenant, integration)?.manifest?.operations ?? [];
  return operations.find(({ name }) => name === operation)?.output.fields.flatMap(({ pii }) => pii) ?? [];
}
