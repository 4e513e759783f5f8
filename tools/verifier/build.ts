// Joins the parts of the offline verifier into the one file that is released and put into packs: `node tools/verifier/build.ts` writes it;
// with --check it says whether it was written after the last change. Strips types and the imports between parts; changes nothing else.

import { execFileSync } from 'node:child_process';
import { mkdirSync, readFileSync, writeFileSync } from 'node:fs';
import { stripTypeScriptTypes } from 'node:module';
import { dirname, join } from 'node:path';

const ROOT = join(import.meta.dirname, '../..');
const SOURCES = join(ROOT, 'server/src/audit/verifier');
export const VERIFIER_FILE = join(SOURCES, 'generated/sallyport-verify.mjs');
const ENTRY = 'sallyport-verify.ts';

const IMPORT = /^import (?<what>[^;]*?) from '(?<from>[^']+)';\n/gm;
const HEADER = `#!/usr/bin/env node
// sallyport-verify: checks an export of a Sallyport audit log, offline. Needs Node 20 or newer and nothing else.
// Made from server/src/audit/verifier of the Sallyport sources by tools/verifier/build.ts. Licence: Apache-2.0.
`;

/** The parts in an order in which each stands after those it imports. */
function partsFrom(entry: string, seen: Set<string> = new Set()): string[] {
  if (seen.has(entry)) return [];
  seen.add(entry);
  const text = readFileSync(join(SOURCES, entry), 'utf8');
  const below = [...text.matchAll(IMPORT)].flatMap((found) => {
    const from = found.groups?.from ?? '';
    return from.startsWith('./') ? partsFrom(from.slice(2), seen) : [];
  });
  return [...below, entry];
}

function namesOf(what: string): { whole: string | null; named: string[] } {
  const [, whole = null, list = ''] = /^(?:(\w+),? ?)?(?:\{([^}]*)\})?$/.exec(what.replace(/\s+/g, ' ').trim()) ?? [];
  const named = list.split(',').map((name) => name.trim());
  return { whole, named: named.filter((name) => name !== '' && !name.startsWith('type ')) };
}

/** The verifier in one file. */
export function buildVerifier(): string {
  const wanted = new Map<string, { whole: string | null; named: Set<string> }>();
  const bodies = partsFrom(ENTRY).map((part) => {
    const text = readFileSync(join(SOURCES, part), 'utf8');
    for (const { groups } of text.matchAll(IMPORT)) {
      const { what = '', from = '' } = groups ?? {};
      if (from.startsWith('./') || what.startsWith('type ')) continue;
      if (!from.startsWith('node:')) throw new Error(`${part} imports ${from}; the verifier may import node: modules only`);
      const { whole, named } = namesOf(what);
      const known = wanted.get(from) ?? { whole: null, named: new Set() };
      wanted.set(from, { whole: whole ?? known.whole, named: new Set([...known.named, ...named]) });
    }
    const own = text.replace(IMPORT, '').replace(/^export (?=(async )?function|const|class)/gm, '');
    return stripTypeScriptTypes(own, { mode: 'strip' });
  });
  const imports = [...wanted].sort().map(([from, { whole, named }]) => {
    const list = named.size === 0 ? [] : [`{ ${[...named].sort().join(', ')} }`];
    return `import ${[...(whole === null ? [] : [whole]), ...list].join(', ')} from '${from}';\n`;
  });
  const joined = `${HEADER}\n${imports.join('')}\n${bodies.join('\n')}\nexport { main, verifyPack };\n`;
  const biome = join(ROOT, 'node_modules/@biomejs/biome/bin/biome');
  return execFileSync(process.execPath, [biome, 'format', '--stdin-file-path=sallyport-verify.mjs'], {
    cwd: ROOT,
    input: joined,
    encoding: 'utf8',
  });
}

if (process.argv[1] === import.meta.filename) {
  const built = buildVerifier();
  if (process.argv[2] === '--check') {
    if (readFileSync(VERIFIER_FILE, 'utf8') !== built) {
      console.log('The released verifier is older than its sources: run node tools/verifier/build.ts.');
      process.exitCode = 1;
    }
  } else {
    mkdirSync(dirname(VERIFIER_FILE), { recursive: true });
    writeFileSync(VERIFIER_FILE, built);
  }
}
