// The attacker who comes after an erasure: has the key file, the key box, every wrapped tenant key there ever was and every byte that is left,
// and tries to open the erased subject's key out of them. It knows the formats as well as the product does.

import type { TenantId } from '#core';
import { unwrapKey } from '../envelope.ts';
import { readKeyFile } from '../key-file.ts';
import { holdKeys } from '../keys/held-keys.ts';
import { epochWrapping, openTenantRow, type TenantKey } from '../keys/wrapping.ts';
import { unsealLayer } from '../sealed-value.ts';
import type { OpenedVault } from './opened-vault.ts';
import { nodeRandom } from './ports.ts';

const WRAPPED_BYTES = 60;
/** How far from the key's id its wrapped bytes may stand in a row, in a page or in the write-ahead log. */
const REACH_BYTES = 320;
/** Of epochs: more than the test makes. */
const NUMBERS = [0, 1, 2, 3];

interface Row {
  readonly tenant: string;
  readonly id: string;
  readonly subject: string;
  readonly tenant_key: number;
  readonly wrapped: Buffer;
  readonly version: number;
  readonly kek: string;
}

export interface Attack {
  readonly given: OpenedVault;
  readonly tenant: string;
  readonly sealed: Uint8Array;
  readonly purpose: string;
  readonly id: string;
  readonly dumps: readonly Record<string, unknown>[];
  readonly files: readonly { readonly name: string; readonly bytes: Buffer }[];
}

export async function tryEverything(attack: Attack): Promise<{ places: string[]; opened: string[]; tried: number }> {
  const { given, tenant, id, dumps, files, sealed, purpose } = attack;
  const master = await readKeyFile(given.keyFile);
  if (master === null) throw new Error('the attacker has the key file');
  const held = await holdKeys(given.keyFile, master, nodeRandom);
  const all = <Name extends keyof Row>(table: string) => dumps.flatMap((dump) => dump[table] as Pick<Row, Name>[]);
  const tenants: TenantKey[] = all<'tenant' | 'version' | 'kek' | 'wrapped'>('vault_tenant_keys')
    .filter((row) => row.tenant === tenant && held.kek(row.kek) !== null)
    .map((row) => openTenantRow(held, tenant, row));
  const known = all<'id' | 'subject' | 'tenant_key'>('vault_subject_keys').find((row) => row.id === id);
  if (known === undefined) throw new Error('the attacker knows the row from an older copy');
  const epochs = held.box().epochs;
  let tried = 0;

  const opens = (candidate: Uint8Array): boolean => {
    for (const key of tenants) {
      // Each with every number: what a key is bound to is no secret.
      const wrappings = [key.wrapping, master.key, ...epochs.flatMap(({ key: of }) => [epochWrapping(key, of), of])];
      for (const wrapping of wrappings) {
        const place = [tenant, known.subject, id, String(known.tenant_key)];
        const contexts: [string, ...string[]][] = [
          ['subject key', ...place],
          ...NUMBERS.map((epoch): [string, ...string[]] => ['subject key v2', ...place, String(key.version), String(epoch)]),
        ];
        for (const context of contexts) {
          tried += 1;
          try {
            const subjectKey = unwrapKey(wrapping, candidate, context);
            const row = {
              ...known,
              generation: 1,
              tenantKey: known.tenant_key,
              wrapKey: key.version,
              epoch: 0,
              wrapped: Buffer.from(candidate),
            };
            unsealLayer({ row, key: subjectKey, labelled: new Map() }, { tenant: tenant as TenantId, purpose, sealed });
            return true;
          } catch {
            // not this one
          }
        }
      }
    }
    return false;
  };

  const places: string[] = [];
  const opened: string[] = [];
  for (const [nth, dump] of dumps.entries()) {
    const rows = (dump.vault_subject_keys as Row[]).filter((row) => row.id === id);
    if (rows.length > 0) places.push(`dump ${nth}`);
    if (rows.some(({ wrapped }) => opens(wrapped))) opened.push(`dump ${nth}`);
  }
  for (const { name, bytes } of files) {
    places.push(name);
    const seen = new Set<string>();
    let isOpen = false;
    for (let at = bytes.indexOf(id); at !== -1 && !isOpen; at = bytes.indexOf(id, at + 1)) {
      for (let from = Math.max(0, at - REACH_BYTES); from < at + REACH_BYTES && !isOpen; from += 1) {
        const window = bytes.subarray(from, from + WRAPPED_BYTES);
        const text = window.toString('latin1');
        if (window.byteLength < WRAPPED_BYTES || seen.has(text)) continue;
        seen.add(text);
        isOpen = opens(window);
      }
    }
    if (isOpen) opened.push(name);
  }
  return { places, opened, tried };
}
