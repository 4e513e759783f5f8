// The chain of keys: key file -> tenant -> subject -> value. Seals and opens values, and erases subjects.
// INVARIANT: a tenant key is remembered only once it is committed; a subject key is never remembered, so an erasure holds at once.

import { createHmac, hkdfSync, type KeyObject } from 'node:crypto';
import type { Clock, Random, TenantId, Tx } from '#core';
import { decrypt, encrypt, newKey, OVERHEAD_BYTES, unreadable, unwrapKey, vaultFault, wrapKey } from './envelope.ts';
import type { MasterKey } from './key-file.ts';
import {
  addSubjectKey,
  addTenantKey,
  deleteSubjectKey,
  deleteSubjectKeys,
  findSubjectKey,
  findSubjectKeys,
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

export interface Keyring {
  seal(tx: Tx, input: SealInput): Promise<Uint8Array>;
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

interface TenantKey {
  readonly version: number;
  readonly wrapping: KeyObject;
  readonly index: Buffer;
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
export const MAX_PLAINTEXT_BYTES = 16 * 1024 * 1024;
const MAX_NAME_CHARS = 1_024;
/** Tenants whose keys are held open at a time. */
const MAX_TENANTS = 4_096;
const NOBODY = '';

export function createKeyring({ master, clock, random }: { master: MasterKey; clock: Clock; random: Random }): Keyring {
  const tenants = new Map<string, TenantKey>();
  /** Keys a transaction looked up by their id, until it ends or erases: what stands in many values is read and unwrapped once. */
  const lookedUp = new WeakMap<Tx, Map<string, Promise<SubjectKey | null>>>();

  const remember = (tenant: TenantId, key: TenantKey): void => {
    if (tenants.size >= MAX_TENANTS) tenants.delete(tenants.keys().next().value as string);
    tenants.set(`${tenant} ${key.version}`, key);
  };

  const openTenantKey = (tenant: TenantId, row: TenantKeyRow): TenantKey => {
    if (row.kek !== master.id) throw vaultFault('VAULT_KEY_FILE_UNUSABLE', 'it is not the file this tenant\u2019s key was wrapped with');
    const wrapping = unwrapKey(master.key, row.wrapped, ['tenant key', tenant, String(row.version), master.id]);
    const index = Buffer.from(hkdfSync('sha256', wrapping.export(), Buffer.alloc(0), 'sallyport blind index v1', 32));
    const key = { version: row.version, wrapping, index };
    if (row.isCommitted) remember(tenant, key);
    return key;
  };

  async function tenantKey(tx: Tx, tenant: TenantId, version: number): Promise<TenantKey> {
    const known = tenants.get(`${tenant} ${version}`);
    if (known !== undefined) return known;
    const row = await findTenantKey(tx, tenant, version);
    if (row === null) throw unreadable();
    return openTenantKey(tenant, row);
  }

  async function currentTenantKey(tx: Tx, tenant: TenantId): Promise<TenantKey> {
    const known = tenants.get(`${tenant} 1`); // the first version is the only one until tenant keys rotate
    if (known !== undefined) return known;
    let row = await findTenantKey(tx, tenant);
    if (row === null) {
      const wrapped = wrapKey(master.key, newKey(random), ['tenant key', tenant, '1', master.id], random);
      await addTenantKey(tx, tenant, { version: 1, kek: master.id, wrapped, createdAt: new Date(clock.now()) });
      row = await findTenantKey(tx, tenant);
    }
    if (row === null) throw unreadable();
    return openTenantKey(tenant, row);
  }

  const hash = (key: TenantKey, kind: string, text: string): string =>
    createHmac('sha256', key.index).update(`${kind.length}:${kind}:`).update(text, 'utf8').digest('base64url');

  const subjectContext = (tenant: TenantId, row: Omit<SubjectKeyRow, 'wrapped'>): ['subject key', ...string[]] => [
    'subject key',
    tenant,
    row.subject,
    row.id,
    String(row.tenantKey),
  ];

  async function openSubjectKey(tx: Tx, tenant: TenantId, row: SubjectKeyRow): Promise<SubjectKey> {
    const owner = await tenantKey(tx, tenant, row.tenantKey);
    return { row, key: unwrapKey(owner.wrapping, row.wrapped, subjectContext(tenant, row)) };
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

  async function currentSubjectKey(tx: Tx, tenant: TenantId, subject: string | null): Promise<SubjectKey> {
    const owner = await currentTenantKey(tx, tenant);
    const reference = hash(owner, 'subject', subject ?? NOBODY);
    let row = await findSubjectKey(tx, tenant, { subject: reference });
    if (row === null) {
      const fresh = { id: Buffer.from(random.bytes(KEY_ID_BYTES)).toString('base64url'), subject: reference, tenantKey: owner.version };
      const wrapped = wrapKey(owner.wrapping, newKey(random), subjectContext(tenant, fresh), random);
      await addSubjectKey(tx, tenant, { ...fresh, wrapped, createdAt: new Date(clock.now()) });
      row = await findSubjectKey(tx, tenant, { subject: reference });
    }
    if (row === null) throw unreadable();
    return openSubjectKey(tx, tenant, row);
  }

  async function openLayer(
    tx: Tx,
    { tenant, purpose }: Omit<OpenInput, 'sealed'>,
    sealed: readonly Uint8Array[],
  ): Promise<readonly (Uint8Array | null)[]> {
    const keys = new Map<string, SubjectKey>();
    for (const row of await findSubjectKeys(tx, tenant, [...new Set(sealed.map(keyIdOf))])) {
      keys.set(row.id, await openSubjectKey(tx, tenant, row));
    }
    return sealed.map((value) => {
      const key = keys.get(keyIdOf(value));
      return key === undefined ? null : openWith(key, { tenant, purpose, sealed: value });
    });
  }

  return {
    async seal(tx, { tenant, subject, within, purpose, plaintext }) {
      const isNamed =
        within !== NOBODY &&
        (within?.length ?? 0) <= MAX_NAME_CHARS &&
        purpose !== '' &&
        purpose.length <= MAX_NAME_CHARS &&
        subject !== NOBODY &&
        (subject?.length ?? 0) <= MAX_NAME_CHARS;
      if (!isNamed || plaintext.byteLength > MAX_PLAINTEXT_BYTES) throw vaultFault('VAULT_INPUT_INVALID');
      const under = (format: number, { row, key }: SubjectKey, bytes: Uint8Array): Buffer =>
        Buffer.concat([
          Buffer.of(format),
          Buffer.from(row.id, 'base64url'),
          encrypt(key, bytes, valueContext(tenant, purpose, row), random),
        ]);
      const sealed = under(FORMAT, await currentSubjectKey(tx, tenant, subject), plaintext);
      return within === undefined ? sealed : under(NESTED, await currentSubjectKey(tx, tenant, within), sealed);
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

    async openMany(tx, { tenant, purpose, sealed }) {
      if (sealed.length === 0) return [];
      const opened = await openLayer(tx, { tenant, purpose }, sealed);
      const nested = sealed.flatMap((value, at) => (value[0] === NESTED && opened[at] != null ? [at] : []));
      if (nested.length === 0) return opened;
      const inner = nested.map((at) => opened[at] as Uint8Array);
      if (inner.some((value) => value[0] !== FORMAT)) throw unreadable();
      const plain = await openLayer(tx, { tenant, purpose }, inner);
      const all = [...opened];
      for (const [nth, at] of nested.entries()) all[at] = plain[nth] ?? null;
      return all;
    },

    prefixOf: async (tx, tenant, subject) => {
      const row = await findSubjectKey(tx, tenant, { subject: hash(await currentTenantKey(tx, tenant), 'subject', subject) });
      return row === null ? null : prefixOfKey(row.id);
    },

    erase: async (tx, tenant, subject) => {
      const reference = hash(await currentTenantKey(tx, tenant), 'subject', subject);
      try {
        return await deleteSubjectKey(tx, tenant, reference);
      } finally {
        lookedUp.delete(tx);
      }
    },

    eraseMany: async (tx, tenant, subjects) => {
      const owner = await currentTenantKey(tx, tenant);
      try {
        return await deleteSubjectKeys(
          tx,
          tenant,
          subjects.map((subject) => hash(owner, 'subject', subject)),
        );
      } finally {
        lookedUp.delete(tx);
      }
    },
    blindIndex: async (tx, tenant, kind, text) => hash(await currentTenantKey(tx, tenant), kind, text),
  };
}

/** What every value sealed under the key of that id begins with. */
export function prefixOfKey(id: string): Uint8Array {
  return Buffer.concat([Buffer.of(FORMAT), Buffer.from(id, 'base64url')]);
}

function keyIdOf(sealed: Uint8Array): string {
  if (sealed.byteLength < HEADER_BYTES + OVERHEAD_BYTES || (sealed[0] !== FORMAT && sealed[0] !== NESTED)) throw unreadable();
  return Buffer.from(sealed.subarray(1, HEADER_BYTES)).toString('base64url');
}

function openWith({ row, key }: SubjectKey, { tenant, purpose, sealed }: OpenInput): Uint8Array {
  return decrypt(key, sealed.subarray(HEADER_BYTES), valueContext(tenant, purpose, row));
}

function valueContext(tenant: TenantId, purpose: string, row: Omit<SubjectKeyRow, 'wrapped'>): ['value', ...string[]] {
  return ['value', tenant, purpose, row.subject, row.id, String(row.tenantKey)];
}
