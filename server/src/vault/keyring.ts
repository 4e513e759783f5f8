// The chain of keys: key file -> tenant, with the epoch -> subject -> value. Seals and opens values, and erases subjects.
// INVARIANT: a tenant key is remembered only once it is committed; a subject key is never remembered, so an erasure holds at once.

import { createHmac, hkdfSync, type KeyObject } from 'node:crypto';
import type { Clock, Random, TenantId, Tx } from '#core';
import { decrypt, encrypt, newKey, OVERHEAD_BYTES, unreadable, vaultFault } from './envelope.ts';
import type { HeldKeys } from './keys/held-keys.ts';
import {
  epochWrapping,
  firstTenantKey,
  openTenantRow,
  sealTenantKey,
  type TenantKey,
  unwrapSubjectKey,
  wrapSubjectKey,
} from './keys/wrapping.ts';
import { addErasures, currentEpoch, joinEpoch, newestVersion } from './store/epochs.ts';
import {
  addSubjectKey,
  addSubjectKeys,
  addTenantKey,
  deleteSubjectKey,
  deleteSubjectKeys,
  findSubjectKey,
  findSubjectKeys,
  findSubjectKeysOf,
  findTenantKey,
  type SubjectKeyRow,
  type TenantKeyRow,
} from './store/keys.ts';

export interface SealInput {
  readonly tenant: TenantId;
  /** Whose data it is, e.g. `customer:42`; null when it is nobody's. Erasing a subject takes all that was sealed for it. */
  readonly subject: string | null;
  /** What it belongs to besides, e.g. `run:run_...`: it opens only while this key is there too, so that a run can be erased and its customer stay. */
  readonly within?: string;
  readonly purpose: string;
  readonly plaintext: Uint8Array;
}

export interface OpenInput {
  readonly tenant: TenantId;
  readonly purpose: string;
  readonly sealed: Uint8Array;
}

/** Many values of one tenant, each with its own place and person, sealed with one look at the database. */
export interface SealManyInput {
  readonly tenant: TenantId;
  readonly within?: string;
  readonly values: readonly { readonly subject: string | null; readonly purpose: string; readonly plaintext: Uint8Array }[];
}

/** What was sealed, and the id of the subject's key that it is under. */
export interface SealedUnder {
  readonly sealed: Uint8Array;
  readonly key: string;
}

export interface Keyring {
  seal(tx: Tx, input: SealInput): Promise<Uint8Array>;
  sealMany(tx: Tx, input: SealManyInput): Promise<readonly SealedUnder[]>;
  /** Opens many values that each have a purpose of their own; null where the subject was erased. */
  openEach(tx: Tx, tenant: TenantId, values: readonly Omit<OpenInput, 'tenant'>[]): Promise<readonly (Uint8Array | null)[]>;
  /** Id of the subject's key, which is made when there is none. */
  keyIdOf(tx: Tx, tenant: TenantId, subject: string): Promise<string>;
  /** Keyed hashes under a key of this use alone: all 256 bits. */
  indexFor(tx: Tx, tenant: TenantId, use: string): Promise<(text: string) => Buffer>;
  open(tx: Tx, input: OpenInput): Promise<Uint8Array>;
  /** Opens many values with one look at the database; null where the subject was erased. */
  openMany(tx: Tx, input: Omit<OpenInput, 'sealed'> & { readonly sealed: readonly Uint8Array[] }): Promise<readonly (Uint8Array | null)[]>;
  /** How every value sealed for the subject begins; null when nothing is. */
  prefixOf(tx: Tx, tenant: TenantId, subject: string): Promise<Uint8Array | null>;
  /** Destroys the subject's key and gives its id; null when there was none. */
  erase(tx: Tx, tenant: TenantId, subject: string): Promise<string | null>;
  /** The same for many; gives the ids of the keys there were. */
  eraseMany(tx: Tx, tenant: TenantId, subjects: readonly string[]): Promise<readonly string[]>;
  /** A keyed hash that finds equal texts of one tenant again without storing them. */
  blindIndex(tx: Tx, tenant: TenantId, kind: string, text: string): Promise<string>;
}

/** A tenant's key, and what it and an epoch make, for as long as the epoch is held. */
interface OpenTenantKey extends TenantKey {
  readonly epochs: Map<number, { readonly of: KeyObject; readonly wrapping: KeyObject }>;
}

