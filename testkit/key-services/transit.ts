// The transit engine of HashiCorp Vault and OpenBao as far as encrypt and decrypt go: key versions, associated data, tokens, and its errors.

import { createCipheriv, createDecipheriv, randomBytes } from 'node:crypto';
import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';

export interface TransitServer {
  readonly url: string;
  readonly key: string;
  readonly token: string;
  isSealed: boolean;
  /** The next version of the key; older ones still open, from the lowest on. */
  rotate(lowest?: number): void;
  close(): Promise<void>;
}

type Answer = readonly [status: number, body: object];

export async function startTransit(): Promise<TransitServer> {
  const versions = [randomBytes(32)];
  let lowest = 1;
  const [key, token] = ['sallyport', `hvs.${randomBytes(12).toString('hex')}`];
  const errors = (status: number, ...list: string[]): Answer => [status, { errors: list }];
  const data = (body: object): Answer => [
    200,
    { request_id: 'r', lease_id: '', renewable: false, lease_duration: 0, data: body, warnings: null },
  ];

  function answer(path: string, held: string | undefined, text: string): Answer {
    if (server.isSealed) return errors(503, 'Vault is sealed');
    if (held !== token) return errors(403, 'permission denied');
    const [, action, name] = /^\/v1\/transit\/(encrypt|decrypt)\/([^/]+)$/.exec(path) ?? [];
    if (action === undefined) return errors(404);
    if (name !== key)
      return errors(action === 'decrypt' ? 400 : 403, action === 'decrypt' ? 'encryption key not found' : 'permission denied');
    const input = JSON.parse(text) as Record<string, string>;
    const bound = Buffer.from(input.associated_data ?? '', 'base64');
    if (action === 'encrypt') {
      const iv = randomBytes(12);
      const cipher = createCipheriv('aes-256-gcm', versions.at(-1) as Buffer, iv);
      cipher.setAAD(bound);
      const sealed = Buffer.concat([cipher.update(Buffer.from(input.plaintext ?? '', 'base64')), cipher.final()]);
      return data({
        ciphertext: `vault:v${versions.length}:${Buffer.concat([iv, sealed, cipher.getAuthTag()]).toString('base64')}`,
        key_version: versions.length,
      });
    }
    const [, number, body] = /^vault:v(\d+):(.+)$/.exec(input.ciphertext ?? '') ?? [];
    if (number === undefined) return errors(400, 'invalid ciphertext: no prefix');
    const secret = versions[Number(number) - 1];
    if (secret === undefined || Number(number) < lowest)
      return errors(400, 'ciphertext or signature version is disallowed by policy (too old)');
    const bytes = Buffer.from(body as string, 'base64');
    try {
      const decipher = createDecipheriv('aes-256-gcm', secret, bytes.subarray(0, 12));
      decipher.setAAD(bound);
      decipher.setAuthTag(bytes.subarray(-16));
      return data({ plaintext: Buffer.concat([decipher.update(bytes.subarray(12, -16)), decipher.final()]).toString('base64') });
    } catch {
      return errors(400, 'cipher: message authentication failed');
    }
  }

  const http = createServer((request, response) => {
    const chunks: Buffer[] = [];
    request.on('data', (chunk: Buffer) => chunks.push(chunk));
    request.on('end', () => {
      const [status, body] = answer(request.url ?? '', request.headers['x-vault-token']?.toString(), Buffer.concat(chunks).toString());
      response.writeHead(request.method === 'POST' ? status : 405, { 'content-type': 'application/json' }).end(JSON.stringify(body));
    });
  });
  await new Promise<void>((resolve) => http.listen(0, '127.0.0.1', resolve));
  const server: TransitServer = {
    ...{ url: `http://127.0.0.1:${(http.address() as AddressInfo).port}`, key, token, isSealed: false },
    rotate: (from = 1) => {
      versions.push(randomBytes(32));
      lowest = from;
    },
    close: async () => {
      http.closeAllConnections();
      await new Promise((resolve) => http.close(resolve));
    },
  };
  return server;
}
