// Runs the insider scenarios against a running installation, waits for the alerts they must raise, and puts the evidence beside each step.

import { type Clock, isObject, type JsonObject, SallyportError } from '#core';
import { INSIDER_SCENARIOS } from './insider/index.ts';
import { AGENCY_TENANT, type Call, createStage, INSIDER_TENANT, type Tenant } from './stage.ts';
import { carryOut, type OpenScenario, type OpenStep, outcomeOf, rowsOf } from './trial.ts';
import type { Evidence, Insider, Outcome, Scenario, ScenarioResult, Tamper } from './types.ts';

export interface RedteamPorts {
  readonly call: Call;
  readonly clock: Clock;
  wait(ms: number): Promise<void>;
  /** Null where the database can not be reached as its administrator. */
  readonly tamper: Tamper | null;
  /** Different in every run. */
  readonly mark: string;
  progress(line: string): void;
}

export interface InsiderReport {
  readonly tenant: string;
  readonly scenarios: readonly ScenarioResult[];
  readonly counts: Readonly<Record<Outcome, number>>;
  /** What of the run could not be taken back. */
  readonly leftBehind: readonly string[];
  readonly clean: boolean;
}

/** Alerts are computed from the sealed log every two seconds. */
const ALERT_WAIT_MS = 20_000;
const LOOK_MS = 250;
const SEAL_WAIT_MS = 5_000;

export const scenarioNames: readonly string[] = INSIDER_SCENARIOS.map(({ name }) => name);

export async function runInsider(ports: RedteamPorts, only: readonly string[] = []): Promise<InsiderReport> {
  const stage = createStage(ports.call);
  const done: OpenScenario[] = [];
  let left: readonly string[] = [];
  let tenant: Tenant;
  try {
    tenant = await stage.tenant(INSIDER_TENANT);
    for (const scenario of INSIDER_SCENARIOS.filter(({ name }) => only.length === 0 || only.includes(name))) {
      done.push(await carryOut(scenario, sceneOf(ports, stage, tenant, scenario)));
      ports.progress(`${scenario.name}: ${done.at(-1)?.steps.length ?? 0} steps`);
    }
    const steps = done.flatMap((one) => one.steps);
    await settleAlerts(ports, tenant.owner, steps);
    await addEvents(ports, tenant.owner, steps);
  } finally {
    left = await stage.clear();
  }
  const scenarios = done.map(({ scenario, steps }) => told(scenario, steps));
  const counts = Object.fromEntries(
    (['blocked', 'alerted', 'found', 'passed', 'unclear', 'not tried'] as const).map((outcome) => [
      outcome,
      scenarios.filter((one) => one.outcome === outcome).length,
    ]),
  ) as Record<Outcome, number>;
  const isClean = scenarios.length > 0 && counts.passed + counts.unclear === 0;
  return { tenant: tenant.name, scenarios, counts, leftBehind: left, clean: isClean };
}

function sceneOf(ports: RedteamPorts, stage: ReturnType<typeof createStage>, tenant: Tenant, scenario: Scenario) {
  const { owner } = tenant;
  return {
    owner,
    tenant: { id: tenant.id, name: tenant.name },
    insider: (who: string, ...roles: readonly string[]) => tenant.person(`${scenario.name} ${who}`, roles).then((one) => ({ ...one, who })),
    agency: async () => {
      const agency = await stage.tenant(AGENCY_TENANT);
      return { id: agency.id, owner: agency.owner, staff: (who: string) => agency.person(`${scenario.name} ${who}`, ['marketer']) };
    },
    alertOf: async (rule: string, by: Insider) => {
      const found = await alertAbout(ports, owner, { rule, by, untilMs: ports.clock.now() + ALERT_WAIT_MS });
      if (found === null) throw new SallyportError('REDTEAM_ALERT_MISSING', `No alert ${rule} came.`, { retryable: true });
      return String(found.id);
    },
    after: stage.after,
    wait: ports.wait,
    nowMs: () => ports.clock.now(),
    tamper: ports.tamper,
    mark: ports.mark,
  };
}

async function lookForAlert(owner: Insider, rule: string, by: Insider): Promise<JsonObject | null> {
  const { alerts } = await owner.must('GET', `/api/alerts?state=all&limit=50&rule=${rule}&by=${by.id}`);
  return rowsOf(alerts)[0] ?? null;
}

interface Awaited {
  readonly rule: string;
  readonly by: Insider;
  readonly untilMs: number;
}

async function alertAbout(ports: RedteamPorts, owner: Insider, { rule, by, untilMs }: Awaited): Promise<JsonObject | null> {
  for (; ; await ports.wait(LOOK_MS)) {
    const found = await lookForAlert(owner, rule, by);
    if (found !== null || ports.clock.now() > untilMs) return found;
  }
}

/** What was done counts as alerted once the alert is there, and as passed through when it does not come. */
async function settleAlerts(ports: RedteamPorts, owner: Insider, steps: readonly OpenStep[]): Promise<void> {
  const untilMs = ports.clock.now() + ALERT_WAIT_MS;
  for (const step of steps) {
    if (step.rule === null || step.by === null) continue;
    const alert = await alertAbout(ports, owner, { rule: step.rule, by: step.by, untilMs });
    if (alert === null) {
      step.told = `${step.told}, no alert ${step.rule}`;
      continue;
    }
    step.outcome = 'alerted';
    step.told = step.rule;
    step.evidence = [{ seq: Number(alert.seq), type: String(alert.type), id: String(alert.id) }];
  }
}

/** The event each refused step left in the log of the tenant, in the order both happened. Some refusals leave none. */
async function addEvents(ports: RedteamPorts, owner: Insider, steps: readonly OpenStep[]): Promise<void> {
  const waitUntilMs = ports.clock.now() + SEAL_WAIT_MS;
  for (const [id, own] of Map.groupBy(steps, ({ by, code }) => (code === null || code === '' ? undefined : by?.id))) {
    if (id === undefined) continue;
    for (;;) {
      const { events } = await owner.must('GET', `/api/events?actor=${id}&limit=200`);
      giveEvidence(own, rowsOf(events).toReversed());
      // What was refused for want of a right is written a moment later.
      const isMissing = own.some(({ told, evidence }) => told.startsWith('403') && evidence.length === 0);
      if (!isMissing || ports.clock.now() > waitUntilMs) break;
      await ports.wait(LOOK_MS);
    }
  }
}

function giveEvidence(steps: readonly OpenStep[], events: JsonObject[]): void {
  for (const step of steps) {
    const at = events.findIndex(({ entry }) => isObject(entry) && isObject(entry.public) && entry.public.code === step.code);
    step.evidence = at < 0 ? [] : events.splice(at, 1).map(evidenceOf);
  }
}

const evidenceOf = ({ seq, entry }: JsonObject): Evidence => ({
  seq: Number(seq),
  type: String(isObject(entry) ? entry.type : ''),
  id: String(isObject(entry) ? entry.id : ''),
});

function told({ name, title }: Scenario, steps: readonly OpenStep[]): ScenarioResult {
  const shown = steps.map(({ tried, by, outcome, told: how, evidence }) => ({ tried, by: by?.id ?? null, outcome, told: how, evidence }));
  return { scenario: name, title, outcome: outcomeOf(shown), steps: shown };
}
