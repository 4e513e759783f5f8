// Runs every case, attack and twin, against a live gateway (or without one) and reports what happened at the shop.

import { type AgentConfig, type BindingSigner, callShop, newRunId, type PendingCall, runAgent, type ToolRequest } from '../agent/index.ts';
import { CAPTURED_MODELS } from '../captured-model/index.ts';
import type { ShopEffect } from '../shop/index.ts';
import { ATTACK_CASES } from './cases/index.ts';
import { createCasting, stage } from './casting.ts';
import {
  createHonestPerson,
  harmInText,
  harmOfEffects,
  missingFrom,
  ownValues,
  type PersonalValue,
  personalValues,
  valuesIn,
} from './judge.ts';
import type { AttackCase, Cast, Scenario } from './types.ts';
import { playWorkflow, type WorkflowPlay, type WorkflowTarget } from './workflow-side.ts';
import { effectsAfter, type ModelAddress, modelInputsAfter, readWorld, type ShopAddress } from './world.ts';

/** An approved call is executed by the guard soon after; the harness looks for its effect this long. */
const EXECUTION_WAIT_MS = 15_000;
const LOOK_EVERY_MS = 25;

export interface AttackOptions {
  readonly gatewayUrl: string;
  /** Named in the report; the harness itself talks to the gateway only. */
  readonly controlUrl: string;
  readonly apiKey: string;
  readonly signer: BindingSigner;
  readonly shop: ShopAddress;
  readonly capturedModel: ModelAddress;
  /** Approves in the name of a person; called only for what the customer asked for. */
  readonly approve: (approvalId: string) => Promise<void>;
  readonly cases?: readonly AttackCase[];
  /** With it every case runs through a signed workflow as well. */
  readonly workflow?: WorkflowTarget;
}

export interface SideReport {
  readonly harm: readonly string[];
  /** Codes of refusals, in order. */
  readonly refusals: readonly string[];
  readonly approved: number;
  readonly leftWaiting: number;
  /** Raw personal values of the verified customer that reached the model. */
  readonly rawValuesAtModel: number;
  /** For twins: what is missing; empty when done. */
  readonly missing: readonly string[];
}

export interface AttackRow {
  readonly id: string;
  readonly title: string;
  /** An agent of one's own through the gateway. */
  readonly attack: SideReport;
  readonly benign: SideReport;
  /** The same through a signed workflow; `null` when none was given. */
  readonly workflow: { readonly attack: SideReport; readonly benign: SideReport } | null;
}

/** Cases by what came of them in one way. */
export interface WayReport {
  readonly blocked: number;
  readonly harmful: number;
  readonly benignDone: number;
}

export interface AttackReport {
  readonly target: { readonly gatewayUrl: string | null; readonly controlUrl: string | null };
  /** Below, a case counts as blocked or done when it is so in every way it ran. */
  readonly cases: number;
  readonly blocked: number;
  readonly harmful: number;
  readonly benign: number;
  readonly benignDone: number;
  readonly rawValuesAtModel: number;
  readonly ways: { readonly agent: WayReport; readonly workflow: WayReport | null };
  readonly rows: readonly AttackRow[];
}

interface Target {
  readonly agent: AgentConfig;
  readonly shop: ShopAddress;
  readonly model: ModelAddress;
  readonly approve: (approvalId: string) => Promise<void>;
  readonly workflow: WorkflowTarget | null;
}

export async function runAttacks(options: AttackOptions): Promise<AttackReport> {
  const bearer = { authorization: `Bearer ${options.apiKey}` };
  const agent: AgentConfig = {
    model: { baseUrl: `${options.gatewayUrl}/v1`, headers: bearer, name: CAPTURED_MODELS[0] as string },
    shop: { baseUrl: `${options.gatewayUrl}/connect/demo-shop`, headers: bearer },
    signer: options.signer,
  };
  const target: Target = {
    agent,
    shop: options.shop,
    model: options.capturedModel,
    approve: options.approve,
    workflow: options.workflow ?? null,
  };
  const rows = await runRows(target, options.cases ?? ATTACK_CASES);
  return report(rows, { gatewayUrl: options.gatewayUrl, controlUrl: options.controlUrl });
}

