// The model of names for the gateway: texts of calls within a bound queue and a deadline, remembered by tenant, and the thread opened again after it
// died. INVARIANT: what was not read is told as not read, never as holding nothing.

import { type Clock, SallyportError, type TenantId } from '#core';
import { createGuessMemo, type NerSpan } from '#dlp';
import type { NamesPort } from '#enforcement';
import { type ModelThread, openModelThread } from './model-thread.ts';

export interface NamesModelOptions {
  readonly folder: string;
  readonly isRequired: boolean;
  readonly deadlineMs: number;
  readonly clock: Clock;
  readonly onFault: (code: string) => void;
}

export interface NamesModel extends NamesPort {
  close(): Promise<void>;
}

/** Of one call, and of all that wait: more is not read in time on any machine. */
export const MAX_CALL_CHARS = 64 * 1024;
const MAX_QUEUE_CHARS = 256 * 1024;
/** Of one tenant, so that the texts of another are read too. */
const MAX_TENANT_CHARS = 128 * 1024;
/** A thread that died is opened again at most so often. */
const AGAIN_MS = 15_000;
/** Longer than this one window never takes: the thread hangs. */
const HANGS_MS = 30_000;
/** That calls are not read is told so often of one tenant; the alert gathers the rest. */
const TELL_MS = 60_000;
const MAX_TOLD = 10_000;

export async function openNamesModel({ folder, isRequired, deadlineMs, clock, onFault }: NamesModelOptions): Promise<NamesModel> {
  let thread: ModelThread | null = await openModelThread(folder);
  const { types } = thread;
  const memo = createGuessMemo<readonly NerSpan[]>();
  let queued = 0;
  const queuedOf = new Map<string, number>();
  let triedAtMs = clock.now();
  let reopening: Promise<void> | null = null;
  let answeredAtMs = clock.now();
  let isClosed = false;
  const told = new Map<string, number>();

  /** The thread, when it is there; otherwise it is opened beside the calls, which do not wait for it. */
  const living = (): ModelThread | null => {
    const now = clock.now();
    if (thread !== null && queued > 0 && now - answeredAtMs > HANGS_MS) {
      onFault('MAIN_NER_LATE');
      void thread.close();
      thread = null;
      queued = 0;
    }
    if (thread?.isAlive === true) return thread;
    if (reopening === null && !isClosed && now - triedAtMs >= AGAIN_MS) {
      triedAtMs = now;
      reopening = openModelThread(folder)
        .then(
          async (opened) => {
            if (isClosed) await opened.close();
            else thread = opened;
            answeredAtMs = clock.now();
          },
          (fault: unknown) => onFault(fault instanceof SallyportError ? fault.code : 'MAIN_NER_MODEL'),
        )
        .finally(() => {
          reopening = null;
        });
    }
    return null;
  };

  async function read(tenant: TenantId, texts: readonly string[]): Promise<ReadonlyMap<string, readonly NerSpan[]> | null> {
    const found = new Map<string, readonly NerSpan[]>();
    const unread = texts.filter((text) => {
      const held = memo.get(tenant, text);
      if (held !== undefined) found.set(text, held);
      return held === undefined;
    });
    if (unread.length === 0) return found;
    const chars = unread.reduce((sum, { length }) => sum + length, 0);
    const here = living();
    const own = queuedOf.get(tenant) ?? 0;
    if (here === null || chars > MAX_CALL_CHARS || own + chars > MAX_TENANT_CHARS || queued + chars > MAX_QUEUE_CHARS) {
      onFault(here === null ? 'MAIN_NER_GONE' : 'MAIN_NER_LATE');
      return null;
    }
    if (queued === 0) answeredAtMs = clock.now();
    queued += chars;
    queuedOf.set(tenant, own + chars);
    const signal = AbortSignal.timeout(deadlineMs);
    const reading = unread.map(async (text) => {
      const spans = await here.read(text, signal);
      answeredAtMs = clock.now();
      memo.set(tenant, text, spans);
      found.set(text, spans);
    });
    try {
      await Promise.all(reading);
      return found;
    } catch (fault) {
      onFault(fault instanceof SallyportError ? fault.code : 'MAIN_NER_GONE');
      return null;
    } finally {
      await Promise.allSettled(reading);
      queued = Math.max(0, queued - chars);
      const left = (queuedOf.get(tenant) ?? 0) - chars;
      if (left > 0) queuedOf.set(tenant, left);
      else queuedOf.delete(tenant);
    }
  }

  return {
    types,
    isRequired,
    find: read,
    isToTell: (tenant, isRefused) => {
      const key = `${tenant} ${isRefused}`;
      const now = clock.now();
      if (now - (told.get(key) ?? Number.NEGATIVE_INFINITY) < TELL_MS) return false;
      if (told.size >= MAX_TOLD) told.clear();
      told.set(key, now);
      return true;
    },
    close: async () => {
      isClosed = true;
      await reopening;
      await thread?.close();
    },
  };
}
