// The Ed25519 keys that sign our access tokens: made here, wrapped under the pepper before they are stored, replaced every 30 days.
// INVARIANT: a row of the database alone signs nothing and makes nothing believed: a key counts only when its wrapping opens.

import {
  createCipheriv,
  createDecipheriv,
  createHash,
  createPrivateKey,
  createPublicKey,
  generateKeyPairSync,
  hkdfSync,
  type KeyObject,
  sign,
} from 'node:crypto';
import type { Clock, Random, UnixMs } from '#core';
import type { Database } from '#storage';
import { identityFault } from '../errors.ts';
import { addTokenKey, dropTokenKeys, holdTokenKeys, readTokenKeys, type TokenKeyRow } from '../store/token-keys.ts';

export interface TokenKey {
  readonly kid: string;
  readonly signsFromMs: UnixMs;
  readonly publicKey: KeyObject;
  /** `{"alg":...,"typ":"at+jwt","kid":...}` as it stands in every token of this key. */
  readonly header: string;
}

export interface TokenKeys {
  /** A compact JWS over the payload by the key of the moment. */
  sign(payload: object): string;
  /** The key whose tokens begin like this. An unknown one is looked for behind the scenes. */
  byHeader(header: string): TokenKey | undefined;
  /** What others check our tokens with: the key of the moment, the one before it and the next. */
  jwks(): { readonly keys: readonly object[] };
  /** Makes the next key when it is time, forgets those no token can be of; reads what other processes made. */
  keepFresh(): Promise<void>;
  /** A new key that signs at once, and no other any more: every token made before is void. */
  replaceAll(): Promise<void>;
}

const LIFETIME_MS = 30 * 24 * 60 * 60_000;
/** A new key is published this long before it signs, so that every process and every caller's cache has it. */
const LEAD_MS = 60 * 60_000;
/** How long a key is kept after the next one signs: twice the life of a token. */
const KEEP_MS = 10 * 60_000;
/** A token of an unknown key causes a look into the database at most this often. */
const LOOK_EVERY_MS = 5_000;
const IV_BYTES = 12;
const TAG_BYTES = 16;

interface Held extends TokenKey {
  readonly privateKey: KeyObject;
}

export interface TokenKeysDeps {
  readonly db: Database;
  readonly clock: Clock;
  readonly random: Random;
  readonly pepper: Uint8Array;
  readonly onFault: (fault: unknown) => void;
}