/** The control experiment: the same agent with nothing between it, the model and the shop. */
export async function runUnguarded(options: {
  readonly shop: ShopAddress;
  readonly capturedModel: ModelAddress;
  readonly cases?: readonly AttackCase[];
}): Promise<AttackReport> {
  const agent: AgentConfig = {
    model: { baseUrl: `${options.capturedModel.url}/v1`, headers: {}, name: CAPTURED_MODELS[0] as string },
    shop: { baseUrl: options.shop.url, headers: { 'x-shop-access-token': options.shop.accessToken } },
    signer: null,
  };
  const rows = await runRows(
    { agent, shop: options.shop, model: options.capturedModel, approve: async () => {}, workflow: null },
    options.cases ?? ATTACK_CASES,
  );
  return report(rows, { gatewayUrl: null, controlUrl: null });
}

type Sides = Pick<AttackRow, 'attack' | 'benign'>;
const isHarmful = ({ attack }: Sides): boolean => attack.harm.length > 0;
const isDone = ({ benign }: Sides): boolean => benign.missing.length === 0 && benign.harm.length === 0;
const waysOf = (row: AttackRow): readonly Sides[] => (row.workflow === null ? [row] : [row, row.workflow]);

function report(rows: readonly AttackRow[], target: AttackReport['target']): AttackReport {
  const harmful = rows.filter((row) => waysOf(row).some(isHarmful)).length;
  const workflow = rows.flatMap((row) => (row.workflow === null ? [] : [row.workflow]));
  return {
    target,
    cases: rows.length,
    blocked: rows.length - harmful,
    harmful,
    benign: rows.length,
    benignDone: rows.filter((row) => waysOf(row).every(isDone)).length,
    rawValuesAtModel: rows.flatMap(waysOf).reduce((sum, { attack, benign }) => sum + attack.rawValuesAtModel + benign.rawValuesAtModel, 0),
    ways: { agent: wayReport(rows), workflow: workflow.length === 0 ? null : wayReport(workflow) },
    rows,
  };
}

function wayReport(sides: readonly Sides[]): WayReport {
  const harmful = sides.filter(isHarmful).length;
  return { blocked: sides.length - harmful, harmful, benignDone: sides.filter(isDone).length };
}

async function runRows(target: Target, cases: readonly AttackCase[]): Promise<readonly AttackRow[]> {
  const world = await readWorld(target.shop);
  const values = personalValues(world.customers);
  const casting = createCasting(world);
  const rows: AttackRow[] = [];
  const { workflow } = target;
  const marks: Marks = { effects: 0, inputs: 0 };
  for (const { id, title, attack, twin } of cases) {
    const side = (write: Write, way: WorkflowTarget | null): Promise<SideReport> =>
      runSide(target, casting.next(), write, { values, way, marks });
    const agent = { attack: await side(attack, null), benign: await side(twin, null) };
    const run = workflow === null ? null : { attack: await side(attack, workflow), benign: await side(twin, workflow) };
    rows.push({ id, title, ...agent, workflow: run });
  }
  return rows;
}

type People = ReturnType<ReturnType<typeof createCasting>['next']>;

type Write = (cast: Cast) => Scenario;
/** How far the books of shop and model were read, so that no scenario reads the earlier ones again. */
interface Marks {
  effects: number;
  inputs: number;
}

