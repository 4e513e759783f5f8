// AWS KMS as far as Encrypt and Decrypt go: checks Signature Version 4 by itself, keeps the encryption context, and answers its errors.

import { createCipheriv, createDecipheriv, createHash, createHmac, randomBytes, timingSafeEqual } from 'node:crypto';
import { createServer, type IncomingHttpHeaders } from 'node:http';
import type { AddressInfo } from 'node:net';

export interface AwsKmsServer {
  readonly url: string;
  readonly key: string;
  readonly region: string;
  readonly accessKeyId: string;
  readonly secretAccessKey: string;
  /** What was asked: the action and the context it named. */
  readonly asked: { action: string; context: unknown }[];
  state: 'enabled' | 'disabled' | 'denied' | 'broken';
  close(): Promise<void>;
}

const REGION = 'eu-central-1';
const KEY = `arn:aws:kms:${REGION}:123456789012:key/1234abcd-12ab-34cd-56ef-1234567890ab`;
const ACCESS = 'AKIDEXAMPLE00000';
const SECRET = 'a-secret-of-a-test/of+this+size/for-aws';
const MAX_SKEW_MS = 5 * 60_000;

const sha = (text: string): string => createHash('sha256').update(text).digest('hex');
const mac = (key: string | Buffer, text: string): Buffer => createHmac('sha256', key).update(text).digest();

class Refused extends Error {
  readonly type: string;
  constructor(type: string) {
    super(type);
    this.type = type;
  }
}

/** After the documentation of Signature Version 4, and not after the product. */
function checkSignature(headers: IncomingHttpHeaders, body: string): void {
  const found =
    /^AWS4-HMAC-SHA256 Credential=([^/]+)\/(\d{8})\/([^/]+)\/([^/]+)\/aws4_request, SignedHeaders=([a-z0-9;-]+), Signature=([0-9a-f]{64})$/.exec(
      headers.authorization ?? '',
    );
  if (found === null) throw new Refused('IncompleteSignatureException');
  const [, access, day, region, service, names, signature] = found as unknown as string[];
  if (access !== ACCESS) throw new Refused('UnrecognizedClientException');
  const list = (names as string).split(';');
  const isWhole = ['host', 'x-amz-date', 'x-amz-target'].every((name) => list.includes(name)) && list.toSorted().join() === list.join();
  const moment = String(headers['x-amz-date']);
  const at = Date.parse(moment.replace(/^(\d{4})(\d\d)(\d\d)T(\d\d)(\d\d)(\d\d)Z$/, '$1-$2-$3T$4:$5:$6Z'));
  if (!isWhole || region !== REGION || service !== 'kms' || !moment.startsWith(day as string) || !(Math.abs(Date.now() - at) < MAX_SKEW_MS))
    throw new Refused('InvalidSignatureException');
  const canonical = ['POST', '/', '', ...list.map((name) => `${name}:${String(headers[name]).trim()}`), '', names, sha(body)].join('\n');
  const scope = `${day}/${region}/${service}/aws4_request`;
  const signing = mac(mac(mac(mac(`AWS4${SECRET}`, day as string), region as string), service as string), 'aws4_request');
  const right = mac(signing, `AWS4-HMAC-SHA256\n${moment}\n${scope}\n${sha(canonical)}`);
  if (!timingSafeEqual(right, Buffer.from(signature as string, 'hex'))) throw new Refused('InvalidSignatureException');
}

/** The context is a set of pairs: their order does not count. */
const contextBytes = (context: unknown): Buffer =>
  Buffer.from(
    JSON.stringify(Object.entries((context ?? {}) as Record<string, string>).toSorted(([left], [right]) => (left < right ? -1 : 1))),
  );

export async function startAwsKms(): Promise<AwsKmsServer> {
  const secret = randomBytes(32);
  const asked: AwsKmsServer['asked'] = [];
  const isOurs = (name: unknown): boolean => name === KEY || name === KEY.split('/').at(-1);

  function answer(headers: IncomingHttpHeaders, body: string): object {
    if (headers['content-type'] !== 'application/x-amz-json-1.1') throw new Refused('SerializationException');
    checkSignature(headers, body);
    const action = String(headers['x-amz-target']).replace('TrentService.', '');
    const input = JSON.parse(body) as Record<string, unknown>;
    asked.push({ action, context: input.EncryptionContext });
    if (server.state === 'denied') throw new Refused('AccessDeniedException');
    if (server.state === 'disabled') throw new Refused('DisabledException');
    if (!isOurs(input.KeyId)) throw new Refused('NotFoundException');
    if (action === 'Encrypt') {
      const iv = randomBytes(12);
      const cipher = createCipheriv('aes-256-gcm', secret, iv);
      cipher.setAAD(contextBytes(input.EncryptionContext));
      const sealed = Buffer.concat([cipher.update(Buffer.from(String(input.Plaintext), 'base64')), cipher.final()]);
      return {
        CiphertextBlob: Buffer.concat([iv, cipher.getAuthTag(), sealed]).toString('base64'),
        KeyId: KEY,
        EncryptionAlgorithm: 'SYMMETRIC_DEFAULT',
      };
    }
    if (action !== 'Decrypt') throw new Refused('UnknownOperationException');
    const blob = Buffer.from(String(input.CiphertextBlob), 'base64');
    try {
      const decipher = createDecipheriv('aes-256-gcm', secret, blob.subarray(0, 12));
      decipher.setAAD(contextBytes(input.EncryptionContext));
      decipher.setAuthTag(blob.subarray(12, 28));
      const plain = Buffer.concat([decipher.update(blob.subarray(28)), decipher.final()]);
      return { Plaintext: plain.toString('base64'), KeyId: KEY, EncryptionAlgorithm: 'SYMMETRIC_DEFAULT' };
    } catch {
      throw new Refused('InvalidCiphertextException');
    }
  }

  const http = createServer((request, response) => {
    const chunks: Buffer[] = [];
    request.on('data', (chunk: Buffer) => chunks.push(chunk));
    request.on('end', () => {
      response.setHeader('content-type', 'application/x-amz-json-1.1');
      try {
        if (server.state === 'broken') return response.writeHead(500).end('{"__type":"KMSInternalException"}');
        response.end(JSON.stringify(answer(request.headers, Buffer.concat(chunks).toString())));
      } catch (error) {
        response
          .writeHead(400)
          .end(
            JSON.stringify({ __type: error instanceof Refused ? error.type : 'ValidationException', message: 'told here in many words' }),
          );
      }
      return undefined;
    });
  });
  await new Promise<void>((resolve) => http.listen(0, '127.0.0.1', resolve));
  const server: AwsKmsServer = {
    ...{
      url: `http://127.0.0.1:${(http.address() as AddressInfo).port}`,
      key: KEY,
      region: REGION,
      accessKeyId: ACCESS,
      secretAccessKey: SECRET,
    },
    ...{ asked, state: 'enabled' },
    close: async () => {
      http.closeAllConnections();
      await new Promise((resolve) => http.close(resolve));
    },
  };
  return server;
}
