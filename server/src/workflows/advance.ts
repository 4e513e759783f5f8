// One move of a run up to its writing: look at what stands written, check that it may still run, do the one thing that comes next, and say
// what is to be written (`commit.ts` writes it). No transaction is open while something is done.
// INVARIANT: whatever happens between doing and writing, doing it again is the same effect: its key comes from run, step and phase.

import {
  type BoundCustomer,
  isArray,
  isJsonFault,
  isObject,
  isRefusal,
  type JsonObject,
  type JsonValue,
  type NewEvent,
  parseStrictJson,
  type RunId,
  type TenantId,
} from '#core';
import { validateSchema } from '#guardrails';
import { type Change, type RunEnding, runEvent } from './commit.ts';
import type { WorkflowDefinition } from './definition.ts';
import { type Caller, callModel, callOperation, type Ending } from './guarded-call.ts';
import { type Action, nextAction, type Phase, withUniqueIds } from './next-action.ts';
import type { RunDeps } from './ports.ts';
import { type OpenRun, openRun } from './run-state.ts';
import { toolsOf } from './tools.ts';
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
      return write(run, phaseOf(action, { kind: 'done', value: null }), [
        runEvent(deps, run, 'run.emitted', { step: action.step, event: action.event, facts: action.facts }),
      ]);
    case 'refuse_tool':
      return write(run, phaseOf(action, { kind: 'refused', code: action.code }));
    case 'model':
      return settle(run, action, await speak(deps, current, action));
    case 'call':
      return settle(run, action, await act(deps, current, action));
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
  if (isRefusal(approved)) return end(run, { state: 'refused', step: run.journal.at(-1)?.step ?? null, code: approved.code });
  const { definition, workflow } = approved;
  if (workflow.key === null) return end(run, { state: 'refused', step: null, code: 'WORKFLOWS_HASH_NOT_APPROVED' });
  const action = nextAction(definition, run);
  const toolCallId = action.kind === 'call' ? action.toolCallId : null;
  const caller: Caller = {
    tenant,
    key: workflow.key,
    binding: { tier: 'native', run: id, customer: run.customer, toolCallId },
    isChannel: action.kind === 'channel',
  };
  return { run, definition, caller, action };
}

type Of<Kind extends Action['kind']> = Extract<Action, { kind: Kind }>;

/** Whose case it is: a field of the record itself, never of a text in it. */
async function bindChannel(deps: RunDeps, { run, definition, caller }: Current, action: Of<'channel'>): Promise<Prepared> {
  const ending = await callOperation(deps, caller, action);
  if (ending.kind === 'again') return ending.counts ? 'failing' : 'waiting';
  if (ending.kind !== 'done') {
    return end(run, {
      state: 'stopped',
      step: 'customer',
      code: ending.kind === 'refused' ? ending.code : 'WORKFLOWS_CUSTOMER_UNKNOWN',
    });
  }
  const path = definition.customer?.id ?? [];
  const found = path.reduce<JsonValue | undefined>(
    (value, key) => (isObject(value) && Object.hasOwn(value, key) ? value[key] : undefined),
    ending.value,
  );
  const id = typeof found === 'number' ? String(found) : found;
  if (typeof id !== 'string' || id === '') return end(run, { state: 'stopped', step: 'customer', code: 'WORKFLOWS_CUSTOMER_UNKNOWN' });
  const customer: BoundCustomer = { id, assurance: definition.customer?.assurance ?? 'none' };
  return { kind: 'customer', run, customer };
}

async function speak(deps: RunDeps, { run, caller }: Current, action: Of<'model'>): Promise<Ending> {
  const tools = toolsOf(deps.catalogue, run.row.tenant, action.tools);
  const { output } = action;
  const format =
    output === null ? {} : { response_format: { type: 'json_schema', json_schema: { name: 'answer', strict: true, schema: output } } };
  const ending = await callModel(deps, caller, {
    model: action.model,
    messages: action.messages,
    ...(tools.length === 0 ? {} : { tools }),
    ...format,
  });
  if (ending.kind !== 'done') return ending;
  const message = ending.value as JsonObject;
  if (action.tools.length > 0) return { kind: 'done', value: withUniqueIds(spoken(message), action, run.journal) };
  const text = typeof message.content === 'string' ? message.content : '';
  if (output === null) return { kind: 'done', value: { text } };
  const value = parseStrictJson(text);
  const fits = !isJsonFault(value) && validateSchema(output, value) === null;
  return fits ? { kind: 'done', value } : { kind: 'refused', code: 'WORKFLOWS_ANSWER_INVALID' };
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
    switch (stored?.state) {
      case 'done':
        // It ran; the same call again gives its stored result and changes nothing.
        break;
      case 'pending':
      case 'approved':
      case 'executing':
      case 'unknown':
        return { kind: 'again', counts: false };
      case 'denied':
        return { kind: 'refused', code: 'WORKFLOWS_APPROVAL_DENIED' };
      case 'failed':
        return { kind: 'refused', code: stored.code ?? 'WORKFLOWS_UPSTREAM_REFUSED' };
      default:
        return { kind: 'refused', code: 'WORKFLOWS_APPROVAL_EXPIRED' };
    }
  }
  return callOperation(deps, caller, action);
}

function settle(run: OpenRun, place: { step: string; phase: string }, ending: Ending): Prepared {
  if (ending.kind === 'again') return ending.counts ? 'failing' : 'waiting';
  return write(run, phaseOf(place, ending));
}

function phaseOf({ step, phase }: { step: string; phase: string }, ending: Exclude<Ending, { kind: 'again' }>): Phase {
  const base = { step, phase, code: null, approval: null, value: null };
  switch (ending.kind) {
    case 'done':
      return { ...base, outcome: 'done', value: ending.value };
    case 'refused':
      return { ...base, outcome: 'refused', code: ending.code };
    case 'asked':
      return { ...base, outcome: 'waiting', code: 'ENDORSEMENT_REQUIRED', approval: ending.approval };
    default:
      return ending satisfies never;
  }
}

function write(run: OpenRun, phase: Phase, events: readonly NewEvent[] = []): Change {
  return { kind: 'phase', run, phase, events };
}

function end(run: OpenRun, ending: RunEnding): Change {
  return { kind: 'end', run, ending };
}
