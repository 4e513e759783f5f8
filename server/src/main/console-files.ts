// The built console, read once at the start. Without a build there is none, and the start says so.

import { existsSync, readdirSync, readFileSync } from 'node:fs';
import { extname, join } from 'node:path';
import type { ConsoleFile } from '#control';

const DIST = join(import.meta.dirname, '../../../console/dist');
const TYPES: Readonly<Record<string, string>> = {
  '.html': 'text/html; charset=utf-8',
  '.js': 'text/javascript; charset=utf-8',
  '.css': 'text/css; charset=utf-8',
  '.svg': 'image/svg+xml',
  '.png': 'image/png',
  '.woff2': 'font/woff2',
};

export function loadConsoleFiles(folder: string = DIST): ReadonlyMap<string, ConsoleFile> | null {
  if (!existsSync(join(folder, 'index.html'))) return null;
  const files = new Map<string, ConsoleFile>();
  for (const entry of readdirSync(folder, { recursive: true, withFileTypes: true })) {
    const type = TYPES[extname(entry.name)];
    if (!entry.isFile() || type === undefined) continue;
    const file = join(entry.parentPath, entry.name);
    const path = file.slice(folder.length).replaceAll('\\', '/');
    files.set(path, { body: readFileSync(file), type, immutable: path.startsWith('/assets/') });
  }
  return files;
}
