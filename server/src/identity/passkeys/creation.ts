// Making a passkey: what a browser is asked for, and whether what came back is what we asked for. Keeps nothing.
// Attestation is not asked for, and where a password manager sends one all the same it is left unread: it would vouch for a device nobody chose.

import { createHash } from 'node:crypto';
import { generateRegistrationOptions, verifyRegistrationResponse } from '@simplewebauthn/server';
import { decodeAttestationObject } from '@simplewebauthn/server/helpers';
import type { PersonId } from '#core';
import type { RelyingParty } from '../signing-in/relying-party.ts';
import type { PasskeyRow } from '../store/passkeys.ts';
import { isFramed } from './assertion.ts';

/** EdDSA, ES256, RS256: what authenticators in use have. */
const ALGORITHMS = [-8, -7, -257];
const MAX_CREDENTIAL_CHARS = 1_400;
const MAX_KEY_BYTES = 2_048;
const TRANSPORTS = ['ble', 'cable', 'hybrid', 'internal', 'nfc', 'smart-card', 'usb'] as const;
type Transport = (typeof TRANSPORTS)[number];

const isTransport = (text: string): text is Transport => (TRANSPORTS as readonly string[]).includes(text);

/** For an authenticator: which of the person's passkeys it may know already, and how to reach them. */
export function descriptorsOf(present: readonly Pick<PasskeyRow, 'credential' | 'transports'>[]) {
  return present.map(({ credential, transports }) => ({ id: credential, transports: transports.filter(isTransport) }));
}

export function creationOptions(wanted: {
  readonly rp: RelyingParty;
  readonly person: PersonId;
  readonly name: string | null;
  readonly challenge: string;
  readonly present: readonly PasskeyRow[];
}): Promise<object> {
  const { rp, person, name, challenge, present } = wanted;
  return generateRegistrationOptions({
    rpName: 'Sallyport',
    rpID: rp.id,
    // Never leaves the authenticator and this server; a person's id says nothing about them.
    userID: new Uint8Array(Buffer.from(person)),
    userName: name ?? 'Owner',
    userDisplayName: name ?? 'Owner',
    challenge: new Uint8Array(Buffer.from(challenge, 'base64url')),
    attestationType: 'none',
    excludeCredentials: descriptorsOf(present),
    authenticatorSelection: { residentKey: 'required', userVerification: 'required' },
    supportedAlgorithmIDs: ALGORITHMS,
    timeout: 5 * 60_000,
  });
}

export interface ReadPasskey {
  readonly credential: string;
  readonly publicKey: Buffer;
  readonly counter: bigint;
  readonly isSynced: boolean;
}

/** Null when it is not a discoverable, user-verifying passkey for this address that answers the challenge. */
export async function readNewPasskey(
  made: { readonly id: string; readonly clientDataJSON: string; readonly attestationObject: string },
  expected: { readonly challenge: string; readonly rp: RelyingParty },
): Promise<ReadPasskey | null> {
  const { id, clientDataJSON } = made;
  const { challenge, rp } = expected;
  if (isFramed(clientDataJSON)) return null;
  try {
    const { verified, registrationInfo } = await verifyRegistrationResponse({
      response: {
        id,
        rawId: id,
        type: 'public-key',
        response: { clientDataJSON, attestationObject: withoutStatement(made.attestationObject) },
        clientExtensionResults: {},
      },
      expectedChallenge: challenge,
      expectedOrigin: rp.origin,
      expectedRPID: rp.id,
      requireUserVerification: true,
      supportedAlgorithmIDs: ALGORITHMS,
    });
    if (!verified || registrationInfo === undefined || !registrationInfo.userVerified) return null;
    const { credential, credentialBackedUp } = registrationInfo;
    const publicKey = Buffer.from(credential.publicKey);
    if (credential.id !== id || id.length > MAX_CREDENTIAL_CHARS || publicKey.byteLength > MAX_KEY_BYTES) return null;
    return { credential: credential.id, publicKey, counter: BigInt(credential.counter), isSynced: credentialBackedUp };
  } catch {
    return null;
  }
}

/** SHA-256 of the public key, for the ledger: whoever has the key can say that it was this one. */
export function thumbprintOf(publicKey: Uint8Array): string {
  return createHash('sha256').update(publicKey).digest('hex');
}

/** The same authenticator data under the format `none` (CBOR, RFC 8949), so that no vendor's certificates are looked at or looked up. */
function withoutStatement(attestationObject: string): string {
  const authData = Buffer.from(decodeAttestationObject(new Uint8Array(Buffer.from(attestationObject, 'base64url'))).get('authData'));
  const text = (value: string): Buffer => Buffer.concat([Buffer.of(0x60 | value.length), Buffer.from(value)]);
  const length = Buffer.alloc(3);
  length[0] = 0x59;
  length.writeUInt16BE(authData.byteLength, 1);
  const entries = [text('fmt'), text('none'), text('attStmt'), Buffer.of(0xa0), text('authData'), length, authData];
  return Buffer.concat([Buffer.of(0xa3), ...entries]).toString('base64url');
}
