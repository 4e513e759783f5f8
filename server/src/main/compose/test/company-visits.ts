// A company login, several servers that take it, and the ways of a browser between them, for the tests of signing in by it.

import { generateKeyPairSync } from 'node:crypto';
import { afterAll, afterEach, beforeAll, expect } from 'vitest';
import { isRefusal, type PersonPrincipal } from '#core';
import type { Outside, ProviderInput } from '#identity';
import { type CompanyLogin, companyLogin, type Login } from './company-login.ts';
import { type FederatedWorld, federatedWorld } from './federated-world.ts';

export type Send = Outside['transport']['send'];
export type Reply = Awaited<ReturnType<Send>>;
/** What a test changes for itself: what the provider answers, and how late it is. */
export const outside: { tamper: ((url: string, reply: Reply) => Reply) | null; aheadMs: number } = { tamper: null, aheadMs: 0 };
export let idp: CompanyLogin;
export let world: FederatedWorld;

export const SECRET = 'a-client-secret-of-a-test';
/** Of another browser each time: signing in anew in the same one ends the session before. */
export const browserKey = (): { x: string; y: string } => {
  const { x = '', y = '' } = generateKeyPairSync('ec', { namedCurve: 'P-256' }).publicKey.export({ format: 'jwk' });
  return { x, y };
};

type Ask = (url: string, init: RequestInit) => Promise<Response>;
let ask: Ask;

/** The provider and the servers of one test file, which brings its own browser. */
export function useCompanyLogin(browser: Ask): void {
  ask = browser;
  beforeAll(async () => {
    idp = await companyLogin();
    world = await federatedWorld({
      allowPrivate: [idp.authority],
      authority: idp.certificate,
      now: () => Date.now() + outside.aheadMs,
      between: (direct) => ({
        send: async (request) => {
          const reply = await direct.send(request);
          return outside.tamper?.(request.url, reply) ?? reply;
        },
      }),
    });
    idp.serve([client()]);
  });
  afterAll(async () => {
    await world.close();
    await idp.close();
  });
  afterEach(() => {
    outside.tamper = null;
    outside.aheadMs = 0;
  });
}

export const client = (change: object = {}) => ({
  client_id: 'sallyport',
  client_secret: SECRET,
  redirect_uris: [`${origin()}/sso/callback`],
  response_types: ['code' as const],
  grant_types: ['authorization_code'],
  scope: 'openid profile groups email',
  ...change,
});
export const origin = (): string => world.url.replace('127.0.0.1', 'localhost');
export const here = () => world.replicas[0] as FederatedWorld['replicas'][number];
export const federation = () => here().federated.federation;
export const by = () => ({ tenant: world.tenant, actor: world.owner().person });

export const settings = (change: Partial<ProviderInput> = {}): ProviderInput => ({
  name: 'corp',
  label: 'Example Corp',
  issuer: idp.issuer,
  clientId: 'sallyport',
  authMethod: 'client_secret_basic',
  secret: SECRET,
  mode: 'just_in_time',
  scopes: ['profile', 'groups', 'email'],
  groupsClaim: 'groups',
  groups: {},
  externalIdClaim: null,
  secondFactorAcr: [],
  enabled: true,
  ...change,
});
export async function save(change: Partial<ProviderInput> = {}): Promise<void> {
  const saved = await federation().providers.save(by(), settings(change));
  if (isRefusal(saved)) throw new Error(`${saved.code} ${JSON.stringify(saved.evidence)}`);
}

export interface Visit {
  readonly cookie: string;
  readonly url: string;
}
export const cookiesOf = (response: Response): string =>
  response.headers
    .getSetCookie()
    .map((line) => line.split(';')[0])
    .join('; ');

export async function begin(path = '/sso/corp/start', returnTo = '/inbox', cookie = ''): Promise<Visit> {
  const query = new URLSearchParams({ ...browserKey(), return_to: returnTo });
  const response = await ask(`${world.url}${path}?${query}`, { redirect: 'manual', headers: { cookie } });
  expect(response.status).toBe(303);
  return { cookie: cookiesOf(response) || cookie, url: response.headers.get('location') ?? '' };
}
/** Where the callback sends the browser, and the session it got. */
export async function finish(back: URL, cookie: string): Promise<{ to: string; token: string | null }> {
  const response = await ask(`${world.url}${back.pathname}${back.search}`, { redirect: 'manual', headers: { cookie } });
  const token = /sallyport_session=([^;]+)/.exec(cookiesOf(response))?.[1] ?? null;
  return { to: response.headers.get('location') ?? '', token };
}
export async function come(login: Login, path?: string): Promise<{ to: string; token: string | null; back: URL; visit: Visit }> {
  const visit = await begin(path);
  const back = await idp.signIn(visit.url, login);
  return { ...(await finish(back, visit.cookie)), back, visit };
}
export const person = (token: string | null): PersonPrincipal => {
  const answer = here().identity.authenticateSession(token);
  if (isRefusal(answer)) throw new Error(answer.code);
  return answer;
};
export const rows = (sql: string, values: unknown[] = []): Promise<Record<string, unknown>[]> => world.database.admin(sql, values);
let logins = 0;
export const somebody = (change: object = {}): Login => {
  logins += 1;
  return { sub: `subject-${logins}`, name: `Kim Example ${logins}`, email: 'shared@example.com', ...change };
};
export const grantTo = async (group: string, role: string): Promise<void> => {
  const id = `grt_018cc251-f400-7000-8000-${String(Date.now() % 1e9).padStart(12, '0')}`;
  await rows(
    "insert into identity_grants (tenant, id, subject, role, scope, via, granted_by, created_at) values ($1, $2, $3, $4, '{}', 'direct', 'x', now())",
    [world.tenant, id, group, role],
  );
};
export const newGroup = async (source = 'local'): Promise<string> => {
  logins += 1;
  const id = `grp_018cc251-f400-7000-8000-${String(logins).padStart(12, '0')}`;
  await rows('insert into identity_groups (tenant, id, name, source, created_at) values ($1, $2, $3, $4, now())', [
    world.tenant,
    id,
    `group ${logins}`,
    source,
  ]);
  return id;
};
