// How identity reaches the providers of company logins: by the one outbound door, bounded, and with nothing but a type of the reply's headers.

import type { Egress } from '#egress';
import type { Outside } from '#identity';

/** Metadata, keys and tokens of a provider are some kilobytes; its largest key sets are under a hundred. */
const LIMITS = { connectMs: 5_000, headersMs: 10_000, idleMs: 10_000, totalMs: 15_000, maxResponseBytes: 256 * 1024 };

/** Over the one outbound door: https with a checked certificate, no redirect, a private address only where the operator allows it. */
export function providerTransport(egress: () => Pick<Egress, 'requestJson'>): Outside['transport'] {
  return {
    send: async ({ url, method, headers, body }) => {
      const { origin, pathname, search } = new URL(url);
      const {
        status,
        headers: replied,
        body: answer,
      } = await egress().requestJson({
        destination: { origin, pathPrefix: pathname, methods: [method] },
        method,
        path: `${pathname}${search}`,
        headers: headers as Record<string, string>,
        body,
        signal: AbortSignal.timeout(LIMITS.totalMs),
        limits: LIMITS,
      });
      const type = replied['content-type'];
      return { status, headers: typeof type === 'string' ? { 'content-type': type } : {}, body: answer };
    },
  };
}
