// Gives the caller what it may see, and not a byte of it before the intent is durable.

import { checkReturnedCustomer, goodsNamed, labelResult, type MatchedOperation } from '#connectors';
import { isArray, isJsonFault, isRefusal, type JsonValue, joinAll, parseStrictJson, type Refusal, refuse } from '#core';
import { collectKnown } from '#dlp';
import type { GuardDeps } from '../ports.ts';
import type { ModelProtocol, OutputHooks, Reply, Sent } from '../types.ts';
import { resultDigest } from './label.ts';
import { withoutOptedOut } from './opt-out.ts';
import { integrationPlace } from './place.ts';
import { runMemoryOf } from './run-memory.ts';

/** Most of an upstream error body that is passed on. */
const MAX_ERROR_BYTES = 64 * 1024;

export async function releaseModel(
  deps: GuardDeps,
  call: Sent,
  protocol: ModelProtocol,
  hooks: OutputHooks,
  reply: Reply,
): Promise<Refusal | null> {
  if (call.status >= 300 && call.status < 400)
    return refuse('ENFORCEMENT_UPSTREAM_REDIRECT', 'The upstream answered with a redirect; redirects are never followed.');
  if (call.answer.kind === 'stream') return releaseStream(call, protocol, hooks, reply);
  const { bytes } = call.answer;
  if (call.status >= 400) {
    await call.intent;
    reply.begin(call.status, 'application/json');
    reply.write(upstreamError(deps, call, bytes, hooks));
    reply.end();
    return null;
  }
  const body = protocol.transformWhole(bytes, hooks);
  if (isRefusal(body)) return body;
  await call.intent;
  reply.begin(call.status, 'application/json');
  reply.write(body);
  reply.end();
  return null;
}

const PROVIDER_ERROR = Object.freeze({
  message: 'The model provider answered with an error.',
  type: 'upstream_error',
  code: null,
  param: null,
});

/** The upstream's own error, bounded and without any credential it may echo. Some quote the model, so their words are screened like its own. */
function upstreamError(deps: GuardDeps, call: Sent, bytes: Uint8Array, hooks: OutputHooks): string {
  const value = bytes.byteLength > MAX_ERROR_BYTES ? null : parseStrictJson(bytes);
  const screened = value === null || isJsonFault(value) ? null : screenWords(value, hooks);
  return deps.vault.scrub(call.principal.tenant, JSON.stringify(screened ?? { error: PROVIDER_ERROR }));
}

/** Every text and key screened; `null` when one of them may not be shown. */
function screenWords(value: JsonValue, hooks: OutputHooks): JsonValue | null {
  const faults: Refusal[] = [];
  const screened = (text: string): string => {
    const channel = hooks.openText();
    const parts = [channel.push(text), channel.end()];
    faults.push(...parts.filter(isRefusal));
    return parts.filter((part) => typeof part === 'string').join('');
  };
  const walk = (one: JsonValue): JsonValue => {
    if (typeof one === 'string') return screened(one);
    if (isArray(one)) return one.map(walk);
    if (typeof one !== 'object' || one === null) return one;
    return Object.fromEntries(Object.entries(one).map(([key, member]) => [screened(key), walk(member)]));
  };
  const out = walk(value);
  return faults.length === 0 ? out : null;
}

async function releaseStream(call: Sent, protocol: ModelProtocol, hooks: OutputHooks, reply: Reply): Promise<Refusal | null> {
  if (call.answer.kind !== 'stream') return null;
  const { body } = call.answer;
  const stream = protocol.openStream(hooks);
  // The intent's commit was started before the request was sent; the first byte waits for it.
  await call.intent;
  reply.begin(call.status, 'text/event-stream; charset=utf-8');
  reply.onDrain(() => body.flow.resume());
  try {
    await body.read((chunk) => {
      const released = stream.push(chunk);
      if (!isRefusal(released) && released !== null && !reply.write(released)) body.flow.pause();
      // Ends the request at the upstream: what it would still say is not read.
      if (stream.refused !== null) throw new Error('the stream was refused');
      if (stream.done) reply.end();
    });
  } catch (fault) {
    if (stream.refused !== null) return stream.refused;
    if (!stream.done) throw fault;
  }
  if (stream.done) return null;
  const rest = stream.end();
  if (isRefusal(rest)) return rest;
  if (rest !== null) reply.write(rest);
  reply.end();
  return null;
}

export interface OperationResult {
  readonly status: number;
  readonly body: JsonValue;
}

/** Reads a connector's answer, refuses what is not what the manifest declares, and remembers it for the run. */
export async function acceptOperation(deps: GuardDeps, call: Sent): Promise<OperationResult | Refusal> {
  const { matched, answer } = call;
  if (matched === null || answer.kind !== 'whole') throw new Error('a connector call is answered whole');
  const text = deps.vault.scrub(call.principal.tenant, Buffer.from(answer.bytes).toString('utf8'));
  const value = text.trim() === '' ? null : parseStrictJson(text);
  if (isJsonFault(value)) {
    return refuse('ENFORCEMENT_UPSTREAM_SHAPE', 'The upstream answered with something that is not JSON; it is withheld.', {
      status: call.status,
    });
  }
  if (call.status < 400 && call.replay === null) {
    const foreign = checkReturnedCustomer(matched.operation, value, call.customer);
    if (foreign !== null) return foreign;
    const told = await withoutOptedOut(deps, call, value);
    if (isRefusal(told)) return told;
    await remember(deps, call, matched, told.value);
    learnGoods(deps, call, matched, told.value);
    return { status: call.status, body: told.value };
  }
  return { status: call.status, body: value };
}

/** What the reply names of what the shop sells, by fields its manifest trusts. */
function learnGoods({ shopGoods }: Pick<GuardDeps, 'shopGoods'>, call: Sent, { operation }: MatchedOperation, value: JsonValue): void {
  const names = goodsNamed(operation, value);
  if (names.length > 0) shopGoods.note(call.principal.tenant, call.integration.name, names);
}

async function remember(deps: GuardDeps, call: Sent, matched: MatchedOperation, value: JsonValue): Promise<void> {
  const run = runMemoryOf(call);
  if (run === null || call.binding.tier === 'plain' || call.integration.manifest === null) return;
  const { toolCallId } = call.binding;
  const region = deps.flows.regionOf(call.principal.tenant, integrationPlace(call.integration));
  const fields = labelResult(call.integration.manifest, matched.operation, value, call.customer, region);
  const known = collectKnown(value, matched.operation.output.fields).map((entry) => ({
    ...entry,
    subject: entry.subject ?? call.customer?.id ?? null,
  }));
  await deps.database.inTenant(call.principal.tenant, (tx) =>
    deps.runs.record(tx, {
      tenant: call.principal.tenant,
      run,
      toolCallId: toolCallId ?? call.received.call,
      digest: resultDigest(deps, JSON.stringify(value)),
      label: joinAll(fields.map((field) => field.label)),
      known,
    }),
  );
}

export async function releaseOperation(call: Sent, result: OperationResult, reply: Reply): Promise<void> {
  await call.intent;
  reply.begin(result.status, 'application/json');
  reply.write(JSON.stringify(result.body));
  reply.end();
}
