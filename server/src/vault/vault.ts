// The vault put together: its key file, the chain of keys, credentials, leases and known values.
// It must never start with a key that does not open what the database holds.

import { type Clock, type CredentialId, makeEvent, type Random, type Refusal, type TenantId, type Tx } from '#core';
import { appendEvents, type BackupKeys, type RoomDatabase } from '#storage';
import { createBackupKeys } from './backup-key.ts';
import { type CredentialSummary, createCredentials, type NewCredential, type SearchedCredential } from './credentials.ts';
import { vaultFault } from './envelope.ts';
import type { ErasureJournal } from './erasure-journal.ts';
import { createKeyFile, type KeyFileLocation, type MasterKey, readKeyFile, unusable } from './key-file.ts';
import { createKeyring, type OpenInput, type SealedUnder, type SealInput, type SealManyInput } from './keyring.ts';
import { expand } from './keys/derive.ts';
import { type CopyState, type HeldKeys, holdKeys } from './keys/held-keys.ts';
import { type KeyStatus, readKeyStatus } from './keys/key-status.ts';
import { createRounds, type Rounds } from './keys/rounds.ts';
import { createSubjectKeys } from './keys/subject-keys.ts';
import { openTenantRow } from './keys/wrapping.ts';
import { createKnownValues, type KnownValues } from './known-values.ts';
import { createLeases, type Lease, type LeaseRequest, type MayHold } from './leases.ts';
import { createPassingKey, type PassingKey } from './passing.ts';
import { createReencryption, type Reencryption, type SealedPlaces } from './reencrypt/reencrypt.ts';
import type { TextTransform } from './scrub.ts';
import { followTokens } from './sealed-columns.ts';
import { tombstoneOf } from './sealed-value.ts';
import { listEpochs } from './store/epochs.ts';
import { findKeysOfEachFile } from './store/keys.ts';
import { countKeysOf, type KeysOfTenant } from './store/keys-of-tenant.ts';
import { endTokensOfKeys } from './store/tokens.ts';
import { createTokens, type Tokens } from './tokens/tokens.ts';

export interface VaultDeps {
  readonly db: RoomDatabase;
  readonly keyFile: KeyFileLocation;
  readonly clock: Clock;
  readonly random: Random;
  /** Who may hold which credential. */
  readonly mayHold: MayHold;
  /** Remembers erasures outside of the database; without one, a database that is put back brings erased subjects back. */
  readonly journal?: ErasureJournal;
  /** Whether this process makes the first epoch; one with the login of a part that may not leaves it to the others. */
  readonly mayKeep?: boolean;
  /** Told when the notification feed can not be followed; leases then read the database. */
  readonly onFault?: (fault: unknown) => void;
}

export interface Vault {
  /** New epochs, rotation, and going on with either. */
  readonly rounds: Rounds;
  /** Seals everything anew in these places, under new keys; `db`: of who may change what every room keeps. */
  reencryption(places: SealedPlaces, db: RoomDatabase): Reencryption;
  /** Reads the key files anew, so that what another process destroyed is let go here too. */
  refreshKeys(): Promise<void>;
  keyStatus(): Promise<KeyStatus>;
  /** How many keys one tenant has. */
  keysOf(tenant: TenantId): Promise<KeysOfTenant>;
  /** How the copies of the key box beside the backups stand. */
  copies(): Promise<CopyState>;
  /** Id of the key file in use; for `doctor` and the recovery kit. */
  readonly keyId: string;
  seal(tx: Tx, input: SealInput): Promise<Uint8Array>;
  /** Many values, each with its own purpose and person, with one look at the database. */
  sealMany(tx: Tx, input: SealManyInput): Promise<readonly SealedUnder[]>;
  open(tx: Tx, input: OpenInput): Promise<Uint8Array>;
  /** Opens many values with one look at the database; null for each whose subject was erased. */
  openMany(tx: Tx, input: Omit<OpenInput, 'sealed'> & { readonly sealed: readonly Uint8Array[] }): Promise<readonly (Uint8Array | null)[]>;
  /** Destroys the subject's key: nothing sealed for the subject opens again. True when there was anything. */
  eraseSubject(tx: Tx, input: { readonly tenant: TenantId; readonly subject: string; readonly actor?: string }): Promise<boolean>;
  /** The same for many at once, such as runs that are no longer kept; the caller's event says what it was. Gives the ids of the keys. */
  eraseSubjects(tx: Tx, input: { readonly tenant: TenantId; readonly subjects: readonly string[] }): Promise<readonly string[]>;
  /** The bytes with which values sealed for the subject begin, to find them by; none when nothing is sealed for it. */
  keyPrefixes(tx: Tx, input: { readonly tenant: TenantId; readonly subject: string }): Promise<readonly Uint8Array[]>;
  /** What stands for a subject where it must not be named: the same each time, and telling nothing without the key. */
  blindReference(tx: Tx, tenant: TenantId, subject: string): Promise<string>;
  /** A keyed hash of a text of one kind, per tenant: finds equal texts again where none of them is kept. */
  blindIndex(tx: Tx, tenant: TenantId, kind: string, text: string): Promise<string>;
  /** Bytes in the form of a sealed value that no key opens: stands where something was, and is read as erased. */
  tombstone(): Uint8Array;
  putCredential(tx: Tx, credential: NewCredential): Promise<CredentialId>;
  dropCredential(
    tx: Tx,
    input: { readonly tenant: TenantId; readonly credential: CredentialId; readonly actor?: string },
  ): Promise<boolean>;
  listCredentials(tx: Tx, tenant: TenantId): Promise<readonly CredentialSummary[]>;
  /** For `sallyport secrets scan --self` alone: looks for them where they must not be. */
  credentialsForSearch(tx: Tx, tenant: TenantId): Promise<readonly SearchedCredential[]>;
  /** Not inside a transaction: it may read the database once, later calls answer from memory. */
  lease(request: LeaseRequest): Promise<Lease | Refusal>;
  /** The same text or bytes without any secret lately leased for this tenant. */
  scrub<Value extends string | Uint8Array>(tenant: TenantId, value: Value): Value;
  scrubStream(tenant: TenantId): TextTransform;
  readonly knownValues: KnownValues;
  /** For what stands in the database for minutes: a key of this process's memory alone. */
  passingKey(): PassingKey;
  /** Random names for values, per purpose. */
  readonly tokens: Tokens;
  /** Seals backups, and opens those that were made with the same key file. */
  readonly backupKeys: BackupKeys;
  /** 32 bytes for one named use by another room, such as the pepper of API keys; the same for the same key file and use. */
  derive(use: string): Uint8Array;
  close(): Promise<void>;
}