interface SubjectKey {
  readonly row: SubjectKeyRow;
  readonly key: KeyObject;
}

/** Sealed values: format byte, id of the subject key, then iv, ciphertext and tag. */
const FORMAT = 1;
/** The same, and what it opens to is sealed again under another key. */
const NESTED = 2;
const KEY_ID_BYTES = 16;
const HEADER_BYTES = 1 + KEY_ID_BYTES;
/** By which a value at rest is told from one that nobody sealed. */
export const SEALED_FORM = Object.freeze({ formats: [FORMAT, NESTED] as readonly number[], leastBytes: HEADER_BYTES + OVERHEAD_BYTES });
export const MAX_PLAINTEXT_BYTES = 16 * 1024 * 1024;
const MAX_NAME_CHARS = 1_024;
/** Tenants whose keys are held open at a time. */
const MAX_TENANTS = 4_096;
const NOBODY = '';

export function createKeyring({ held, clock, random }: { held: HeldKeys; clock: Clock; random: Random }): Keyring {
  const tenants = new Map<string, OpenTenantKey>();
  /** The index of each tenant, which all versions of its key share. */
  const indexes = new Map<string, OpenTenantKey>();
  /** Keys a transaction looked up by their id, until it ends or erases: what stands in many values is read and unwrapped once. */
  const lookedUp = new WeakMap<Tx, Map<string, Promise<SubjectKey | null>>>();

  const remember = (map: Map<string, OpenTenantKey>, place: string, key: OpenTenantKey): void => {
    if (map.size >= MAX_TENANTS) map.delete(map.keys().next().value as string);
    map.set(place, key);
  };

  const openTenantKey = async (tenant: TenantId, row: TenantKeyRow): Promise<OpenTenantKey> => {
    if (held.kek(row.kek) === null) await held.refresh(); // the key file is being replaced, or was
    const key = { ...openTenantRow(held, tenant, row), epochs: new Map() };
    if (row.isCommitted) {
      remember(tenants, `${tenant} ${key.version}`, key);
      remember(indexes, tenant, key);
    }
    return key;
  };

  async function tenantKey(tx: Tx, tenant: TenantId, version: number): Promise<OpenTenantKey> {
    const known = tenants.get(`${tenant} ${version}`);
    if (known !== undefined) return known;
    const row = await findTenantKey(tx, tenant, version);
    if (row === null) throw unreadable();
    return openTenantKey(tenant, row);
  }

  /** Any version: for the index. Made when the tenant has none. */
  async function anyTenantKey(tx: Tx, tenant: TenantId): Promise<OpenTenantKey> {
    const known = indexes.get(tenant);
    if (known !== undefined) return known;
    let row = await findTenantKey(tx, tenant);
    if (row === null) {
      await joinEpoch(tx);
      await held.refresh(); // under the lock: what stands in the files is what holds until this transaction ends
      const kek = held.wrapping();
      const wrapped = sealTenantKey(kek, tenant, firstTenantKey(newKey(random)), random);
      await addTenantKey(tx, tenant, { version: 1, kek: kek.id, wrapped, createdAt: new Date(clock.now()) });
      row = await findTenantKey(tx, tenant);
    }
    if (row === null) throw unreadable();
    return openTenantKey(tenant, row);
  }

  const hash = (key: TenantKey, kind: string, text: string): string =>
    createHmac('sha256', key.index).update(`${kind.length}:${kind}:`).update(text, 'utf8').digest('base64url');

  /** What wraps the tenant's subject keys in an epoch; null when this process does not have the epoch. */
  function wrappingOf(owner: OpenTenantKey, epoch: number): KeyObject | null {
    const key = epoch === 0 ? null : held.epoch(epoch);
    if (epoch !== 0 && key === null) {
      owner.epochs.delete(epoch);
      return null;
    }
    if (key === null) return owner.wrapping;
    const known = owner.epochs.get(epoch);
    if (known?.of.equals(key)) return known.wrapping;
    const wrapping = epochWrapping(owner, key);
    // What an epoch made goes with it.
    for (const old of owner.epochs.keys()) if (held.epoch(old) === null) owner.epochs.delete(old);
    owner.epochs.set(epoch, { of: key, wrapping });
    return wrapping;
  }

  async function heldWrapping(owner: OpenTenantKey, epoch: number): Promise<KeyObject | null> {
    const wrapping = wrappingOf(owner, epoch);
    if (wrapping !== null) return wrapping;
    await held.refresh();
    return wrappingOf(owner, epoch);
  }

  /** Null when it was erased since the row was read. */
  async function openSubjectKey(tx: Tx, tenant: TenantId, row: SubjectKeyRow): Promise<SubjectKey | null> {
    let now: SubjectKeyRow | null = row;
    for (let look = 0; now !== null; look += 1) {
      const owner: OpenTenantKey | null = await tenantKey(tx, tenant, now.wrapKey).catch((error: unknown) => {
        if (look > 0) throw error;
        return null; // the version ended between the two statements
      });
      const wrapping: KeyObject | null = owner === null ? null : await heldWrapping(owner, now.epoch);
      if (wrapping !== null) return { row: now, key: unwrapSubjectKey(wrapping, tenant, now) };
      // Wrapped anew since it was read; a row that stands still names an epoch this process was not given.
      if (look > 1) throw vaultFault('VAULT_EPOCH_MISSING');
      now = await findSubjectKey(tx, tenant, { id: row.id });
    }
    return null;
  }

  function subjectKeyOf(tx: Tx, tenant: TenantId, id: string): Promise<SubjectKey | null> {
    const known = lookedUp.get(tx) ?? new Map<string, Promise<SubjectKey | null>>();
    lookedUp.set(tx, known);
    const place = `${tenant} ${id}`;
    const found =
      known.get(place) ?? findSubjectKey(tx, tenant, { id }).then((row) => (row === null ? null : openSubjectKey(tx, tenant, row)));
    known.set(place, found);
    return found;
  }

  async function addKeyFor(tx: Tx, tenant: TenantId, reference: string): Promise<void> {
    await joinEpoch(tx);
    const [epoch, version] = [await currentEpoch(tx), await newestVersion(tx, tenant)];
    const owner = await tenantKey(tx, tenant, version);
    const wrapping = await heldWrapping(owner, epoch);
    if (wrapping === null) throw vaultFault('VAULT_EPOCH_MISSING');
    const id = Buffer.from(random.bytes(KEY_ID_BYTES)).toString('base64url');
    const fresh = { id, subject: reference, tenantKey: version, wrapKey: version, epoch };
    const wrapped = wrapSubjectKey(wrapping, tenant, fresh, newKey(random), random);
    await addSubjectKey(tx, tenant, { ...fresh, wrapped, createdAt: new Date(clock.now()) });
  }

  async function currentSubjectKey(tx: Tx, tenant: TenantId, subject: string | null): Promise<SubjectKey> {
    const reference = hash(await anyTenantKey(tx, tenant), 'subject', subject ?? NOBODY);
    let row = await findSubjectKey(tx, tenant, { subject: reference });
    if (row === null) {
      await addKeyFor(tx, tenant, reference);
      row = await findSubjectKey(tx, tenant, { subject: reference });
    }
    const opened = row === null ? null : await openSubjectKey(tx, tenant, row);
    if (opened === null) throw unreadable();
    return opened;
  }

  /** Keys of many subjects, in the order of the references; those there are none of are made. */
  async function currentSubjectKeys(tx: Tx, tenant: TenantId, references: readonly string[]): Promise<ReadonlyMap<string, SubjectKey>> {
    const wanted = [...new Set(references)].sort(); // two that make the same keys wait for each other, and never in a circle
    const keys = new Map<string, SubjectKey>();
    const look = async (missing: readonly string[]): Promise<readonly string[]> => {
      for (const row of await findSubjectKeysOf(tx, tenant, missing)) {
        const opened = await openSubjectKey(tx, tenant, row);
        if (opened !== null) keys.set(row.subject, opened);
      }
      return missing.filter((reference) => !keys.has(reference));
    };
    const missing = await look(wanted);
    if (missing.length === 0) return keys;
    await joinEpoch(tx);
    const [epoch, version] = [await currentEpoch(tx), await newestVersion(tx, tenant)];
    const wrapping = await heldWrapping(await tenantKey(tx, tenant, version), epoch);
    if (wrapping === null) throw vaultFault('VAULT_EPOCH_MISSING');
    const createdAt = new Date(clock.now());
    const fresh = missing.map((subject) => {
      const id = Buffer.from(random.bytes(KEY_ID_BYTES)).toString('base64url');
      const row = { id, subject, tenantKey: version, wrapKey: version, epoch };
      return { ...row, wrapped: wrapSubjectKey(wrapping, tenant, row, newKey(random), random), createdAt };
    });
    await addSubjectKeys(tx, tenant, fresh);
    if ((await look(missing)).length > 0) throw unreadable();
    return keys;
  }

  async function openLayer(
    tx: Tx,
    tenant: TenantId,
    values: readonly Omit<OpenInput, 'tenant'>[],
  ): Promise<readonly (Uint8Array | null)[]> {
    const keys = new Map<string, SubjectKey>();
    for (const row of await findSubjectKeys(tx, tenant, [...new Set(values.map(({ sealed }) => keyIdOf(sealed)))])) {
      const opened = await openSubjectKey(tx, tenant, row);
      if (opened !== null) keys.set(row.id, opened);
    }
    return values.map(({ purpose, sealed }) => {
      const key = keys.get(keyIdOf(sealed));
      return key === undefined ? null : openWith(key, { tenant, purpose, sealed });
    });
  }

  async function openEach(tx: Tx, tenant: TenantId, values: readonly Omit<OpenInput, 'tenant'>[]): Promise<readonly (Uint8Array | null)[]> {
    if (values.length === 0) return [];
    const opened = await openLayer(tx, tenant, values);
    const nested = values.flatMap(({ sealed }, at) => (sealed[0] === NESTED && opened[at] != null ? [at] : []));
    if (nested.length === 0) return opened;
    const inner = nested.map((at) => ({ purpose: (values[at] as { purpose: string }).purpose, sealed: opened[at] as Uint8Array }));
    if (inner.some(({ sealed }) => sealed[0] !== FORMAT)) throw unreadable();
    const plain = await openLayer(tx, tenant, inner);
    const all = [...opened];
    for (const [nth, at] of nested.entries()) all[at] = plain[nth] ?? null;
    return all;
  }

  const isNamed = ({ subject, within, purpose, plaintext }: Omit<SealInput, 'tenant'>): boolean =>
    within !== NOBODY &&
    (within?.length ?? 0) <= MAX_NAME_CHARS &&
    purpose !== '' &&
    purpose.length <= MAX_NAME_CHARS &&
    subject !== NOBODY &&
    (subject?.length ?? 0) <= MAX_NAME_CHARS &&
    plaintext.byteLength <= MAX_PLAINTEXT_BYTES;

  const sealUnder = (format: number, { row, key }: SubjectKey, { tenant, purpose, plaintext }: Omit<SealInput, 'subject'>): Buffer =>
    Buffer.concat([
      Buffer.of(format),
      Buffer.from(row.id, 'base64url'),
      encrypt(key, plaintext, valueContext(tenant, purpose, row), random),
    ]);

  return {
    async seal(tx, input) {
      if (!isNamed(input)) throw vaultFault('VAULT_INPUT_INVALID');
      const { tenant, subject, within } = input;
      const sealed = sealUnder(FORMAT, await currentSubjectKey(tx, tenant, subject), input);
      return within === undefined
        ? sealed
        : sealUnder(NESTED, await currentSubjectKey(tx, tenant, within), { ...input, plaintext: sealed });
    },

    async sealMany(tx, { tenant, within, values }) {
      const around = within === undefined ? {} : { within };
      if (!values.every((value) => isNamed({ ...value, ...around }))) throw vaultFault('VAULT_INPUT_INVALID');
      if (values.length === 0) return [];
      const owner = await anyTenantKey(tx, tenant);
      const reference = (subject: string | null): string => hash(owner, 'subject', subject ?? NOBODY);
      const references = values.map(({ subject }) => reference(subject));
      const keys = await currentSubjectKeys(tx, tenant, within === undefined ? references : [...references, reference(within)]);
      const outer = within === undefined ? null : (keys.get(reference(within)) as SubjectKey);
      return values.map(({ purpose, plaintext }, at) => {
        const key = keys.get(references[at] as string) as SubjectKey;
        const sealed = sealUnder(FORMAT, key, { tenant, purpose, plaintext });
        return { key: key.row.id, sealed: outer === null ? sealed : sealUnder(NESTED, outer, { tenant, purpose, plaintext: sealed }) };
      });
    },

    openEach,
    keyIdOf: async (tx, tenant, subject) => (await currentSubjectKey(tx, tenant, subject)).row.id,
    indexFor: async (tx, tenant, use) => {
      const { index } = await anyTenantKey(tx, tenant);
      const key = Buffer.from(hkdfSync('sha256', index, Buffer.alloc(0), `sallyport index v1: ${use}`, 32));
      return (text) => createHmac('sha256', key).update(text, 'utf8').digest();
    },

    async open(tx, { tenant, purpose, sealed }) {
      let bytes = sealed;
      for (;;) {
        const key = await subjectKeyOf(tx, tenant, keyIdOf(bytes));
        if (key === null) throw vaultFault('VAULT_SUBJECT_ERASED');
        const opened = openWith(key, { tenant, purpose, sealed: bytes });
        if (bytes[0] !== NESTED) return opened;
        if (opened[0] !== FORMAT) throw unreadable();
        bytes = opened;
      }
    },

    openMany: (tx, { tenant, purpose, sealed }) =>
      openEach(
        tx,
        tenant,
        sealed.map((value) => ({ purpose, sealed: value })),
      ),

    prefixOf: async (tx, tenant, subject) => {
      const row = await findSubjectKey(tx, tenant, { subject: hash(await anyTenantKey(tx, tenant), 'subject', subject) });
      return row === null ? null : prefixOfKey(row.id);
    },

    erase: async (tx, tenant, subject) => {
      const reference = hash(await anyTenantKey(tx, tenant), 'subject', subject);
      // Under the epoch that holds now: a round that wraps keys anew meanwhile may have written this one under the new epoch already.
      await joinEpoch(tx);
      const epoch = await currentEpoch(tx);
      try {
        const key = await deleteSubjectKey(tx, tenant, reference);
        if (key !== null) await addErasures(tx, tenant, { keys: [key], epoch, erasedAt: new Date(clock.now()) });
        return key;
      } finally {
        lookedUp.delete(tx);
      }
    },

    eraseMany: async (tx, tenant, subjects) => {
      const owner = await anyTenantKey(tx, tenant);
      await joinEpoch(tx);
      const epoch = await currentEpoch(tx);
      const references = subjects.map((subject) => hash(owner, 'subject', subject));
      try {
        const keys = await deleteSubjectKeys(tx, tenant, references);
        await addErasures(tx, tenant, { keys, epoch, erasedAt: new Date(clock.now()) });
        return keys;
      } finally {
        lookedUp.delete(tx);
      }
    },
    blindIndex: async (tx, tenant, kind, text) => hash(await anyTenantKey(tx, tenant), kind, text),
  };
}

