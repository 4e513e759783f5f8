// Typed identifiers: `<prefix>_<uuid v7>`, so that an id tells what it names and sorts by time.
// UUIDv7: RFC 9562 section 5.7.

import type { Clock, Random } from './ports.ts';

declare const idBrand: unique symbol;
export type Id<Prefix extends IdPrefix> = string & { readonly [idBrand]: Prefix };

export const ID_PREFIXES = {
  ten: 'tenant',
  wkl: 'workload',
  key: 'API key',
  oac: 'OAuth client',
  fam: 'token family',
  tok: 'access token',
  per: 'person',
  ses: 'session',
  run: 'run',
  call: 'call',
  evt: 'event',
  apr: 'approval',
  int: 'integration',
  alr: 'alert',
  frz: 'change freeze',
  crd: 'credential',
  psk: 'passkey',
  rsv: 'reservation',
  bak: 'backup',
  rst: 'restore',
  grt: 'grant',
  grp: 'group',
  idp: 'login provider',
  bgl: 'emergency access',
  prp: 'proposal',
  rev: 'access review',
  itm: 'item of a review',
  dlg: 'delegation',
  dsr: 'privacy request',
  hld: 'legal hold',
  vtk: 'deletion task',
  rtn: 'retention run',
  dra: 'reading of a dataset in the clear',
  dgr: 'grant of a dataset',
  tko: 'opening of tokens',
  bre: 'breach of personal data',
  asm: 'assessment',
  cny: 'canary',
  scn: 'search of our own files',
} as const;
export type IdPrefix = keyof typeof ID_PREFIXES;

export type TenantId = Id<'ten'>;
export type WorkloadId = Id<'wkl'>;
export type ApiKeyId = Id<'key'>;
export type OAuthClientId = Id<'oac'>;
/** What a person consented to, and every token made of it. */
export type TokenFamilyId = Id<'fam'>;
export type AccessTokenId = Id<'tok'>;
/** What a workload came in by. It is checked again whenever something of it runs later. */
export type KeyId = ApiKeyId | OAuthClientId | TokenFamilyId;
export type PersonId = Id<'per'>;
export type SessionId = Id<'ses'>;
export type RunId = Id<'run'>;
export type CallId = Id<'call'>;
export type EventId = Id<'evt'>;
export type ApprovalId = Id<'apr'>;
export type IntegrationId = Id<'int'>;
export type CredentialId = Id<'crd'>;
export type PasskeyId = Id<'psk'>;
export type ReservationId = Id<'rsv'>;
export type BackupId = Id<'bak'>;
export type RestoreId = Id<'rst'>;
export type GrantId = Id<'grt'>;
export type GroupId = Id<'grp'>;
export type ProviderId = Id<'idp'>;
export type BreakGlassId = Id<'bgl'>;
export type ProposalId = Id<'prp'>;
export type ReviewId = Id<'rev'>;
export type ReviewItemId = Id<'itm'>;
export type DelegationId = Id<'dlg'>;
export type PrivacyRequestId = Id<'dsr'>;
export type LegalHoldId = Id<'hld'>;
export type DeletionTaskId = Id<'vtk'>;
export type RetentionRunId = Id<'rtn'>;
export type BreachId = Id<'bre'>;
export type AssessmentId = Id<'asm'>;

const HEX: readonly string[] = Array.from({ length: 256 }, (_, byte) => byte.toString(16).padStart(2, '0'));
const UUID_V7 = /^[0-9a-f]{8}-[0-9a-f]{4}-7[0-9a-f]{3}-[89ab][0-9a-f]{3}-[0-9a-f]{12}$/;

function uuidV7(clock: Clock, random: Random): string {
  const bytes = random.bytes(10);
  const time = clock.now().toString(16).padStart(12, '0');
  const at = (index: number): string => HEX[bytes[index] as number] as string;
  const version = HEX[0x70 | ((bytes[0] as number) & 0x0f)] as string;
  const variant = HEX[0x80 | ((bytes[2] as number) & 0x3f)] as string;
  return `${time.slice(0, 8)}-${time.slice(8)}-${version}${at(1)}-${variant}${at(3)}-${at(4)}${at(5)}${at(6)}${at(7)}${at(8)}${at(9)}`;
}

export function newId<Prefix extends IdPrefix>(prefix: Prefix, clock: Clock, random: Random): Id<Prefix> {
  return `${prefix}_${uuidV7(clock, random)}` as Id<Prefix>;
}

/** The id if `text` is a well-formed id of that kind, else null. */
export function parseId<Prefix extends IdPrefix>(prefix: Prefix, text: unknown): Id<Prefix> | null {
  if (typeof text !== 'string' || !text.startsWith(`${prefix}_`)) return null;
  return UUID_V7.test(text.slice(prefix.length + 1)) ? (text as Id<Prefix>) : null;
}
