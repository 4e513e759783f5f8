// The personal values a run has met, sealed under the keys of the people they are about.
// INVARIANT: it never drops a value to make room: a run that has met too many is stopped instead.

import type { Clock, RunId, TenantId, Tx } from '#core';
import type { RoomDatabase } from '#storage';
import { vaultFault } from './envelope.ts';
import type { Keyring } from './keyring.ts';
import {
  addKnownValues,
  changedKnownValues,
  countKnownValues,
  deleteKnownValues,
  hasKnownValues,
  listKnownValues,
} from './store/known-values.ts';

export interface KnownValue {
  readonly type: string;
  readonly value: string;
  /** Whose value it is; erasing that subject erases it here too. */
  readonly subject: string | null;
}

export interface KnownValues {
  /** Adds what is new. Reading the same record twice adds nothing. */
  remember(tx: Tx, tenant: TenantId, run: RunId, values: readonly KnownValue[]): Promise<void>;
  /** All values of the run that were not erased, each once. */
  load(tenant: TenantId, run: RunId): Promise<readonly KnownValue[]>;
  /** The same in a transaction of the caller. */
  read(tx: Tx, tenant: TenantId, run: RunId): Promise<readonly KnownValue[]>;
  /** Runs whose values changed since. */
  changed(
    tx: Tx,
    tenant: TenantId,
    sinceMs: number,
  ): Promise<readonly { readonly ref: string; readonly mark: string; readonly lastAtMs: number }[]>;
  forget(tx: Tx, tenant: TenantId, run: RunId): Promise<void>;
}

/** Values one run may meet. A conversation about a few orders meets dozens. */
export const MAX_VALUES_PER_RUN = 5_000;
const MAX_VALUE_CHARS = 4_096;
const MAX_TYPE_CHARS = 64;

export function createKnownValues({ db, keyring, clock }: { db: RoomDatabase; keyring: Keyring; clock: Clock }): KnownValues {
  async function read(tx: Tx, tenant: TenantId, run: RunId): Promise<readonly KnownValue[]> {
    const found = new Map<string, KnownValue>();
    const sealed = await listKnownValues(tx, tenant, run);
    // Values of an erased subject are gone, which is what was asked for; anything else that does not open is a fault.
    for (const plain of await keyring.openMany(tx, { tenant, purpose: purposeOfKnown(run), sealed })) {
      if (plain === null) continue;
      const [subject, ...values] = JSON.parse(Buffer.from(plain).toString('utf8')) as [string | null, ...[string, string][]];
      for (const [type, value] of values) found.set(JSON.stringify([type, value, subject]), { type, value, subject });
    }
    return [...found.values()];
  }

  return {
    async remember(tx, tenant, run, values) {
      if (values.length === 0) return;
      if (!values.every(isStorable)) throw vaultFault('VAULT_INPUT_INVALID');
      let amount = -1;
      for (const [subject, own] of Map.groupBy(values, (value) => value.subject)) {
        const texts = [...new Set(own.map((value) => JSON.stringify([value.type, value.value])))].sort();
        const plain = JSON.stringify([subject, ...texts.map((text) => JSON.parse(text) as [string, string])]);
        const digest = await keyring.blindIndex(tx, tenant, 'known values', plain);
        if (await hasKnownValues(tx, tenant, run, digest)) continue;
        if (amount < 0) amount = await countKnownValues(tx, tenant, run);
        amount += texts.length;
        if (amount > MAX_VALUES_PER_RUN) throw vaultFault('VAULT_KNOWN_VALUES_FULL');
        const sealed = await keyring.seal(tx, {
          tenant,
          subject,
          within: `run:${run}`,
          purpose: purposeOfKnown(run),
          plaintext: Buffer.from(plain, 'utf8'),
        });
        await addKnownValues(tx, tenant, run, {
          digest,
          amount: texts.length,
          sealed: Buffer.from(sealed),
          rememberedAt: new Date(clock.now()),
        });
      }
    },

    load: (tenant, run) => db.inTenant(tenant, (tx) => read(tx, tenant, run)),
    read,
    changed: changedKnownValues,
    forget: (tx, tenant, run) => deleteKnownValues(tx, tenant, run),
  };
}

export const purposeOfKnown = (run: RunId): string => `known values of ${run}`;

function isStorable({ type, value, subject }: KnownValue): boolean {
  return type !== '' && type.length <= MAX_TYPE_CHARS && value !== '' && value.length <= MAX_VALUE_CHARS && subject !== '';
}
