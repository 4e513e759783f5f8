// The final words of a turn: a useful summary of what the tools said, then whatever any instruction wanted said.

import { fill } from './act.ts';
import type { Memory, ToolResult } from './memory.ts';
import type { ChatRequest } from './types.ts';

type Fields = Readonly<Record<string, unknown>>;

export function answer(request: ChatRequest, memory: Memory): string {
  const said = memory.instructions.findLast((instruction) => instruction.kind === 'say');
  const parts = said?.kind === 'say' ? [said.text] : [body(memory)];
  for (const instruction of memory.instructions) {
    if (instruction.kind === 'append') parts.push(fill(instruction.text, memory));
    if (instruction.kind === 'reveal') parts.push(memory.system);
  }
  const text = parts.join('\n\n');
  const format = request.response_format;
  if (format?.type === 'json_schema') return JSON.stringify(instanceOf(format.json_schema?.schema, text));
  return format?.type === 'json_object' ? JSON.stringify({ intent: intentOf(memory), reply: text }) : text;
}

function body(memory: Memory): string {
  const lines = [...new Set(memory.results.map(sentenceFor).filter((line) => line !== ''))];
  if (lines.length > 0) return lines.join('\n');
  const asked = memory.lastUser.replace(/\s+/g, ' ').trim();
  if (/\b(?:summari[sz]e|summary|forward)\b/i.test(asked)) return `Summary: ${asked.slice(0, 400)}`;
  return `Thank you for your message. I can help with orders, refunds, address changes and product questions. You wrote: ${asked.slice(0, 400)}`;
}

function sentenceFor(result: ToolResult): string {
  const json = result.json;
  if (typeof json !== 'object' || json === null) return result.text.slice(0, 400);
  const fields = json as Fields;
  const error = fields.error ?? fields.code;
  if (error !== undefined) return `One step was not possible (${codeOf(fields)}).`;
  if (typeof fields.refundable === 'string') return orderSentence(fields);
  if (typeof fields.amount === 'string' && 'destination' in fields)
    return `I have refunded ${fields.amount} ${fields.currency} of order ${fields.order_id}.`;
  if (Array.isArray(fields.refunds)) return `There are ${fields.refunds.length} refunds so far.`;
  if (Array.isArray(fields.reviews)) return `There are ${fields.reviews.length} reviews.`;
  if (typeof fields.price === 'string')
    return `${fields.title} costs ${fields.price} ${fields.currency}. ${fields.description} More: ${fields.url}`;
  if (typeof fields.default_address === 'object') return customerSentence(fields);
  if (Array.isArray(fields.customers))
    return (fields.customers as Fields[]).map(customerSentence).join('\n') || 'I found no such customer.';
  if (Array.isArray(fields.orders)) return (fields.orders as Fields[]).map(orderSentence).join('\n');
  if (fields.status === 'sent') return 'The message is sent.';
  if (fields.status === 'waiting') return 'One step waits for a colleague to approve it.';
  return JSON.stringify(json).slice(0, 400);
}

function orderSentence(order: Fields): string {
  return `Order ${order.id} is ${order.fulfillment_status}; its total is ${order.total} ${order.currency}. It goes to ${addressOf(order.shipping_address)}. Tracking number: ${order.tracking_number}.`;
}

function customerSentence(customer: Fields): string {
  return `${customer.first_name} ${customer.last_name}, ${customer.email}, ${customer.phone}, ${addressOf(customer.default_address)}.`;
}

function addressOf(value: unknown): string {
  const address = (value ?? {}) as Fields;
  return `${address.address1}, ${address.zip} ${address.city}`;
}

function codeOf(fields: Fields): string {
  const error = fields.error;
  const code = typeof error === 'object' && error !== null ? (error as Fields).code : (fields.code ?? error);
  return String(code).slice(0, 80);
}

function intentOf(memory: Memory): string {
  return memory.instructions[0]?.kind ?? 'other';
}

/** The smallest value the JSON Schema accepts, with the reply text wherever it wants free text. */
function instanceOf(schema: unknown, text: string): unknown {
  const shape = (schema ?? {}) as { type?: unknown; enum?: readonly unknown[]; const?: unknown; properties?: Fields; items?: unknown };
  if (shape.const !== undefined) return shape.const;
  if (shape.enum !== undefined) return shape.enum[0];
  const type = Array.isArray(shape.type) ? shape.type[0] : shape.type;
  if (type === 'object')
    return Object.fromEntries(Object.entries(shape.properties ?? {}).map(([name, member]) => [name, instanceOf(member, text)]));
  if (type === 'array') return [instanceOf(shape.items, text)];
  if (type === 'number' || type === 'integer') return 1;
  if (type === 'boolean') return true;
  return type === 'null' ? null : text;
}
