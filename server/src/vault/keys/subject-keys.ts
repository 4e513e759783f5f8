// Opens the keys of tenants and subjects, and makes new ones: key file -> tenant, with the epoch -> subject.
// INVARIANT: a tenant key is remembered only once it is committed; a subject key only within a transaction, so an erasure holds at once.

import { createHmac, hkdfSync, type KeyObject } from 'node:crypto';
import type { Clock, Random, TenantId, Tx } from '#core';
import { newKey, unreadable, vaultFault } from '../envelope.ts';
import { KEY_ID_BYTES, type SubjectKey } from '../sealed-value.ts';
import { currentEpoch, joinEpoch, newestVersion } from '../store/epochs.ts';
import {
  addSubjectKeys,
  addTenantKey,
  findNewestKeys,
  findSubjectKey,
  findSubjectKeys,
  findTenantKey,
  type SubjectKeyRow,
  type TenantKeyRow,
} from '../store/keys.ts';
import type { HeldKeys } from './held-keys.ts';
import {
  epochWrapping,
  firstTenantKey,
  openTenantRow,
  sealTenantKey,
  type TenantKey,
  unwrapSubjectKey,
  wrapSubjectKey,
} from './wrapping.ts';

export interface SubjectKeys {
  /** What stands for a subject in the rows of keys. */
  referenceOf(tx: Tx, tenant: TenantId, subject: string | null): Promise<string>;
  /** A keyed hash of a text of one kind. */
  hash(tx: Tx, tenant: TenantId, kind: string, text: string): Promise<string>;
  /** Of the subject, in the tenant's newest generation of keys; made when there is none. */
  current(tx: Tx, tenant: TenantId, reference: string): Promise<SubjectKey>;
  /** Of many, by their references. */
  currentOf(tx: Tx, tenant: TenantId, references: readonly string[]): Promise<ReadonlyMap<string, SubjectKey>>;
  /** Makes keyed hashes of all 256 bits, under a key of this use alone. */
  indexFor(tx: Tx, tenant: TenantId, use: string): Promise<(text: string) => Buffer>;
  /** Null when it was erased. Looked up once for each transaction. */
  byId(tx: Tx, tenant: TenantId, id: string): Promise<SubjectKey | null>;
  /** Those that were not erased, with one look at the database. */
  byIds(tx: Tx, tenant: TenantId, ids: readonly string[]): Promise<ReadonlyMap<string, SubjectKey>>;
  /** Null when it was erased since the row was read. */
  openRow(tx: Tx, tenant: TenantId, row: SubjectKeyRow): Promise<SubjectKey | null>;
  /** After an erasure in this transaction. */
  forget(tx: Tx): void;
}

/** A tenant's key, and what it and an epoch make, for as long as the epoch is held. */
interface OpenTenantKey extends TenantKey {
  readonly epochs: Map<number, { readonly of: KeyObject; readonly wrapping: KeyObject }>;
}

/** Tenants whose keys are held open at a time. */
const MAX_TENANTS = 4_096;
const NOBODY = '';

export function createSubjectKeys({ held, clock, random }: { held: HeldKeys; clock: Clock; random: Random }): SubjectKeys {
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

  const hash = async (tx: Tx, tenant: TenantId, kind: string, text: string): Promise<string> =>
    createHmac('sha256', (await anyTenantKey(tx, tenant)).index)
      .update(`${kind.length}:${kind}:`)
      .update(text, 'utf8')
      .digest('base64url');

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

  async function openRow(tx: Tx, tenant: TenantId, row: SubjectKeyRow): Promise<SubjectKey | null> {
    let now: SubjectKeyRow | null = row;
    for (let look = 0; now !== null; look += 1) {
      const owner: OpenTenantKey | null = await tenantKey(tx, tenant, now.wrapKey).catch((error: unknown) => {
        if (look > 0) throw error;
        return null; // the version ended between the two statements
      });
      const wrapping: KeyObject | null = owner === null ? null : await heldWrapping(owner, now.epoch);
      if (wrapping !== null) return { row: now, key: unwrapSubjectKey(wrapping, tenant, now), labelled: new Map() };
      // Wrapped anew since it was read; a row that stands still names an epoch this process was not given.
      if (look > 1) throw vaultFault('VAULT_EPOCH_MISSING');
      now = await findSubjectKey(tx, tenant, row.id);
    }
    return null;
  }

  async function addKeysFor(tx: Tx, tenant: TenantId, references: readonly string[], generation: number): Promise<void> {
    await joinEpoch(tx);
    const [epoch, version] = [await currentEpoch(tx), await newestVersion(tx, tenant)];
    const wrapping = await heldWrapping(await tenantKey(tx, tenant, version), epoch);
    if (wrapping === null) throw vaultFault('VAULT_EPOCH_MISSING');
    const createdAt = new Date(clock.now());
    const fresh = references.map((subject) => {
      const id = Buffer.from(random.bytes(KEY_ID_BYTES)).toString('base64url');
      const row = { id, subject, generation, tenantKey: version, wrapKey: version, epoch };
      return { ...row, wrapped: wrapSubjectKey(wrapping, tenant, row, newKey(random), random), createdAt };
    });
    await addSubjectKeys(tx, tenant, fresh);
  }

  async function currentOf(tx: Tx, tenant: TenantId, references: readonly string[]): Promise<ReadonlyMap<string, SubjectKey>> {
    const keys = new Map<string, SubjectKey>();
    const open = async (rows: readonly SubjectKeyRow[]): Promise<void> => {
      for (const row of rows) {
        const opened = await openRow(tx, tenant, row);
        if (opened !== null) keys.set(row.subject, opened);
      }
    };
    const wanted = [...new Set(references)].sort(); // two that make the same keys wait for each other, and never in a circle
    const { generation, rows } = await findNewestKeys(tx, tenant, wanted);
    await open(rows);
    const missing = wanted.filter((reference) => !keys.has(reference));
    if (missing.length === 0) return keys;
    await addKeysFor(tx, tenant, missing, generation);
    await open((await findNewestKeys(tx, tenant, missing)).rows);
    if (wanted.some((reference) => !keys.has(reference))) throw unreadable();
    return keys;
  }

  return {
    hash,
    referenceOf: (tx, tenant, subject) => hash(tx, tenant, 'subject', subject ?? NOBODY),

    currentOf,
    current: async (tx, tenant, reference) => (await currentOf(tx, tenant, [reference])).get(reference) as SubjectKey,

    indexFor: async (tx, tenant, use) => {
      const { index } = await anyTenantKey(tx, tenant);
      const key = Buffer.from(hkdfSync('sha256', index, Buffer.alloc(0), `sallyport index v1: ${use}`, 32));
      return (text) => createHmac('sha256', key).update(text, 'utf8').digest();
    },

    byId(tx, tenant, id) {
      const known = lookedUp.get(tx) ?? new Map<string, Promise<SubjectKey | null>>();
      lookedUp.set(tx, known);
      const place = `${tenant} ${id}`;
      const found = known.get(place) ?? findSubjectKey(tx, tenant, id).then((row) => (row === null ? null : openRow(tx, tenant, row)));
      known.set(place, found);
      return found;
    },

    async byIds(tx, tenant, ids) {
      const keys = new Map<string, SubjectKey>();
      for (const row of await findSubjectKeys(tx, tenant, [...new Set(ids)])) {
        const opened = await openRow(tx, tenant, row);
        if (opened !== null) keys.set(row.id, opened);
      }
      return keys;
    },

    openRow,
    forget: (tx) => void lookedUp.delete(tx),
  };
}
