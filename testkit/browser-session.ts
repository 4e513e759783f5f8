// A browser that signs in and signs its requests, without a browser: a key, a cookie, and the header that proves the one to the other.

import { generateKeyPairSync, randomBytes, sign } from 'node:crypto';

export interface Answer {
  readonly status: number;
  readonly body: Record<string, unknown>;
  readonly headers: Headers;
}

export interface BrowserSession {
  readonly key: object;
  cookie: string;
  session: string;
  /** Signs and sends; `lies` change what is signed, or send none. */
  ask(method: string, path: string, body?: object, lies?: ProofLies): Promise<Answer>;
  /** Posts a way in and keeps the cookie. */
  enter(path: string, body: object): Promise<Answer>;
  proof(method: string, path: string, lies?: ProofLies): string;
}

export interface ProofLies {
  readonly proof?: string | null;
  readonly method?: string;
  readonly path?: string;
  readonly session?: string;
  readonly iatSeconds?: number;
  readonly alg?: string;
  /** Sent beside it, as a proxy would. */
  readonly headers?: Readonly<Record<string, string>>;
}

const part = (value: object): string => Buffer.from(JSON.stringify(value)).toString('base64url');

/** `origin`: where it is sent, and what the browser says it comes from. */
export function browserSession(origin: string): BrowserSession {
  const keys = generateKeyPairSync('ec', { namedCurve: 'P-256' });
  const { x, y } = keys.publicKey.export({ format: 'jwk' });
  const same = { 'sec-fetch-site': 'same-origin', origin, 'user-agent': 'Mozilla/5.0 (X11; Linux x86_64) Firefox/140.0' };
  const send = async (method: string, path: string, body: object | undefined, headers: Record<string, string>): Promise<Answer> => {
    const reply = await fetch(`${origin}${path}`, {
      method,
      headers: { ...same, ...headers, ...(body === undefined ? {} : { 'content-type': 'application/json' }) },
      ...(body === undefined ? {} : { body: JSON.stringify(body) }),
    });
    const text = await reply.text();
    return {
      status: reply.status,
      headers: reply.headers,
      body: (text.startsWith('{') ? JSON.parse(text) : {}) as Record<string, unknown>,
    };
  };
  const made: BrowserSession = {
    key: { kty: 'EC', crv: 'P-256', x, y },
    cookie: '',
    session: '',
    proof(method, path, lies = {}) {
      const header = part({ typ: 'sallyport-proof+jwt', alg: lies.alg ?? 'ES256' });
      const claims = {
        htm: lies.method ?? method,
        htu: lies.path ?? path,
        sid: lies.session ?? made.session,
        iat: lies.iatSeconds ?? Math.floor(Date.now() / 1_000),
        jti: randomBytes(16).toString('base64url'),
      };
      const input = `${header}.${part(claims)}`;
      const signature = sign('sha256', Buffer.from(input), { key: keys.privateKey, dsaEncoding: 'ieee-p1363' });
      return `${input}.${signature.toString('base64url')}`;
    },
    ask(method, path, body, lies = {}) {
      const proof = lies.proof === undefined ? made.proof(method, path, lies) : lies.proof;
      return send(method, path, body, {
        ...lies.headers,
        cookie: made.cookie,
        ...(proof === null ? {} : { 'x-sallyport-proof': proof }),
      });
    },
    async enter(path, body) {
      const answer = await send('POST', path, { ...body, key: made.key }, {});
      made.cookie = (answer.headers.get('set-cookie') ?? '').split(';', 1)[0] ?? '';
      made.session = String(answer.body.session ?? '');
      return answer;
    },
  };
  return made;
}
