// Seals and opens values under the keys of their subjects, and erases subjects.
// INVARIANT: what is sealed from now on is in the newest form, under the newest generation of keys; nothing opens below the form that is asked for.

import type { Clock, Random, TenantId, Tx } from '#core';
import { unreadable, vaultFault } from './envelope.ts';
import type { HeldKeys } from './keys/held-keys.ts';
import type { SubjectKeys } from './keys/subject-keys.ts';
import { isCommitted, labelOf } from './labels.ts';
import { headerOf, prefixesOfKey, type SubjectKey, sealLayer, unsealLayer } from './sealed-value.ts';
import { addErasures, currentEpoch, joinEpoch } from './store/epochs.ts';
import { deleteSubjectKeys, listKeyIds } from './store/keys.ts';

export interface SealInput {
  readonly tenant: TenantId;
  /** Whose data it is, e.g. `customer:42`; null when it is nobody's. Erasing a subject takes all that was sealed for it. */
  readonly subject: string | null;
  /** What it belongs to besides, e.g. `run:run_...`: it opens only while this key is there too, so that a run can be erased and its customer stay. */
  readonly within?: string;
  /** Names the table, column and row. It also says the label, and so the key: see `labels.ts`. */
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
  readonly indexFor: SubjectKeys['indexFor'];
  open(tx: Tx, input: OpenInput): Promise<Uint8Array>;
  /** Opens many values with one look at the database; null where the subject was erased. */
  openMany(tx: Tx, input: Omit<OpenInput, 'sealed'> & { readonly sealed: readonly Uint8Array[] }): Promise<readonly (Uint8Array | null)[]>;
  /** What values sealed for the subject begin with; none when nothing is. */
  prefixesOf(tx: Tx, tenant: TenantId, subject: string): Promise<readonly Uint8Array[]>;
  /** Destroys the keys of the subjects, of every generation; gives the ids of those there were. */
  erase(tx: Tx, tenant: TenantId, subjects: readonly string[]): Promise<readonly string[]>;
  /** A keyed hash that finds equal texts of one tenant again without storing them. */
  blindIndex(tx: Tx, tenant: TenantId, kind: string, text: string): Promise<string>;
}

export const MAX_PLAINTEXT_BYTES = 16 * 1024 * 1024;
const MAX_NAME_CHARS = 1_024;
const NOBODY = '';

interface KeyringDeps {
  readonly keys: SubjectKeys;
  readonly held: Pick<HeldKeys, 'box'>;
  readonly clock: Clock;
  readonly random: Random;
}

export function createKeyring({ keys, held, clock, random }: KeyringDeps): Keyring {
  function refuseOlder(purpose: string, sealed: Uint8Array): void {
    const { minimum } = held.box();
    if (minimum > 1 && headerOf(sealed).form < minimum && !isCommitted(purpose)) throw vaultFault('VAULT_FORM_TOO_OLD');
  }

  async function openLayer(
    tx: Tx,
    tenant: TenantId,
    values: readonly Omit<OpenInput, 'tenant'>[],
  ): Promise<readonly (Uint8Array | null)[]> {
    const ids = values.map(({ sealed }) => headerOf(sealed).keyId);
    const found = await keys.byIds(tx, tenant, ids);
    return values.map(({ purpose, sealed }, at) => {
      const key = found.get(ids[at] as string);
      // What was erased is erased, in whatever form it stays: it must not keep the others of a list from opening.
      if (key === undefined) return null;
      refuseOlder(purpose, sealed);
      return unsealLayer(key, { tenant, purpose, sealed });
    });
  }

  async function openEach(tx: Tx, tenant: TenantId, values: readonly Omit<OpenInput, 'tenant'>[]): Promise<readonly (Uint8Array | null)[]> {
    if (values.length === 0) return [];
    const opened = await openLayer(tx, tenant, values);
    const nested = values.flatMap(({ sealed }, at) => (opened[at] != null && headerOf(sealed).isNested ? [at] : []));
    if (nested.length === 0) return opened;
    const inner = nested.map((at) => ({ purpose: (values[at] as { purpose: string }).purpose, sealed: opened[at] as Uint8Array }));
    if (inner.some(({ sealed }) => headerOf(sealed).isNested)) throw unreadable();
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

  async function sealMany(tx: Tx, { tenant, within, values }: SealManyInput): Promise<readonly SealedUnder[]> {
    const around = within === undefined ? {} : { within };
    if (!values.every((value) => isNamed({ ...value, ...around }))) throw vaultFault('VAULT_INPUT_INVALID');
    if (values.length === 0) return [];
    const references = await Promise.all(values.map(({ subject }) => keys.referenceOf(tx, tenant, subject)));
    const outer = within === undefined ? null : await keys.referenceOf(tx, tenant, within);
    const found = await keys.currentOf(tx, tenant, outer === null ? references : [...references, outer]);
    return values.map(({ purpose, plaintext }, at) => {
      const place = { tenant, purpose, label: labelOf(purpose), random };
      const own = found.get(references[at] as string) as SubjectKey;
      const sealed = sealLayer(own, { ...place, isNested: false }, plaintext);
      return {
        key: own.row.id,
        sealed: outer === null ? sealed : sealLayer(found.get(outer) as SubjectKey, { ...place, isNested: true }, sealed),
      };
    });
  }

  return {
    async seal(tx, { tenant, within, ...value }) {
      const [one] = await sealMany(tx, { tenant, values: [value], ...(within === undefined ? {} : { within }) });
      return (one as SealedUnder).sealed;
    },
    sealMany,
    openEach,
    keyIdOf: async (tx, tenant, subject) => (await keys.current(tx, tenant, await keys.referenceOf(tx, tenant, subject))).row.id,
    indexFor: keys.indexFor,

    async open(tx, { tenant, purpose, sealed }) {
      let bytes = sealed;
      for (;;) {
        const { keyId, isNested } = headerOf(bytes);
        const key = await keys.byId(tx, tenant, keyId);
        if (key === null) throw vaultFault('VAULT_SUBJECT_ERASED');
        refuseOlder(purpose, bytes);
        const opened = unsealLayer(key, { tenant, purpose, sealed: bytes });
        if (!isNested) return opened;
        if (headerOf(opened).isNested) throw unreadable();
        bytes = opened;
      }
    },

    openMany: (tx, { tenant, purpose, sealed }) =>
      openEach(
        tx,
        tenant,
        sealed.map((value) => ({ purpose, sealed: value })),
      ),

    prefixesOf: async (tx, tenant, subject) =>
      (await listKeyIds(tx, tenant, await keys.referenceOf(tx, tenant, subject))).flatMap(prefixesOfKey),

    erase: async (tx, tenant, subjects) => {
      const references = await Promise.all(subjects.map((subject) => keys.referenceOf(tx, tenant, subject)));
      // Under the epoch that holds now: a round that wraps keys anew meanwhile may have written this one under the new epoch already.
      await joinEpoch(tx);
      const epoch = await currentEpoch(tx);
      try {
        const gone: string[] = [];
        // Until none is left: a re-encryption that was waited for may have made a key of the next generation meanwhile.
        for (;;) {
          const ids = await deleteSubjectKeys(tx, tenant, references);
          if (ids.length === 0) break;
          gone.push(...ids);
        }
        if (gone.length > 0) await addErasures(tx, tenant, { keys: gone, epoch, erasedAt: new Date(clock.now()) });
        return gone;
      } finally {
        keys.forget(tx);
      }
    },
    blindIndex: keys.hash,
  };
}
