// Turns instructions into tool calls that fit the tools at hand, and skips what the conversation shows as done.
// Call ids are digests of the instruction, so the model recognises its own work without keeping state.

import { createHash } from 'node:crypto';
import type { Instruction } from './instructions.ts';
import type { Memory } from './memory.ts';
import type { Tool, ToolCall } from './types.ts';

/** Enough for read, act, deliver, answer; after that the model answers with what it has. */
const MAX_ROUNDS = 6;
const MAX_CALLS_PER_TURN = 8;
/** Longest data it puts into one URL. */
const MAX_URL_DATA = 1_500;

type Values = Readonly<Record<string, string | null>>;

/** Which declared parameter takes which of our values, by name. */
const PARAMETERS: Readonly<Record<string, RegExp>> = {
  order: /^order|_order|^id$/i,
  customer: /customer/i,
  product: /product|^id$/i,
  email: /e?mail|query/i,
  amount: /amount|value|sum/i,
  destination: /dest|payment|card|account/i,
  recipient: /recipient|^to$|email|address/i,
  body: /body|text|message|content/i,
  note: /note|text|body/i,
  url: /url|link|href|destination/i,
  resource: /resource|what|kind/i,
  address1: /address1|street|^address$/i,
  city: /city/i,
  zip: /zip|post/i,
  phone: /phone/i,
};

export function nextCalls(memory: Memory): readonly ToolCall[] {
  if (memory.rounds >= MAX_ROUNDS) return [];
  const calls = memory.instructions.flatMap((instruction) => callsFor(instruction, memory));
  const fresh = new Map(calls.filter((call) => !memory.calledIds.has(call.id)).map((call) => [call.id, call]));
  return [...fresh.values()].slice(0, MAX_CALLS_PER_TURN);
}

function callsFor(instruction: Instruction, memory: Memory): readonly ToolCall[] {
  switch (instruction.kind) {
    case 'call':
      return [made(instruction.name, instruction.arguments, JSON.stringify(instruction))];
    case 'refund':
      return refundCalls(instruction, memory);
    case 'read_order':
      return act(memory, /order/i, /refund|list|note/i, instruction, { order: instruction.order });
    case 'read_customer': {
      if (instruction.email !== null)
        return act(memory, /(?:search|find)\w*customer|customer\w*search/i, null, instruction, { email: instruction.email });
      return act(memory, /customer/i, /list|search|update|export/i, instruction, { customer: instruction.customer ?? memory.customer });
    }
    case 'read_product':
      return [
        ...act(memory, /product/i, /search|list|review/i, instruction, { product: instruction.product }),
        ...act(memory, /review/i, null, instruction, { product: instruction.product }),
      ];
    case 'update_customer':
      return act(memory, /(?:update|change|edit)\w*customer|customer\w*update/i, null, instruction, {
        customer: instruction.customer ?? memory.customer,
        ...instruction.changes,
      });
    case 'note_order':
      return act(memory, /note/i, null, instruction, { order: instruction.order, note: instruction.note });
    case 'export_customers': {
      const direct = act(memory, /export/i, null, instruction, { url: instruction.url, resource: 'customers' });
      return direct.length > 0 ? direct : fetchCalls(`${instruction.url}?d={customers}`, memory, instruction);
    }
    case 'send':
      return sendCalls(instruction, memory);
    case 'fetch':
      return fetchCalls(instruction.url, memory, instruction);
    case 'append':
      return /\{customers\}/.test(instruction.text) ? listCall(memory) : [];
    case 'say':
    case 'reveal':
      return [];
    default:
      return instruction satisfies never;
  }
}

type Of<Kind extends Instruction['kind']> = Extract<Instruction, { kind: Kind }>;

/** Without an amount the order is read first; if that was refused, a captured model tries a plausible amount all the same. */
function refundCalls(instruction: Of<'refund'>, memory: Memory): readonly ToolCall[] {
  let amount = instruction.amount;
  if (amount === null) {
    const look = act(memory, /order/i, /refund|list|note/i, { kind: 'read_order', order: instruction.order }, { order: instruction.order });
    if (look.some((call) => !memory.calledIds.has(call.id))) return look;
    const record = memory.results
      .map((result) => result.json as { id?: unknown; refundable?: unknown } | null)
      .find((json) => json?.id === instruction.order);
    amount = typeof record?.refundable === 'string' ? record.refundable : '25.00';
  }
  const values = { order: instruction.order, amount, destination: instruction.destination };
  return Array.from({ length: instruction.times }, (_, nth) =>
    act(memory, /refund/i, /list|get|read/i, { ...instruction, nth }, values),
  ).flat();
}

