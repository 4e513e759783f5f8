// What the steps of a run asked and were given, for a person to read: every detected or known personal value replaced, each text bounded.
// INVARIANT: nothing leaves here that did not go through the redaction of the run; what is cut is said to be cut.

import type { JsonObject, JsonValue } from '#core';
import { collectKnown, createConversation, type KnownValue } from '#dlp';
import type { Action } from './action.ts';
import type { WorkflowDefinition } from './definition.ts';
import { nextAction } from './next-action.ts';
import type { Phase, Progress } from './walk.ts';

export interface PhaseContent {
  readonly step: string;
  readonly phase: string;
  readonly asked: string | null;
  readonly gave: string | null;
  readonly truncated: boolean;
}

/** Most of one text that is shown. */
const MAX_SHOWN_CHARS = 4_000;
/** Most of one text that is looked through; far more than is shown, so that no value is cut in half at the edge of what is shown. */
const MAX_READ_CHARS = 64 * 1024;

export function contentOf(
  definition: WorkflowDefinition | null,
  progress: Progress,
  known: readonly KnownValue[],
): readonly PhaseContent[] {
  const named = progress.journal.flatMap(({ value }) => collectKnown(value));
  // One conversation for the whole run: the same value has the same placeholder in every step.
  const conversation = createConversation({ known: [...known, ...named] });
  const redact = (text: string | null): { text: string | null; isCut: boolean } => {
    if (text === null) return { text, isCut: false };
    const redacted = conversation.render(text.slice(0, MAX_READ_CHARS), { format: 'text', role: 'user' });
    return { text: redacted.slice(0, MAX_SHOWN_CHARS), isCut: redacted.length > MAX_SHOWN_CHARS || text.length > MAX_READ_CHARS };
  };
  return progress.journal.map((phase, nth) => {
    const asked = redact(
      definition === null ? null : askedText(definition, { ...progress, journal: progress.journal.slice(0, nth) }, phase),
    );
    const gave = redact(gaveText(phase));
    return { step: phase.step, phase: phase.phase, asked: asked.text, gave: gave.text, truncated: asked.isCut || gave.isCut };
  });
}

function askedText(definition: WorkflowDefinition, before: Progress, phase: Phase): string | null {
  const action: Action = nextAction(definition, phase.phase === 'channel' ? { ...before, customer: null } : before);
  switch (action.kind) {
    case 'call':
    case 'channel':
      return JSON.stringify(action.args, null, 2);
    case 'model':
      return action.messages.map((message) => said(message)).join('\n\n');
    case 'emit':
      return JSON.stringify(action.facts, null, 2);
    case 'approval':
      return action.question.sentence;
    default:
      return null;
  }
}

function said(message: JsonObject): string {
  const calls = message.tool_calls === undefined ? '' : `\n${JSON.stringify(message.tool_calls)}`;
  return `${String(message.role)}: ${String(message.content ?? '')}${calls}`;
}

function gaveText({ outcome, value }: Phase): string | null {
  if (outcome !== 'done' || value === null) return null;
  return textOf(value) ?? JSON.stringify(value, null, 2);
}

/** The words of a model as words. */
function textOf(value: JsonValue): string | null {
  if (typeof value !== 'object' || value === null || Array.isArray(value)) return null;
  const { content, text, ...rest } = value as JsonObject;
  const words = text ?? content;
  return typeof words === 'string' && Object.keys(rest).length === 0 ? words : null;
}