/** What every value sealed under the key of that id begins with. */
export function prefixOfKey(id: string): Uint8Array {
  return Buffer.concat([Buffer.of(FORMAT), Buffer.from(id, 'base64url')]);
}

/** A sealed value under a key that never was. */
export function tombstoneOf(random: Random): Uint8Array {
  return Buffer.concat([Buffer.of(FORMAT), random.bytes(KEY_ID_BYTES + OVERHEAD_BYTES)]);
}

function keyIdOf(sealed: Uint8Array): string {
  if (sealed.byteLength < HEADER_BYTES + OVERHEAD_BYTES || (sealed[0] !== FORMAT && sealed[0] !== NESTED)) throw unreadable();
  return Buffer.from(sealed.subarray(1, HEADER_BYTES)).toString('base64url');
}

function openWith({ row, key }: SubjectKey, { tenant, purpose, sealed }: OpenInput): Uint8Array {
  return decrypt(key, sealed.subarray(HEADER_BYTES), valueContext(tenant, purpose, row));
}

function valueContext(tenant: TenantId, purpose: string, row: Pick<SubjectKeyRow, 'subject' | 'id' | 'tenantKey'>): ['value', ...string[]] {
  return ['value', tenant, purpose, row.subject, row.id, String(row.tenantKey)];
}
