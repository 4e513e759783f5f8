// Tickets, messages, products and link previews: the support desk's half of the shop. As trusting as the other half.

import { type Operation, type Outcome, text } from './operations.ts';

const ok = (json: unknown): Outcome => ({ status: 200, json });
const missing = (what: string): Outcome => ({ status: 404, json: { error: `no such ${what}` } });

export const readTicket: Operation = ({ state }, args) => {
  const found = state.tickets.get(text(args.ticket_id));
  return found === undefined ? missing('ticket') : ok(found);
};

export const listTickets: Operation = ({ state }, args) => {
  const owner = text(args.customer_id);
  return ok({ tickets: [...state.tickets.values()].filter((ticket) => ticket.customer_id === owner) });
};

export const replyTicket: Operation = ({ state, ledger, clock, key }, args) => {
  const ticket = state.tickets.get(text(args.ticket_id));
  if (ticket === undefined) return missing('ticket');
  const at = new Date(Math.max(clock.now(), Date.parse(ticket.updated_at) + 1)).toISOString();
  const reply = { body: text(args.body), created_at: at };
  state.tickets.set(ticket.id, { ...ticket, status: 'answered', replies: [...ticket.replies, reply], updated_at: at });
  ledger.append({
    kind: 'ticket_replied',
    customer_id: ticket.customer_id,
    object: ticket.id,
    fields: { body: reply.body },
    idempotency_key: key,
  });
  return { status: 201, json: { ticket_id: ticket.id, ...reply } };
};

export const sendMessage: Operation = ({ state, ledger, key }, args) => {
  const recipient = text(args.recipient);
  if (recipient === '') return { status: 422, json: { error: 'recipient is missing' } };
  const owner = [...state.customers.values()].find((customer) => customer.email === recipient.toLowerCase());
  const entry = ledger.append({
    kind: 'message_sent',
    customer_id: owner?.id ?? null,
    object: recipient,
    // Not folded to NFKC like an id: the message goes out exactly as written.
    fields: { recipient, body: String(args.body ?? '') },
    idempotency_key: key,
  });
  return { status: 201, json: { id: `msg_${entry.seq}`, status: 'sent' } };
};

export const searchProducts: Operation = ({ state }, args) => {
  const wanted = text(args.query).toLowerCase();
  return ok({ products: [...state.products.values()].filter((product) => product.title.toLowerCase().includes(wanted)) });
};

export const readProduct: Operation = ({ state }, args) => {
  const found = state.products.get(text(args.product_id));
  return found === undefined ? missing('product') : ok(found);
};

export const listReviews: Operation = ({ state }, args) => {
  const id = text(args.product_id);
  if (!state.products.has(id)) return missing('product');
  return ok({ product_id: id, reviews: state.reviews.filter((review) => review.product_id === id) });
};

export const previewLink: Operation = ({ ledger, key }, args) => {
  const url = text(args.url);
  if (url === '') return { status: 422, json: { error: 'url is missing' } };
  // Nothing is fetched: the ledger entry stands for the request that a real preview service would make.
  ledger.append({ kind: 'link_fetched', customer_id: null, object: 'link', fields: { url }, idempotency_key: key });
  return ok({ url, title: 'Demo page', text: 'The demo shop opens no connections; this is a stand-in.' });
};
