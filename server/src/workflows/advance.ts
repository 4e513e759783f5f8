// One move of a run up to its writing: look at what stands written, check that it may still run, do the one thing that comes next, and say
// what is to be written (`commit.ts` writes it). No transaction is open while something is done.
// INVARIANT: whatever happens between doing and writing, doing it again is the same effect: its key comes from run, step and phase.

import {
  type ApprovalId,
  type BoundCustomer,
  integrityRank,
  isArray,
  isJsonFault,
  isObject,
  isRefusal,
  type JsonObject,
  type JsonValue,
  type NativeLabels,
  type NewEvent,
  parseStrictJson,
  type RunId,
  type TenantId,
  TRUSTED_CONSTANT,
  WORST,
} from '#core';
import { validateSchema } from '#guardrails';
import { decisionLabel, questionDigest } from './approval-step.ts';
import { type Change, type PhaseEntry, type RunEnding, runEvent } from './commit.ts';
import type { WorkflowDefinition } from './definition.ts';
import {
  type Caller,
  callModel,
  callOperation,
  type Ending,
  heardModel,
  refusedEnding,
  refuserOf,
  relabelled,
  spokenLabel,
  toldBy,
} from './guarded-call.ts';
import { type Action, nextAction, type Phase, withUniqueIds } from './next-action.ts';
import type { RunDeps, StoredApproval } from './ports.ts';
import { type OpenRun, openRun } from './run-state.ts';
import { CUSTOMER_STEP } from './segment.ts';
import { stepScope } from './step-scope.ts';
import type { PhaseKind, PhaseNotes } from './store/runs.ts';
import { toolsOf } from './tools.ts';
import { labelAt, labelled } from './value-labels.ts';
import { verifyVersion } from './verify-version.ts';

/** A change to write; or `waiting`: look again later; `failing`: the same, but not for ever; `ended`: there is nothing more to do. */
export type Prepared = Change | 'waiting' | 'failing' | 'ended';

interface Current {
  readonly run: OpenRun;
  readonly definition: WorkflowDefinition;
  readonly caller: Caller;
  readonly action: Action;
}

export async function prepare(deps: RunDeps, tenant: TenantId, id: RunId): Promise<Prepared> {
  const current = await look(deps, tenant, id);
  if (current === 'ended' || 'kind' in current) return current;
  const { action, run } = current;
  switch (action.kind) {
    case 'finish':
      return end(run, { state: 'done', step: null, code: null });
    case 'stop':
      return end(run, { state: 'stopped', step: action.step, code: action.code });
    case 'channel':
      return bindChannel(deps, current, action);
    case 'emit':
      return write(run, entryOf(action, notesOf('emit'), { kind: 'done', value: null, labels: labelled(TRUSTED_CONSTANT), call: null }), [
        runEvent(deps, run, 'run.emitted', { step: action.step, event: action.event, facts: action.facts }),
      ]);
    case 'refuse_tool': {
      const ending = { kind: 'refused', code: action.code, value: null, labels: labelled(action.label), call: null } as const;
      return write(run, entryOf(action, notesOf('tool_refused'), ending));
    }
    case 'model':
      return settle(run, action, { notes: modelNotes(current, action), ending: await speak(deps, current, action) });
    case 'call':
      return settle(run, action, { notes: callNotes(action), ending: await act(deps, current, action) });
    case 'approval':
      return decide(deps, current, action);
    default:
      return action satisfies never;
  }
}

/** The end of a run that failed again and again at the same place. */
export async function giveUp(deps: RunDeps, tenant: TenantId, id: RunId, code: string): Promise<Prepared> {
  const run = await deps.database.inTenant(tenant, (tx) => openRun(deps.vault, tx, tenant, id));
  return run === null ? 'ended' : end(run, { state: 'stopped', step: run.journal.at(-1)?.step ?? null, code });
}

