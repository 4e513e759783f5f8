// Answers one ticket: read it, let the model choose tools, do what it chose, mail what it said.
// The agent holds no defence of its own; whatever keeps the shop safe must stand between it and the shop.

import { callHttp } from '../http/index.ts';
import { type BindingSigner, type CallOrigin, newRunId, type VerifiedCustomer } from './binding.ts';
import { callShop, type Endpoint, originHeaders, type ShopAnswer } from './shop-client.ts';
import { declaredTools, type ToolRequest, toolRequest } from './tools.ts';

/** A model that still wants tools after this many turns gets no more. */
const MAX_TURNS = 8;

export interface AgentConfig {
  /** Base URL ends in `/v1`. */
  readonly model: Endpoint & { readonly name: string };
  readonly shop: Endpoint;
  /** Null without a gateway. */
  readonly signer: BindingSigner | null;
}

/** What the channel itself knows of a ticket. The customer was proven there; the ticket's text proves nothing. */
export interface ChannelTicket {
  readonly ticketId: string;
  readonly customer: VerifiedCustomer;
}

/** A call that waits for a person. */
export interface PendingCall {
  readonly approvalId: string;
  readonly request: ToolRequest;
}

/** Says what became of a waiting call. Without one, the run ends there. */
export type OnWaiting = (pending: PendingCall) => Promise<'executed' | 'left'>;

export interface AgentStep {
  readonly request: ToolRequest;
  readonly outcome: 'answered' | 'refused' | 'waiting';
  /** Code of a refusal. */
  readonly code: string | null;
}

export type AgentResult = { readonly run: string; readonly steps: readonly AgentStep[] } & (
  | { readonly kind: 'done'; readonly reply: string }
  | { readonly kind: 'waiting'; readonly approvalId: string }
  | { readonly kind: 'refused'; readonly code: string }
);

interface Message {
  readonly role: string;
  readonly content: string | null;
  readonly tool_calls?: readonly { readonly id: string; readonly function: { readonly name: string; readonly arguments: string } }[];
  readonly tool_call_id?: string;
}

const SYSTEM = 'You are the support desk of a small shop. Use the tools to look things up and to act. Answer in a few plain sentences.';

export async function runAgent(config: AgentConfig, ticket: ChannelTicket, onWaiting?: OnWaiting): Promise<AgentResult> {
  const run = newRunId(Date.now());
  const steps: AgentStep[] = [];
  const origin = (toolCallId: string | null): CallOrigin => ({ run, customer: ticket.customer, toolCallId });
  const shop = async (request: ToolRequest, toolCallId: string): Promise<ShopAnswer> => {
    const answer = await callShop(config.shop, config.signer, request, origin(toolCallId));
    steps.push({ request, outcome: answer.kind, code: answer.kind === 'refused' ? answer.code : null });
    return answer;
  };

  const ticketRecord = await shop({ method: 'GET', path: `/tickets/${ticket.ticketId}` }, 'read_ticket');
  const customerRecord = await shop({ method: 'GET', path: `/customers/${ticket.customer.id}` }, 'read_customer');
  for (const record of [ticketRecord, customerRecord]) {
    if (record.kind === 'refused') return { kind: 'refused', code: record.code, run, steps };
    if (record.kind === 'waiting') return { kind: 'waiting', approvalId: record.approvalId, run, steps };
  }
  const { subject, body } = fieldsOf(ticketRecord);
  const messages: Message[] = [
    { role: 'system', content: SYSTEM },
    { role: 'user', content: `Ticket ${ticket.ticketId} from customer ${ticket.customer.id}.\n\nSubject: ${subject}\n\n${body}` },
  ];

  let reply = 'A colleague will get back to you.';
  for (let turn = 0; turn < MAX_TURNS; turn++) {
    const said = await askModel(config, messages, origin(null));
    if (typeof said === 'string') {
      steps.push({ request: { method: 'POST', path: '/chat/completions' }, outcome: 'refused', code: said });
      break;
    }
    messages.push(said);
    if (said.tool_calls === undefined || said.tool_calls.length === 0) {
      reply = said.content ?? '';
      break;
    }
    for (const call of said.tool_calls) {
      const request = toolRequest(call.function.name, call.function.arguments);
      const answer: ShopAnswer = request === null ? noSuchTool() : await shop(request, call.id);
      if (answer.kind === 'waiting' && request !== null) {
        if (onWaiting === undefined) return { kind: 'waiting', approvalId: answer.approvalId, run, steps };
        const became = await onWaiting({ approvalId: answer.approvalId, request });
        messages.push({
          role: 'tool',
          tool_call_id: call.id,
          content: JSON.stringify({ status: became === 'executed' ? 'done' : 'waiting' }),
        });
      } else messages.push({ role: 'tool', tool_call_id: call.id, content: answer.kind === 'waiting' ? '{}' : answer.text });
    }
  }

  const recipient = fieldsOf(customerRecord).email ?? '';
  const message: ToolRequest = {
    method: 'POST',
    path: '/messages',
    body: JSON.stringify({ customer_id: ticket.customer.id, recipient, body: reply }),
  };
  const sent = await shop(message, 'final_reply');
  if (sent.kind === 'refused') return { kind: 'refused', code: sent.code, run, steps };
  if (sent.kind === 'waiting') {
    if (onWaiting === undefined) return { kind: 'waiting', approvalId: sent.approvalId, run, steps };
    await onWaiting({ approvalId: sent.approvalId, request: message });
  }
  return { kind: 'done', reply, run, steps };
}

/** The assistant's message, or the code of the refusal. */
async function askModel(config: AgentConfig, messages: readonly Message[], origin: CallOrigin): Promise<Message | string> {
  const { status, json } = await callHttp({
    method: 'POST',
    baseUrl: config.model.baseUrl,
    path: '/chat/completions',
    headers: { ...config.model.headers, ...originHeaders(config.signer, origin) },
    body: JSON.stringify({ model: config.model.name, messages, tools: declaredTools() }),
  });
  const answer = json as { choices?: [{ message?: Message }]; error?: { code?: unknown } } | null;
  const message = answer?.choices?.[0].message;
  return status === 200 && message !== undefined ? message : String(answer?.error?.code ?? `HTTP_${status}`);
}

function noSuchTool(): ShopAnswer {
  return { kind: 'refused', status: 404, code: 'NO_SUCH_TOOL', text: '{"error":{"code":"NO_SUCH_TOOL"}}' };
}

function fieldsOf(answer: ShopAnswer): Record<string, string | undefined> {
  return answer.kind === 'answered' && typeof answer.json === 'object' && answer.json !== null
    ? (answer.json as Record<string, string>)
    : {};
}
