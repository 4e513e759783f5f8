// One call of a run, through the guard like every other call, and what its ending means for the run.

import { type EncodedOperation, encodeOperation, isSafeSegment, labelResult } from '#connectors';
import {
  type ApprovalId,
  type BoundCustomer,
  type CallId,
  isEffectful,
  isJsonFault,
  isObject,
  isRefusal,
  type JsonObject,
  type JsonValue,
  join,
  joinAll,
  type KeyId,
  type Label,
  labelBy,
  type NativeBinding,
  type NativeLabels,
  newId,
  type OperationSpec,
  parseId,
  parseStrictJson,
  type Received,
  type TenantId,
  type TokenScope,
  TRUSTED_CONSTANT,
  WORST,
} from '#core';
import type { GuardResult, Reply } from '#enforcement';
import type { RunDeps } from './ports.ts';
import { fromFields, labelled, tainted, type ValueLabels } from './value-labels.ts';

export type Ending =
  | { readonly kind: 'done'; readonly value: JsonValue; readonly labels: ValueLabels; readonly call: CallId | null }
  | {
      readonly kind: 'refused';
      readonly code: string;
      readonly value: JsonValue;
      readonly labels: ValueLabels;
      readonly call: CallId | null;
    }
  /** A person must decide first. */
  | { readonly kind: 'asked'; readonly approval: ApprovalId; readonly call: CallId | null }
  /** Nothing is decided: the same call is made again later. `counts` when that must end some time. */
  | { readonly kind: 'again'; readonly counts: boolean };

/** Whose call it is. */
export interface Caller {
  readonly tenant: TenantId;
  readonly key: KeyId;
  readonly binding: NativeBinding;
  readonly isChannel: boolean;
  readonly labels: NativeLabels;
  /** What the step of this call may reach by the approved definition, and who the run was started by. */
  readonly holds: { readonly workflow: string; readonly scope: TokenScope; readonly startedBy: string };
}

/** Everything that went into the call, also whether it is made at all. */
export function toldBy({ labels }: Caller): Label {
  return joinAll([...Object.values(labels.arguments), ...labels.messages, labels.context]);
}

/**
 * A model's words: made from all it was told, and never better than an outsider's, for it may say what it was not told.
 * INVARIANT: a model never raises integrity.
 */
export function spokenLabel(caller: Caller, model: string): Label {
  return join(toldBy(caller), labelBy('outsider_said', { sources: new Set([`model:${model}`]) }));
}

/** `by`: who had a say in the refusal beside whoever chose the call. That it was refused, and how, is their word. */
export function refusedEnding(caller: Caller, code: string, { by = TRUSTED_CONSTANT, call = null }: Refused = {}): Ending {
  return { kind: 'refused', code, value: null, labels: labelled(join(toldBy(caller), by)), call };
}

interface Refused {
  readonly by?: Label;
  readonly call?: CallId | null;
}

/** Whether a record can be read, or what stands in it may be released, is up to whoever writes it; the rest is up to the system. */
export function refuserOf(integration: string, isRead: boolean): Label {
  if (isRead) return labelBy('outsider_said', { sources: new Set([`outsider:${integration}`]) });
  return labelBy('system_said', { sources: new Set([`integration:${integration}`]) });
}

/** Refusals that pass: another attempt is under way, a person must look, a limit refills, a snapshot comes back. */
const PASSING = new Set(['ENFORCEMENT_EFFECT_IN_PROGRESS', 'ENFORCEMENT_OUTCOME_UNKNOWN', 'LIMITS_RATE_EXCEEDED', 'IDENTITY_FEED_LOST']);
/** Most text of one reply: far above any sensible one, and what a journal entry can bear. */
const MAX_REPLY_CHARS = 512 * 1024;

