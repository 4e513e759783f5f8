// The key box: a file beside the key file that holds the keys of epochs, wrapped. A subject key opens only with an epoch that is in it, so
// taking an epoch out is what makes an erasure final. INVARIANT: never in Postgres, never in a backup; changed by one process at a time.

import { createHmac, type KeyObject, timingSafeEqual } from 'node:crypto';
import { mkdir } from 'node:fs/promises';
import { dirname } from 'node:path';
import { findOwnRecord, type Random } from '#core';
import { decrypt, encrypt, unwrapKey, vaultFault, wrapKey } from '../envelope.ts';
import { type MasterKey, masterKeyOf, unusable } from '../key-file.ts';
import type { Form } from '../labels.ts';
import { expand } from './derive.ts';
import { readPrivateFile, replacePrivateFile } from './private-file.ts';

export interface Epoch {
  readonly epoch: number;
  /** Derived from the key, so that two boxes can not mean different keys by one number. */
  readonly id: string;
  readonly key: KeyObject;
  readonly madeAt: string;
}

/** The list of keys that outlived the last epoch; see survivors.ts. */
export interface SurvivorsMark {
  readonly digest: string;
  readonly count: number;
}

export interface KeyBox {
  /** From which every derived key comes; stays when the key file is replaced. */
  readonly root: Buffer;
  /** Id of the first key file: the name of the installation's keys, in backups too. */
  readonly rootId: string;
  /** Every epoch up to this one is over: its key is gone. -1: not even 0, the time before epochs. */
  readonly closed: number;
  readonly epochs: readonly Epoch[];
  readonly survivors: SurvivorsMark | null;
  /** The key that is about to replace the one in the key file. */
  readonly next: MasterKey | null;
  /** Sealed values of an older form are not opened. */
  readonly minimum: Form;
  /** One more each time it is written: which of two copies is the newer. */
  readonly written: number;
  /** Of which installation, where several have the same keys because one was restored from the other; null: of the first, from before lines. */
  readonly line: string | null;
}

const KIND = 'sallyport-key-box';
const MAX_BOX_BYTES = 65_536;
const MAX_EPOCHS = 8;
const OURS: ReadonlySet<string> = new Set(['VAULT_KEY_BOX_UNUSABLE', 'VAULT_KEY_FILE_UNUSABLE']);

export const boxFault = (detail: string, cause?: unknown): Error =>
  vaultFault('VAULT_KEY_BOX_UNUSABLE', detail, (cause as NodeJS.ErrnoException | undefined)?.code);

export function epochId(key: KeyObject): string {
  return `epo_${createHmac('sha256', key.export()).update('sallyport epoch id v1').digest('hex').slice(0, 32)}`;
}

const mac = (root: Buffer, body: string): Buffer =>
  createHmac('sha256', expand(root, 'sallyport key box v1')).update(body, 'utf8').digest();

/** `keks`: the keys it is to open with; more than one only while the key file is being replaced. */
export function writeBox(box: KeyBox, keks: readonly MasterKey[], random: Random): string {
  const under = (wrap: (kek: MasterKey) => Buffer) => Object.fromEntries(keks.map((kek) => [kek.id, wrap(kek).toString('base64url')]));
  const body = JSON.stringify({
    kind: KIND,
    v: 1,
    root: { id: box.rootId, under: under((kek) => encrypt(kek.key, box.root, ['vault root', box.rootId, kek.id], random)) },
    written: box.written,
    ...(box.line === null ? {} : { line: box.line }),
    closed: box.closed,
    minimum: box.minimum,
    epochs: box.epochs.map(({ epoch, id, key, madeAt }) => ({
      ...{ epoch, id, madeAt },
      under: under((kek) => wrapKey(kek.key, key, ['epoch key', String(epoch), id, kek.id], random)),
    })),
    survivors: box.survivors,
    next:
      box.next === null
        ? null
        : {
            id: box.next.id,
            under: under((kek) => wrapKey(kek.key, (box.next as MasterKey).key, ['next key', (box.next as MasterKey).id, kek.id], random)),
          },
  });
  return `${body}\n${mac(box.root, body).toString('base64url')}\n`;
}

interface Written {
  readonly root: { readonly id: string; readonly under: Record<string, string> };
  /** Absent in the first ones. */
  readonly written?: number;
  readonly line?: string;
  readonly closed: number;
  /** Absent in those from before there were two. */
  readonly minimum?: Form;
  readonly epochs: readonly {
    readonly epoch: number;
    readonly id: string;
    readonly madeAt: string;
    readonly under: Record<string, string>;
  }[];
  readonly survivors: SurvivorsMark | null;
  readonly next: { readonly id: string; readonly under: Record<string, string> } | null;
}

/** What the text holds, opened with the key of the key file. */
export function parseBox(text: string, kek: MasterKey): KeyBox {
  const [body = '', tag = '', ...rest] = text.split('\n');
  const found = findOwnRecord(body);
  if (found === null || found.kind !== KIND || found.v !== 1 || rest.join('') !== '')
    throw boxFault('it is damaged; restore it from your copy');
  const { root: kept, written = 0, line = null, minimum = 1, closed, epochs, survivors, next } = found as unknown as Written;
  const wrapped = (under: Record<string, string>): Buffer => {
    const text64 = under[kek.id];
    if (typeof text64 !== 'string')
      throw unusable('the key box beside it (vault-epochs) was wrapped with another key file; restore that one');
    return Buffer.from(text64, 'base64url');
  };
  try {
    const root = decrypt(kek.key, wrapped(kept.under), ['vault root', kept.id, kek.id]);
    const right = mac(root, body);
    const said = Buffer.from(tag, 'base64url');
    if (said.byteLength !== right.byteLength || !timingSafeEqual(said, right)) throw boxFault('it was changed; restore it from your copy');
    if (epochs.length > MAX_EPOCHS) throw boxFault('it holds too many epochs');
    return {
      root,
      rootId: kept.id,
      written,
      line,
      closed,
      minimum,
      epochs: epochs.map(({ epoch, id, madeAt, under }) => ({
        ...{ epoch, id, madeAt },
        key: unwrapKey(kek.key, wrapped(under), ['epoch key', String(epoch), id, kek.id]),
      })),
      survivors,
      next: next === null ? null : masterKeyOf(unwrapKey(kek.key, wrapped(next.under), ['next key', next.id, kek.id]).export()),
    };
  } catch (error) {
    if (OURS.has((error as { code?: string }).code ?? '')) throw error;
    throw boxFault('it is damaged, or belongs to another key file; restore it from your copy');
  }
}

export async function readBox(path: string, kek: MasterKey): Promise<KeyBox | null> {
  const text = await readPrivateFile(path, MAX_BOX_BYTES, boxFault);
  return text === null ? null : parseBox(text, kek);
}

export async function storeBox(place: string, text: string, random: Random): Promise<void> {
  await mkdir(dirname(place), { recursive: true, mode: 0o700 }).catch(() => undefined); // told by the write
  await replacePrivateFile(place, text, random).catch((error: unknown) => {
    throw boxFault('it can not be written', error);
  });
}
