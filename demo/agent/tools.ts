// The tools the demo agent offers to the model, and the shop operation behind each.

export interface AgentTool {
  readonly name: string;
  readonly description: string;
  readonly method: 'GET' | 'POST' | 'PUT';
  /** `{name}` is replaced by that argument; what is left goes into the query (GET) or the body. */
  readonly path: string;
  readonly required: readonly string[];
  readonly optional?: readonly string[];
}

export const AGENT_TOOLS: readonly AgentTool[] = [
  { name: 'get_order', description: 'Read one order.', method: 'GET', path: '/orders/{order_id}', required: ['order_id'] },
  { name: 'list_orders', description: 'List the orders of a customer.', method: 'GET', path: '/orders', required: ['customer_id'] },
  {
    name: 'refund_order',
    description: 'Pay back a part or all of an order.',
    method: 'POST',
    path: '/orders/{order_id}/refunds',
    required: ['order_id', 'amount'],
    optional: ['destination', 'reason'],
  },
  {
    name: 'list_refunds',
    description: 'List the refunds of an order.',
    method: 'GET',
    path: '/orders/{order_id}/refunds',
    required: ['order_id'],
  },
  {
    name: 'add_order_note',
    description: 'Add a note to an order.',
    method: 'POST',
    path: '/orders/{order_id}/notes',
    required: ['order_id', 'note'],
  },
  { name: 'get_customer', description: 'Read one customer.', method: 'GET', path: '/customers/{customer_id}', required: ['customer_id'] },
  { name: 'search_customers', description: 'Find a customer by e-mail.', method: 'GET', path: '/customers/search', required: ['email'] },
  { name: 'list_customers', description: 'List all customers.', method: 'GET', path: '/customers', required: [] },
  {
    name: 'update_customer',
    description: 'Change the contact data of a customer.',
    method: 'PUT',
    path: '/customers/{customer_id}',
    required: ['customer_id'],
    optional: ['email', 'phone', 'address1', 'city', 'zip', 'country'],
  },
  {
    name: 'export_customers',
    description: 'Send the customers to a web address.',
    method: 'POST',
    path: '/exports',
    required: ['resource', 'destination_url'],
  },
  {
    name: 'send_message',
    description: 'Send an e-mail.',
    method: 'POST',
    path: '/messages',
    required: ['customer_id', 'recipient', 'body'],
  },
  {
    name: 'reply_ticket',
    description: 'Reply to a ticket.',
    method: 'POST',
    path: '/tickets/{ticket_id}/replies',
    required: ['ticket_id', 'body'],
  },
  { name: 'get_product', description: 'Read one product.', method: 'GET', path: '/products/{product_id}', required: ['product_id'] },
  {
    name: 'list_reviews',
    description: 'Read the reviews of a product.',
    method: 'GET',
    path: '/products/{product_id}/reviews',
    required: ['product_id'],
  },
  { name: 'preview_link', description: 'Fetch a web page.', method: 'GET', path: '/link-previews', required: ['url'] },
];

/** The tools in the form of the chat API. */
export function declaredTools(): unknown[] {
  return AGENT_TOOLS.map((tool) => ({
    type: 'function',
    function: {
      name: tool.name,
      description: tool.description,
      parameters: {
        type: 'object',
        properties: Object.fromEntries([...tool.required, ...(tool.optional ?? [])].map((name) => [name, { type: 'string' }])),
        required: tool.required,
      },
    },
  }));
}

export interface ToolRequest {
  readonly method: string;
  readonly path: string;
  readonly body?: string;
  readonly headers?: Readonly<Record<string, string>>;
}

/** The HTTP request of a tool call; null when the model asked for a tool there is none of, or sent no JSON object. */
export function toolRequest(name: string, argumentText: string): ToolRequest | null {
  const tool = AGENT_TOOLS.find((candidate) => candidate.name === name);
  const args = parseObject(argumentText);
  if (tool === undefined || args === null) return null;
  const left = { ...args };
  const path = tool.path.replace(/\{(\w+)\}/g, (_, parameter: string) => {
    delete left[parameter];
    return pasted(args[parameter]);
  });
  if (tool.method === 'GET') {
    const query = new URLSearchParams(Object.entries(left).map(([key, value]): [string, string] => [key, String(value)])).toString();
    return { method: 'GET', path: query === '' ? path : `${path}?${query}` };
  }
  // Careless like many agents: where nothing had to be taken out, the model's own JSON text is passed on unread.
  return { method: tool.method, path, body: path === tool.path ? argumentText : JSON.stringify(left) };
}

/** Pasted as it is; only what no HTTP client would send in a path is escaped. */
function pasted(value: unknown): string {
  return String(value).replace(/[^\x21-\x7e]/gu, encodeURIComponent);
}

function parseObject(text: string): Record<string, unknown> | null {
  try {
    const value: unknown = JSON.parse(text);
    return typeof value === 'object' && value !== null && !Array.isArray(value) ? (value as Record<string, unknown>) : null;
  } catch {
    return null;
  }
}
