// What the words of a model's reply must pass before they are released: links, secrets and hidden text are screened on the
// placeholder form, tool calls are judged whole, and only then are values put back that this caller may see.

import { isJsonFault, isObject, isRefusal, type JsonObject, type JsonValue, type ModelRequest, parseStrictJson, type Refusal } from '#core';
import { type Conversation, type Destination, type DlpType, hasPlaceholder, type TextTransform, watchPlaceholders } from '#dlp';
import { createTextScreen, type OutputPolicy, type Signal, screenToolCalls } from '#guardrails';
import type { Towards } from '../data-matrix/matrix.ts';
import type { GuardDeps } from '../ports.ts';
import type { OutputHooks, Sent, TextChannel, ToolCall, Usage } from '../types.ts';
import { notForThere, replyDestination, toolDestination } from './data-classes.ts';
import { removedTool } from './narrow.ts';

/** The caller sent these values itself, in this very request; it may see them again, but never inside a link. */
const CALLER: Destination = Object.freeze({ types: 'all', escape: 'none', inLinks: false });
const CALLER_JSON: Destination = Object.freeze({ types: 'all', escape: 'json', inLinks: false });

export interface ScreenedOutput {
  readonly hooks: OutputHooks;
  readonly report: OutputReport;
}

export interface OutputReport {
  signals: Signal[];
  /** Placeholders the model invented; an exfiltration signal. */
  foreign: number;
  /** Placeholders that were put back, by type. */
  restored: Map<string, number>;
  usage: Usage | null;
  /** Names of the tools the model called. */
  toolCalls: string[];
}

export function screenOutput(deps: OutputDeps, call: Sent, tools: readonly JsonObject[]): ScreenedOutput {
  const report: OutputReport = { signals: [], foreign: 0, restored: new Map(), usage: null, toolCalls: [] };
  const policy = outputPolicy(call);
  const { conversation } = call;
  if (conversation === null) throw new Error('a model call is rendered through a conversation');
  const { to, towards } = replyDestination(deps, call, conversation);
  const destination: Destination = { ...(repliesInJson(call.received.request) ? CALLER_JSON : CALLER), ...to };
  const reading: Reading = { deps, call, conversation, towards, report };
  return {
    report,
    hooks: {
      openText: () => openText(policy, restorer(conversation, destination), { ...reading, types: destination.types }),
      toolCalls: (calls) => {
        const verdict = screenToolCalls(calls, tools);
        const taken = calls.find(({ name }) => call.principal.removed?.tools.has(name) === true);
        if (taken !== undefined) return removedTool(taken.name);
        if (isRefusal(verdict)) return verdict;
        report.signals.push(...verdict);
        report.toolCalls.push(...calls.map(({ name }) => name));
        return calls.map((toolCall) => restoreToolCall(reading, toolCall));
      },
      usage: (usage) => {
        report.usage = usage;
      },
    },
  };
}

function outputPolicy(call: Sent): OutputPolicy {
  return {
    allowedLinkHosts: call.integration.linkHosts,
    requestText: (needle) => call.parts.some((part) => part.text.includes(needle)),
    hasPlaceholder,
    format: repliesInJson(call.received.request) ? 'json' : 'text',
  };
}

type OutputDeps = Pick<GuardDeps, 'dataMatrix' | 'dataHits' | 'catalogue'>;

/** One reply as it is read. */
interface Reading {
  readonly deps: OutputDeps;
  readonly call: Sent;
  readonly conversation: Conversation;
  /** Set when the reply is for a proven customer. */
  readonly towards: Towards | null;
  readonly report: OutputReport;
  /** What may be put back in its text. */
  readonly types?: Destination['types'];
}

type Restorer = Pick<TextTransform, 'push' | 'end' | 'foreign' | 'met'>;

const NOTHING_MET: TextTransform['met'] = new Map();

/** With no placeholder given out there is nothing to hold back for; one that the model invents is counted all the same. */
function watchOnly(): Restorer {
  const watch = watchPlaceholders();
  const pass = (text: string): string => {
    watch.push(text);
    return text;
  };
  return {
    push: pass,
    end: () => '',
    met: NOTHING_MET,
    get foreign() {
      return watch.found;
    },
  };
}

function restorer(conversation: Conversation, destination: Destination): Restorer {
  return conversation.size === 0 ? watchOnly() : conversation.restoreStream(destination);
}

