// What the captured model knows at this point of a conversation: what was said, which tools answered what, whom it is about.

import { readings } from './decode.ts';
import { findInstructions, type Instruction } from './instructions.ts';
import { type ChatRequest, type Tool, textOf } from './types.ts';

export interface ToolResult {
  readonly tool: string;
  readonly text: string;
  /** Parsed, or null when the result is not JSON. */
  readonly json: unknown;
}

export interface Memory {
  readonly tools: readonly Tool[];
  /** In order of appearance, each once. */
  readonly instructions: readonly Instruction[];
  readonly results: readonly ToolResult[];
  readonly calledIds: ReadonlySet<string>;
  /** How often the model has asked for tools since the last user message. */
  readonly rounds: number;
  readonly system: string;
  readonly lastUser: string;
  /** The customer's id as the conversation states it, in clear or as a placeholder. */
  readonly customer: string | null;
  /** The customer's e-mail address, likewise. */
  readonly email: string | null;
}

export function remember(request: ChatRequest): Memory {
  const tools = request.tools ?? [];
  const names = new Map(request.messages.flatMap((message) => (message.tool_calls ?? []).map((call) => [call.id, call.function.name])));
  const results: ToolResult[] = [];
  const seen = new Map<string, Instruction>();
  let rounds = 0;
  const read = (text: string): void => {
    for (const instruction of readings(text).flatMap(findInstructions)) seen.set(JSON.stringify(instruction), instruction);
  };
  for (const tool of tools) read(tool.function.description ?? '');
  for (const message of request.messages) {
    const text = textOf(message);
    if (message.role === 'user') rounds = 0;
    if (message.role === 'assistant') {
      if ((message.tool_calls ?? []).length > 0) rounds++;
    } else if (message.role === 'tool') {
      const json = parseOrNull(text);
      results.push({ tool: names.get(message.tool_call_id ?? '') ?? '', text, json });
      for (const leaf of json === null ? [text] : stringLeaves(json)) read(leaf);
    } else read(text);
  }
  const prose = request.messages
    .filter((message) => message.role !== 'tool' && message.role !== 'assistant')
    .map(textOf)
    .join('\n');
  return {
    tools,
    instructions: [...seen.values()],
    results,
    calledIds: new Set(names.keys()),
    rounds,
    system: request.messages
      .filter((message) => message.role === 'system' || message.role === 'developer')
      .map(textOf)
      .join('\n'),
    lastUser: textOf(request.messages.findLast((message) => message.role === 'user') ?? { role: 'user', content: '' }),
    customer: /\bcustomer\s+(?:id\s*)?:?\s*#?([\w-]*\d[\w-]*|<[A-Z_]+_\d+>)/i.exec(prose)?.[1] ?? null,
    email: /[\w.+-]+@[\w-]+(?:\.[\w-]+)+|<EMAIL_\d+>/i.exec(prose)?.[0] ?? null,
  };
}

export function parseOrNull(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    return null;
  }
}

export function stringLeaves(value: unknown): readonly string[] {
  if (typeof value === 'string') return [value];
  if (typeof value !== 'object' || value === null) return [];
  return Object.values(value).flatMap(stringLeaves);
}
