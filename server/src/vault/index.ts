export { openBackupKeys } from './backup-key.ts';
export type { CredentialSummary, NewCredential, SearchedCredential } from './credentials.ts';
export { createErasureJournal, type Erasure, type ErasureJournal, readErasureJournal } from './erasure-journal.ts';
export { vaultCodes } from './errors.ts';
export { vaultEvents } from './events.ts';
export { createKeyFile, type KeyFileLocation, type KeySealer, readKeyFile, readSeal, replaceKeyFile, type Seal } from './key-file.ts';
export type { OpenInput, SealInput } from './keyring.ts';
export { BOX_FILE, SURVIVORS_FILE } from './keys/held-keys.ts';
export { type EpochInspection, inspectEpochs } from './keys/inspect.ts';
export type { KeyStatus } from './keys/key-status.ts';
export { type PutBack, putBackKeys } from './keys/put-back.ts';
export type { EpochReport, Rounds } from './keys/rounds.ts';
export type { OnStep, RoundProgress, RoundReport, RoundStep } from './keys/steps.ts';
export type { KnownValue, KnownValues } from './known-values.ts';
export { KEY_LABELS, type KeyLabel } from './labels.ts';
export type { Lease, LeaseHolder, LeaseRequest, MayHold } from './leases.ts';
export { migrations } from './migrations/index.ts';
export type { PassingKey } from './passing.ts';
export { keyOfKit, kitOf, recoverKeyFile } from './recovery-kit.ts';
export type { Reencryption, ReencryptProgress, ReencryptReport, ReencryptStatus, SealedPlaces } from './reencrypt/reencrypt.ts';
export { createScrubber, formsOf, type Scrubber, type TextTransform } from './scrub.ts';
export { sealedColumns } from './sealed-columns.ts';
export { prefixesOfKey, SEALED_FORM } from './sealed-value.ts';
export { type AwsCredentials, awsKmsOrigin } from './seals/aws-kms.ts';
export type { KeyServiceCall } from './seals/key-service.ts';
export { createKeySealer, type SealerDeps } from './seals/sealer.ts';
export { SecretString } from './secret-string.ts';
export { deleteKeysById } from './store/keys.ts';
export type { KeysOfTenant } from './store/keys-of-tenant.ts';
export { tokenKind } from './tokens/forms.ts';
export type { HeldToken } from './tokens/held-tokens.ts';
export { ownersOfTokens } from './tokens/owners.ts';
export { type NewPurpose, PURPOSE_NAME } from './tokens/purposes.ts';
export { hasStandIn } from './tokens/stand-in.ts';
export {
  MAX_TOKEN_CHARS,
  MAX_TOKENS_MADE,
  MAX_TOKENS_OPENED,
  type OpenedToken,
  subjectOfToken,
  type Tokens,
  type TokenValue,
} from './tokens/tokens.ts';
export { createVault, type Vault, type VaultDeps } from './vault.ts';