function openText(policy: OutputPolicy, restore: Restorer, reading: Reading): TextChannel {
  const { report } = reading;
  const screen = createTextScreen(policy);
  const note = (verdict: { release: string; findings: readonly Signal[] }): string => {
    if (verdict.findings.length > 0) report.signals.push(...verdict.findings);
    return verdict.release;
  };
  return {
    push: (text) => {
      const verdict = screen.push(text);
      if (isRefusal(verdict)) return verdict;
      const released = restore.push(note(verdict));
      return refusedThere(restore, reading) ?? released;
    },
    end: (): string | Refusal => {
      const verdict = screen.end();
      if (isRefusal(verdict)) return verdict;
      const released = restore.push(note(verdict)) + restore.end();
      report.foreign += restore.foreign.length;
      countMet(restore.met, reading);
      return refusedThere(restore, reading) ?? released;
    },
  };
}

/** A class that this customer may not see in any form ends the reply; the placeholder of any other that is withheld stays in it. */
function refusedThere({ met }: Restorer, { towards }: Reading): Refusal | null {
  if (towards === null || met.size === 0 || towards.refused.size === 0) return null;
  const type = [...met.keys()].find((one) => one !== 'LITERAL' && towards.refused.has(one));
  return type === undefined ? null : notForThere(towards, type as DlpType, {});
}

function countMet(met: TextTransform['met'], { deps, call, towards, report, types = 'all' }: Reading): void {
  countRestored(report, met, types);
  if (towards === null) return;
  for (const [type, count] of met) if (type !== 'LITERAL') deps.dataHits.note(call.principal.tenant, towards, type, count);
}

function countRestored(report: OutputReport, met: TextTransform['met'], types: Destination['types']): void {
  for (const [type, count] of met)
    if (type !== 'LITERAL' && (types === 'all' || types.has(type as DlpType)))
      report.restored.set(type, (report.restored.get(type) ?? 0) + count);
}

/** Arguments are JSON text, so a value that goes back in is escaped for JSON; and it goes in only where the tool may be given its class. */
function restoreToolCall({ deps, call, conversation, report }: Reading, toolCall: ToolCall): ToolCall {
  if (conversation.size === 0) {
    const watch = watchPlaceholders();
    watch.push(toolCall.arguments);
    report.foreign += watch.found.length;
    return toolCall;
  }
  const { types, towards, texts } = toolDestination(deps, call, toolCall.name);
  const restore = (text: string, to: Pick<Destination, 'types' | 'hidden'>, counted: Towards): string => {
    const restored = conversation.restore(text, { ...CALLER_JSON, ...to });
    report.foreign += restored.foreign.length;
    countRestored(report, restored.met, to.types);
    for (const [type, count] of restored.met) if (type !== 'LITERAL') deps.dataHits.note(call.principal.tenant, counted, type, count);
    return restored.text;
  };
  const tool = { types };
  const members = texts === undefined ? null : membersOf(toolCall.arguments);
  if (texts === undefined) return { ...toolCall, arguments: restore(toolCall.arguments, tool, towards) };
  // What a customer or anybody reads in the end holds their own values and no others.
  const hidden = call.customer === null ? undefined : conversation.ofOthers(call.customer.id);
  const readers = {
    types: new Set([...types].filter((type) => texts.towards.seen.has(type))),
    ...(hidden === undefined ? {} : { hidden }),
  };
  if (members === null) return { ...toolCall, arguments: restore(toolCall.arguments, readers, texts.towards) };
  const written = members.map(([name, value]) => {
    const json = JSON.stringify(value);
    const key = restore(JSON.stringify(name), tool, towards);
    return `${key}:${texts.names.has(name) ? restore(json, readers, texts.towards) : restore(json, tool, towards)}`;
  });
  return { ...toolCall, arguments: `{${written.join(',')}}` };
}

/** Null of what is no object: then nobody can tell which of it is a text. */
function membersOf(text: string): readonly (readonly [string, JsonValue])[] | null {
  const value = parseStrictJson(text);
  return isJsonFault(value) || !isObject(value) ? null : Object.entries(value);
}

/** In JSON mode the words of the reply are themselves JSON. */
function repliesInJson(request: ModelRequest | { kind: 'operation' }): boolean {
  if (request.kind !== 'model') return false;
  const format = request.body.response_format;
  return (
    typeof format === 'object' && format !== null && 'type' in format && (format.type === 'json_object' || format.type === 'json_schema')
  );
}
