// A whole Sallyport for one test file: its own folders and embedded Postgres, free ports, and an owner who can do everything.

import { chmodSync, mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { createLogger, foldersOf, loadConfig, type Seams, type Server, startServer } from '../server/src/main/index.ts';

export interface TestServer {
  readonly server: Server;
  readonly gatewayUrl: string;
  readonly controlUrl: string;
  /** Log lines so far. */
  readonly log: readonly string[];
  /** Calls the control plane as the owner. */
  owner(method: string, path: string, body?: unknown): Promise<{ status: number; body: Record<string, unknown> }>;
  /** Stops the server and keeps its folders, so that `startTestServer` can start it again. */
  stop(): Promise<void>;
  close(): Promise<void>;
}

export interface TestServerOptions {
  /** host:port of upstreams on this machine. */
  readonly allowPrivate: readonly string[];
  /** Folder of an earlier server to start again. */
  readonly folder?: string;
  readonly seams?: Seams;
  /** Further settings by flag, e.g. `--solo-delay-ms`. */
  readonly settings?: Readonly<Record<string, string>>;
}

export async function startTestServer(options: TestServerOptions): Promise<TestServer & { readonly folder: string }> {
  const folder = options.folder ?? mkdtempSync(join(tmpdir(), 'sallyport-server-'));
  chmodSync(folder, 0o711);
  const flags = {
    '--data-dir': join(folder, 'data'),
    '--secrets-dir': join(folder, 'secrets'),
    '--gateway-port': '0',
    '--control-port': '0',
    '--allow-private': options.allowPrivate.join(','),
    ...options.settings,
  };
  const log: string[] = [];
  const config = loadConfig({ flags, env: {}, file: null });
  const user = { isRoot: process.getuid?.() === 0, home: folder };
  const server = await startServer(
    config,
    foldersOf(config, user),
    createLogger('info', (line) => log.push(line)),
    options.seams,
  );
  const controlUrl = `http://127.0.0.1:${server.control.port}`;
  return {
    folder,
    server,
    log,
    gatewayUrl: `http://127.0.0.1:${server.gateway.port}`,
    controlUrl,
    owner: async (method, path, body) => {
      const response = await fetch(`${controlUrl}${path}`, {
        method,
        headers: { authorization: `Bearer ${server.ownerToken}`, ...(body === undefined ? {} : { 'content-type': 'application/json' }) },
        ...(body === undefined ? {} : { body: JSON.stringify(body) }),
      });
      return { status: response.status, body: (await response.json()) as Record<string, unknown> };
    },
    stop: () => server.close(),
    close: async () => {
      await server.close();
      rmSync(folder, { recursive: true, force: true });
    },
  };
}
