// The thread of the model of names: opens the folder it is given, then answers one text after the other. Nothing but texts and finds goes to and fro,
// and what fails is told by its code alone, for words of the runtime may repeat what it was reading.

import { parentPort, workerData } from 'node:worker_threads';
import { SallyportError } from '#core';
import type { NerSpan, NerType } from '#dlp';
import { openModelFolder } from './model-folder.ts';

export type ToThread =
  | { readonly kind: 'find'; readonly id: number; readonly text: string }
  | { readonly kind: 'drop'; readonly id: number };
export type FromThread =
  | { readonly kind: 'ready'; readonly types: readonly NerType[] }
  | { readonly kind: 'broken'; readonly code: string; readonly message: string }
  | { readonly kind: 'found'; readonly id: number; readonly spans: readonly NerSpan[] }
  | { readonly kind: 'failed'; readonly id: number; readonly code: string };

const port = parentPort;
if (port !== null) {
  const tell = (message: FromThread): void => port.postMessage(message);
  const waiting = new Map<number, string>();
  /** The text under way, and whether somebody still waits for it. */
  let current: number | null = null;
  let isWanted = true;

  const open = openModelFolder((workerData as { readonly folder: string }).folder);

  /** Lets messages in between windows: a text nobody waits for any more is left. */
  const isDropped = async (): Promise<boolean> => {
    await new Promise((resolve) => setImmediate(resolve));
    return !isWanted;
  };

  const readAll = async (): Promise<void> => {
    if (current !== null) return;
    for (const [id, text] of waiting) {
      waiting.delete(id);
      current = id;
      isWanted = true;
      try {
        const reader = await open;
        tell({ kind: 'found', id, spans: await reader.find(text, isDropped) });
      } catch (fault) {
        tell({ kind: 'failed', id, code: fault instanceof SallyportError ? fault.code : 'DLP_NER_SCORES' });
      }
    }
    current = null;
  };

  port.on('message', (message: ToThread) => {
    if (message.kind === 'find') {
      waiting.set(message.id, message.text);
      void readAll();
    } else if (message.id === current) isWanted = false;
    else waiting.delete(message.id);
  });
  open.then(
    ({ types }) => tell({ kind: 'ready', types: [...types] }),
    (fault: unknown) =>
      tell(
        fault instanceof SallyportError
          ? { kind: 'broken', code: fault.code, message: fault.message }
          : { kind: 'broken', code: 'MAIN_NER_MODEL', message: 'The model of names could not be opened.' },
      ),
  );
}
