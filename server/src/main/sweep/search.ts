// Searches texts, files and folders for values in all their forms, and collects where each was found; never what stands around it.

import type { Dirent } from 'node:fs';
import { open, readdir, realpath, stat } from 'node:fs/promises';
import { join } from 'node:path';
import type { Finder } from '#dlp';
import type { Pattern } from './forms.ts';

/** So much of a file is held at a time. */
export const PIECE_BYTES = 1024 * 1024;
/** Beside a server's work: what one look may keep everything else waiting for. */
const PACED_PIECE_BYTES = 64 * 1024;

/** Thrown by a pace that was told to stop: the search ends, and says nothing. */
export class SearchStopped extends Error {}

export interface Hit {
  /** `postgres/base/16384/2619`, `log of the server`. */
  readonly place: string;
  readonly value: string;
  readonly form: string;
  readonly times: number;
}

export interface Searched {
  readonly hits: readonly Hit[];
  /** What was looked at, by kind of place: `table`, `data folder`, `console`. */
  readonly places: readonly { readonly place: string; readonly pieces: number; readonly bytes: number }[];
  /** What is there and could not be read: not searched is not clean. */
  readonly unread: readonly string[];
}

function groupOf(place: string): string {
  if (place.includes('/pg_wal/')) return 'write-ahead log';
  if (place.startsWith('table ')) return 'table';
  if (/^[./]/.test(place)) return 'files you named';
  return place.split(/[/:]| \(/)[0] as string;
}

/** Collects what is found in many places. */
export function createSearch(finder: Finder<Pattern>, pace: ((bytes: number) => Promise<void>) | null = null) {
  const hits = new Map<string, Hit>();
  const unread: string[] = [];
  const places = new Map<string, { pieces: number; bytes: number }>();

  const reader = (place: string): ((piece: Uint8Array) => void) => {
    const group = groupOf(place);
    const seen = places.get(group) ?? { pieces: 0, bytes: 0 };
    places.set(group, seen);
    seen.pieces += 1;
    const read = finder.read(({ value, form }) => {
      const key = `${place}\0${value}\0${form}`;
      hits.set(key, { place, value, form, times: (hits.get(key)?.times ?? 0) + 1 });
    });
    return (piece) => {
      seen.bytes += piece.length;
      read(piece);
    };
  };

  // One for all files, which are read one after the other.
  const buffer = Buffer.alloc(pace === null ? PIECE_BYTES : PACED_PIECE_BYTES);
  const file = async (path: string, place: string): Promise<void> => {
    const read = reader(place);
    try {
      const handle = await open(path, 'r');
      try {
        for (;;) {
          const { bytesRead } = await handle.read(buffer, 0, buffer.length, null);
          if (bytesRead === 0) break;
          read(buffer.subarray(0, bytesRead));
          await pace?.(bytesRead);
        }
      } finally {
        await handle.close();
      }
    } catch (fault) {
      if (fault instanceof SearchStopped) throw fault;
      // Databases take files away while they are read; what is gone holds nothing.
      if ((fault as NodeJS.ErrnoException).code !== 'ENOENT') unread.push(place);
    }
  };

  /** Behind links too: parts of a folder may lie on another disk. `seen`: folders by their real paths, since links can lead round in a ring. */
  const folder = async (path: string, place: string, seen: Set<string>): Promise<void> => {
    let real: string;
    let entries: Dirent[];
    try {
      real = await realpath(path);
      entries = await readdir(real, { withFileTypes: true });
    } catch (fault) {
      // One that was taken away since it was listed holds nothing.
      if (seen.size === 0 || (fault as NodeJS.ErrnoException).code !== 'ENOENT') unread.push(place);
      return;
    }
    if (seen.has(real)) return;
    seen.add(real);
    for (const entry of entries) {
      const [full, named] = [join(real, entry.name), `${place}/${entry.name}`];
      // The names of files can hold a value as well.
      reader(`${place} (names)`)(Buffer.from(`${named}\n`));
      const kind = entry.isSymbolicLink() ? await stat(full).catch(() => null) : entry;
      if (kind === null) unread.push(named);
      else if (kind.isDirectory()) await folder(full, named, seen);
      else if (kind.isFile()) await file(full, named);
    }
  };

  return {
    text: (place: string, text: string | Uint8Array): void => reader(place)(typeof text === 'string' ? Buffer.from(text, 'utf8') : text),
    pieces: (place: string): ((piece: string | Uint8Array) => void) => {
      const read = reader(place);
      return (piece) => read(typeof piece === 'string' ? Buffer.from(piece, 'utf8') : piece);
    },
    file,
    folder: (path: string, place: string): Promise<void> => folder(path, place, new Set()),
    unreadable: (place: string): void => void unread.push(place),
    result: (): Searched => ({
      hits: [...hits.values()],
      places: [...places].map(([place, seen]) => ({ place, ...seen })),
      unread,
    }),
  };
}

export type Search = ReturnType<typeof createSearch>;
