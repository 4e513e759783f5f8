// Passkeys as this browser makes and uses them, and what the account screen asks for. The browser's own library is loaded when needed.

import type {
  AuthenticationResponseJSON,
  PublicKeyCredentialCreationOptionsJSON,
  PublicKeyCredentialRequestOptionsJSON,
} from '@simplewebauthn/browser';
import { queryOptions } from '@tanstack/react-query';
import { stepUp } from '../strings/en/account.ts';
import { browserKey, signedIn } from './browser-key.ts';
import { ApiFault, api } from './client.ts';

export interface Passkey {
  readonly id: string;
  readonly name: string;
  readonly createdAt: string;
  readonly usedAt: string | null;
  readonly isSynced: boolean;
}

export interface OpenSession {
  readonly id: string;
  readonly kind: 'browser' | 'cli';
  readonly label: string;
  readonly method: string;
  readonly isBound: boolean;
  readonly openedAt: string;
  readonly seenAt: string | null;
  readonly isThis: boolean;
}

interface Opened {
  readonly session: string;
}
interface Asked<T> {
  readonly options: T;
}
type Request = PublicKeyCredentialRequestOptionsJSON;

const library = () => import('@simplewebauthn/browser');

/** A passkey is made for a host's name and over a secure connection; this machine by its name is one. */
export const canUsePasskeys = (): boolean =>
  window.isSecureContext && typeof PublicKeyCredential === 'function' && !/^(?:[\d.]+|\[.*\])$/.test(location.hostname);

/** The same page under the name of this machine, when it is open under its number. */
export function namedAddress(): string | null {
  if (location.hostname !== '127.0.0.1' && location.hostname !== '[::1]') return null;
  return `${location.protocol}//localhost:${location.port}/sign-in`;
}

export const passkeysQuery = queryOptions({
  queryKey: ['passkeys'],
  queryFn: () => api<{ passkeys: readonly Passkey[]; recoveryCodesLeft: number }>('GET', '/api/passkeys'),
});

export const sessionsQuery = queryOptions({
  queryKey: ['sessions', 'own'],
  queryFn: () => api<{ sessions: readonly OpenSession[] }>('GET', '/api/sessions'),
});

const assertionOf = ({ id, response }: AuthenticationResponseJSON) => ({
  id,
  clientDataJSON: response.clientDataJSON,
  authenticatorData: response.authenticatorData,
  signature: response.signature,
  userHandle: response.userHandle ?? null,
});

/** Asks the browser for a passkey; throws when the person did not go on. */
export async function assert(optionsJSON: Request, useBrowserAutofill = false) {
  const { startAuthentication } = await library();
  return assertionOf(await startAuthentication({ optionsJSON, useBrowserAutofill }));
}

export async function signInByLink(secret: string): Promise<void> {
  const { session } = await api<Opened>('POST', '/api/session', { secret, as: 'cookie', key: await browserKey() });
  await signedIn(session);
}

/** `inField`: offered by the browser where the field is, and waits until the person takes it. */
export async function signInByPasskey(inField = false): Promise<void> {
  const { options } = await api<Asked<Request>>('POST', '/api/sign-in/passkey/options');
  const assertion = await assert(options, inField);
  const { session } = await api<Opened>('POST', '/api/sign-in/passkey', { assertion, key: await browserKey() });
  await signedIn(session);
}

export async function canOfferInField(): Promise<boolean> {
  return canUsePasskeys() && (await library()).browserSupportsWebAuthnAutofill();
}

/** Gives up what is being offered in a field. */
export async function stopOffering(): Promise<void> {
  (await library()).WebAuthnAbortService.cancelCeremony();
}

export async function signInByCode(code: string): Promise<void> {
  const { session } = await api<Opened>('POST', '/api/sign-in/recovery', { code, key: await browserKey() });
  await signedIn(session);
}

export async function makePasskey(name: string): Promise<Passkey> {
  const { options } = await api<Asked<PublicKeyCredentialCreationOptionsJSON>>('POST', '/api/passkeys/options');
  const { startRegistration } = await library();
  const { id, response } = await startRegistration({ optionsJSON: options });
  const { clientDataJSON, attestationObject, transports = [] } = response;
  return api('POST', '/api/passkeys', { name, id, clientDataJSON, attestationObject, transports });
}

export const renamePasskey = (id: string, name: string): Promise<Passkey> => api('PUT', `/api/passkeys/${id}`, { name });
export const removePasskey = (id: string): Promise<object> => api('DELETE', `/api/passkeys/${id}`);
export const makeRecoveryCodes = (): Promise<{ codes: readonly string[] }> => api('POST', '/api/recovery-codes');
export const endSession = (id: string): Promise<object> => api('DELETE', `/api/sessions/${id}`);

/** Confirms in the open session that it is still the person. */
export async function confirmByPasskey(): Promise<void> {
  const { options } = await api<Asked<Request>>('POST', '/api/step-up/options');
  await api('POST', '/api/step-up', { assertion: await assert(options) });
}

/**
 * Says yes to what the path names. Whoever has a passkey signs exactly that with it: the server says what is to be signed under
 * `<path>/options`, for the same body. Nothing is sent when the person does not go on.
 */
export async function endorse<T>(path: string, body: object = {}, reason = ''): Promise<T> {
  const { options } = await api<Asked<Request | null>>('POST', `${path}/options`, body);
  const signed = options === null ? {} : { assertion: await assert(options).catch(notUsed) };
  return api('POST', path, { ...body, ...signed }, reason);
}

function notUsed(): never {
  throw new ApiFault(0, 'PASSKEY_NOT_USED', stepUp.failed);
}
