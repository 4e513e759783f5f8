// The same reply restored whole and in pieces, by four ways a piece can come: UTF-16 units, bytes, bytes of an event stream, and pieces of a
// tool call's arguments within one. Counts what differs.

import {
  type Conversation,
  createConversation,
  type Destination,
  MAX_PLACEHOLDER,
  type TextTransform,
} from '../../server/src/dlp/index.ts';
import type { OutputHooks } from '../../server/src/enforcement/index.ts';
import { openaiProtocol } from '../../server/src/gateway/index.ts';
import { conversationOfTen, type Draw, documentFrom, drawFrom } from './documents.ts';

export const WAYS = ['utf16', 'bytes', 'sse', 'arguments'] as const;
export type Way = (typeof WAYS)[number];

export interface Trials {
  readonly every: number;
  readonly random: number;
  mismatches: number;
  /** Longest stretch that was held back, in UTF-16 units. */
  heldMost: number;
  first: { readonly text: string; readonly cuts: readonly number[] } | null;
}

const ALL: Destination = Object.freeze({ types: 'all', escape: 'none', inLinks: false });
const JSON_TEXT: Destination = Object.freeze({ types: 'all', escape: 'json', inLinks: false });
const encoder = new TextEncoder();

/** What comes out when these pieces go in. */
type Through = (pieces: readonly Uint8Array[]) => string;

function joined(stream: Pick<TextTransform, 'push' | 'end'>, pieces: readonly string[]): string {
  let out = '';
  for (const piece of pieces) out += stream.push(piece);
  return out + stream.end();
}

function hooksOf(conversation: Conversation): OutputHooks {
  return {
    openText: () => conversation.restoreStream(ALL),
    toolCalls: (calls) => calls.map((call) => ({ ...call, arguments: conversation.restore(call.arguments, JSON_TEXT).text })),
    usage: () => {},
  };
}

/** What a client reads of a stream: words and arguments, however the events are cut. */
function readEvents(raw: string): string {
  let words = '';
  let args = '';
  for (const line of raw.split('\n')) {
    if (!line.startsWith('data: {')) continue;
    const body = JSON.parse(line.slice(6)) as {
      choices: { delta: { content?: string; tool_calls?: { function?: { arguments?: string } }[] } }[];
    };
    for (const { delta } of body.choices) {
      words += delta.content ?? '';
      args += delta.tool_calls?.map((call) => call.function?.arguments ?? '').join('') ?? '';
    }
  }
  return `${words}\0${args}`;
}

function throughEvents(conversation: Conversation): Through {
  return (pieces) => {
    const stream = openaiProtocol.openStream(hooksOf(conversation));
    let raw = '';
    for (const piece of [...pieces, null]) {
      const out = piece === null ? stream.end() : stream.push(piece);
      if (typeof out === 'string') raw += out;
      else if (out instanceof Uint8Array) raw += Buffer.from(out).toString('utf8');
      else if (out !== null) return `refused: ${out.code}`;
    }
    return readEvents(raw);
  };
}

const event = (delta: object, finish: string | null = null): string =>
  `data: ${JSON.stringify({ choices: [{ index: 0, delta, finish_reason: finish }] })}\n\n`;

/** Pieces of a text that no character is cut by, as providers send them. */
function tokensOf(text: string, draw: Draw): readonly string[] {
  const tokens: string[] = [];
  let token = '';
  for (const character of text) {
    token += character;
    if (draw(6) === 0) {
      tokens.push(token);
      token = '';
    }
  }
  return token === '' ? tokens : [...tokens, token];
}

interface Case {
  readonly text: string;
  readonly bytes: Uint8Array;
  /** How it reads when nothing is cut. */
  readonly whole: string;
  readonly length: number;
  run(cuts: readonly number[]): string;
}