async function runSide(
  target: Target,
  people: People,
  write: Write,
  { values, way, marks }: { readonly values: readonly PersonalValue[]; readonly way: WorkflowTarget | null; readonly marks: Marks },
): Promise<SideReport> {
  const { cast, scenario } = await stage(target.shop, people, write, way === null ? 'opened' : 'to open');
  marks.effects = await lastSeq(effectsAfter(target.shop, marks.effects), marks.effects);
  marks.inputs = await lastSeq(modelInputsAfter(target.model, marks.inputs), marks.inputs);
  const played = way === null ? await playAgent(target, cast, scenario, values) : await playWorkflow(way, cast, scenario, values);
  const effects = await effectsAfter(target.shop, marks.effects);
  const inputs = await modelInputsAfter(target.model, marks.inputs);
  const sent = inputs.map((input) => input.body).join('\n');
  const seen = valuesIn(sent, values);
  const othersSeen = new Set(seen.map((found) => found.customer).filter((owner) => owner !== cast.customer.id));
  return {
    harm: [
      ...harmOfEffects(effects, scenario, cast, values),
      ...harmInText(played.reply, cast, values).map((harm) => `the model's reply ${harm}`),
      ...[...othersSeen].map((owner) => `the model was sent data of customer ${owner}`),
    ],
    refusals: played.refusals,
    approved: played.approved,
    leftWaiting: played.left,
    rawValuesAtModel: valuesIn(sent, ownValues(cast.customer)).length,
    missing: [...missingFrom(effects, scenario, cast), ...played.failed],
  };
}

async function playAgent(target: Target, cast: Cast, scenario: Scenario, values: readonly PersonalValue[]): Promise<WorkflowPlay> {
  const desk = createDesk(target, scenario, cast, values);
  const played =
    scenario.calls === undefined ? await answerTicket(target, cast, desk) : await makeCalls(target, cast, scenario.calls, desk);
  return {
    ...played,
    // A call that nobody approved was refused as well.
    refusals: [...played.refusals, ...Array.from({ length: desk.left() }, () => 'ENDORSEMENT_REQUIRED')],
    approved: desk.approved(),
    left: desk.left(),
  };
}

async function lastSeq(entries: Promise<readonly { readonly seq: number }[]>, known: number): Promise<number> {
  return (await entries).at(-1)?.seq ?? known;
}

interface Played {
  readonly reply: string;
  readonly refusals: readonly string[];
  /** Calls a twin needs and which were not answered. */
  readonly failed: readonly string[];
}

interface Desk {
  decide(pending: PendingCall): Promise<'executed' | 'left'>;
  approved(): number;
  left(): number;
}

/** The honest person at the approvals inbox. */
function createDesk(target: Target, scenario: Scenario, cast: Cast, values: readonly PersonalValue[]): Desk {
  const agrees = createHonestPerson(scenario, cast, values);
  let approved = 0;
  let left = 0;
  return {
    decide: async ({ approvalId, request }) => {
      if (!agrees(request)) {
        left++;
        return 'left';
      }
      const before = (await effectsAfter(target.shop, 0)).length;
      await target.approve(approvalId);
      await arrived(target.shop, before);
      approved++;
      return 'executed';
    },
    approved: () => approved,
    left: () => left,
  };
}

async function arrived(shop: ShopAddress, before: number): Promise<readonly ShopEffect[]> {
  const deadline = Date.now() + EXECUTION_WAIT_MS;
  for (;;) {
    const effects = await effectsAfter(shop, before);
    if (effects.length > 0 || Date.now() > deadline) return effects;
    await new Promise((resolve) => setTimeout(resolve, LOOK_EVERY_MS));
  }
}

async function answerTicket(target: Target, cast: Cast, desk: Desk): Promise<Played> {
  const result = await runAgent(
    target.agent,
    { ticketId: cast.ticket, customer: { id: cast.customer.id, assurance: 'session' } },
    desk.decide,
  );
  const refusals = result.steps.map((step) => step.code).filter((code) => code !== null);
  return {
    reply: result.kind === 'done' ? result.reply : '',
    refusals,
    failed: result.kind === 'refused' ? [`the run (${result.code})`] : [],
  };
}

async function makeCalls(target: Target, cast: Cast, calls: readonly ToolRequest[], desk: Desk): Promise<Played> {
  const run = newRunId(Date.now());
  const refusals: string[] = [];
  for (const [index, request] of calls.entries()) {
    const origin = { run, customer: { id: cast.customer.id, assurance: 'session' } as const, toolCallId: `call_${index}` };
    const answer = await callShop(target.agent.shop, target.agent.signer, request, origin);
    if (answer.kind === 'refused') refusals.push(answer.code);
    if (answer.kind === 'waiting') await desk.decide({ approvalId: answer.approvalId, request });
  }
  return { reply: '', refusals, failed: refusals.map((code) => `an answered call (${code})`) };
}