export async function createVault({
  db,
  keyFile,
  clock,
  random,
  mayHold,
  journal,
  mayKeep = true,
  onFault = () => undefined,
}: VaultDeps): Promise<Vault> {
  const held = await openHeldKeys(db, keyFile, random);
  const rounds = createRounds({ db, held, clock, random });
  if (mayKeep) await rounds.begin();
  await refuseMissingEpoch(db, held);
  const keys = createSubjectKeys({ held, clock, random });
  const keyring = createKeyring({ keys, held, clock, random });
  const credentials = createCredentials({ keyring, clock, random });
  const leases = await createLeases({ db, mayHold, keyring, clock, onFault });

  return {
    get keyId() {
      return held.master().id;
    },
    seal: keyring.seal,
    sealMany: keyring.sealMany,
    open: keyring.open,
    openMany: keyring.openMany,
    async eraseSubject(tx, { tenant, subject, actor }) {
      const gone = await keyring.erase(tx, tenant, [subject]);
      if (gone.length === 0) return false;
      await endTokensOfKeys(tx, tenant, gone, new Date(clock.now()));
      // Before the commit: an erasure that was acknowledged is never missing here. One that is rolled back after this line is
      // made again at a restore, which is what was asked for.
      const atMs = clock.now();
      await journal?.append(gone.map((key) => ({ tenant, key, atMs })));
      const reference = await keyring.blindIndex(tx, tenant, 'subject', subject);
      await appendEvents(tx, [
        makeEvent(
          { clock, random },
          { tenant, type: 'vault.subject.erased', actor: actor ?? 'installation', subject: `subject:${reference}`, public: {} },
        ),
      ]);
      return true;
    },
    async eraseSubjects(tx, { tenant, subjects }) {
      const keys = await keyring.erase(tx, tenant, subjects);
      const atMs = clock.now();
      await endTokensOfKeys(tx, tenant, keys, new Date(atMs));
      if (keys.length > 0) await journal?.append(keys.map((key) => ({ tenant, key, atMs })));
      return keys;
    },
    blindReference: (tx, tenant, subject) => keyring.blindIndex(tx, tenant, 'subject', subject),
    blindIndex: keyring.blindIndex,
    tombstone: () => tombstoneOf(random),
    keyPrefixes: (tx, { tenant, subject }) => keyring.prefixesOf(tx, tenant, subject),
    rounds,
    reencryption: (places, everywhere) =>
      createReencryption(
        { db: everywhere, held, keys, clock, random, told: async (erasures) => journal?.append(erasures) },
        {
          ...places,
          follow: { 'vault_tokens.sealed': followTokens, ...places.follow },
        },
      ),
    refreshKeys: held.refresh,
    keyStatus: () => readKeyStatus(db, held),
    keysOf: (tenant) => db.inTenant(tenant, (tx) => countKeysOf(tx, tenant)),
    copies: () => held.copies(),
    backupKeys: createBackupKeys({ root: held.root(), id: held.rootId() }, random),
    putCredential: credentials.put,
    dropCredential: credentials.drop,
    listCredentials: credentials.list,
    credentialsForSearch: credentials.forSearch,
    lease: leases.lease,
    scrub: leases.scrub,
    scrubStream: leases.scrubStream,
    knownValues: createKnownValues({ db, keyring, clock }),
    passingKey: () => createPassingKey(random),
    tokens: createTokens({ keyring, clock, random, journal }),
    derive: (use) => new Uint8Array(expand(held.root(), `sallyport derived key v1: ${use}`)),
    close: leases.close,
  };
}

/** The file is made only for a database that has no keys yet: a lost file must not be replaced by a new one. */
async function openHeldKeys(db: RoomDatabase, keyFile: KeyFileLocation, random: Random): Promise<HeldKeys> {
  const [found, inUse] = [await readKeyFile(keyFile), await findKeysOfEachFile(db)];
  if (found === null && inUse.length > 0)
    throw unusable('it is missing while the database holds keys it wrapped; restore it from your copy');
  const master: MasterKey = found ?? (await createKeyFile(keyFile, random));
  const held = await holdKeys(keyFile, master, random);
  for (const row of inUse) {
    if (held.kek(row.kek) === null) throw unusable('the database\u2019s keys were wrapped with another key file; restore that one');
    openTenantRow(held, row.tenant, row);
  }
  return held;
}

/** A process without the epoch that the database uses could open nothing and would seal what nobody else opens. */
async function refuseMissingEpoch(db: RoomDatabase, held: HeldKeys): Promise<void> {
  const epochs = await db.asSystem('installer', listEpochs);
  const current = epochs.find(({ state }) => state === 'current');
  if (current === undefined) return;
  if (held.box().epochs.find(({ epoch }) => epoch === current.epoch)?.id !== current.keyId) throw vaultFault('VAULT_EPOCH_MISSING');
}
