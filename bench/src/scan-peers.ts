// Finders of personal data that others publish for Node, called as their READMEs say. A missing one is a note; each says only which
// stretches of a text it would take out.

import { readFileSync } from 'node:fs';
import { createRequire } from 'node:module';
import { pathToFileURL } from 'node:url';

export interface Stretch {
  readonly start: number;
  readonly end: number;
}

export interface Finder {
  readonly name: string;
  readonly version: string;
  find(text: string): Promise<readonly Stretch[]> | readonly Stretch[];
}

const HOME = new URL('../peers/pii/', import.meta.url);
export const PEER_NAMES = ['openredaction', 'redact-pii', '@redactpii/node', 'compromise', '@arcjet/redact'] as const;
type PeerName = (typeof PEER_NAMES)[number];
export const PEERS_HINT = 'run `npm ci` in bench/peers/pii';

/** What a redacted text left out: its literal parts are looked up in the original one behind the other. */
export function takenOut(original: string, redacted: string, token: RegExp): readonly Stretch[] {
  const found: Stretch[] = [];
  let at = 0;
  let open = false;
  for (const [index, part] of redacted.split(token).entries()) {
    if (index > 0) open = true;
    if (part === '') continue;
    const next = original.indexOf(part, at);
    if (next === -1) continue;
    if (open && next > at) found.push({ start: at, end: next });
    at = next + part.length;
    open = false;
  }
  if (open && at < original.length) found.push({ start: at, end: original.length });
  return found;
}

interface Offsets {
  json(options: object): readonly { readonly offset?: { readonly start: number; readonly length: number } }[];
}

/** Modules of peers have no types of ours: what is used of each is written down here. */
type Loaded = Readonly<Record<string, unknown>>;

function open(name: PeerName, loaded: Loaded): Finder['find'] {
  const inner = (loaded.default ?? {}) as Loaded;
  const member = (key: string): unknown => loaded[key] ?? inner[key];
  switch (name) {
    case 'openredaction': {
      type Detect = { detect(text: string): Promise<{ detections: readonly { position: readonly [number, number] }[] }> };
      const detector = new (member('OpenRedaction') as new () => Detect)();
      return async (text) => (await detector.detect(text)).detections.map(({ position: [start, end] }) => ({ start, end }));
    }
    case 'redact-pii': {
      const redactor = new (member('SyncRedactor') as new () => { redact(text: string): string })();
      return (text) =>
        takenOut(text, redactor.redact(text), /\b[A-Z]+(?:_[A-Z]+)+\b|\b(?:DIGITS|URL|ZIPCODE|USERNAME|PASSWORD|CREDENTIALS)\b/);
    }
    case '@redactpii/node': {
      const redactor = new (member('Redactor') as new (options: object) => { redact(text: string): string })({});
      return (text) => takenOut(text, redactor.redact(text), /\b[A-Z]+(?:_[A-Z]+)+\b/);
    }
    case 'compromise': {
      type Read = { people(): Offsets; places(): Offsets; emails(): Offsets; phoneNumbers(): Offsets };
      const nlp = loaded.default as (text: string) => Read;
      return (text) => {
        const read = nlp(text);
        return [read.people(), read.places(), read.emails(), read.phoneNumbers()].flatMap((kind) =>
          kind
            .json({ offset: true })
            .flatMap(({ offset }) => (offset === undefined ? [] : [{ start: offset.start, end: offset.start + offset.length }])),
        );
      };
    }
    case '@arcjet/redact': {
      const redact = loaded.redact as (text: string) => Promise<readonly [string, unknown]>;
      return async (text) => takenOut(text, (await redact(text))[0], /<Redacted [^>]*>/);
    }
    default:
      return name satisfies never;
  }
}

function versionOfPeer(name: PeerName): string {
  return (JSON.parse(readFileSync(new URL(`node_modules/${name}/package.json`, HOME), 'utf8')) as { version: string }).version;
}

export async function openPeers(): Promise<{ readonly peers: readonly Finder[]; readonly missing: readonly PeerName[] }> {
  const from = createRequire(new URL('package.json', HOME));
  const peers: Finder[] = [];
  const missing: PeerName[] = [];
  for (const name of PEER_NAMES) {
    try {
      const loaded = (await import(pathToFileURL(from.resolve(name)).href)) as Loaded;
      peers.push({
        name,
        version: versionOfPeer(name),
        find: open(name, loaded),
      });
    } catch {
      missing.push(name);
    }
  }
  return { peers, missing };
}
