// Every code of identity. A refusal to authenticate never says which part of a key was right.

import { type CodeTable, type Refusal, refuse, SallyportError } from '#core';
import { grantCodes } from './access/grant-codes.ts';
import { contextCodes } from './conditions/errors.ts';
import { leastCodes } from './least/codes.ts';

export const identityCodes = {
  ...contextCodes,
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
  IDENTITY_KEY_SUSPENDED: {
    kind: 'refusal',
    status: 401,
    sentence: 'The API key was suspended because nobody used it; whoever manages access can undo that with `sallyport access review undo`.',
  },
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
  IDENTITY_PASSKEY_INVALID: {
    kind: 'refusal',
    status: 401,
    sentence: 'The passkey was not accepted: it is unknown, was removed, or did not sign what was asked; try again or use another way in.',
  },
  IDENTITY_PASSKEY_NOT_ENROLLED: {
    kind: 'refusal',
    status: 400,
    sentence: 'The new passkey was not accepted: it must verify its user and be made for this address; try again.',
  },
  IDENTITY_PASSKEY_UNKNOWN: { kind: 'usage', status: 404, sentence: 'There is no such passkey; list the passkeys.' },
  IDENTITY_PASSKEY_LAST: {
    kind: 'usage',
    status: 409,
    sentence: 'This is the last passkey and no recovery code remains; make recovery codes or add another passkey first.',
  },
  IDENTITY_PASSKEY_LIMIT: { kind: 'usage', status: 409, sentence: 'One person has at most 20 passkeys; remove one that is not used.' },
  IDENTITY_PASSKEY_COUNTER: {
    kind: 'refusal',
    status: 401,
    sentence: 'The passkey counted backwards, so there may be a copy of it; sign in another way and remove it.',
  },
  IDENTITY_PASSKEY_FRESH_NEEDED: {
    kind: 'refusal',
    status: 403,
    sentence: 'Confirm with one of your passkeys first; the confirmation counts for 5 minutes.',
  },
  IDENTITY_SECOND_FACTOR_NEEDED: {
    kind: 'refusal',
    status: 403,
    sentence: 'Your company login confirmed a password only; add a passkey on your account page, or sign in there with a second factor.',
  },
  IDENTITY_RECOVERY_CODE_INVALID: {
    kind: 'refusal',
    status: 401,
    sentence: 'The recovery code is not valid: it was mistyped, was used, or newer codes were made.',
  },
  IDENTITY_TOO_MANY_ATTEMPTS: {
    kind: 'refusal',
    status: 429,
    sentence: 'There were too many tries to sign in; wait a little and try again.',
  },
  IDENTITY_PROOF_MISSING: {
    kind: 'refusal',
    status: 401,
    sentence: 'This session belongs to a browser that holds its key, and the request was not signed with it; sign in here.',
  },
  IDENTITY_PROOF_INVALID: {
    kind: 'refusal',
    status: 401,
    sentence: 'The signature of the request is not by the key of this session, is for another request, or was used before.',
  },
  IDENTITY_PROOF_STALE: {
    kind: 'refusal',
    status: 401,
    sentence: 'The signature of the request is more than 60 seconds from the server’s time; check the clock of this device.',
  },
  IDENTITY_SESSION_UNKNOWN: { kind: 'usage', status: 404, sentence: 'There is no such open session; list the sessions.' },
  IDENTITY_TENANT_UNKNOWN: { kind: 'usage', status: 404, sentence: 'There is no such tenant; list the tenants.' },
  IDENTITY_TENANT_OWNED: {
    kind: 'usage',
    status: 409,
    sentence: 'The owner of that tenant signs in with a passkey of their own, so nobody else can make a link for them.',
  },
  IDENTITY_TENANT_ENTERED: {
    kind: 'usage',
    status: 409,
    sentence:
      'Somebody has come into that tenant, so a link for its owner is made only to recover it: add --recover; its owners see that you did.',
  },
  IDENTITY_WORKSPACE_UNKNOWN: { kind: 'usage', status: 404, sentence: 'There is no such workspace; list the workspaces.' },
  IDENTITY_WORKSPACE_IN_USE: {
    kind: 'usage',
    status: 409,
    sentence: 'Access that is still open is narrowed to this workspace; end that access first.',
  },
  IDENTITY_WORKSPACE_RULED: {
    kind: 'usage',
    status: 409,
    sentence:
      'This workspace has rules or a budget, and what leaves it is no longer held by them; whoever sets them takes things out of it, or takes them away first.',
  },
  IDENTITY_DELEGATION_NONE: {
    kind: 'refusal',
    status: 403,
    sentence: 'You have no access to that tenant: nobody there gave it to you, or it ended.',
  },
  IDENTITY_DELEGATION_UNKNOWN: { kind: 'usage', status: 404, sentence: 'There is no such delegation; list the delegations.' },
  IDENTITY_DELEGATION_OVER: {
    kind: 'usage',
    status: 409,
    sentence: 'The delegation ended, ran out or was accepted already; look at it again.',
  },
  IDENTITY_DELEGATION_WIDER: {
    kind: 'usage',
    status: 400,
    sentence: 'A delegation can only be made narrower or shorter; for more, end it and offer a new one.',
  },
  IDENTITY_AGENCY_UNKNOWN: {
    kind: 'usage',
    status: 404,
    sentence: 'There is no such person or group at an agency of this installation; ask the agency for its address again.',
  },
  IDENTITY_ROLE_NOT_DELEGABLE: {
    kind: 'usage',
    status: 400,
    sentence: 'That role can not be given to another tenant’s people; choose a built-in role other than owner and agent.',
  },
  IDENTITY_TOKEN_INVALID: {
    kind: 'refusal',
    status: 401,
    sentence: 'The access token is not one of this installation, or not in the form it was issued; get a new one from the token endpoint.',
  },
  IDENTITY_TOKEN_EXPIRED: {
    kind: 'refusal',
    status: 401,
    sentence: 'The access token has expired; get a new one from the token endpoint.',
  },
  IDENTITY_TOKEN_REVOKED: {
    kind: 'refusal',
    status: 401,
    sentence: 'The access token was revoked, or what it was issued for was ended: its client, its workload, or the consent of a person.',
  },
  IDENTITY_TOKEN_AUDIENCE: {
    kind: 'refusal',
    status: 401,
    sentence: 'The access token was issued for another resource; ask for one whose `resource` is the address you call.',
  },
  IDENTITY_TOKEN_SCOPE: {
    kind: 'refusal',
    status: 403,
    sentence: 'The access token does not carry this operation; ask for a token whose scope names it.',
  },
  IDENTITY_TOKEN_PERSON: {
    kind: 'refusal',
    status: 403,
    sentence: 'The person in whose name the call is made may not do this themselves, so nothing that acts for them may.',
  },
  IDENTITY_DPOP_MISSING: {
    kind: 'refusal',
    status: 401,
    sentence: 'This access token is bound to a key: send it as `Authorization: DPoP` together with a `DPoP` proof made for this request.',
  },
  IDENTITY_DPOP_INVALID: {
    kind: 'refusal',
    status: 401,
    sentence: 'The DPoP proof is not one for this request, token and key; make a new one for each request and check the clock.',
  },
  IDENTITY_DPOP_REPLAYED: {
    kind: 'refusal',
    status: 401,
    sentence: 'This DPoP proof was used before; make a new one for each request.',
  },
  IDENTITY_CLIENT_UNKNOWN: { kind: 'usage', status: 404, sentence: 'There is no such OAuth client; list the clients.' },
  IDENTITY_CONSENT_UNKNOWN: { kind: 'usage', status: 404, sentence: 'There is no such consent; it may have ended already.' },
  IDENTITY_CONSENT_INVALID: {
    kind: 'usage',
    status: 400,
    sentence: 'The request for access can not be answered: the evidence names the parameter that is missing or not as it should be.',
  },
  IDENTITY_CLIENT_METADATA: {
    kind: 'usage',
    status: 400,
    sentence:
      'What the program says about itself could not be read at its address, or is not a client metadata document; nothing was granted.',
  },
  IDENTITY_SSO_UNKNOWN: { kind: 'usage', status: 404, sentence: 'There is no such company login; list them with `sallyport sso list`.' },
  IDENTITY_SSO_NAME_TAKEN: { kind: 'usage', status: 409, sentence: 'There is a company login of that name; choose another name.' },
  IDENTITY_SSO_SETTINGS_INVALID: {
    kind: 'usage',
    status: 400,
    sentence: 'A setting of the company login is not of the accepted form; the evidence names it.',
  },
  IDENTITY_SSO_OWNER_ONLY: {
    kind: 'refusal',
    status: 403,
    sentence: 'By that claim a company login says which provisioned person somebody is; only an owner lets it, or moves such a login.',
  },
  IDENTITY_SSO_GROUP_MANAGED: {
    kind: 'usage',
    status: 409,
    sentence: 'The group is kept by provisioning (SCIM), so a company login may not change who is in it; map to another group.',
  },
  IDENTITY_SSO_UNAVAILABLE: {
    kind: 'refusal',
    status: 403,
    sentence: 'This company login is not offered here; ask whoever runs this installation.',
  },
  IDENTITY_SSO_BUSY: { kind: 'refusal', status: 429, sentence: 'Too many sign-ins are under way; wait a little and try again.' },
  IDENTITY_SSO_STATE_INVALID: {
    kind: 'refusal',
    status: 401,
    sentence: 'This sign-in was not begun in this browser, took longer than 10 minutes, or was finished before; begin again.',
  },
  IDENTITY_SSO_UNREACHABLE: {
    kind: 'refusal',
    status: 503,
    sentence: 'The company login could not be reached; try again, or sign in another way.',
  },
  IDENTITY_SSO_PROVIDER_UNUSABLE: {
    kind: 'refusal',
    status: 503,
    sentence: 'The company login does not offer what is needed: https addresses, an authorization code and PKCE with S256.',
  },
  IDENTITY_SSO_ISSUER_MISMATCH: {
    kind: 'refusal',
    status: 401,
    sentence: 'The company login says it is another issuer than the one set up here; compare the issuer letter by letter.',
  },
  IDENTITY_SSO_DECLINED: { kind: 'refusal', status: 401, sentence: 'The company login did not let you in; ask your administrator there.' },
  IDENTITY_SSO_CLIENT_REJECTED: {
    kind: 'refusal',
    status: 503,
    sentence: 'The company login does not accept our client id or secret; whoever runs this installation must enter them again.',
  },
  IDENTITY_SSO_TOKEN_INVALID: {
    kind: 'refusal',
    status: 401,
    sentence: 'What the company login sent can not be trusted: signature, audience, time or nonce of its token is wrong; begin again.',
  },
  IDENTITY_SSO_NOT_ADMITTED: {
    kind: 'refusal',
    status: 403,
    sentence: 'The company login knows you, and you have no access here; ask whoever runs this installation.',
  },
  IDENTITY_SSO_ACCOUNT_TAKEN: {
    kind: 'refusal',
    status: 409,
    sentence: 'That account of the company login belongs to somebody else here, or you have another one; nothing was changed.',
  },
  IDENTITY_SSO_NO_MFA: {
    kind: 'refusal',
    status: 403,
    sentence: 'The company login did not confirm a second factor; use a passkey, or ask for a second factor there.',
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
  IDENTITY_TOKEN_KEY_MISSING: {
    kind: 'fault',
    status: 503,
    sentence: 'No key signs access tokens yet; start the control plane, which makes it.',
  },
  IDENTITY_CLOSED: { kind: 'fault', status: 503, sentence: 'Identity is shut.' },
  ...leastCodes,
  ...grantCodes,
} as const satisfies CodeTable;

export type IdentityCode = keyof typeof identityCodes;

/** Names the field that is not of the accepted form. */
export function inputRefusal(field: string): Refusal {
  return refuse('IDENTITY_INPUT_INVALID', `${identityCodes.IDENTITY_INPUT_INVALID.sentence} Field: ${field}.`, { field });
}

export function refusal(code: IdentityCode): Refusal {
  return refuse(code, identityCodes[code].sentence);
}

/** A fault with its sentence. `detail` names a field or a step, never a value. */
export function identityFault(code: IdentityCode, detail?: string, cause?: unknown): SallyportError {
  const { sentence } = identityCodes[code];
  return new SallyportError(code, detail === undefined ? sentence : `${sentence} (${detail})`, { cause });
}
