// Whether an authenticator signed what it was asked to, for this address and with its user verified. Keeps nothing and reads no table.
// INVARIANT: whatever is wrong with an assertion, the answer is the same; an unknown passkey costs what a known one costs.

import { generateKeyPairSync } from 'node:crypto';
import { verifyAuthenticationResponse } from '@simplewebauthn/server';
import { isJsonFault, isObject, type PasskeyAssertion, parseStrictJson } from '#core';
import type { RelyingParty } from '../signing-in/relying-party.ts';
import type { PasskeyRow } from '../store/passkeys.ts';

/** Bounded by whoever parses it. */
export type Assertion = PasskeyAssertion;

export interface Asserted {
  readonly counter: number;
  readonly isSynced: boolean;
}

type Key = Pick<PasskeyRow, 'credential' | 'publicKey' | 'rp'>;

/** Nobody has its private half. */
const DECOY: Key = { credential: '', publicKey: decoyKey(), rp: '' };

/** Null unless it is good in every respect but its counter, which its caller compares. `passkey` null: an unknown one. */
export async function checkAssertion(
  passkey: Key | null,
  assertion: Assertion,
  expected: { readonly challenge: string; readonly rp: RelyingParty },
): Promise<Asserted | null> {
  const { rp, challenge } = expected;
  const key = passkey ?? DECOY;
  const { id, clientDataJSON, authenticatorData, signature } = assertion;
  try {
    const { verified, authenticationInfo } = await verifyAuthenticationResponse({
      response: {
        id,
        rawId: id,
        type: 'public-key',
        response: { clientDataJSON, authenticatorData, signature },
        clientExtensionResults: {},
      },
      expectedChallenge: challenge,
      expectedOrigin: rp.origin,
      expectedRPID: rp.id,
      // Its counter is compared by the caller, who tells a copied passkey from a wrong signature.
      credential: { id: key.credential, publicKey: new Uint8Array(key.publicKey), counter: 0 },
      requireUserVerification: true,
    });
    const isOurs = passkey !== null && passkey.credential === id && passkey.rp === rp.id && !isFramed(clientDataJSON);
    if (!verified || !isOurs || !authenticationInfo.userVerified) return null;
    return { counter: authenticationInfo.newCounter, isSynced: authenticationInfo.credentialBackedUp };
  } catch {
    // The library throws for each thing it finds wrong; which one is nobody's business.
    return null;
  }
}

/** The challenge an assertion or a new passkey answers; empty when it can not be read. */
export function challengeOf(clientDataJSON: string): string {
  const client = clientDataOf(clientDataJSON);
  return typeof client?.challenge === 'string' ? client.challenge : '';
}

/** Asked for by a page inside another page: nothing of ours is framed. */
export function isFramed(clientDataJSON: string): boolean {
  const client = clientDataOf(clientDataJSON);
  return client === null || client.crossOrigin === true || client.topOrigin !== undefined;
}

export function clientDataOf(clientDataJSON: string): Readonly<Record<string, unknown>> | null {
  const value = parseStrictJson(Buffer.from(clientDataJSON, 'base64url'));
  return isJsonFault(value) || !isObject(value) ? null : value;
}

/** A P-256 key in COSE (RFC 9053, section 7.1.1). */
function decoyKey(): Buffer {
  const { x, y } = generateKeyPairSync('ec', { namedCurve: 'P-256' }).publicKey.export({ format: 'jwk' });
  const point = (value: string | undefined): Buffer => Buffer.from(value ?? '', 'base64url');
  return Buffer.concat([Buffer.from('a5010203262001215820', 'hex'), point(x), Buffer.from('225820', 'hex'), point(y)]);
}
