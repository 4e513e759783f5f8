// The inventory of cryptography names every file that uses a keyed function, and no file that does not exist.

import { existsSync, globSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { expect, it } from 'vitest';

const root = join(import.meta.dirname, '../..');
const page = readFileSync(join(root, 'docs/cryptography.md'), 'utf8');
const named = new Set([...page.matchAll(/`((?:server|console)\/[\w/.-]+\.ts)`/g)].map(([, path = '']) => path));
const KEYED =
  /\b(?:createHmac|createCipheriv|createDecipheriv|generateKeyPairSync|hkdfSync|createSecretKey|createPrivateKey)\(|\b(?:sign|verify)\((?:null|'sha256')|crypto\.subtle/;

it('names every file with a keyed function', () => {
  const files = globSync(['server/src/**/*.ts', 'console/src/**/*.ts'], { cwd: root }).filter(
    (path) => !/\.test\.ts$|\/test\//.test(path) && KEYED.test(readFileSync(join(root, path), 'utf8')),
  );
  expect(files.length).toBeGreaterThan(15);
  expect(files.filter((path) => !named.has(path.replaceAll('\\', '/')))).toEqual([]);
});

it('names no file that is not there', () => {
  expect([...named].filter((path) => !existsSync(join(root, path)))).toEqual([]);
});
