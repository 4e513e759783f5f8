// Writes the generated pages of the docs; with --check only says which differ, and exits 1 when any does.

import { readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { generatedPages } from './pages.ts';

const FOLDER = join(import.meta.dirname, '../../docs');

export function stalePages(): readonly string[] {
  return Object.entries(generatedPages()).flatMap(([name, text]) => (read(name) === text ? [] : [name]));
}

function read(name: string): string | null {
  try {
    return readFileSync(join(FOLDER, name), 'utf8');
  } catch {
    return null;
  }
}

if (import.meta.main) {
  const stale = stalePages();
  if (process.argv.includes('--check')) {
    if (stale.length > 0) console.error(`Stale pages: ${stale.join(', ')}. Run node tools/docs/generate.ts.`);
    process.exitCode = stale.length === 0 ? 0 : 1;
  } else {
    for (const [name, text] of Object.entries(generatedPages())) writeFileSync(join(FOLDER, name), text);
    console.log(stale.length === 0 ? 'Nothing changed.' : `Wrote ${stale.join(', ')}.`);
  }
}
