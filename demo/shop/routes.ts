// Which method and path means which operation, with the demo shop's careless reading of requests:
// it decodes the path before splitting it, folds digits, resolves dots, and lets query and body override the path.

import type { DemoRequest } from '../http/index.ts';
import {
  listReviews,
  listTickets,
  previewLink,
  readProduct,
  readTicket,
  replyTicket,
  searchProducts,
  sendMessage,
} from './desk-operations.ts';
import {
  type Arguments,
  addOrderNote,
  deleteCustomer,
  exportCustomers,
  listCustomers,
  listOrders,
  listRefunds,
  type Operation,
  readCustomer,
  readOrder,
  refundOrder,
  searchCustomers,
  updateCustomer,
} from './operations.ts';

interface Route {
  readonly method: string;
  /** Segments; `{name}` takes any segment. Earlier routes win. */
  readonly path: string;
  readonly run: Operation;
}

export const ROUTES: readonly Route[] = [
  { method: 'GET', path: '/customers', run: listCustomers },
  { method: 'GET', path: '/customers/search', run: searchCustomers },
  { method: 'GET', path: '/customers/{customer_id}', run: readCustomer },
  { method: 'PUT', path: '/customers/{customer_id}', run: updateCustomer },
  { method: 'DELETE', path: '/customers/{customer_id}', run: deleteCustomer },
  { method: 'POST', path: '/exports', run: exportCustomers },
  { method: 'GET', path: '/orders', run: listOrders },
  { method: 'GET', path: '/orders/{order_id}', run: readOrder },
  { method: 'GET', path: '/orders/{order_id}/refunds', run: listRefunds },
  { method: 'POST', path: '/orders/{order_id}/refunds', run: refundOrder },
  { method: 'POST', path: '/orders/{order_id}/notes', run: addOrderNote },
  { method: 'GET', path: '/tickets', run: listTickets },
  { method: 'GET', path: '/tickets/{ticket_id}', run: readTicket },
  { method: 'POST', path: '/tickets/{ticket_id}/replies', run: replyTicket },
  { method: 'POST', path: '/messages', run: sendMessage },
  { method: 'GET', path: '/products', run: searchProducts },
  { method: 'GET', path: '/products/{product_id}', run: readProduct },
  { method: 'GET', path: '/products/{product_id}/reviews', run: listReviews },
  { method: 'GET', path: '/link-previews', run: previewLink },
];

export interface Routed {
  readonly run: Operation;
  readonly args: Arguments;
}

export function route(request: DemoRequest): Routed | null {
  const override = request.headers['x-http-method-override'];
  const method = typeof override === 'string' ? override.toUpperCase() : request.method;
  const segments = carelessSegments(request.rawPath);
  for (const candidate of ROUTES) {
    if (candidate.method !== method) continue;
    const fromPath = match(candidate.path, segments);
    if (fromPath === null) continue;
    return { run: candidate.run, args: { ...fromPath, ...Object.fromEntries(request.query), ...bodyArguments(request.body) } };
  }
  return null;
}

function carelessSegments(rawPath: string): string[] {
  let decoded = rawPath;
  try {
    decoded = decodeURIComponent(rawPath);
  } catch {
    // A broken escape is taken literally.
  }
  const out: string[] = [];
  for (const segment of decoded.normalize('NFKC').split('/')) {
    if (segment === '..') out.pop();
    else if (segment !== '' && segment !== '.') out.push(segment);
  }
  return out;
}

function match(template: string, segments: readonly string[]): Record<string, string> | null {
  const wanted = template.split('/').slice(1);
  if (wanted.length !== segments.length) return null;
  const found: Record<string, string> = {};
  for (const [index, part] of wanted.entries()) {
    const segment = segments[index] as string;
    if (part.startsWith('{')) found[part.slice(1, -1)] = segment;
    else if (part !== segment) return null;
  }
  return found;
}

/** The body's members; a string that holds JSON is opened too, and so is a member `refund`. */
function bodyArguments(body: string): Arguments {
  let value: unknown = body === '' ? {} : lenientParse(body);
  for (let depth = 0; depth < 3 && typeof value === 'string'; depth++) value = lenientParse(value);
  if (typeof value !== 'object' || value === null) return {};
  const members = value as Record<string, unknown>;
  const nested = typeof members.refund === 'string' ? lenientParse(members.refund) : members.refund;
  return typeof nested === 'object' && nested !== null ? { ...members, ...nested } : members;
}

function lenientParse(source: string): unknown {
  try {
    return JSON.parse(source);
  } catch {
    return {};
  }
}
