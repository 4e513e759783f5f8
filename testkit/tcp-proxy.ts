// A TCP relay in front of a server, through which a test breaks connections at a chosen moment.

import { connect, createServer, type Socket } from 'node:net';

export interface TcpProxy {
  readonly port: number;
  /** Cuts the connection when a client sends bytes that hold this text; the bytes are `passed` on first or withheld. */
  cutOn(text: string, bytes: 'passed' | 'withheld'): void;
  /** From now on nothing arrives on the other side, in either direction; connections stay open. */
  freeze(): void;
  /** Every connection breaks, and new ones break at once. */
  sever(): void;
  /** What was frozen is broken, and new connections pass again. */
  mend(): void;
  close(): Promise<void>;
}

export async function startTcpProxy(target: { host: string; port: number }): Promise<TcpProxy> {
  let cut: { text: string; bytes: 'passed' | 'withheld' } | null = null;
  let isFrozen = false;
  let isSevered = false;
  const sockets = new Set<Socket>();
  const breakAll = (): void => {
    for (const socket of sockets) socket.destroy();
  };
  const server = createServer((client) => {
    if (isSevered) return void client.destroy();
    const upstream = connect(target.port, target.host);
    const end = (): void => {
      client.destroy();
      upstream.destroy();
    };
    for (const socket of [client, upstream]) {
      sockets.add(socket);
      socket.setNoDelay(true);
      socket.on('error', end);
      socket.on('close', () => {
        sockets.delete(socket);
        end();
      });
    }
    client.on('data', (chunk) => {
      if (isFrozen) return;
      if (cut === null || !chunk.includes(cut.text)) return void upstream.write(chunk);
      if (cut.bytes === 'withheld') return end();
      // The server is done with the statement once it answers; the answer is withheld.
      upstream.removeAllListeners('data');
      upstream.once('data', end);
      upstream.write(chunk);
    });
    upstream.on('data', (chunk) => {
      if (!isFrozen) client.write(chunk);
    });
  });
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  const address = server.address();
  return {
    port: typeof address === 'object' && address !== null ? address.port : 0,
    cutOn(text, bytes) {
      cut = { text, bytes };
    },
    freeze() {
      isFrozen = true;
    },
    sever() {
      isSevered = true;
      breakAll();
    },
    mend() {
      isFrozen = false;
      isSevered = false;
      breakAll();
    },
    async close() {
      breakAll();
      await new Promise((resolve) => server.close(resolve));
    },
  };
}
