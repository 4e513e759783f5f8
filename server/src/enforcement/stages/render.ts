// Makes what leaves: a model sees placeholders instead of personal data, a shop sees resolved values only.
// A body in which nothing has to change leaves byte for byte.

import { encodeOperation } from '#connectors';
import {
  type Digest,
  isArray,
  isEffectful,
  isJsonFault,
  isObject,
  isRefusal,
  type JsonObject,
  type JsonValue,
  type LabelledPart,
  type ModelRequest,
  parseStrictJson,
  type Refusal,
  refuse,
  type TenantId,
} from '#core';
import {
  type Conversation,
  collectKnown,
  createConversation,
  createKnownMatcher,
  detect,
  type Found,
  type HitType,
  hasPlaceholder,
  type KnownMatcher,
  type KnownValue,
} from '#dlp';
import type { GuardDeps } from '../ports.ts';
import type { Authorized, Identified, MarkedText, Rendered } from '../types.ts';
import { doubtfulTexts, staysBy } from './ask-doubts.ts';
import { checkRendered, guessingFor, onTrial, towardsModel } from './data-classes.ts';
import { effectKey } from './effect-key.ts';
import { readNames, type Second } from './names.ts';
import { replaceAt } from './replace-at.ts';
import { runMemoryOf } from './run-memory.ts';

const MODEL_HEADERS: Readonly<Record<string, string>> = Object.freeze({ 'content-type': 'application/json', accept: 'application/json' });
const STREAM_HEADERS: Readonly<Record<string, string>> = Object.freeze({ 'content-type': 'application/json', accept: 'text/event-stream' });
const NOTHING_ON_TRIAL = Object.freeze({});
const CHAT_PATH = '/chat/completions';

export async function render(deps: GuardDeps, call: Authorized): Promise<Rendered | Refusal> {
  const request = call.received.request;
  return request.kind === 'model' ? renderModel(deps, call, request) : renderOperation(deps, call);
}

async function renderModel(deps: GuardDeps, call: Authorized, request: ModelRequest): Promise<Rendered | Refusal> {
  const towards = towardsModel(deps, call);
  const guessing = guessingFor(deps, call);
  const known = await knownValues(deps, call, request.body);
  const collect = (second: Second): void => {
    if (guessing !== null) for (const _ of renderedParts(call, createConversation({ known, guessing: { ...guessing, second } })));
  };
  const second = await readNames(deps, call, collect);
  if (isRefusal(second)) return second;
  let found: Found[] = [];
  const conversation = createConversation({
    known,
    handling: towards.handling,
    ...(guessing === null ? {} : { guessing: second === null ? guessing : { ...guessing, second } }),
    patterns: deps.dataMatrix.patternsOf(call.principal.tenant),
    onReplaced: (one) => found.push(one),
    onLeft: (one) => found.push(one),
    staysByPerson: staysBy(call.received.endorsement, towards),
  });
  const asked: MarkedText[] = [];
  let body: JsonObject = request.body;
  for (const { part, rendered } of renderedParts(call, conversation)) {
    if (rendered !== part.text) body = replaceAt(body, part.path, rendered) as JsonObject;
    if (found.length > 0) asked.push(...doubtfulTexts(part.role, found));
    found = [];
  }
  const spotted = renderSpots(request, conversation, known, body);
  if (isRefusal(spotted)) return spotted;
  body = spotted;
  if (keysOf(request.body).some((key) => conversation.render(key, { format: 'text', role: 'tool_schema' }) !== key)) {
    return refuse('ENFORCEMENT_REQUEST_SHAPE', 'A key of an object is itself personal data; put it into a value.', { part: 'key' });
  }
  const refused = checkRendered(deps, call, conversation, towards);
  if (refused !== null) return refused;
  const bytes = body === request.body ? request.raw : Buffer.from(JSON.stringify(body));
  return {
    ...call,
    conversation,
    asked,
    onTrial: onTrial(conversation, towards),
    outgoing: { method: 'POST', path: CHAT_PATH, headers: request.stream ? STREAM_HEADERS : MODEL_HEADERS, body: bytes },
  };
}

/** Types that are told by form or by a record, whatever a word happens to be: a function may be called what somebody is called. */
const NO_WORDS: ReadonlySet<HitType> = new Set<HitType>(['SECRET', 'CARD', 'IBAN', 'SSN', 'EMAIL', 'PHONE', 'IP', 'CUSTOMER_ID']);
/** Seeds are numbers of 32 bits; only a longer one is taken for a phone by its form alone. */
const MAX_SEED = 4_294_967_295;

