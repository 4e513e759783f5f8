// Refusals of tokens, with the sentence of the table. They name purposes and classes, never a value.

import { type Evidence, type Refusal, refuse } from '#core';
import { vaultCodes } from '../errors.ts';

export type TokenCode =
  | 'VAULT_TOKEN_PURPOSE_UNKNOWN'
  | 'VAULT_TOKEN_PURPOSE_ENDED'
  | 'VAULT_TOKEN_PURPOSES_FULL'
  | 'VAULT_TOKEN_CLASS'
  | 'VAULT_TOKEN_VALUE'
  | 'VAULT_TOKEN_CARD'
  | 'VAULT_TOKEN_FORM'
  | 'VAULT_TOKEN_FORM_FULL'
  | 'VAULT_TOKEN_NOT_OPENER'
  | 'VAULT_TOKEN_TOO_MANY';

export const refusal = (code: TokenCode, evidence: Evidence = {}): Refusal => refuse(code, vaultCodes[code]?.sentence ?? code, evidence);
