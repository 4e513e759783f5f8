// Asks for the deletion of an erased person where an integration declares how: a call like any other, through guard(), which stores it for a
// person. Nothing is sent from here.

import { type ApprovalId, type ErasureCaller, type JsonValue, newId, parseId, type Refusal, refuse } from '#core';
import { guard } from './guard.ts';
import { NO_MODEL, NO_REPLY } from './no-reply.ts';
import type { GuardDeps } from './ports.ts';

export interface ErasureCall extends ErasureCaller {
  readonly integration: string;
  readonly method: string;
  /** With its query. */
  readonly path: string;
  readonly body: JsonValue | null;
  /** The same for the same attempt, so that an upstream that was asked twice does it once. */
  readonly idempotencyKey: string;
}

/** The approval that waits for a person; a refusal says why nobody was asked. */
export async function askErasure(deps: GuardDeps, asked: ErasureCall): Promise<ApprovalId | Refusal> {
  const { key, task, integration, method, idempotencyKey } = asked;
  const [path = '', query = ''] = asked.path.split('?');
  const result = await guard(
    deps,
    {
      call: newId('call', deps.clock, deps.random),
      receivedAtMs: deps.clock.now(),
      surface: 'erasure',
      presentedKey: null,
      presentedBinding: null,
      idempotencyKey,
      request: {
        kind: 'operation',
        ...{ integration, method, path },
        query: [...new URLSearchParams(query)],
        body: asked.body ?? undefined,
      },
      endorsement: null,
      erasure: { key, task },
      signal: new AbortController().signal,
    },
    { reply: NO_REPLY, protocol: NO_MODEL },
  );
  if (result.kind === 'refused') {
    const approval = result.refusal.code === 'ENDORSEMENT_REQUIRED' ? parseId('apr', String(result.refusal.evidence.approval)) : null;
    return approval ?? result.refusal;
  }
  const code = result.kind === 'faulted' ? result.code : 'ENFORCEMENT_STAGE_UNAVAILABLE';
  return refuse(code, 'The deletion could not be asked for; it is tried again.', {});
}