async function look(deps: RunDeps, tenant: TenantId, id: RunId): Promise<Current | Change | 'ended'> {
  const seen = await deps.database.inTenant(tenant, async (tx) => {
    const run = await openRun(deps.vault, tx, tenant, id);
    if (run === null || run.row.state !== 'running') return null;
    return { run, approved: await verifyVersion(deps, tx, tenant, run.row.workflow, run.row.hash) };
  });
  if (seen === null) return 'ended';
  const { run, approved } = seen;
  if (run.fault !== null) return end(run, { state: 'refused', step: null, code: run.fault });
  if (isRefusal(approved)) return end(run, { state: 'refused', step: run.journal.at(-1)?.step ?? null, code: approved.code });
  const { definition, workflow } = approved;
  if (workflow.key === null) return end(run, { state: 'refused', step: null, code: 'WORKFLOWS_HASH_NOT_APPROVED' });
  const action = nextAction(definition, run);
  const toolCallId = action.kind === 'call' ? action.toolCallId : null;
  const caller: Caller = {
    tenant,
    key: workflow.key,
    binding: { tier: 'native', run: id, customer: run.customer, toolCallId, version: run.row.hash, step: stepOf(action) },
    isChannel: action.kind === 'channel',
    labels: labelsOf(action),
    holds: { workflow: definition.name, scope: stepScope(definition, stepOf(action)), startedBy: run.row.startedBy },
  };
  return { run, definition, caller, action };
}

type Of<Kind extends Action['kind']> = Extract<Action, { kind: Kind }>;

/** The step a call is made for; its segment is what it may reach. */
function stepOf(action: Action): string | null {
  if (action.kind === 'channel') return CUSTOMER_STEP;
  return 'step' in action ? action.step : null;
}

function labelsOf(action: Action): NativeLabels {
  switch (action.kind) {
    case 'call':
    case 'channel':
      return { arguments: action.argumentLabels, messages: [], context: action.context };
    case 'model':
      return { arguments: {}, messages: action.messageLabels, context: action.context };
    default:
      return { arguments: {}, messages: [], context: WORST };
  }
}

/** Whose case it is: a field of the record itself, never of a text in it. */
async function bindChannel(deps: RunDeps, { run, definition, caller }: Current, action: Of<'channel'>): Promise<Prepared> {
  const ending = await callOperation(deps, caller, action);
  if (ending.kind === 'again') return ending.counts ? 'failing' : 'waiting';
  const { integration, operation } = action;
  const notes: Notes = { kind: 'channel', integration, operation };
  // What was read is not kept here: nobody is known yet under whom it could be sealed. The steps read it again.
  const entry = (refused: string | null): PhaseEntry => {
    const kept = { value: null, labels: labelled(toldBy(caller)), call: ending.call };
    return entryOf(CHANNEL, notes, refused === null ? { kind: 'done', ...kept } : { kind: 'refused', code: refused, ...kept });
  };
  const unknown = (code: string): Change => end(run, { state: 'stopped', step: 'customer', code }, entry(code));
  if (ending.kind !== 'done') return unknown(ending.kind === 'refused' ? ending.code : 'WORKFLOWS_CUSTOMER_UNKNOWN');
  const path = definition.customer?.id ?? [];
  const found = path.reduce<JsonValue | undefined>(
    (value, key) => (isObject(value) && Object.hasOwn(value, key) ? value[key] : undefined),
    ending.value,
  );
  const id = typeof found === 'number' ? String(found) : found;
  if (typeof id !== 'string' || id === '') return unknown('WORKFLOWS_CUSTOMER_UNKNOWN');
  const customer: BoundCustomer = { id, assurance: definition.customer?.assurance ?? 'none' };
  const label = labelAt(relabelled(deps, caller, { ...action, customer, value: ending.value }), path);
  // Vouching for the channel does not make an outsider's words a customer.
  if (integrityRank(label.integrity) < integrityRank('system_of_record')) return unknown('WORKFLOWS_CUSTOMER_UNTRUSTED');
  return { kind: 'customer', run, entry: entry(null), named: { customer, label } };
}

