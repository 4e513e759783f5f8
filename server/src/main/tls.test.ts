// The listeners' certificate: what is refused at the start, and what a renewal does while a server serves.

import { chmodSync, copyFileSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { createServer } from 'node:https';
import type { AddressInfo } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { connect } from 'node:tls';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { createLoopbackClient } from '#egress';
import type { LogFields } from './logger.ts';
import { openTls, pinOf } from './tls.ts';

const fixture = (name: string): string => join(import.meta.dirname, '../egress/test', name);
const LOOK_MS = 5;
let folder: string;
let files: { tlsCertFile: string; tlsKeyFile: string };
const told: LogFields[] = [];
const log = (fields: LogFields): void => void told.push(fields);
const logger = { info: log, warn: log, error: log };

beforeAll(() => {
  folder = mkdtempSync(join(tmpdir(), 'sallyport-tls-'));
  files = { tlsCertFile: join(folder, 'chain.pem'), tlsKeyFile: join(folder, 'key.pem') };
  use('upstream.pem');
});
afterAll(() => rmSync(folder, { recursive: true, force: true }));

function use(certificate: string): void {
  copyFileSync(fixture(certificate), files.tlsCertFile);
  copyFileSync(fixture('upstream.key'), files.tlsKeyFile);
  chmodSync(files.tlsKeyFile, 0o600);
}

const codeOf = (work: () => unknown): unknown => {
  try {
    work();
    return 'opened';
  } catch (fault) {
    return (fault as { code?: unknown }).code;
  }
};

describe('a certificate', () => {
  it('is not needed', () => {
    expect(openTls({ tlsCertFile: null, tlsKeyFile: null }, logger)).toBeNull();
  });

  it('is refused alone, when it has expired, when the key is another one, and when others can read the key', () => {
    expect(codeOf(() => openTls({ ...files, tlsKeyFile: null }, logger))).toBe('MAIN_TLS_UNUSABLE');
    use('upstream-expired.pem');
    expect(codeOf(() => openTls(files, logger))).toBe('MAIN_TLS_UNUSABLE');
    use('authority.pem');
    expect(codeOf(() => openTls(files, logger))).toBe('MAIN_TLS_UNUSABLE');
    use('upstream.pem');
    chmodSync(files.tlsKeyFile, 0o640);
    expect(codeOf(() => openTls(files, logger))).toBe('MAIN_TLS_UNUSABLE');
  });
});

describe('a server', () => {
  it('takes a renewed certificate while it serves, and keeps the old one when the new one is broken', async () => {
    use('upstream.pem');
    const tls = openTls(files, logger, LOOK_MS);
    if (tls === null) throw new Error('not opened');
    const server = createServer(tls.options, (_request, response) => response.end('served'));
    tls.attach(server);
    await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
    const { port } = server.address() as AddressInfo;
    const served = async (certificate: string): Promise<string> => {
      const client = createLoopbackClient(`https://127.0.0.1:${port}`, pinOf(fixture(certificate)));
      const reply = await client
        .send({ method: 'GET', path: '/', headers: {}, body: null })
        .then((got) => got.text())
        .catch((fault: { code?: string }) => fault.code ?? '');
      await client.close();
      return reply;
    };
    try {
      expect(await served('upstream.pem')).toBe('served');
      expect(await served('upstream-self-signed.pem')).toBe('EGRESS_CONNECT_FAILED');
      writeFileSync(files.tlsCertFile, 'not a certificate');
      await expect.poll(() => told.some(({ event }) => event === 'tls.not_renewed')).toBe(true);
      expect(await served('upstream.pem')).toBe('served');
      use('upstream-self-signed.pem');
      await expect.poll(() => served('upstream-self-signed.pem')).toBe('served');
      expect(await served('upstream.pem')).toBe('EGRESS_CONNECT_FAILED');
      const old = connect({ port, host: '127.0.0.1', maxVersion: 'TLSv1.1', minVersion: 'TLSv1', rejectUnauthorized: false });
      expect(
        await new Promise((resolve) => old.once('error', () => resolve('refused')).once('secureConnect', () => resolve('taken'))),
      ).toBe('refused');
    } finally {
      tls.stop();
      server.closeAllConnections();
      await new Promise((resolve) => server.close(resolve));
    }
  });
});
