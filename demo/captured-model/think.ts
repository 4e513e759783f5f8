// One turn of the captured model: obey what is left to obey, else answer. A pure function of the request.

import { nextCalls } from './act.ts';
import { answer } from './answer.ts';
import { remember } from './memory.ts';
import type { ChatRequest, Turn } from './types.ts';

/** Characters a token stands for, in this model's own accounting. */
const CHARS_PER_TOKEN = 4;

export function think(request: ChatRequest): Turn {
  const memory = remember(withChosenTools(request));
  const pending = nextCalls(memory);
  const toolCalls = request.parallel_tool_calls === false ? pending.slice(0, 1) : pending;
  if (toolCalls.length > 0) return { content: null, toolCalls, finish: 'tool_calls' };
  const content = answer(request, memory);
  const limit = (request.max_completion_tokens ?? request.max_tokens ?? Number.POSITIVE_INFINITY) * CHARS_PER_TOKEN;
  return content.length > limit
    ? { content: content.slice(0, limit), toolCalls: [], finish: 'length' }
    : { content, toolCalls: [], finish: 'stop' };
}

function withChosenTools(request: ChatRequest): ChatRequest {
  const choice = request.tool_choice;
  if (choice === 'none') return { ...request, tools: [] };
  if (typeof choice !== 'object') return request;
  return { ...request, tools: (request.tools ?? []).filter((tool) => tool.function.name === choice.function.name) };
}

export function tokensOf(text: string): number {
  return Math.ceil(text.length / CHARS_PER_TOKEN);
}
