// Reads a file or standard input line by line, however long it is: one line is held at a time.

import { createReadStream } from 'node:fs';
import { SallyportError } from '#core';

/** One line is one record; a longer one is no record of ours, and would be held whole. */
export const MAX_LINE_CHARS = 8 * 1024 * 1024;

function fault(path: string, what: string, cause?: unknown): SallyportError {
  return new SallyportError('CLI_INPUT_UNREADABLE', `${path === '-' ? 'standard input' : path} ${what}`, { cause });
}

/** Lines without their ends; empty ones too, so that their numbers are those of the file. Bytes that are no UTF-8 are a fault. */
export async function* readLines(path: string): AsyncGenerator<string> {
  const decoder = new TextDecoder('utf-8', { fatal: true });
  const stream = createReadStream(path === '-' ? '/dev/stdin' : path);
  let rest = '';
  let line = 0;
  try {
    for await (const chunk of stream) {
      rest += decoder.decode(chunk as Uint8Array, { stream: true });
      let from = 0;
      for (let end = rest.indexOf('\n'); end !== -1; end = rest.indexOf('\n', from)) {
        line += 1;
        yield rest.slice(from, rest[end - 1] === '\r' ? end - 1 : end);
        from = end + 1;
      }
      rest = rest.slice(from);
      if (rest.length > MAX_LINE_CHARS) throw fault(path, `line ${line + 1}: is longer than ${MAX_LINE_CHARS} characters.`);
    }
    rest += decoder.decode();
  } catch (cause) {
    if (cause instanceof SallyportError) throw cause;
    const isText = cause instanceof TypeError;
    throw fault(path, isText ? `line ${line + 1} or after: is not UTF-8.` : 'can not be read.', cause);
  } finally {
    stream.destroy();
  }
  if (rest !== '') yield rest;
}

/** A file or standard input as it is, a piece at a time. */
export async function* readBytes(path: string): AsyncGenerator<Uint8Array> {
  const stream = createReadStream(path === '-' ? '/dev/stdin' : path);
  try {
    for await (const chunk of stream) yield chunk as Uint8Array;
  } catch (cause) {
    throw fault(path, 'can not be read.', cause);
  } finally {
    stream.destroy();
  }
}