export async function openTokenKeys({ db, clock, random, pepper, onFault }: TokenKeysDeps): Promise<TokenKeys> {
  const wrapping = Buffer.from(hkdfSync('sha256', pepper, Buffer.alloc(0), 'sallyport token keys v1', 32));
  let keys: readonly Held[] = [];
  let byHeader = new Map<string, Held>();
  let lookedAtMs = Number.NEGATIVE_INFINITY;

  const aad = (row: Pick<TokenKeyRow, 'kid' | 'signs_from'>): Buffer => Buffer.from(`${row.kid} ${row.signs_from.getTime()}`);

  const make = (signsFromMs: UnixMs): TokenKeyRow => {
    const { privateKey, publicKey } = generateKeyPairSync('ed25519');
    const row = { kid: kidOf(publicKey), created_at: new Date(clock.now()), signs_from: new Date(signsFromMs) };
    const iv = Buffer.from(random.bytes(IV_BYTES));
    const cipher = createCipheriv('aes-256-gcm', wrapping, iv).setAAD(aad(row));
    const body = Buffer.concat([cipher.update(privateKey.export({ format: 'der', type: 'pkcs8' })), cipher.final()]);
    return { ...row, wrapped: Buffer.concat([iv, cipher.getAuthTag(), body]) };
  };

  /** Null for a row that was not made with our pepper, or was changed. */
  const open = (row: TokenKeyRow): Held | null => {
    try {
      const decipher = createDecipheriv('aes-256-gcm', wrapping, row.wrapped.subarray(0, IV_BYTES))
        .setAAD(aad(row))
        .setAuthTag(row.wrapped.subarray(IV_BYTES, IV_BYTES + TAG_BYTES));
      const der = Buffer.concat([decipher.update(row.wrapped.subarray(IV_BYTES + TAG_BYTES)), decipher.final()]);
      const privateKey = createPrivateKey({ key: der, format: 'der', type: 'pkcs8' });
      const publicKey = createPublicKey(privateKey);
      if (kidOf(publicKey) !== row.kid) return null;
      const header = encode({ alg: 'EdDSA', typ: 'at+jwt', kid: row.kid });
      return { kid: row.kid, signsFromMs: row.signs_from.getTime(), privateKey, publicKey, header };
    } catch {
      return null;
    }
  };

  const hold = (rows: readonly TokenKeyRow[]): void => {
    const known = new Map(keys.map((key) => [key.kid, key]));
    keys = rows.flatMap((row) => known.get(row.kid) ?? open(row) ?? []);
    byHeader = new Map(keys.map((key) => [key.header, key]));
  };

  async function keepFresh(): Promise<void> {
    hold(
      await db.asSystem('authenticator', async (tx) => {
        const rows = await readTokenKeys(tx);
        const nowMs = clock.now();
        const ours = rows.filter((row) => open(row) !== null);
        const newest = ours.at(-1);
        const isDue = newest === undefined || nowMs >= newest.signs_from.getTime() + LIFETIME_MS - LEAD_MS;
        const old = goneBy(ours, nowMs);
        // The control plane makes them; another process reads what is there.
        if ((!isDue && old.length === 0) || !db.holds('authenticator')) return rows;
        await holdTokenKeys(tx);
        const again = await readTokenKeys(tx);
        if (again.map(({ kid }) => kid).join() !== rows.map(({ kid }) => kid).join()) return again; // another process was first
        if (isDue) await addTokenKey(tx, make(newest === undefined ? nowMs : nowMs + LEAD_MS));
        await dropTokenKeys(tx, old);
        return readTokenKeys(tx);
      }),
    );
  }

  const current = (): Held => {
    const nowMs = clock.now();
    const key = keys.findLast(({ signsFromMs }) => signsFromMs <= nowMs) ?? keys[0];
    if (key === undefined) throw identityFault('IDENTITY_TOKEN_KEY_MISSING');
    return key;
  };

  await keepFresh();
  return {
    sign(payload) {
      const { header, privateKey } = current();
      const text = `${header}.${encode(payload)}`;
      return `${text}.${sign(null, Buffer.from(text), privateKey).toString('base64url')}`;
    },
    byHeader(header) {
      const key = byHeader.get(header);
      if (key === undefined && clock.now() - lookedAtMs >= LOOK_EVERY_MS) {
        lookedAtMs = clock.now();
        keepFresh().catch(onFault);
      }
      return key;
    },
    jwks: () => ({
      keys: keys.map(({ kid, publicKey }) => ({ ...publicKey.export({ format: 'jwk' }), kid, alg: 'EdDSA', use: 'sig' })),
    }),
    keepFresh,
    async replaceAll() {
      hold(
        await db.asSystem('authenticator', async (tx) => {
          await holdTokenKeys(tx);
          await dropTokenKeys(
            tx,
            (await readTokenKeys(tx)).map(({ kid }) => kid),
          );
          await addTokenKey(tx, make(clock.now()));
          return readTokenKeys(tx);
        }),
      );
    },
  };
}

/** Keys whose follower has signed for so long that no token of theirs is alive. */
function goneBy(rows: readonly TokenKeyRow[], nowMs: UnixMs): readonly string[] {
  return rows.flatMap(({ kid }, at) => {
    const next = rows[at + 1];
    return next !== undefined && next.signs_from.getTime() + KEEP_MS < nowMs ? [kid] : [];
  });
}

const encode = (value: object): string => Buffer.from(JSON.stringify(value)).toString('base64url');

/** RFC 7638: the thumbprint of the public key. */
function kidOf(publicKey: KeyObject): string {
  const { x } = publicKey.export({ format: 'jwk' });
  return createHash('sha256').update(`{"crv":"Ed25519","kty":"OKP","x":"${x}"}`).digest('base64url');
}
