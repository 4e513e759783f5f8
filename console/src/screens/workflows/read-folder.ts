// Reads chosen files as the bundle of a workflow: paths inside the folder, UTF-8 text only, bounded before anything is read.

import { strings } from '../../strings/en.ts';

export interface Folder {
  readonly files: Readonly<Record<string, string>>;
  /** Files whose path begins with a dot somewhere; they are not part of it. */
  readonly skipped: readonly string[];
  readonly fault: string | null;
}

/** What the server takes, too. */
const MAX_BYTES = 256 * 1024;
const text = strings.workflows;

/** The folder itself is not part of the path; files chosen one by one have none. */
const pathOf = (file: File): string => file.webkitRelativePath.split('/').slice(1).join('/') || file.name;
const isHidden = (path: string): boolean => path.split('/').some((part) => part.startsWith('.'));

export async function readFolder(chosen: readonly File[]): Promise<Folder> {
  const skipped = chosen.map(pathOf).filter(isHidden);
  const kept = chosen.filter((file) => !isHidden(pathOf(file)));
  if (kept.reduce((total, file) => total + file.size, 0) > MAX_BYTES) return { files: {}, skipped, fault: text.tooLarge };
  const files: Record<string, string> = {};
  for (const file of kept) {
    try {
      // Strict: bytes that are not text must not silently become other bytes, and so another hash. `ignoreBOM` keeps every byte.
      files[pathOf(file)] = new TextDecoder('utf-8', { fatal: true, ignoreBOM: true }).decode(await file.arrayBuffer());
    } catch {
      return { files, skipped, fault: text.notText(pathOf(file)) };
    }
  }
  return { files, skipped, fault: null };
}
