// The COPY protocol over `pg`, which brings none: rows out one by one with back-pressure, and a piece of rows in.
// INVARIANT: what is given out is a copy; the driver reuses the memory its messages lie in.

import type pg from 'pg';

/** The parts of a connection of `pg` that the protocol needs; its published types name only some of them. */
interface Wire {
  readonly stream: { pause(): void; resume(): void; destroy(): void };
  query(text: string): void;
  sendCopyFromChunk(bytes: Buffer): void;
  endCopyFrom(): void;
}

/** Rows held for a reader that is behind before the socket is left alone. */
const HIGH_WATER_BYTES = 1024 * 1024;
/** One message of COPY; the server takes any size, and small ones keep the driver's buffers small. */
const SEND_BYTES = 256 * 1024;

/** `handleX` is called by the driver for each message that answers the statement. */
abstract class Conversation {
  readonly #text: string;
  protected wire: Wire | null = null;

  constructor(text: string) {
    this.#text = text;
  }

  submit(connection: unknown): void {
    // The driver hands its own connection; `Wire` is what it has and its types leave out.
    this.wire = connection as Wire;
    this.wire.query(this.#text);
  }

  handleRowDescription(): void {}
  handleDataRow(): void {}
  handlePortalSuspended(): void {}
  handleEmptyQuery(): void {}
  handleCommandComplete(_message: { text?: string }): void {}
  handleCopyInResponse(_wire: Wire): void {}
  handleCopyData(_message: { chunk: Buffer }): void {}
  abstract handleReadyForQuery(): void;
  abstract handleError(error: Error): void;
}

class CopyOut extends Conversation {
  #rows: Buffer[] = [];
  #bytes = 0;
  #isPaused = false;
  #end: 'open' | 'done' | Error = 'open';
  #wake: (() => void) | null = null;

  override handleCopyData(message: { chunk: Buffer }): void {
    this.#rows.push(Buffer.from(message.chunk));
    this.#bytes += message.chunk.length;
    if (this.#bytes > HIGH_WATER_BYTES && !this.#isPaused) {
      this.#isPaused = true;
      this.wire?.stream.pause();
    }
    this.#wake?.();
  }

  handleReadyForQuery(): void {
    if (this.#end === 'open') this.#end = 'done';
    this.#wake?.();
  }

  handleError(error: Error): void {
    this.#end = error;
    this.#wake?.();
  }

  async *rows(): AsyncGenerator<readonly Buffer[]> {
    try {
      for (;;) {
        if (this.#rows.length > 0) {
          const rows = this.#rows;
          this.#rows = [];
          this.#bytes = 0;
          yield rows;
        }
        if (this.#rows.length > 0) continue;
        if (this.#isPaused) {
          this.#isPaused = false;
          this.wire?.stream.resume();
        }
        if (this.#end instanceof Error) throw this.#end;
        if (this.#end === 'done') return;
        await new Promise<void>((resolve) => {
          this.#wake = resolve;
        });
        this.#wake = null;
      }
    } finally {
      // A reader that went away leaves rows on the wire: the connection is of no more use.
      if (this.#end === 'open') this.wire?.stream.destroy();
    }
  }
}

class CopyIn extends Conversation {
  readonly done = Promise.withResolvers<number>();
  readonly #data: Buffer;
  #copied = -1;

  constructor(text: string, data: Buffer) {
    super(text);
    this.#data = data;
  }

  override handleCopyInResponse(wire: Wire): void {
    for (let at = 0; at < this.#data.length; at += SEND_BYTES) wire.sendCopyFromChunk(this.#data.subarray(at, at + SEND_BYTES));
    wire.endCopyFrom();
  }

  override handleCommandComplete(message: { text?: string }): void {
    this.#copied = Number(/^COPY (\d+)$/.exec(message.text ?? '')?.[1] ?? -1);
  }

  handleReadyForQuery(): void {
    this.done.resolve(this.#copied);
  }

  handleError(error: Error): void {
    // The last word to this statement: the driver tells the ReadyForQuery that follows to nobody.
    this.done.reject(error);
  }
}

/** What `copy ... to stdout` answers, row by row; each ends with its newline. */
export function copyOut(client: pg.Client, text: string): AsyncGenerator<readonly Buffer[]> {
  const copy = new CopyOut(text);
  client.query(copy);
  return copy.rows();
}

/** Runs `copy ... from stdin` over these rows; gives how many the server took. */
export function copyIn(client: pg.Client, text: string, data: Buffer): Promise<number> {
  const copy = new CopyIn(text, data);
  client.query(copy);
  return copy.done.promise;
}
