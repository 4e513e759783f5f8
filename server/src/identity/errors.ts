// Every code of identity. A refusal to authenticate never says which part of a key was right.

import { type CodeTable, type Refusal, refuse, SallyportError } from '#core';

export const identityCodes = {
  IDENTITY_KEY_MISSING: {
    kind: 'refusal',
    status: 401,
    sentence: 'No API key came with the call; send it as `Authorization: Bearer sp_...`.',
  },
  IDENTITY_KEY_UNKNOWN: {
    kind: 'refusal',
    status: 401,
    sentence: 'The API key is not valid: it does not exist, was revoked, or was mistyped; ask for a new one.',
  },
  IDENTITY_KEY_EXPIRED: { kind: 'refusal', status: 401, sentence: 'The API key has expired; ask for a new one.' },
  IDENTITY_FEED_LOST: {
    kind: 'refusal',
    status: 403,
    sentence: 'Revocations can not be heard right now, so nobody is let in; this ends by itself when the database answers again.',
  },
  IDENTITY_SESSION_INVALID: {
    kind: 'refusal',
    status: 401,
    sentence: 'The session is not valid: it expired, was ended, or never was; sign in again with a new link.',
  },
  IDENTITY_LINK_INVALID: {
    kind: 'refusal',
    status: 401,
    sentence: 'The sign-in link is not valid: it is good for one use and a short time; make a new one.',
  },
  IDENTITY_HOOK_SIGNATURE_INVALID: {
    kind: 'refusal',
    status: 401,
    sentence:
      'The delivery does not carry a valid signature of this integration: check path, secret and that the body is sent as it was signed.',
  },
  IDENTITY_HOOK_OUTSIDE_TIME: {
    kind: 'refusal',
    status: 401,
    sentence: 'The timestamp of the delivery is more than 5 minutes from now; sign each attempt anew and check the clock.',
  },
  IDENTITY_HOOK_UNREADABLE: {
    kind: 'fault',
    status: 503,
    sentence: 'The secret of a hook can not be opened; make a new one with `sallyport hooks create`.',
  },
  IDENTITY_NOT_A_WORKLOAD: { kind: 'refusal', status: 403, sentence: 'Only a workload can bind a call to a run.' },
  IDENTITY_BINDING_INVALID: {
    kind: 'refusal',
    status: 403,
    sentence: 'The binding header is not a statement signed by this workload for this gateway; check key, claims and algorithm EdDSA.',
  },
  IDENTITY_BINDING_KEY_MISSING: {
    kind: 'refusal',
    status: 403,
    sentence: 'This workload has no binding key registered; register its public key or send no binding header.',
  },
  IDENTITY_BINDING_EXPIRED: {
    kind: 'refusal',
    status: 403,
    sentence: 'The binding statement is outside its time: sign a new one for each call, valid for at most 5 minutes, and check the clock.',
  },
  IDENTITY_BINDING_REPLAYED: {
    kind: 'refusal',
    status: 403,
    sentence: 'This binding statement was used for an effect before; sign a new one for each call.',
  },
  IDENTITY_INPUT_INVALID: {
    kind: 'usage',
    status: 400,
    sentence: 'A name, workflow, integration, public key or expiry is not of the accepted form.',
  },
  IDENTITY_NAME_TAKEN: { kind: 'usage', status: 400, sentence: 'That name is taken; choose another one.' },
  IDENTITY_WORKLOAD_UNKNOWN: { kind: 'usage', status: 404, sentence: 'There is no such workload.' },
  IDENTITY_PERSON_UNKNOWN: { kind: 'usage', status: 404, sentence: 'There is no such person; list the people.' },
  IDENTITY_OWNER_STAYS: {
    kind: 'usage',
    status: 409,
    sentence: 'The owner can not be removed, and signs in with `sallyport sign-in`.',
  },
  IDENTITY_PEPPER_MISMATCH: {
    kind: 'fault',
    status: 503,
    sentence: 'The pepper file is not the one the stored keys were made with; restore it, or every key and session must be made anew.',
  },
  IDENTITY_SIGNING_KEY_UNUSABLE: {
    kind: 'fault',
    status: 503,
    sentence: 'The key file that signs approved workflows can not be used; restore it or set its mode to 0600.',
  },
  IDENTITY_CLOSED: { kind: 'fault', status: 503, sentence: 'Identity is shut.' },
} as const satisfies CodeTable;

export type IdentityCode = keyof typeof identityCodes;

export function refusal(code: IdentityCode): Refusal {
  return refuse(code, identityCodes[code].sentence);
}

/** A fault with its sentence. `detail` names a field or a step, never a value. */
export function identityFault(code: IdentityCode, detail?: string, cause?: unknown): SallyportError {
  const { sentence } = identityCodes[code];
  return new SallyportError(code, detail === undefined ? sentence : `${sentence} (${detail})`, { cause });
}