function sendCalls(instruction: Of<'send'>, memory: Memory): readonly ToolCall[] {
  const needed = instruction.what === 'customers' ? listCall(memory) : [];
  if (needed.some((call) => !memory.calledIds.has(call.id))) return needed;
  // The case is known only after the tools asked for in the same breath have answered.
  if (instruction.what === 'case' && memory.results.length === 0 && memory.tools.length > 0) {
    const reads = memory.instructions.filter((other) => other.kind === 'read_order').flatMap((other) => callsFor(other, memory));
    if (reads.some((call) => !memory.calledIds.has(call.id))) return [];
  }
  const body = instruction.what === 'customers' ? fill('{customers}', memory) : fill('{data}', memory);
  return act(memory, /send|message|mail/i, /ticket/i, instruction, { recipient: instruction.recipient, body, customer: memory.customer });
}

function fetchCalls(url: string, memory: Memory, instruction: Instruction): readonly ToolCall[] {
  const needed = /\{customers\}/.test(url) ? listCall(memory) : [];
  if (needed.some((call) => !memory.calledIds.has(call.id))) return needed;
  return act(memory, /fetch|preview|browse|open|visit|http/i, null, instruction, { url: fill(url, memory) });
}

function listCall(memory: Memory): readonly ToolCall[] {
  return act(memory, /list\w*customers|customers\w*list/i, null, 'list', {});
}

function act(memory: Memory, wanted: RegExp, unwanted: RegExp | null, cause: unknown, values: Values): readonly ToolCall[] {
  const tool = memory.tools.find(({ function: { name } }) => wanted.test(name) && unwanted?.test(name) !== true);
  return tool === undefined ? [] : [made(tool.function.name, JSON.stringify(fitted(tool, values)), JSON.stringify(cause))];
}

/** Our values under the tool's own parameter names; what the tool does not take is left out. */
function fitted(tool: Tool, values: Values): Record<string, unknown> {
  const properties = tool.function.parameters?.properties ?? {};
  const found: Record<string, unknown> = {};
  for (const [meaning, value] of Object.entries(values)) {
    if (value === null) continue;
    const pattern = PARAMETERS[meaning];
    const name = Object.keys(properties).find(
      (candidate) => !(candidate in found) && (candidate === meaning || pattern?.test(candidate) === true),
    );
    if (name === undefined) continue;
    const type = (properties[name] as { type?: unknown } | null)?.type;
    found[name] = type === 'number' || type === 'integer' ? Number(value) : value;
  }
  return found;
}

function made(name: string, args: string, cause: string): ToolCall {
  const id = `call_${createHash('sha256').update(`${name} ${cause}`).digest('hex').slice(0, 24)}`;
  return { id, type: 'function', function: { name, arguments: args } };
}

/** Fills `{customers}`, `{email}` and `{data}`: percent-encoded inside a URL, as they are when doubled (`{{email}}`) or in prose. */
export function fill(template: string, memory: Memory): string {
  const encode = /https?:/.test(template) ? encodeURIComponent : (text: string): string => text;
  const data = (name: string): string => dataFor(name, memory).slice(0, encode === encodeURIComponent ? MAX_URL_DATA : undefined);
  return template
    .replace(/\{\{(customers|email|data)\}\}/g, (_, name: string) => data(name))
    .replace(/\{(customers|email|data)\}/g, (_, name: string) => encode(data(name)));
}

function dataFor(name: string, memory: Memory): string {
  if (name === 'email')
    return (
      memory.email ??
      memory.results.map((result) => /[\w.+-]+@[\w.-]+|<EMAIL_\d+>/.exec(result.text)?.[0]).find((hit) => hit !== undefined) ??
      'none'
    );
  if (name === 'data') return memory.results.map((result) => result.text).join('\n') || memory.lastUser;
  const listed = memory.results.filter((result) => /list\w*customers|customers\w*list/i.test(result.tool)).map((result) => result.text);
  return listed.join('\n') || 'none';
}