export async function callOperation(
  deps: RunDeps,
  caller: Caller,
  wanted: { readonly integration: string; readonly operation: string; readonly args: JsonObject; readonly readsOnly?: boolean },
): Promise<Ending> {
  const manifest = deps.catalogue.integration(caller.tenant, wanted.integration)?.manifest;
  const operation = manifest?.operations.find((candidate) => candidate.name === wanted.operation);
  if (wanted.readsOnly === true && operation !== undefined && isEffectful(operation.effect))
    return refusedEnding(caller, 'WORKFLOWS_TOOL_UNKNOWN');
  const encoded = operation === undefined ? null : encode(operation, wanted.args);
  if (encoded === null || operation === undefined || manifest == null) return refusedEnding(caller, 'WORKFLOWS_OPERATION_UNKNOWN');
  const [path = '/', query = ''] = encoded.path.split('?', 2);
  const { call, result, reply } = await send(deps, caller, {
    kind: 'operation',
    integration: wanted.integration,
    method: encoded.method,
    path,
    query: [...new URLSearchParams(query)],
    body: encoded.body ?? undefined,
  });
  const ending = endingOf(result, reply);
  switch (ending.kind) {
    case 'done': {
      // Who chose the object also chose what was found there.
      const fields = fromFields(
        labelResult(manifest, operation, ending.value, caller.binding.customer, deps.regionOf(caller.tenant, wanted.integration)),
      );
      return { ...ending, labels: tainted(fields, toldBy(caller)), call };
    }
    case 'refused':
      return refusedEnding(caller, ending.code, { by: refuserOf(wanted.integration, !isEffectful(operation.effect)), call });
    case 'asked':
      return { ...ending, call };
    case 'again':
      // A model or a read is given up after some failures; whether an effect happened is not for us to guess.
      return { kind: 'again', counts: ending.counts && operation.effect === 'read' };
    default:
      return ending satisfies never;
  }
}

/** The labels of a result once it is known whose it is. */
export function relabelled(
  deps: RunDeps,
  caller: Caller,
  read: { readonly integration: string; readonly operation: string; readonly customer: BoundCustomer; readonly value: JsonValue },
): ValueLabels {
  const manifest = deps.catalogue.integration(caller.tenant, read.integration)?.manifest;
  const operation = manifest?.operations.find((candidate) => candidate.name === read.operation);
  if (manifest == null || operation === undefined) return labelled(WORST);
  return tainted(
    fromFields(labelResult(manifest, operation, read.value, read.customer, deps.regionOf(caller.tenant, read.integration))),
    toldBy(caller),
  );
}

/** The assistant's message of a request that waited for a person and ran. */
export function heardModel(caller: Caller, model: string, answer: { readonly status: number; readonly body: JsonValue } | null): Ending {
  const by = spokenLabel(caller, model);
  if (answer === null || answer.status >= 300) return refusedEnding(caller, 'WORKFLOWS_UPSTREAM_REFUSED', { by });
  return messageOf(caller, answer.body, { by, call: null });
}

function messageOf(caller: Caller, body: JsonValue, { by, call }: { readonly by: Label; readonly call: CallId | null }): Ending {
  const choices = isObject(body) ? body.choices : null;
  const first = Array.isArray(choices) ? (choices[0] as JsonValue) : null;
  const message = isObject(first) ? first.message : null;
  if (!isObject(message)) return refusedEnding(caller, 'WORKFLOWS_ANSWER_INVALID', { by, call });
  return { kind: 'done', value: message, labels: labelled(by), call };
}

/** The assistant's message. */
export async function callModel(deps: RunDeps, caller: Caller, body: JsonObject & { readonly model: string }): Promise<Ending> {
  const request = deps.chat.decode(Buffer.from(JSON.stringify(body)));
  if (isRefusal(request)) return refusedEnding(caller, request.code);
  // What a model says badly enough to be refused, it says.
  const by = spokenLabel(caller, body.model);
  const { call, result, reply } = await send(deps, caller, request);
  const ending = endingOf(result, reply);
  if (ending.kind === 'again') return ending;
  if (ending.kind === 'asked') return { ...ending, call };
  if (ending.kind === 'refused') return refusedEnding(caller, ending.code, { by, call });
  return messageOf(caller, ending.value, { by, call });
}

