// What a person endorses with their passkey: one form for everything that is endorsed, and the signature as it is kept. Pure; what a passkey
// is, and whether it signed, only identity knows. INVARIANT: what was signed for one purpose, tenant or thing is good for no other.

import type { PersonId, TenantId } from './ids.ts';
import { findOwnRecord } from './own-json.ts';
import type { PersonPrincipal } from './principal.ts';
import { isRefusal, type Refusal } from './refusal.ts';
import type { Tx } from './tx.ts';

/** What is signed for each purpose, line by line. The first is always the tenant. */
export const ENDORSED = {
  approval: ['tenant', 'approval id', 'digest of the call'],
  'approval as it is': ['tenant', 'approval id', 'digest of the call'],
  'workflow approval': ['tenant', 'workflow', 'hash of the version'],
  'emergency access': ['tenant', 'request', 'person who asked', 'role', 'digest of the reason'],
  'restore confirmation': ['tenant of the installation', 'key of the installation', 'restore', 'backup', 'digest of what was found'],
} as const;
export type EndorsedPurpose = keyof typeof ENDORSED;

export interface Endorsable {
  readonly purpose: EndorsedPurpose;
  readonly lines: readonly string[];
}

/** Its SHA-256 is what a passkey is asked to sign. */
export function endorsableText({ purpose, lines }: Endorsable): string {
  // A line that could hold the end of a line would let one thing be read as another.
  if (lines.length !== ENDORSED[purpose].length || !lines.every((line) => LINE.test(line)))
    throw new Error(`not an endorsable: ${purpose}`);
  return `sallyport ${purpose}\n${lines.map((line) => `${line}\n`).join('')}`;
}
const LINE = /^[\x21-\x7e]{1,200}$/;

/** What a browser hands over after `navigator.credentials.get`, base64url. */
export interface PasskeyAssertion {
  readonly id: string;
  readonly clientDataJSON: string;
  readonly authenticatorData: string;
  readonly signature: string;
  /** What the passkey says of whom it belongs to: the id of the person. */
  readonly userHandle: string | null;
}

/** Passkeys, as endorsing needs them. */
export interface Signatures {
  /** Whether this person has a passkey, and so signs what they endorse. */
  isAskedOf(person: PersonPrincipal): boolean;
  /** Whether the person has signed exactly this just now; uses the passkey. `passkey`: SHA-256 of its public key. */
  check(
    tx: Tx,
    person: PersonPrincipal,
    endorsable: Endorsable,
    assertion: PasskeyAssertion,
  ): Promise<{ readonly passkey: string } | Refusal>;
  /** The passkey of a signature that was kept; null unless it is that person's over exactly this. Changes nothing. */
  verify(
    tx: Tx,
    signed: {
      readonly tenant: TenantId;
      readonly person: PersonId;
      readonly endorsable: Endorsable;
      readonly assertion: PasskeyAssertion;
    },
  ): Promise<KnownPasskey | null>;
}

export interface KnownPasskey {
  readonly passkey: string;
  /** Taken away since; what that means is for whoever asks to say. */
  readonly isRemoved: boolean;
}

/** As it is kept with what was endorsed. Both null of somebody who has no passkey. */
export type Endorsed = { readonly signature: string; readonly passkey: string } | { readonly signature: null; readonly passkey: null };

export const UNSIGNED: Endorsed = { signature: null, passkey: null };

/** From a row; null when it is not whole. */
export function endorsedIn({ signature, passkey }: { signature: string | null; passkey: string | null }): Endorsed | null {
  if (signature === null && passkey === null) return UNSIGNED;
  return signature === null || passkey === null ? null : { signature, passkey };
}

/** A person's yes: signed by whoever has a passkey, and refused with `needed` when they did not sign. */
export async function endorse(
  signatures: Signatures,
  tx: Tx,
  by: PersonPrincipal,
  given: { readonly endorsable: Endorsable; readonly assertion: PasskeyAssertion | undefined; readonly needed: Refusal },
): Promise<Endorsed | Refusal> {
  const { endorsable, assertion, needed } = given;
  if (assertion === undefined) return signatures.isAskedOf(by) ? needed : UNSIGNED;
  const checked = await signatures.check(tx, by, endorsable, assertion);
  return isRefusal(checked) ? checked : { signature: writeAssertion(assertion), passkey: checked.passkey };
}

/** Null unless the text is a signature of this person over exactly this. */
export async function proveEndorsed(
  signatures: Pick<Signatures, 'verify'>,
  tx: Tx,
  kept: { readonly tenant: TenantId; readonly person: PersonId; readonly endorsable: Endorsable; readonly signature: string },
): Promise<KnownPasskey | null> {
  const assertion = readAssertion(kept.signature);
  return assertion === null ? null : signatures.verify(tx, { ...kept, assertion });
}

function writeAssertion({ id, clientDataJSON, authenticatorData, signature, userHandle }: PasskeyAssertion): string {
  return JSON.stringify({ id, clientDataJSON, authenticatorData, signature, userHandle });
}

/** From a row somebody may have edited. */
function readAssertion(text: string): PasskeyAssertion | null {
  const record = findOwnRecord(text);
  if (record === null) return null;
  const { id, clientDataJSON, authenticatorData, signature, userHandle } = record;
  const texts = [id, clientDataJSON, authenticatorData, signature];
  if (!texts.every((one) => typeof one === 'string') || !(userHandle === null || typeof userHandle === 'string')) return null;
  return { id, clientDataJSON, authenticatorData, signature, userHandle } as PasskeyAssertion;
}
