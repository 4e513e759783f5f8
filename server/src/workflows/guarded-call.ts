// One call of a run, through the guard like every other call, and what its ending means for the run.

import { type EncodedOperation, encodeOperation } from '#connectors';
import {
  type ApprovalId,
  isJsonFault,
  isObject,
  isRefusal,
  type JsonObject,
  type JsonValue,
  type KeyId,
  type NativeBinding,
  newId,
  type OperationSpec,
  parseId,
  parseStrictJson,
  type Received,
  type TenantId,
} from '#core';
import type { GuardResult, Reply } from '#enforcement';
import type { RunDeps } from './ports.ts';

export type Ending =
  | { readonly kind: 'done'; readonly value: JsonValue }
  | { readonly kind: 'refused'; readonly code: string }
  /** A person must decide first. */
  | { readonly kind: 'asked'; readonly approval: ApprovalId }
  /** Nothing is decided: the same call is made again later. `counts` when that must end some time. */
  | { readonly kind: 'again'; readonly counts: boolean };

/** Whose call it is. */
export interface Caller {
  readonly tenant: TenantId;
  readonly key: KeyId;
  readonly binding: NativeBinding;
  readonly isChannel: boolean;
}

/** Refusals that pass: another attempt is under way, a person must look, a limit refills, a snapshot comes back. */
const PASSING = new Set(['ENFORCEMENT_EFFECT_IN_PROGRESS', 'ENFORCEMENT_OUTCOME_UNKNOWN', 'LIMITS_RATE_EXCEEDED', 'IDENTITY_FEED_LOST']);
/** Most text of one reply: far above any sensible one, and what a journal entry can bear. */
const MAX_REPLY_CHARS = 512 * 1024;

export async function callOperation(
  deps: RunDeps,
  caller: Caller,
  wanted: { readonly integration: string; readonly operation: string; readonly args: JsonObject },
): Promise<Ending> {
  const manifest = deps.catalogue.integration(caller.tenant, wanted.integration)?.manifest;
  const operation = manifest?.operations.find((candidate) => candidate.name === wanted.operation);
  const encoded = operation === undefined ? null : encode(operation, wanted.args);
  if (encoded === null) return { kind: 'refused', code: 'WORKFLOWS_OPERATION_UNKNOWN' };
  const [path = '/', query = ''] = encoded.path.split('?', 2);
  const { result, reply } = await send(deps, caller, {
    kind: 'operation',
    integration: wanted.integration,
    method: encoded.method,
    path,
    query: [...new URLSearchParams(query)],
    body: encoded.body ?? undefined,
  });
  const ending = endingOf(result, reply);
  // A model or a read is given up after some failures; whether an effect happened is not for us to guess.
  return ending.kind === 'again' ? { kind: 'again', counts: ending.counts && operation?.effect === 'read' } : ending;
}

/** The assistant's message. */
export async function callModel(deps: RunDeps, caller: Caller, body: JsonObject): Promise<Ending> {
  const request = deps.chat.decode(Buffer.from(JSON.stringify(body)));
  if (isRefusal(request)) return { kind: 'refused', code: request.code };
  const { result, reply } = await send(deps, caller, request);
  const ending = endingOf(result, reply);
  if (ending.kind !== 'done') return ending;
  const choices = isObject(ending.value) ? ending.value.choices : null;
  const first = Array.isArray(choices) ? (choices[0] as JsonValue) : null;
  const message = isObject(first) ? first.message : null;
  return isObject(message) ? { kind: 'done', value: message } : { kind: 'refused', code: 'WORKFLOWS_ANSWER_INVALID' };
}

async function send(
  deps: RunDeps,
  caller: Caller,
  request: Received['request'],
): Promise<{ result: GuardResult; reply: { status: number | null; body: JsonValue } }> {
  const collected = new CollectedReply();
  const received: Received = {
    call: newId('call', deps.clock, deps.random),
    receivedAtMs: deps.clock.now(),
    surface: 'workflow',
    presentedKey: null,
    presentedBinding: null,
    idempotencyKey: null,
    request,
    endorsement: null,
    native: { key: caller.key, binding: caller.binding, isChannel: caller.isChannel },
    signal: new AbortController().signal,
  };
  const result = await deps.guard(received, { reply: collected, protocol: deps.chat.protocol });
  return { result, reply: { status: collected.status, body: collected.json() } };
}

function endingOf(result: GuardResult, reply: { status: number | null; body: JsonValue }): Ending {
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
    if (slot === 'path' && !isScalar(args[name])) return null;
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