async function send(
  deps: RunDeps,
  caller: Caller,
  request: Received['request'],
): Promise<{ call: CallId; result: GuardResult; reply: { status: number | null; body: JsonValue } }> {
  const collected = new CollectedReply();
  const call = newId('call', deps.clock, deps.random);
  const { key, binding, isChannel, labels, holds } = caller;
  const { run, version = '', step } = binding;
  const token = deps.tokens.mintStep({ key, run, version, step: step ?? '', ...holds });
  if (isRefusal(token))
    return { call, result: { kind: 'refused', stage: 'authenticate', refusal: token }, reply: { status: null, body: null } };
  const received: Received = {
    call,
    receivedAtMs: deps.clock.now(),
    surface: 'workflow',
    presentedKey: null,
    presentedBinding: null,
    idempotencyKey: null,
    request,
    endorsement: null,
    native: { key, binding, isChannel, labels, token },
    signal: new AbortController().signal,
  };
  const result = await deps.guard(received, { reply: collected, protocol: deps.chat.protocol });
  return { call: received.call, result, reply: { status: collected.status, body: collected.json() } };
}

type Answer =
  | { readonly kind: 'done'; readonly value: JsonValue }
  | { readonly kind: 'refused'; readonly code: string }
  | { readonly kind: 'asked'; readonly approval: ApprovalId }
  | { readonly kind: 'again'; readonly counts: boolean };

function endingOf(result: GuardResult, reply: { status: number | null; body: JsonValue }): Answer {
  switch (result.kind) {
    case 'released':
      if (result.status < 300) return { kind: 'done', value: reply.body };
      if (result.status >= 500 || result.status === 408 || result.status === 429) return { kind: 'again', counts: true };
      return { kind: 'refused', code: 'WORKFLOWS_UPSTREAM_REFUSED' };
    case 'refused': {
      const { code, evidence } = result.refusal;
      const approval = parseId('apr', evidence.approval);
      if (code === 'ENDORSEMENT_REQUIRED' && approval !== null) return { kind: 'asked', approval };
      if (PASSING.has(code)) return { kind: 'again', counts: false };
      // It was done before and its answer is gone: done is what matters.
      if (code === 'ENFORCEMENT_RESULT_LOST') return { kind: 'done', value: null };
      return { kind: 'refused', code };
    }
    case 'faulted':
    case 'aborted':
      return { kind: 'again', counts: true };
    default:
      return result satisfies never;
  }
}

/** The request of these arguments; `null` when one is not declared or a part of the path is missing. Types are the connector's to check. */
function encode(operation: OperationSpec, given: JsonObject): EncodedOperation | null {
  const args = Object.fromEntries(Object.entries(given).filter(([, value]) => value !== null));
  if (Object.keys(args).some((name) => !operation.arguments.some((argument) => argument.name === name))) return null;
  const isScalar = (value: JsonValue | undefined): boolean =>
    typeof value === 'string' || typeof value === 'number' || typeof value === 'boolean';
  for (const { name, slot } of operation.arguments) {
    // What a model may write here is anything: a text that servers read in more than one way names no object.
    if (slot === 'path' && !(isScalar(args[name]) && isSafeSegment(String(args[name])))) return null;
    if (slot === 'query' && Object.hasOwn(args, name) && !isScalar(args[name])) return null;
  }
  return encodeOperation({ operation, args });
}

class CollectedReply implements Reply {
  status: number | null = null;
  #text = '';

  begin(status: number): void {
    this.status = status;
  }
  write(chunk: Uint8Array | string): boolean {
    if (this.#text.length <= MAX_REPLY_CHARS) this.#text += typeof chunk === 'string' ? chunk : Buffer.from(chunk).toString('utf8');
    return true;
  }
  onDrain(): void {}
  end(): void {}

  /** `null` for no body, and for one that is too long or no JSON. */
  json(): JsonValue {
    if (this.#text === '' || this.#text.length > MAX_REPLY_CHARS) return null;
    const value = parseStrictJson(this.#text);
    return isJsonFault(value) ? null : value;
  }
}