function caseOf(way: Way, conversation: Conversation, draw: Draw): Case {
  const text = documentFrom(draw);
  if (way === 'utf16') {
    return {
      ...{ text, bytes: encoder.encode(text), length: text.length, whole: conversation.restore(text, ALL).text },
      run: (cuts) =>
        joined(
          conversation.restoreStream(ALL),
          [0, ...cuts].map((from, at) => text.slice(from, cuts[at] ?? text.length)),
        ),
    };
  }
  if (way === 'bytes') {
    const bytes = encoder.encode(text);
    return {
      ...{ text, bytes, length: bytes.length, whole: conversation.restore(text, ALL).text },
      run: (cuts) => {
        const decoder = new TextDecoder();
        const pieces = [0, ...cuts].map((from, at) => decoder.decode(bytes.subarray(from, cuts[at] ?? bytes.length), { stream: true }));
        return joined(conversation.restoreStream(ALL), [...pieces, decoder.decode()]);
      },
    };
  }
  const isArguments = way === 'arguments';
  const said = isArguments ? JSON.stringify({ note: text, to: '<EMAIL_1>' }) : text;
  const deltas = tokensOf(said, draw).map((piece, at) =>
    isArguments
      ? event({
          tool_calls: [
            {
              index: 0,
              ...(at === 0 ? { id: 'call_1', type: 'function' } : {}),
              function: { ...(at === 0 ? { name: 'f' } : {}), arguments: piece },
            },
          ],
        })
      : event({ content: piece }),
  );
  const bytes = encoder.encode(
    `${event({ role: 'assistant' })}${deltas.join('')}${event({}, isArguments ? 'tool_calls' : 'stop')}data: [DONE]\n\n`,
  );
  const through = throughEvents(conversation);
  const expected = conversation.restore(said, isArguments ? JSON_TEXT : ALL).text;
  return {
    ...{ text: said, bytes, length: bytes.length, whole: isArguments ? `\0${expected}` : `${expected}\0` },
    run: (cuts) => through([0, ...cuts].map((from, at) => bytes.subarray(from, cuts[at] ?? bytes.length))),
  };
}

/** Units held back at most while a text passes in these pieces. Nothing is restored, so that lengths can be compared. */
function heldOf(text: string, cuts: readonly number[], empty: Conversation): number {
  const stream = empty.restoreStream(ALL);
  let pushed = 0;
  let released = 0;
  let most = 0;
  for (const [at, from] of [0, ...cuts].entries()) {
    const piece = text.slice(from, cuts[at] ?? text.length);
    pushed += piece.length;
    released += stream.push(piece).length;
    most = Math.max(most, pushed - released);
  }
  return most;
}

const MAX_CUTS = 12;

export interface TrialCount {
  readonly random: number;
  /** Random cuts of one document; a document in an event stream is long, and each of its places is tried too. */
  readonly roundsADocument: number;
}

/** Every cut in two of each document, and `random` cuts into many; documents are made until there were as many. */
export function runTrials(way: Way, seed: number, { random, roundsADocument }: TrialCount): Trials {
  const draw = drawFrom(seed);
  const conversation = conversationOfTen();
  const empty = createConversation({ known: [] });
  const counts = { every: 0, random: 0 };
  const found: Omit<Trials, 'every' | 'random'> = { mismatches: 0, heldMost: 0, first: null };
  const check = (one: Case, cuts: readonly number[]): void => {
    if (one.run(cuts) === one.whole) return;
    found.mismatches += 1;
    found.first ??= { text: one.text, cuts };
  };
  while (counts.random < random) {
    const one = caseOf(way, conversation, draw);
    for (let at = 0; at <= one.length; at += 1) {
      counts.every += 1;
      check(one, [at]);
    }
    for (let round = 0; round < roundsADocument && counts.random < random; round += 1) {
      counts.random += 1;
      const cuts = Array.from({ length: 2 + draw(MAX_CUTS) }, () => draw(one.length + 1)).sort((left, right) => left - right);
      check(one, cuts);
    }
    const units = Array.from({ length: Math.max(0, one.text.length - 1) }, (_, at) => at + 1);
    found.heldMost = Math.max(found.heldMost, heldOf(one.text, units, empty));
  }
  return { ...counts, ...found };
}

export { MAX_PLACEHOLDER };
