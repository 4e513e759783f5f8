// What the words of a model's reply must pass before they are released: links, secrets and hidden text are screened on the
// placeholder form, tool calls are judged whole, and only then are values put back that this caller may see.

import { isRefusal, type JsonObject, type ModelRequest, type Refusal } from '#core';
import { type Conversation, type Destination, hasPlaceholder } from '#dlp';
import { createTextScreen, type OutputPolicy, type Signal, screenToolCalls } from '#guardrails';
import type { OutputHooks, Sent, TextChannel, ToolCall, Usage } from '../types.ts';
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
  usage: Usage | null;
  /** Names of the tools the model called. */
  toolCalls: string[];
}

export function screenOutput(call: Sent, tools: readonly JsonObject[]): ScreenedOutput {
  const report: OutputReport = { signals: [], foreign: 0, usage: null, toolCalls: [] };
  const policy = outputPolicy(call);
  const { conversation } = call;
  if (conversation === null) throw new Error('a model call is rendered through a conversation');
  const destination = repliesInJson(call.received.request) ? CALLER_JSON : CALLER;
  return {
    report,
    hooks: {
      openText: () => openText(policy, restorer(conversation, destination), report),
      toolCalls: (calls) => {
        const verdict = screenToolCalls(calls, tools);
        const taken = calls.find(({ name }) => call.principal.removed?.tools.has(name) === true);
        if (taken !== undefined) return removedTool(taken.name);
        if (isRefusal(verdict)) return verdict;
        report.signals.push(...verdict);
        report.toolCalls.push(...calls.map(({ name }) => name));
        return calls.map((toolCall) => restoreToolCall(conversation, toolCall, report));
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

interface Restorer {
  push(text: string): string;
  end(): string;
  readonly foreign: readonly string[];
}

const NOTHING_TO_RESTORE: Restorer = Object.freeze({ push: (text: string) => text, end: () => '', foreign: [] });

/** With no placeholder issued there is nothing to hold back for. */
function restorer(conversation: Conversation, destination: Destination): Restorer {
  return conversation.size === 0 ? NOTHING_TO_RESTORE : conversation.restoreStream(destination);
}

function openText(policy: OutputPolicy, restore: Restorer, report: OutputReport): TextChannel {
  const screen = createTextScreen(policy);
  const note = (verdict: { release: string; findings: readonly Signal[] }): string => {
    if (verdict.findings.length > 0) report.signals.push(...verdict.findings);
    return verdict.release;
  };
  return {
    push: (text) => {
      const verdict = screen.push(text);
      return isRefusal(verdict) ? verdict : restore.push(note(verdict));
    },
    end: (): string | Refusal => {
      const verdict = screen.end();
      if (isRefusal(verdict)) return verdict;
      const released = restore.push(note(verdict)) + restore.end();
      report.foreign += restore.foreign.length;
      return released;
    },
  };
}

/** Arguments are JSON text, so a value that goes back in is escaped for JSON. */
function restoreToolCall(conversation: Conversation, toolCall: ToolCall, report: OutputReport): ToolCall {
  if (conversation.size === 0) return toolCall;
  const restored = conversation.restore(toolCall.arguments, CALLER_JSON);
  report.foreign += restored.foreign.length;
  return { ...toolCall, arguments: restored.text };
}

/** In JSON mode the words of the reply are themselves JSON. */
function repliesInJson(request: ModelRequest | { kind: 'operation' }): boolean {
  if (request.kind !== 'model') return false;
  const format = request.body.response_format;
  return (
    typeof format === 'object' && format !== null && 'type' in format && (format.type === 'json_object' || format.type === 'json_schema')
  );
}
