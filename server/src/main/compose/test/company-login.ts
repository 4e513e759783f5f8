// The customer's identity provider: a real one (oidc-provider), over TLS on this machine, and a browser that goes through its login.

import { readFileSync } from 'node:fs';
import { createServer, request } from 'node:https';
import type { AddressInfo } from 'node:net';
import { type ClientMetadata, Provider } from 'oidc-provider';

const read = (path: string): string => readFileSync(new URL(path, import.meta.url), 'utf8');
/** Under a name, which the tests resolve themselves, or under the address of this machine, which every browser reaches. */
const PLACES = {
  name: {
    host: 'upstream.example.com',
    cert: '../../../egress/test/upstream.pem',
    key: '../../../egress/test/upstream.key',
    ca: '../../../egress/test/authority.pem',
  },
  loopback: { host: '127.0.0.1', cert: './loopback.pem', key: './loopback.key', ca: './loopback.pem' },
} as const;

/** Who signs in there next, and how. */
export interface Login {
  readonly sub: string;
  readonly amr?: readonly string[];
  readonly acr?: string;
  readonly [claim: string]: unknown;
}

export interface CompanyLogin {
  readonly issuer: string;
  /** `host:port` for the operator's allow-list. */
  readonly authority: string;
  readonly certificate: string;
  /** Begins anew with these clients. */
  serve(clients: readonly ClientMetadata[]): void;
  /** Who signs in next, with a browser of their own. */
  next(login: Login): void;
  /** A browser goes to an address there, signs in as this person, and is sent back: the address it is sent to. */
  signIn(url: string, login: Login): Promise<URL>;
  close(): Promise<void>;
}

export async function companyLogin(place: keyof typeof PLACES = 'name'): Promise<CompanyLogin> {
  const { host: HOST, cert, key, ca: authority } = PLACES[place];
  let provider: Provider | null = null;
  let current: Login = { sub: 'nobody' };
  const server = createServer({ key: read(key), cert: read(cert) }, async (incoming, outgoing) => {
    const serving = provider;
    if (serving === null) return outgoing.writeHead(503).end();
    if (incoming.url?.startsWith('/interaction/') !== true) return serving.callback()(incoming, outgoing);
    const { sub, amr, acr } = current;
    const login = { accountId: sub, ...(amr === undefined ? {} : { amr: [...amr] }), ...(acr === undefined ? {} : { acr }) };
    return serving.interactionFinished(incoming, outgoing, { login });
  });
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  const { port } = server.address() as AddressInfo;
  const issuer = `https://${HOST}:${port}`;
  const ca = read(authority);

  const get = (url: URL, jar: Map<string, string>): Promise<{ status: number; location: string | null }> =>
    new Promise((resolve, reject) => {
      const cookie = [...jar].map(([name, value]) => `${name}=${value}`).join('; ');
      const sent = request(
        {
          host: '127.0.0.1',
          port,
          path: `${url.pathname}${url.search}`,
          ca,
          ...(place === 'name' ? { servername: HOST } : {}),
          headers: { host: url.host, cookie },
        },
        (reply) => {
          for (const line of reply.headers['set-cookie'] ?? []) {
            const [name = '', value = ''] = (line.split(';')[0] ?? '').split('=', 2);
            jar.set(name, value);
          }
          reply.resume();
          reply.on('end', () => resolve({ status: reply.statusCode ?? 0, location: reply.headers.location ?? null }));
        },
      );
      sent.on('error', reject).end();
    });

  return {
    issuer,
    authority: `${HOST}:${port}`,
    certificate: ca,
    serve(clients) {
      provider = new Provider(issuer, {
        clients: clients.map((client) => ({ ...client })),
        claims: {
          openid: ['sub', 'amr', 'acr', 'auth_time', 'oid'],
          profile: ['name', 'given_name', 'family_name'],
          groups: ['groups'],
          email: ['email'],
        },
        acrValues: ['urn:example:strong'],
        conformIdTokenClaims: false,
        features: { devInteractions: { enabled: false } },
        interactions: { url: (_ctx, { uid }) => `/interaction/${uid}` },
        findAccount: (_ctx, sub) => ({ accountId: sub, claims: async () => ({ ...current, sub }) }),
        loadExistingGrant: async (ctx) => {
          const grant = new ctx.oidc.provider.Grant({
            clientId: ctx.oidc.client?.clientId ?? '',
            accountId: ctx.oidc.session?.accountId ?? '',
          });
          grant.addOIDCScope('openid profile groups email');
          await grant.save();
          return grant;
        },
        cookies: { keys: ['a-key-of-a-test'] },
        ttl: { Session: 3_600, Interaction: 600, Grant: 600, AccessToken: 60, IdToken: 300, AuthorizationCode: 60 },
      });
    },
    next: (login) => {
      current = login;
    },
    async signIn(url, login) {
      current = login;
      const jar = new Map<string, string>();
      let at = new URL(url);
      for (let hop = 0; hop < 10; hop += 1) {
        const { status, location } = await get(at, jar);
        if (location === null) throw new Error(`the company login answered ${status} at ${at.pathname}`);
        at = new URL(location, at);
        if (at.host !== `${HOST}:${port}`) return at;
      }
      throw new Error('the company login sends in circles');
    },
    close: () =>
      new Promise((resolve) => {
        server.closeAllConnections();
        server.close(() => resolve());
      }),
  };
}
