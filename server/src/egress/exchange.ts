// One request on the wire: the handler undici calls, the caller's promise, the timers and the abort signal.
// INVARIANT: settles exactly once; `sent` turns true in the same tick in which the first byte is written; a request is written once.

import type { Dispatcher } from 'undici';
import type { Clock, UnixMs } from '#core';
import { EgressFault } from './errors.ts';
import type { EgressLimits } from './request.ts';
import { wireFault } from './wire-fault.ts';

export interface EgressFlow {
  /** Stops reading from the upstream; what is already read may still arrive. */
  pause(): void;
  resume(): void;
  /** False when the reply ends only with the connection, so that a cut can not be told from the end. */
  readonly isFramed: boolean;
}

export type ReplyHeaders = Readonly<Record<string, string | string[]>>;

export interface EgressSink {
  onHead(status: number, headers: ReplyHeaders, flow: EgressFlow): void;
  onData(chunk: Uint8Array): void;
  onEnd(): void;
}

export interface ExchangeOptions {
  readonly sink: EgressSink;
  readonly limits: EgressLimits;
  readonly signal: AbortSignal;
  readonly clock: Clock;
  readonly resolve: () => void;
  readonly reject: (fault: unknown) => void;
  /** Called once when undici is done with this request, also when the caller was answered long before. */
  readonly release: () => void;
}

const MAX_REPLY_HEADERS = 200;
type Controller = Dispatcher.DispatchController;

export class Exchange implements Dispatcher.DispatchHandler, EgressFlow {
  private readonly options: ExchangeOptions;
  private readonly startedAtMs: UnixMs;
  private controller: Controller | null = null;
  private timer: NodeJS.Timeout | null = null;
  private isSettled = false;
  private isReleased = false;
  private sent = false;
  private hasHead = false;
  private received = 0;
  isFramed = true;

  constructor(options: ExchangeOptions) {
    this.options = options;
    this.startedAtMs = options.clock.now();
    options.signal.addEventListener('abort', this.onAbort);
  }

  /** Arms the first timer, after dispatch: a request that found a free connection needs only the total one. */
  watch(): void {
    if (this.isSettled || this.timer !== null) return;
    const { connectMs, totalMs } = this.options.limits;
    this.timer = setTimeout(onTimer, this.sent ? totalMs : Math.min(connectMs, totalMs), this);
  }

  // A closure: listener objects cost an event target ten microseconds more than functions do (measured).
  private readonly onAbort = (): void => {
    this.fail(new EgressFault('EGRESS_ABORTED', this.sent));
  };

  onTimeout(): void {
    const isTotal = this.sent || this.options.limits.totalMs <= this.options.limits.connectMs;
    this.fail(new EgressFault(isTotal ? 'EGRESS_TOTAL_TIMEOUT' : 'EGRESS_CONNECT_TIMEOUT', this.sent));
  }

  pause(): void {
    this.controller?.pause();
  }

  resume(): void {
    this.controller?.resume();
  }

  onRequestStart(controller: Controller): void {
    this.controller = controller;
    // A second start would be a second sending; a start after the caller was answered must write nothing.
    if (this.isSettled || this.sent) {
      controller.abort(new EgressFault('EGRESS_ABORTED', this.sent));
      return;
    }
    this.sent = true;
    if (this.timer === null) return;
    clearTimeout(this.timer);
    const spentMs = this.options.clock.now() - this.startedAtMs;
    this.timer = setTimeout(onTimer, Math.max(1, this.options.limits.totalMs - spentMs), this);
  }

  onResponseStart(controller: Controller, status: number, headers: ReplyHeaders): void {
    if (status < 200 || this.isSettled) return;
    this.hasHead = true;
    const fault = this.screenHead(controller, headers);
    if (fault !== null) {
      this.fail(fault);
      return;
    }
    try {
      this.options.sink.onHead(status, headers, this);
    } catch (error) {
      this.fail(error);
    }
  }

  onResponseData(_controller: Controller, chunk: Uint8Array): void {
    if (this.isSettled) return;
    this.received += chunk.byteLength;
    if (this.received > this.options.limits.maxResponseBytes) {
      this.fail(new EgressFault('EGRESS_REPLY_TOO_LARGE', true));
      return;
    }
    try {
      this.options.sink.onData(chunk);
    } catch (error) {
      this.fail(error);
    }
  }

  onResponseEnd(): void {
    this.release();
    if (this.isSettled) return;
    try {
      this.options.sink.onEnd();
    } catch (error) {
      this.fail(error);
      return;
    }
    this.settle();
    this.options.resolve();
  }

  onResponseError(_controller: Controller | null, error: unknown): void {
    this.release();
    this.fail(wireFault(error, { sent: this.sent, hasHead: this.hasHead }));
  }

  private screenHead(controller: Controller, headers: ReplyHeaders): EgressFault | null {
    const raw = controller.rawHeaders;
    if (Array.isArray(raw) && raw.length > 2 * MAX_REPLY_HEADERS) return new EgressFault('EGRESS_REPLY_HEADERS_TOO_LARGE', true);
    const encoding = headers['content-encoding'];
    if (encoding !== undefined && encoding !== 'identity') return new EgressFault('EGRESS_REPLY_ENCODED', true);
    const transfer = headers['transfer-encoding'];
    if (transfer !== undefined && transfer !== 'chunked') return new EgressFault('EGRESS_REPLY_ENCODED', true);
    const length = headers['content-length'];
    if (length !== undefined && Number(length) > this.options.limits.maxResponseBytes)
      return new EgressFault('EGRESS_REPLY_TOO_LARGE', true);
    this.isFramed = length !== undefined || transfer !== undefined;
    return null;
  }

  private settle(): void {
    this.isSettled = true;
    if (this.timer !== null) clearTimeout(this.timer);
    this.options.signal.removeEventListener('abort', this.onAbort);
  }

  private fail(fault: unknown): void {
    if (this.isSettled) return;
    this.settle();
    this.options.reject(fault);
    // Destroys the connection, so the upstream sees the caller leave.
    this.controller?.abort(fault instanceof Error ? fault : new EgressFault('EGRESS_ABORTED', this.sent));
  }

  private release(): void {
    if (this.isReleased) return;
    this.isReleased = true;
    this.options.release();
  }
}

function onTimer(exchange: Exchange): void {
  exchange.onTimeout();
}
