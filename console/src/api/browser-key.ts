// This browser's own key: made here, kept in IndexedDB, not extractable even by this page. With it each request is signed, so that a
// copied cookie opens nothing elsewhere. Where a browser can make none (an address that is not secure), sessions go without.
// INVARIANT: the private half never leaves the browser; what is sent is its public half, once, while signing in.

interface Kept {
  readonly pair: CryptoKeyPair;
  /** The session it signs for, as the sign-in named it. */
  readonly session: string | null;
}

const STORE = 'keys';
const NAME = 'browser';
const ALGORITHM = { name: 'ECDSA', namedCurve: 'P-256' } as const;

let kept: Promise<Kept | null> | null = null;
/** How far this device's clock is from the server's, once the server said so. */
let offsetSeconds = 0;

function open(): Promise<IDBDatabase> {
  return new Promise((opened, failed) => {
    const asked = indexedDB.open('sallyport', 1);
    asked.onupgradeneeded = () => asked.result.createObjectStore(STORE);
    asked.onsuccess = () => opened(asked.result);
    asked.onerror = () => failed(asked.error);
  });
}

async function inStore<T>(mode: IDBTransactionMode, work: (store: IDBObjectStore) => IDBRequest<T>): Promise<T> {
  const db = await open();
  try {
    return await new Promise<T>((done, failed) => {
      const asked = work(db.transaction(STORE, mode).objectStore(STORE));
      asked.onsuccess = () => done(asked.result);
      asked.onerror = () => failed(asked.error);
    });
  } finally {
    db.close();
  }
}

/** Null where there is none, or none can be kept. */
async function load(): Promise<Kept | null> {
  try {
    return ((await inStore('readonly', (store) => store.get(NAME))) as Kept | undefined) ?? null;
  } catch {
    return null;
  }
}

const known = (): Promise<Kept | null> => {
  kept ??= load();
  return kept;
};

async function keep(next: Kept): Promise<void> {
  await inStore('readwrite', (store) => store.put(next, NAME));
  kept = Promise.resolve(next);
}

/** The public half, for signing in; made when there is none yet. */
export async function browserKey(): Promise<object | null> {
  try {
    let pair = (await known())?.pair;
    if (pair === undefined) {
      pair = await crypto.subtle.generateKey(ALGORITHM, false, ['sign', 'verify']);
      await keep({ pair, session: null });
    }
    const { x, y } = await crypto.subtle.exportKey('jwk', pair.publicKey);
    return { kty: 'EC', crv: 'P-256', x, y };
  } catch {
    return null;
  }
}

export async function signedIn(session: string): Promise<void> {
  const now = await known();
  if (now !== null) await keep({ ...now, session });
}

/** Reads again what another tab may have changed; true when it did. */
export async function hasOtherSession(): Promise<boolean> {
  const before = (await known())?.session ?? null;
  kept = null;
  return ((await known())?.session ?? null) !== before;
}

/** The server's clock, when it found ours to be wrong. */
export function correctClock(serverSeconds: unknown): boolean {
  if (typeof serverSeconds !== 'number') return false;
  offsetSeconds = serverSeconds - Math.floor(Date.now() / 1_000);
  return true;
}

const base64url = (bytes: Uint8Array): string =>
  btoa(String.fromCharCode(...bytes))
    .replaceAll('+', '-')
    .replaceAll('/', '_')
    .replace(/=+$/, '');
const part = (value: object): string => base64url(new TextEncoder().encode(JSON.stringify(value)));
const HEADER = part({ typ: 'sallyport-proof+jwt', alg: 'ES256' });

/** A signature of this one request, or null without a key. Path and query as the browser will send them. */
export async function proofFor(method: string, path: string): Promise<string | null> {
  const now = await known();
  if (now === null || now.session === null) return null;
  const { pathname, search } = new URL(path, location.origin);
  const iat = Math.floor(Date.now() / 1_000) + offsetSeconds;
  const jti = base64url(crypto.getRandomValues(new Uint8Array(16)));
  const input = `${HEADER}.${part({ htm: method, htu: `${pathname}${search}`, sid: now.session, iat, jti })}`;
  const signature = await crypto.subtle.sign({ name: 'ECDSA', hash: 'SHA-256' }, now.pair.privateKey, new TextEncoder().encode(input));
  return `${input}.${base64url(new Uint8Array(signature))}`;
}
