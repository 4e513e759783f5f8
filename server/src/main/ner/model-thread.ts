// One thread with a model of names in it, from this side: texts in, finds out. INVARIANT: whatever ends the thread, everybody who waits is told.

import { Worker } from 'node:worker_threads';
import { SallyportError } from '#core';
import type { NerSpan, NerType } from '#dlp';
import type { FromThread, ToThread } from './thread.ts';

export interface ModelThread {
  readonly types: ReadonlySet<NerType>;
  readonly isAlive: boolean;
  /** Rejects with MAIN_NER_LATE when `signal` fires first, with MAIN_NER_GONE when the thread ends. */
  read(text: string, signal?: AbortSignal): Promise<readonly NerSpan[]>;
  close(): Promise<void>;
}

/** Opening a large model on a slow disk. */
const OPEN_MS = 120_000;
const gone = (cause?: unknown): SallyportError =>
  new SallyportError('MAIN_NER_GONE', 'The thread of the model of names ended.', { cause, retryable: true });

interface Waiting {
  readonly done: (spans: readonly NerSpan[]) => void;
  readonly failed: (fault: Error) => void;
}

export async function openModelThread(folder: string): Promise<ModelThread> {
  // It is handed no environment: what is in there is no business of a model.
  const worker = new Worker(new URL('./thread.ts', import.meta.url), { workerData: { folder }, env: {}, stdout: true, stderr: true });
  // What the runtime prints is read away: it goes nowhere, and must not pile up.
  worker.stdout.resume();
  worker.stderr.resume();
  // A command that is done may end with the thread still there.
  worker.unref();
  const waiting = new Map<number, Waiting>();
  let nextId = 0;
  let isAlive = true;
  const end = (fault: Error): void => {
    isAlive = false;
    for (const { failed } of waiting.values()) failed(fault);
    waiting.clear();
  };
  const types = await new Promise<ReadonlySet<NerType>>((resolve, reject) => {
    const late = setTimeout(
      () => reject(new SallyportError('MAIN_NER_MODEL', `The model of names in ${folder} takes too long to open.`)),
      OPEN_MS,
    );
    const settle = (act: () => void): void => {
      clearTimeout(late);
      act();
    };
    worker.on('message', (message: FromThread) => {
      if (message.kind === 'ready') settle(() => resolve(new Set(message.types)));
      else if (message.kind === 'broken') settle(() => reject(new SallyportError(message.code, message.message)));
      else {
        const one = waiting.get(message.id);
        waiting.delete(message.id);
        if (message.kind === 'found') one?.done(message.spans);
        else one?.failed(new SallyportError(message.code, 'The model of names could not read a text.'));
      }
    });
    const lost = (cause?: unknown): void => {
      end(gone(cause));
      settle(() => reject(new SallyportError('MAIN_NER_MODEL', `The model of names in ${folder} could not be opened.`, { cause })));
    };
    worker.once('error', lost);
    worker.once('exit', () => lost());
  }).catch(async (fault: unknown) => {
    await worker.terminate();
    throw fault;
  });

  /** Nobody waits: the thread keeps no process. */
  const rest = (): void => {
    if (waiting.size === 0) worker.unref();
  };
  const send = (message: ToThread): void => worker.postMessage(message);
  return {
    types,
    get isAlive() {
      return isAlive;
    },
    read: (text, signal) =>
      new Promise((resolve, reject) => {
        if (!isAlive) return reject(gone());
        const id = nextId;
        nextId += 1;
        const late = (): void => {
          waiting.delete(id);
          rest();
          send({ kind: 'drop', id });
          reject(new SallyportError('MAIN_NER_LATE', 'The model of names was not done in time.', { retryable: true }));
        };
        const settled = (act: () => void): void => {
          signal?.removeEventListener('abort', late);
          rest();
          act();
        };
        if (signal?.aborted === true) return reject(new SallyportError('MAIN_NER_LATE', 'The model of names was not done in time.'));
        waiting.set(id, { done: (spans) => settled(() => resolve(spans)), failed: (fault) => settled(() => reject(fault)) });
        signal?.addEventListener('abort', late, { once: true });
        // Held by whoever waits: an answer on its way keeps the process.
        worker.ref();
        send({ kind: 'find', id, text });
      }),
    close: async () => {
      await worker.terminate();
    },
  };
}