async function speak(deps: RunDeps, { run, caller }: Current, action: Of<'model'>): Promise<Ending> {
  const tools = toolsOf(deps.catalogue, run.row.tenant, action);
  const { output } = action;
  const format =
    output === null ? {} : { response_format: { type: 'json_schema', json_schema: { name: 'answer', strict: true, schema: output } } };
  const ending =
    action.approval === null
      ? await callModel(deps, caller, {
          model: action.model,
          messages: action.messages,
          ...(tools.length === 0 ? {} : { tools }),
          ...format,
        })
      : await approvedWords(deps, { run, caller }, { model: action.model, approval: action.approval });
  if (ending.kind !== 'done') return ending;
  const message = ending.value as JsonObject;
  if (action.tools.length > 0) return { ...ending, value: withUniqueIds(spoken(message), action, run.journal) };
  const text = typeof message.content === 'string' ? message.content : '';
  if (output === null) return { ...ending, value: { text } };
  const value = parseStrictJson(text);
  const fits = !isJsonFault(value) && validateSchema(output, value) === null;
  const by = spokenLabel(caller, action.model);
  return fits ? { ...ending, value } : refusedEnding(caller, 'WORKFLOWS_ANSWER_INVALID', { by, call: ending.call });
}

/** A request that held what a person decides about: it runs once after the yes, and its answer is read from there. */
async function approvedWords(
  deps: RunDeps,
  { run, caller }: Pick<Current, 'run' | 'caller'>,
  { model, approval }: { readonly model: string; readonly approval: ApprovalId },
): Promise<Ending> {
  const { tenant } = run.row;
  const stored = await deps.approvalState(tenant, approval);
  // Of a request to a model nobody ever learns more: there is no effect to look up.
  const standing = stored?.state === 'unknown' ? (stored.code ?? 'WORKFLOWS_UPSTREAM_REFUSED') : standingOf(stored);
  if (standing === 'again') return { kind: 'again', counts: false };
  if (standing === 'done') return heardModel(caller, model, await deps.approvedAnswer(tenant, approval));
  return refusedEnding(caller, standing, {
    by: stored?.state === 'failed' ? spokenLabel(caller, model) : decisionLabel(stored?.decidedBy ?? null),
  });
}

/** What is kept of a message: its words and its calls. */
function spoken(message: JsonObject): JsonObject {
  const content = typeof message.content === 'string' ? message.content : null;
  const calls = isArray(message.tool_calls) ? message.tool_calls.filter(isObject) : [];
  return calls.length === 0 ? { content } : { content, tool_calls: calls };
}

async function act(deps: RunDeps, { run, caller }: Current, action: Of<'call'>): Promise<Ending> {
  if (action.approval !== null) {
    const stored = await deps.approvalState(run.row.tenant, action.approval);
    const standing = standingOf(stored);
    // Once it ran, the same call again gives its stored result and changes nothing.
    if (standing === 'again') return { kind: 'again', counts: false };
    // A no is a person's; what failed after a yes, the system's.
    const by = stored?.state === 'failed' ? refuserOf(action.integration, false) : decisionLabel(stored?.decidedBy ?? null);
    if (standing !== 'done') return refusedEnding(caller, standing, { by });
  }
  return callOperation(deps, caller, action);
}

/** What became of what was put before people: a code when it is not to be done. */
function standingOf(stored: StoredApproval | null): 'done' | 'again' | string {
  switch (stored?.state) {
    case 'done':
      return 'done';
    case 'pending':
    case 'approved':
    case 'executing':
    case 'unknown':
      return 'again';
    case 'denied':
      return 'WORKFLOWS_APPROVAL_DENIED';
    case 'failed':
      return stored.code ?? 'WORKFLOWS_UPSTREAM_REFUSED';
    default:
      return 'WORKFLOWS_APPROVAL_EXPIRED';
  }
}

