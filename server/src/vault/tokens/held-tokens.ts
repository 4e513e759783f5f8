// Tokens among the things that export, erasure and retention go through: all tokens of one person in one purpose are one thing.

import type { Clock, DataClass, TenantId, Tx } from '#core';
import type { ErasureJournal } from '../erasure-journal.ts';
import type { Keyring } from '../keyring.ts';
import { changedTokens, endTokens, type HeldTokenRow, keysInUse, readHeldTokens, type TokenRow } from '../store/tokens.ts';

export interface HeldToken {
  readonly ref: string;
  readonly purpose: string;
  readonly dataClass: DataClass;
  readonly value: string;
  /** As an erasure names them; null: nobody, or whoever the value itself names. */
  readonly customer: string | null;
  readonly madeAtMs: number;
  readonly keepDays: number;
}

export interface HeldTokens {
  changed(tx: Tx, tenant: TenantId): Promise<readonly { readonly ref: string; readonly mark: string }[]>;
  read(tx: Tx, tenant: TenantId, refs: readonly string[]): Promise<readonly HeldToken[]>;
  /** Ends them; gives the ids of keys that are destroyed with them. A customer's key seals more than tokens and stays. */
  end(tx: Tx, tenant: TenantId, refs: readonly string[]): Promise<readonly string[]>;
}

type BoundTo = (row: TokenRow) => string;
const OWN_KEY = 'token:';

export function createHeldTokens(
  { keyring, clock, journal }: { readonly keyring: Keyring; readonly clock: Clock; readonly journal: ErasureJournal | undefined },
  boundTo: BoundTo,
): HeldTokens {
  async function opened(tx: Tx, tenant: TenantId, refs: readonly string[]) {
    const rows = await readHeldTokens(tx, tenant, refs);
    const plain = await keyring.openEach(
      tx,
      tenant,
      rows.map((row) => ({ purpose: boundTo(row), sealed: row.sealed as Buffer })),
    );
    return rows.flatMap((row, at): { row: HeldTokenRow; subject: string | null; value: string }[] => {
      const bytes = plain[at] ?? null;
      if (bytes === null) return [];
      const [subject, value] = JSON.parse(Buffer.from(bytes).toString('utf8')) as [string | null, string];
      return [{ row, subject, value }];
    });
  }
  return {
    changed: changedTokens,
    read: async (tx, tenant, refs) =>
      (await opened(tx, tenant, refs)).map(({ row, subject, value }) => ({
        ...{ ref: row.ref, purpose: row.purpose, dataClass: row.dataClass, value },
        customer: subject?.startsWith(OWN_KEY) === true ? null : subject,
        ...{ madeAtMs: row.madeAt.getTime(), keepDays: row.keepDays },
      })),
    end: async (tx, tenant, refs) => {
      const own = await opened(tx, tenant, refs);
      const rows = await readHeldTokens(tx, tenant, refs);
      await endTokens(
        tx,
        tenant,
        rows.map(({ id }) => id),
        new Date(clock.now()),
      );
      const keys = new Map(
        own.flatMap(({ row, subject }) =>
          subject?.startsWith(OWN_KEY) === true && row.subjectKey !== null ? [[row.subjectKey, subject] as const] : [],
        ),
      );
      // Another purpose may keep the same address, and longer.
      for (const key of await keysInUse(tx, tenant, [...keys.keys()])) keys.delete(key);
      if (keys.size === 0) return [];
      const gone = await keyring.erase(tx, tenant, [...keys.values()]);
      const atMs = clock.now();
      if (gone.length > 0) await journal?.append(gone.map((key) => ({ tenant, key, atMs })));
      return gone;
    },
  };
}
