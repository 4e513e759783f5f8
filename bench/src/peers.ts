// The programs measured beside Sallyport, each started on the core under test. A missing one is a note, never a silent gap.

import { mkdirSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import process from 'node:process';
import { fileURLToPath } from 'node:url';
import { familyOf } from './cpu.ts';
import { packageVersion, versionOf } from './machine.ts';
import { freePort, type Running, start } from './pinned.ts';

const PEERS = new URL('../peers/', import.meta.url);
const PORTKEY_HINT = 'run `npm ci` in bench/peers/portkey';

/** Something that takes the load, and how its CPU time is found. */
export interface Subject {
  readonly name: string;
  /** Where `/v1/chat/completions` lives. */
  readonly chatUrl: string;
  readonly headers: Readonly<Record<string, string>>;
  /** Processes whose CPU counts; empty when none should. */
  readonly pids: () => readonly number[];
  stop(): Promise<void>;
}

export interface Missing {
  readonly name: string;
  readonly why: string;
}

export function startUpstream(port: number): Promise<Running> {
  const args = [fileURLToPath(new URL('mock-upstream.ts', PEERS)), String(port)];
  return start({ core: 'others', command: process.execPath, args, readyUrl: `http://127.0.0.1:${port}/v1/models` });
}

export async function startNginx(upstreamPort: number, folder: string): Promise<Subject> {
  if (versionOf('nginx', ['-v']) === null) throw new Error('nginx is not installed (Debian package nginx-light)');
  const port = await freePort();
  const home = join(folder, 'nginx');
  mkdirSync(home, { recursive: true });
  writeFileSync(join(home, 'nginx.conf'), nginxConfig(port, upstreamPort, home));
  const args = ['-p', home, '-c', join(home, 'nginx.conf'), '-e', join(home, 'error.log')];
  const running = await start({ core: 'under_test', command: 'nginx', args, readyUrl: `http://127.0.0.1:${port}/v1/models` });
  return subject('nginx', port, running, {});
}

/** One worker, kept-alive connections to the upstream, no buffering of streams, no logs: a plain fast proxy. */
export function nginxConfig(port: number, upstreamPort: number, home: string): string {
  const user = process.getuid?.() === 0 ? 'user root;' : '';
  return `daemon off;
${user}
worker_processes 1;
pid ${home}/nginx.pid;
error_log ${home}/error.log;
events { worker_connections 1024; }
http {
  access_log off;
  client_body_temp_path ${home}/body;
  proxy_temp_path ${home}/proxy;
  fastcgi_temp_path ${home}/fastcgi;
  uwsgi_temp_path ${home}/uwsgi;
  scgi_temp_path ${home}/scgi;
  client_body_buffer_size 64k;
  keepalive_requests 10000000;
  upstream mock { server 127.0.0.1:${upstreamPort}; keepalive 128; keepalive_requests 10000000; }
  server {
    listen 127.0.0.1:${port};
    location / {
      proxy_pass http://mock;
      proxy_http_version 1.1;
      proxy_set_header Connection "";
      proxy_buffering off;
    }
  }
}
`;
}

export async function startUndiciProxy(upstreamPort: number): Promise<Subject> {
  const port = await freePort();
  const args = [fileURLToPath(new URL('undici-proxy.ts', PEERS)), String(port), `http://127.0.0.1:${upstreamPort}`];
  const running = await start({ core: 'under_test', command: process.execPath, args, readyUrl: `http://127.0.0.1:${port}/v1/models` });
  return subject('undici', port, running, {});
}

export const portkeyVersion = (): string | null => packageVersion('@portkey-ai/gateway', new URL('portkey/package.json', PEERS));

export async function startPortkey(upstreamPort: number): Promise<Subject> {
  if (portkeyVersion() === null) throw new Error(`@portkey-ai/gateway is not installed: ${PORTKEY_HINT}`);
  const port = await freePort();
  const entry = fileURLToPath(new URL('portkey/node_modules/@portkey-ai/gateway/build/start-server.js', PEERS));
  const running = await start({
    core: 'under_test',
    command: process.execPath,
    args: [entry, '--headless', `--port=${port}`],
    env: { NODE_ENV: 'production' },
    readyUrl: `http://127.0.0.1:${port}/`,
  });
  return subject('portkey', port, running, {
    authorization: 'Bearer bench',
    'x-portkey-provider': 'openai',
    'x-portkey-custom-host': `http://127.0.0.1:${upstreamPort}/v1`,
  });
}

function subject(name: string, port: number, running: Running, headers: Readonly<Record<string, string>>): Subject {
  return {
    name,
    chatUrl: `http://127.0.0.1:${port}/v1/chat/completions`,
    headers,
    pids: () => familyOf(running.pid),
    stop: running.stop,
  };
}