/** The question of a step: asked once, then looked at until it is decided. INVARIANT: a yes counts only for exactly what is shown now. */
async function decide(deps: RunDeps, { run, caller }: Current, action: Of<'approval'>): Promise<Prepared> {
  const { tenant, id, workflow, hash } = run.row;
  const { step, question } = action;
  const digest = questionDigest(deps.digest, { tenant, run: id, workflow, hash, step }, question);
  const notes: Notes = { kind: 'approval', integration: null, operation: null };
  if (action.approval === null) {
    const { title, sentence } = question;
    const expiresAtMs = deps.clock.now() + question.expiresAfterMs;
    const asked = { tenant, key: caller.key, run: id, customer: run.customer, workflow, hash, step, title, sentence, digest, expiresAtMs };
    // The approval's id is put in where it is made, in the transaction that writes both.
    const phase: Phase = {
      step,
      phase: action.phase,
      outcome: 'waiting',
      code: null,
      approval: null,
      value: null,
      labels: labelled(WORST),
    };
    return { kind: 'ask', run, entry: { phase, notes: { ...notes, call: null } }, question: asked };
  }
  const stored = await deps.approvalState(tenant, action.approval);
  const standing = standingOf(stored);
  if (standing === 'again') return 'waiting';
  const by = stored?.decidedBy ?? null;
  const labels = labelled(decisionLabel(by));
  const isSame = stored?.digest === digest;
  const { decision } = question;
  // In place of a machine a person decides by a no as well; that nobody answered decides nothing.
  if (decision !== null && isSame && (standing === 'done' || standing === 'WORKFLOWS_APPROVAL_DENIED')) {
    const outcome = standing === 'done' ? decision.proposed : decision.otherwise;
    const changed = outcome !== decision.proposed;
    const value = { approved: standing === 'done', by, outcome, changed, contest: decision.contest.text };
    const facts = {
      ...{ workflow, version: hash, step, decision: decision.kind, effect: decision.effect, changed, by },
      ...{ approval: action.approval, contest: decision.contest.by },
    };
    const made = runEvent(deps, run, 'decision.made', facts);
    return write(run, entryOf(action, notes, { kind: 'done', value, labels, call: null }), [made]);
  }
  const code = standing !== 'done' ? standing : isSame ? null : 'WORKFLOWS_APPROVAL_CHANGED';
  const kept = { value: { approved: code === null, by }, labels, call: null };
  return write(run, entryOf(action, notes, code === null ? { kind: 'done', ...kept } : { kind: 'refused', code, ...kept }));
}

type Notes = Omit<PhaseNotes, 'call'>;
interface Place {
  readonly step: string;
  readonly phase: string;
}

/** Place of the read that names the customer; a step's phases have other names. */
const CHANNEL: Place = { step: 'customer', phase: 'channel' };

const notesOf = (kind: PhaseKind): Notes => ({ kind, integration: null, operation: null });

function callNotes({ phase, integration, operation }: Of<'call'>): Notes {
  return { kind: phase === 'call' ? 'call' : 'tool', integration, operation };
}

function modelNotes({ definition }: Current, { model }: Of<'model'>): Notes {
  return { kind: 'model', integration: definition.models.get(model) ?? null, operation: model };
}

function settle(run: OpenRun, place: Place, { notes, ending }: { notes: Notes; ending: Ending }): Prepared {
  if (ending.kind === 'again') return ending.counts ? 'failing' : 'waiting';
  return write(run, entryOf(place, notes, ending));
}

function entryOf({ step, phase }: Place, notes: Notes, ending: Exclude<Ending, { kind: 'again' }>): PhaseEntry {
  const base = { step, phase, approval: null };
  const noted = { ...notes, call: ending.call };
  switch (ending.kind) {
    case 'done':
      return { notes: noted, phase: { ...base, outcome: 'done', code: null, value: ending.value, labels: ending.labels } };
    case 'refused':
      return { notes: noted, phase: { ...base, outcome: 'refused', code: ending.code, value: ending.value, labels: ending.labels } };
    case 'asked': {
      const waits = { outcome: 'waiting', code: 'ENDORSEMENT_REQUIRED', approval: ending.approval } as const;
      return { notes: noted, phase: { ...base, ...waits, value: null, labels: labelled(WORST) } };
    }
    default:
      return ending satisfies never;
  }
}

function write(run: OpenRun, entry: PhaseEntry, events: readonly NewEvent[] = []): Change {
  return { kind: 'phase', run, entry, events };
}

function end(run: OpenRun, ending: RunEnding, entry: PhaseEntry | null = null): Change {
  return { kind: 'end', run, ending, entry };
}
