// A turn in the OpenAI wire forms: one JSON document, or a stream of chunks with cuts in awkward places on purpose
// (a few characters a chunk, arguments in pieces), so that a guard's hold-back is really exercised.

import { createHash } from 'node:crypto';
import { tokensOf } from './think.ts';
import type { ChatRequest, Turn } from './types.ts';

const CHUNK_CHARS = 7;
const CREATED = 1_790_000_000;

interface Usage {
  readonly prompt_tokens: number;
  readonly completion_tokens: number;
  readonly total_tokens: number;
}

function usageOf(requestBody: string, turn: Turn): Usage {
  const prompt = tokensOf(requestBody);
  const completion = tokensOf((turn.content ?? '') + JSON.stringify(turn.toolCalls));
  return { prompt_tokens: prompt, completion_tokens: completion, total_tokens: prompt + completion };
}

function idOf(requestBody: string): string {
  return `chatcmpl-${createHash('sha256').update(requestBody).digest('hex').slice(0, 24)}`;
}

export function completion(request: ChatRequest, requestBody: string, turn: Turn): unknown {
  const calls = turn.toolCalls.length > 0 ? { tool_calls: turn.toolCalls } : {};
  const message = { role: 'assistant', content: turn.content, refusal: null, ...calls };
  return {
    id: idOf(requestBody),
    object: 'chat.completion',
    created: CREATED,
    model: request.model,
    choices: [{ index: 0, message, logprobs: null, finish_reason: turn.finish }],
    usage: usageOf(requestBody, turn),
    system_fingerprint: 'fp_captured',
  };
}

/** The stream's `data:` payloads in order, the closing `[DONE]` included. */
export function chunks(request: ChatRequest, requestBody: string, turn: Turn): readonly string[] {
  const head = {
    id: idOf(requestBody),
    object: 'chat.completion.chunk',
    created: CREATED,
    model: request.model,
    system_fingerprint: 'fp_captured',
  };
  const usage = request.stream_options?.include_usage === true ? { usage: null } : {};
  const delta = (change: unknown, finish: string | null = null): string =>
    JSON.stringify({ ...head, choices: [{ index: 0, delta: change, logprobs: null, finish_reason: finish }], ...usage });
  const out = [delta({ role: 'assistant', content: turn.content === null ? null : '' })];
  for (const piece of pieces(turn.content ?? '')) out.push(delta({ content: piece }));
  for (const [index, call] of turn.toolCalls.entries()) {
    out.push(delta({ tool_calls: [{ index, id: call.id, type: 'function', function: { name: call.function.name, arguments: '' } }] }));
    for (const piece of pieces(call.function.arguments)) out.push(delta({ tool_calls: [{ index, function: { arguments: piece } }] }));
  }
  out.push(delta({}, turn.finish));
  if (request.stream_options?.include_usage === true) out.push(JSON.stringify({ ...head, choices: [], usage: usageOf(requestBody, turn) }));
  return [...out, '[DONE]'];
}

/** Whole characters only: half a surrogate pair has no UTF-8 form. */
function pieces(text: string): readonly string[] {
  const characters = [...text];
  return Array.from({ length: Math.ceil(characters.length / CHUNK_CHARS) }, (_, nth) =>
    characters.slice(nth * CHUNK_CHARS, (nth + 1) * CHUNK_CHARS).join(''),
  );
}
