// One HTTP call of the agent to the shop, guarded or not, and what its answer means for the run.

import { callHttp } from '../http/index.ts';
import { BINDING_HEADER, type BindingSigner, type CallOrigin } from './binding.ts';
import type { ToolRequest } from './tools.ts';

export interface Endpoint {
  /** Origin and path prefix. */
  readonly baseUrl: string;
  readonly headers: Readonly<Record<string, string>>;
}

export type ShopAnswer =
  | { readonly kind: 'answered'; readonly status: number; readonly text: string; readonly json: unknown }
  | { readonly kind: 'refused'; readonly status: number; readonly code: string; readonly text: string }
  | { readonly kind: 'waiting'; readonly approvalId: string };

export function originHeaders(signer: BindingSigner | null, origin: CallOrigin): Record<string, string> {
  return signer === null ? {} : { [BINDING_HEADER]: signer.sign(origin) };
}

export async function callShop(
  shop: Endpoint,
  signer: BindingSigner | null,
  request: ToolRequest,
  origin: CallOrigin,
): Promise<ShopAnswer> {
  const { status, json, text } = await callHttp({
    ...request,
    baseUrl: shop.baseUrl,
    headers: {
      ...request.headers,
      ...shop.headers,
      ...originHeaders(signer, origin),
      ...(request.method === 'GET' ? {} : { 'idempotency-key': `${origin.run}.${origin.toolCallId}` }),
    },
  });
  if (status < 400) return { kind: 'answered', status, text, json };
  const problem = (json ?? {}) as { code?: unknown; approval?: unknown; error?: { code?: unknown } | string };
  const code = String(problem.code ?? (typeof problem.error === 'object' ? problem.error.code : problem.error) ?? `HTTP_${status}`);
  if (status === 403 && code === 'ENDORSEMENT_REQUIRED' && typeof problem.approval === 'string')
    return { kind: 'waiting', approvalId: problem.approval };
  return { kind: 'refused', status, code, text };
}
