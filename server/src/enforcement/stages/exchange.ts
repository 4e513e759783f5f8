// One small request to an integration, collected whole: the credential goes in here, at the last hop, and nowhere else.

import { canonicalJson, isRefusal, type JsonValue, type Refusal, type TenantId } from '#core';
import type { LeaseHolder } from '#vault';
import type { EgressFlow, EgressLimits, GuardDeps, Lease, VaultPort } from '../ports.ts';
import type { Integration } from '../store/catalogue.ts';

/** Time bounds of connector calls: shops answer in seconds; a minute is a hung one. */
const CONNECTOR_LIMITS: Omit<EgressLimits, 'maxResponseBytes'> = { connectMs: 5_000, headersMs: 30_000, idleMs: 15_000, totalMs: 60_000 };

export interface Exchange {
  readonly method: string;
  /** Path below the integration's prefix, with its query. */
  readonly path: string;
  readonly body: JsonValue | null;
  readonly maxResponseBytes: number;
  readonly idempotency: { readonly header: string; readonly key: string } | null;
  readonly signal: AbortSignal;
}

/** Whose integration is asked. */
export interface Asker {
  readonly principal: { readonly tenant: TenantId };
  readonly integration: Pick<Integration, 'name' | 'origin' | 'pathPrefix' | 'isSample' | 'credential'>;
  /** In whose name its credential is used. */
  readonly holder: LeaseHolder;
}

export type ExchangeDeps = Pick<GuardDeps, 'egress'> & { readonly vault: Pick<VaultPort, 'lease'> };

export interface Answer {
  readonly status: number;
  readonly contentType: string;
  readonly body: Uint8Array;
}

/** Throws the egress faults; refuses when the credential may not be used there. */
export async function exchange(deps: ExchangeDeps, call: Asker, request: Exchange): Promise<Answer | Refusal> {
  const lease = await leaseFor(deps, call, request.method, request.path);
  if (isRefusal(lease)) return lease;
  const headers: Record<string, string> = { accept: 'application/json' };
  if (request.body !== null) headers['content-type'] = 'application/json';
  if (request.idempotency !== null) headers[request.idempotency.header.toLowerCase()] = request.idempotency.key;
  if (lease !== null) headers[lease.header.toLowerCase()] = lease.value.reveal();
  const chunks: Uint8Array[] = [];
  let status = 0;
  let contentType = '';
  await deps.egress.request(
    {
      destination: { origin: call.integration.origin, pathPrefix: call.integration.pathPrefix, isSample: call.integration.isSample },
      method: request.method,
      path: joinPath(call.integration.pathPrefix, request.path),
      headers,
      body: request.body === null ? null : Buffer.from(canonicalJson(request.body)),
      signal: request.signal,
      limits: { ...CONNECTOR_LIMITS, maxResponseBytes: request.maxResponseBytes },
    },
    {
      onHead: (headStatus, headHeaders, _flow: EgressFlow) => {
        status = headStatus;
        contentType = headerText(headHeaders['content-type']);
      },
      onData: (chunk) => chunks.push(chunk),
      onEnd: () => {},
    },
  );
  return { status, contentType, body: Buffer.concat(chunks) };
}

export async function leaseFor(deps: ExchangeDeps, call: Asker, method: string, path: string): Promise<Lease | null | Refusal> {
  const { name: integration, credential, origin, pathPrefix } = call.integration;
  if (credential === null) return null;
  const { holder, principal } = call;
  return deps.vault.lease({ tenant: principal.tenant, credential, integration, holder, origin, method, path: joinPath(pathPrefix, path) });
}

export function joinPath(prefix: string, path: string): string {
  return prefix === '/' || prefix === '' ? path : `${prefix}${path}`;
}

export function headerText(value: string | string[] | undefined): string {
  return Array.isArray(value) ? (value[0] ?? '') : (value ?? '');
}