/** Ids, names and numbers of the protocol: an id becomes a placeholder like any text, and stays the same id; in place of the others nothing can stand. */
function renderSpots(
  { spots }: ModelRequest,
  conversation: Conversation,
  known: readonly KnownValue[],
  given: JsonObject,
): JsonObject | Refusal {
  let body = given;
  let matcher: KnownMatcher | null = null;
  for (const { kind, path, text } of spots) {
    if (kind === 'id') {
      const rendered = conversation.render(text, { format: 'text', role: 'tool_schema' });
      if (rendered === text) continue;
      // Two ids that became the same mask would be one.
      if (!hasPlaceholder(rendered) || rendered.includes(' removed]') || rendered.includes('[card ')) return notInProtocol('id');
      body = replaceAt(body, path, rendered) as JsonObject;
      continue;
    }
    matcher ??= createKnownMatcher(known.filter(({ type }) => NO_WORDS.has(type)));
    const isSomebodys = detect(text, { known: matcher }).some(
      ({ type, personal, known: isKnown }) =>
        personal && NO_WORDS.has(type) && (kind === 'name' || isKnown || type === 'CARD' || Number(text) > MAX_SEED),
    );
    if (isSomebodys) return notInProtocol(kind);
  }
  return body;
}

function notInProtocol(part: 'id' | 'name' | 'number'): Refusal {
  return refuse('ENFORCEMENT_REQUEST_SHAPE', 'A name, an id or a number of the protocol is itself personal data; put it into a text.', {
    part,
  });
}

function* renderedParts(
  call: Authorized,
  conversation: Conversation,
): Iterable<{ readonly part: LabelledPart; readonly rendered: string }> {
  for (const [index, part] of call.parts.entries()) {
    const text = call.sanitized.get(index) ?? part.text;
    yield { part, rendered: conversation.render(text, { format: isJsonText(part.role, text) ? 'json' : 'text', role: part.role }) };
  }
}

/** A word that names a field; a number or a space in it may make it somebody's. */
const PLAIN_KEY = /^[A-Za-z_$][A-Za-z_$.-]{0,63}$/;
/** Keys of `logit_bias`. */
const TOKEN_NUMBER = /^\d{1,6}$/;

/** The keys of a request that may be values: no placeholder can stand for one, so what is known to be personal is refused there. */
function keysOf(body: JsonObject): readonly string[] {
  const found = new Set<string>();
  const walk = (value: JsonValue, isBias: boolean): void => {
    if (isArray(value)) for (const item of value) walk(item, false);
    else if (isObject(value))
      for (const [key, item] of Object.entries(value)) {
        if (!PLAIN_KEY.test(key) && !(isBias && TOKEN_NUMBER.test(key))) found.add(key);
        walk(item, key === 'logit_bias');
      }
  };
  walk(body, false);
  return [...found];
}

/** What the program itself wrote, and messages, whose texts speak for themselves. */
const NO_RECORDS: ReadonlySet<string> = new Set(['messages', 'tools', 'functions', 'response_format']);
const isWords = (value: JsonValue): boolean => typeof value !== 'object' || value === null;

/** Values we know to be personal: what this run read through us, and what the request itself carries in named JSON fields. */
async function knownValues(deps: GuardDeps, call: Authorized, body: JsonObject): Promise<readonly KnownValue[]> {
  const known: KnownValue[] = [];
  // A record beside the messages, such as `metadata`: a phone written as a bare number is known by its field alone.
  for (const [key, value] of Object.entries(body)) if (!NO_RECORDS.has(key) && !isWords(value)) known.push(...collectKnown(value));
  const memory = runMemoryOf(call);
  if (memory !== null) known.push(...(await deps.runs.open(call.principal.tenant, memory)).known);
  for (const part of call.parts) {
    if (part.role !== 'tool_result' && part.role !== 'tool_arguments') continue;
    const value = tryJson(part.text);
    if (value !== null) known.push(...collectKnown(value));
  }
  return known;
}

function isJsonText(role: string, text: string): boolean {
  return role === 'tool_arguments' || (role === 'tool_result' && tryJson(text) !== null);
}

function tryJson(text: string): JsonValue | null {
  const first = text.trimStart()[0];
  if (first !== '{' && first !== '[') return null;
  const value = parseStrictJson(text);
  return isJsonFault(value) ? null : value;
}

async function renderOperation(deps: GuardDeps, call: Authorized): Promise<Rendered | Refusal> {
  const { matched } = call;
  if (matched === null) return refuse('ENFORCEMENT_STAGE_UNAVAILABLE', 'The operation of this call is not known.');
  const encoded = encodeOperation(matched);
  const headers: Record<string, string> = {};
  if (isEffectful(matched.operation.effect) && matched.operation.idempotencyHeader !== null) {
    headers[matched.operation.idempotencyHeader.toLowerCase()] = upstreamKey(deps, call);
  }
  return {
    ...call,
    conversation: null,
    asked: [],
    onTrial: NOTHING_ON_TRIAL,
    outgoing: {
      method: encoded.method,
      path: encoded.path,
      headers,
      body: encoded.body === null ? null : Buffer.from(JSON.stringify(encoded.body)),
    },
  };
}

/** The key under which the upstream recognises a repeat: a digest, so that it tells nothing and can not be chosen by the caller. */
export function upstreamKey(deps: Pick<GuardDeps, 'digest'>, call: Identified): string {
  return keyAtUpstream(deps.digest, call.principal.tenant, effectKey(call));
}

export function keyAtUpstream(digest: Digest, tenant: TenantId, effect: string): string {
  return digest.sha256(`sallyport-effect/${tenant}/${effect}`).slice(0, 40);
}

export type { Conversation };
