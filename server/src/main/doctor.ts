// `sallyport doctor`: tries what a start needs, one check at a time, and says what to do about each that fails. Changes nothing.

import { accessSync, constants, existsSync, lstatSync } from 'node:fs';
import { createServer } from 'node:net';
import { dirname, join } from 'node:path';
import { createLoopbackClient } from '#egress';
import { BOX_FILE, readSeal } from '#vault';
import type { Check, CommandIo } from './command-io.ts';
import { describeAnchors } from './compose/anchor-ports.ts';
import { codeOf } from './compose/rooms.ts';
import { inspectDatabase } from './doctor-database.ts';
import { currentUser, type Folders, foldersOf } from './folders.ts';
import { checkListeners } from './listeners.ts';
import type { Config } from './settings.ts';
import { pinOf } from './tls.ts';

export async function runDoctor(config: Config, json: boolean, io: CommandIo): Promise<0 | 1> {
  const folders = foldersOf(config, currentUser());
  const checks = [
    check('node', () => `Node ${process.version} on ${process.platform} ${process.arch}`),
    check('listeners', () => {
      checkListeners(config);
      return 'bound to loopback, or allowed to bind beyond it';
    }),
    ...[folders.data, folders.secrets].map((folder) => check(`folder ${folder}`, () => writable(folder))),
    ...[folders.kekFile, folders.auditKeyFile, folders.cliCredentialFile].map((file) => check(`key file ${file}`, () => privateFile(file))),
    check('key box', () => privateFile(join(folders.secrets, BOX_FILE))),
    await keyMode(config, folders),
    check('anchors of the ledger', () => describeAnchors(config)),
    await port('gateway port', config.gatewayHost, config.gatewayPort, config.tlsCertFile),
    await port('control port', config.controlHost, config.controlPort, config.tlsCertFile),
    ...(await inspectDatabase(config, folders)),
  ];
  const failed = checks.filter((entry) => !entry.ok).length;
  if (json) io.out(JSON.stringify({ ok: failed === 0, checks }, null, 2));
  else for (const entry of checks) io.out(`${entry.ok ? 'ok  ' : 'FAIL'}  ${entry.name}: ${entry.detail}`);
  return failed === 0 ? 0 : 1;
}

/** How the key file is sealed. Opens nothing: a passphrase would have to be asked for. */
async function keyMode(config: Config, folders: Folders): Promise<Check> {
  const name = 'seal of the key file';
  try {
    const found = await readSeal({ path: folders.kekFile, dataDir: folders.data });
    if (found === null) return { name, ok: true, detail: 'the file is made at the first start' };
    const { by } = found.seal;
    const ways = {
      file: 'none: whoever reads the file has the key',
      passphrase: config.passphraseFile === null ? 'a passphrase, typed at each start' : 'a passphrase from passphraseFile',
    };
    return { name, ok: true, detail: `${ways[by as keyof typeof ways] ?? by}; key ${found.id}` };
  } catch (error) {
    return { name, ok: false, detail: `${codeOf(error)}: ${error instanceof Error ? error.message : 'failed'}` };
  }
}

export function check(name: string, look: () => string): Check {
  try {
    return { name, ok: true, detail: look() };
  } catch (error) {
    return { name, ok: false, detail: `${codeOf(error)}: ${error instanceof Error ? error.message : 'failed'}` };
  }
}

function writable(folder: string): string {
  let existing = folder;
  while (!existsSync(existing)) existing = dirname(existing);
  accessSync(existing, constants.W_OK | constants.X_OK);
  return existing === folder ? 'writable' : `will be created in ${existing}`;
}

function privateFile(path: string): string {
  if (!existsSync(path)) return 'will be created at the first start';
  const file = lstatSync(path);
  if (!file.isFile()) throw new Error('it is not a plain file; move it away');
  if (process.platform !== 'win32' && (file.mode & 0o077) !== 0) throw new Error(`others can read it; run chmod 600 ${path}`);
  return 'private';
}

/** A port our own running server holds is as good as a free one. */
async function port(name: string, host: string, number: number, certFile: string | null): Promise<Check> {
  if (number === 0) return { name, ok: true, detail: 'a free one is picked at start' };
  const fault = await bindFault(host, number);
  if (fault === null) return { name, ok: true, detail: `${host}:${number} is free` };
  if (fault === 'EADDRINUSE' && (await isOurs(number, certFile)))
    return { name, ok: true, detail: `${host}:${number} is held by a running Sallyport` };
  return { name, ok: false, detail: `${host}:${number} can not be bound (${fault}); stop what listens there, or choose another port` };
}

function bindFault(host: string, number: number): Promise<string | null> {
  return new Promise((resolve) => {
    const server = createServer();
    server.once('error', (error: NodeJS.ErrnoException) => resolve(error.code ?? 'unknown'));
    server.listen(number, host, () => server.close(() => resolve(null)));
  });
}

/** Both listeners answer /healthz with exactly this. */
async function isOurs(number: number, certFile: string | null): Promise<boolean> {
  const client =
    certFile === null
      ? createLoopbackClient(`http://127.0.0.1:${number}`)
      : createLoopbackClient(`https://127.0.0.1:${number}`, pinOf(certFile));
  try {
    const reply = await client.send({ method: 'GET', path: '/healthz', headers: {}, body: null });
    return reply.status === 200 && (await reply.text()) === '{"status":"ok"}';
  } catch {
    return false;
  } finally {
    await client.close();
  }
}
