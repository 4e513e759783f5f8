// Sends the committed call. The credential is leased and injected here, at the last hop; the destination is pinned by egress.
// An effect is never given up because the caller went away, and is repeated only under an idempotency key the upstream honours.

import { isEffectful, isRefusal, parseOwnJson, type Refusal, refuse, SallyportError } from '#core';
import type { EgressFlow, EgressLimits, GuardDeps } from '../ports.ts';
import type { Committed, Sent, UpstreamBody } from '../types.ts';
import { type Answer, exchange, headerText, joinPath, leaseFor } from './exchange.ts';
import { upstreamKey } from './render.ts';

/** Models think for minutes before the first token; a stream may pause between tokens. */
const MODEL_LIMITS: EgressLimits = {
  connectMs: 5_000,
  headersMs: 300_000,
  idleMs: 120_000,
  totalMs: 900_000,
  maxResponseBytes: 32 * 1024 * 1024,
};
/** Tries of one effect whose upstream recognises repeats by our key. */
const IDEMPOTENT_TRIES = 3;

export async function send(deps: GuardDeps, call: Committed): Promise<Sent | Refusal> {
  if (call.replay !== null) {
    return {
      ...call,
      status: call.replay.status,
      contentType: 'application/json',
      answer: { kind: 'whole', bytes: Buffer.from(JSON.stringify(call.replay.body)) },
    };
  }
  // The look-up that decided this read was the read itself; it is not made twice.
  if (call.facts !== null && call.facts.reply !== null) {
    return {
      ...call,
      status: 200,
      contentType: 'application/json',
      answer: { kind: 'whole', bytes: Buffer.from(JSON.stringify(call.facts.reply)) },
    };
  }
  return call.matched === null ? sendModel(deps, call) : sendOperation(deps, call);
}

async function sendOperation(deps: GuardDeps, call: Committed): Promise<Sent | Refusal> {
  const { matched, outgoing } = call;
  if (matched === null) throw new Error('a connector call has a matched operation');
  const effectful = isEffectful(matched.operation.effect);
  const header = matched.operation.idempotencyHeader;
  const request = {
    method: outgoing.method,
    path: outgoing.path,
    body: outgoing.body === null ? null : parseOwnJson(Buffer.from(outgoing.body).toString('utf8')),
    maxResponseBytes: matched.operation.output.maxBytes,
    idempotency: effectful && header !== null ? { header, key: upstreamKey(deps, call) } : null,
    signal: effectful ? new AbortController().signal : call.received.signal,
  };
  const tries = request.idempotency === null ? 1 : IDEMPOTENT_TRIES;
  let hasLeft = false;
  for (let attempt = 1; ; attempt++) {
    const mayRepeat = attempt < tries;
    let answer: Answer | Refusal;
    try {
      answer = await exchange(deps, call, request);
    } catch (fault) {
      if (!(fault instanceof SallyportError)) throw fault;
      const sent = !neverSent(fault);
      if (mayRepeat && fault.retryable) {
        hasLeft ||= sent;
        continue;
      }
      // That the last attempt could not leave says nothing about the ones before it.
      throw hasLeft && !sent ? new SallyportError(fault.code, fault.message, { cause: fault, retryable: fault.retryable }) : fault;
    }
    if (isRefusal(answer)) return hasLeft ? afterLeaving(answer) : answer;
    if (mayRepeat && answer.status >= 500) {
      hasLeft = true;
      continue;
    }
    // A shop may answer with a redirect after it did what was asked.
    if (answer.status >= 300 && answer.status < 400) {
      return afterLeaving(refuse('ENFORCEMENT_UPSTREAM_REDIRECT', 'The upstream answered with a redirect; redirects are never followed.'));
    }
    // A conflict can be the answer to a repeat while the first attempt is still at work.
    const resends = call.resends || hasLeft;
    return { ...call, resends, status: answer.status, contentType: answer.contentType, answer: { kind: 'whole', bytes: answer.body } };
  }
}

/** A refusal after a request left: what became of that request is not known by it. */
function afterLeaving(refusal: Refusal): Refusal {
  return refuse(refusal.code, refusal.reason, { ...refusal.evidence, sent: true });
}

/** Egress says whether any byte of the request may have left. */
export function neverSent(fault: unknown): boolean {
  return fault instanceof Error && (fault as { sent?: unknown }).sent === false;
}

async function sendModel(deps: GuardDeps, call: Committed): Promise<Sent | Refusal> {
  const { integration, outgoing } = call;
  const lease = await leaseFor(deps, call, outgoing.method, outgoing.path);
  if (isRefusal(lease)) return lease;
  const headers = lease === null ? outgoing.headers : { ...outgoing.headers, [lease.header.toLowerCase()]: lease.value.reveal() };
  return new Promise<Sent | Refusal>((resolve, reject) => {
    const pump = new BodyPump();
    let streaming = false;
    const chunks: Uint8Array[] = [];
    let head = { status: 0, contentType: '' };
    const finished = deps.egress.request(
      {
        destination: { origin: integration.origin, pathPrefix: integration.pathPrefix, isSample: integration.isSample },
        method: outgoing.method,
        path: joinPath(integration.pathPrefix, outgoing.path),
        headers,
        body: outgoing.body,
        signal: call.received.signal,
        limits: MODEL_LIMITS,
      },
      {
        onHead: (status, responseHeaders, flow) => {
          head = { status, contentType: headerText(responseHeaders['content-type']) };
          streaming = head.contentType.startsWith('text/event-stream');
          if (!streaming) return;
          flow.pause();
          resolve({ ...call, ...head, answer: { kind: 'stream', body: pump.open(flow, finished) } });
        },
        onData: (chunk) => {
          if (streaming) pump.take(chunk);
          else chunks.push(chunk);
        },
        onEnd: () => {},
      },
    );
    finished.then(() => {
      if (!streaming)
        resolve({
          ...call,
          ...head,
          answer: { kind: 'whole', bytes: chunks.length === 1 ? (chunks[0] as Uint8Array) : Buffer.concat(chunks) },
        });
    }, reject);
  });
}

/** Holds a paused body until somebody reads it. */
class BodyPump {
  #onChunk: ((chunk: Uint8Array) => void) | null = null;
  #early: Uint8Array[] = [];

  take(chunk: Uint8Array): void {
    if (this.#onChunk === null) this.#early.push(chunk);
    else this.#onChunk(chunk);
  }

  open(flow: EgressFlow, finished: Promise<void>): UpstreamBody {
    return {
      flow,
      read: (onChunk) => {
        const early = this.#early.splice(0);
        this.#onChunk = onChunk;
        // Nothing arrives while the body is paused, so what came early is read first; a reader that stops then stops the rest, too.
        try {
          for (const chunk of early) onChunk(chunk);
        } finally {
          flow.resume();
        }
        return finished;
      },
    };
  }
}
