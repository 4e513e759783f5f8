// Company logins and provisioning, as the control plane tells it; and going to a company's login and coming back from it.

import { queryOptions } from '@tanstack/react-query';
import { browserKey, signedIn } from './browser-key.ts';
import { api } from './client.ts';

export interface LoginSettings {
  readonly label: string;
  readonly issuer: string;
  readonly clientId: string;
  readonly authMethod: string;
  readonly mode: string;
  readonly scopes: readonly string[];
  readonly groupsClaim: string | null;
  readonly groups: Readonly<Record<string, string>>;
  readonly externalIdClaim: string | null;
  readonly secondFactorAcr: readonly string[];
  readonly deviceClaim?: string | null;
  readonly enabled: boolean;
}

export interface CompanyLogin extends LoginSettings {
  readonly id: string;
  readonly name: string;
  readonly publicJwk: object | null;
  readonly redirectUri: string;
  readonly testedAt: string | null;
  readonly testCode: string | null;
  readonly usedAt: string | null;
  readonly accounts: number;
}

export interface Provisioning {
  readonly on: boolean;
  readonly baseUrl: string;
  readonly tokens: readonly {
    readonly createdAt: string;
    readonly expiresAt: string | null;
    readonly usedAt: string | null;
    readonly makerLeft: boolean;
  }[];
  readonly lastRequestAt: string | null;
  readonly lastChangeAt: string | null;
  readonly lastFailure: { readonly at: string; readonly what: string | null } | null;
}

export interface MadeToken {
  readonly token: string;
  readonly overlapUntil: string | null;
}

export const loginsQuery = queryOptions({
  queryKey: ['federation'],
  queryFn: () => api<{ providers: readonly CompanyLogin[] }>('GET', '/api/federation'),
});
export const provisioningQuery = queryOptions({ queryKey: ['scim'], queryFn: () => api<Provisioning>('GET', '/api/scim') });
/** For the sign-in page: anybody may ask. */
export const offeredQuery = queryOptions({
  queryKey: ['sign-in-providers'],
  queryFn: () => api<{ providers: readonly { readonly name: string; readonly label: string }[] }>('GET', '/api/sign-in/providers'),
  staleTime: 60_000,
  retry: false,
});

export const saveLogin = (name: string, settings: LoginSettings & { readonly secret: string | null }): Promise<CompanyLogin> =>
  api('PUT', `/api/federation/${encodeURIComponent(name)}`, settings);
export const removeLogin = (name: string, reason: string): Promise<unknown> =>
  api('DELETE', `/api/federation/${encodeURIComponent(name)}`, undefined, reason);
export const testLogin = (name: string): Promise<{ ok: boolean; testCode: string | null; sentence: string | null }> =>
  api('POST', `/api/federation/${encodeURIComponent(name)}/test`, {});
export const makeToken = (): Promise<MadeToken> => api('POST', '/api/scim/token', {});
export const endProvisioning = (reason: string): Promise<unknown> => api('DELETE', '/api/scim', undefined, reason);

/** Leaves the page for the company's login; the session that comes of it belongs to this browser's key. */
export async function goToLogin(name: string): Promise<boolean> {
  const key = (await browserKey()) as { x?: string; y?: string } | null;
  if (key?.x === undefined || key.y === undefined) return false;
  location.assign(`/sso/${encodeURIComponent(name)}/start?${new URLSearchParams({ x: key.x, y: key.y, return_to: '/' })}`);
  return true;
}

/** Leaves the page to link the account of whoever is signed in. */
export async function linkAccount(name: string): Promise<void> {
  const { url } = await api<{ url: string }>('POST', `/api/sso/${encodeURIComponent(name)}/link?return_to=/account`, {});
  location.assign(url);
}

/** Leaves the page to prove with a second factor of the company's login who is signed in; the page it comes back to is this one. */
export async function proveByLogin(name: string): Promise<void> {
  const back = new URLSearchParams({ return_to: location.pathname });
  const { url } = await api<{ url: string }>('POST', `/api/sso/${encodeURIComponent(name)}/step-up?${back}`, {});
  location.assign(url);
}

/** Back from the login: the page learns which session it is, to sign its requests for it. */
export const cameBack = (session: string): Promise<void> => signedIn(session);
