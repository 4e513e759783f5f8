#!/usr/bin/env node
// Builds the console and the pages of the documentation when there is no build, or one older than its sources; otherwise ends at once. Plain JavaScript, because the
// Node it is called by may not know TypeScript. A build that fails is said and does not keep the server from starting.

import { copyFileSync, existsSync, mkdirSync, readdirSync, readFileSync, statSync, writeFileSync } from 'node:fs';
import { createRequire } from 'node:module';
import { dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';

const ROOT = dirname(fileURLToPath(import.meta.url));
const PAGE = join(ROOT, 'dist', 'index.html');
const SOURCES = ['src', 'public', 'docs', '../docs', 'index.html', 'vite.config.ts', 'package.json', '../package-lock.json'];

function newestMs(path) {
  if (!existsSync(path)) return 0;
  const stat = statSync(path);
  if (!stat.isDirectory()) return stat.mtimeMs;
  return Math.max(0, ...readdirSync(path).map((name) => newestMs(join(path, name))));
}

async function build() {
  const isCurrent = existsSync(PAGE) && statSync(PAGE).mtimeMs >= Math.max(...SOURCES.map((source) => newestMs(join(ROOT, source))));
  if (isCurrent && !process.argv.includes('--force')) return;
  console.error('Building the console ...');
  // Whoever calls it, also a test: what is built is what people get.
  process.env.NODE_ENV = 'production';
  const { build: viteBuild } = await import('vite');
  await viteBuild({ root: ROOT, configFile: join(ROOT, 'vite.config.ts'), logLevel: 'warn' });
  await buildDocs();
}

async function buildDocs() {
  const { renderDocs } = await import('./docs/render.js');
  const style = (name) => readFileSync(join(ROOT, 'src/ui', name), 'utf8');
  const typeface = '@fontsource-variable/inter/files/';
  const fonts = style('fonts.css').replaceAll(typeface, '/docs/');
  const { texts, copies } = renderDocs(join(ROOT, '../docs'), `${fonts}\n${style('tokens.css')}`);
  const { resolve } = createRequire(import.meta.url);
  for (const [, file] of fonts.matchAll(/url\("\/docs\/([\w-]+\.woff2)"\)/g)) copies.set(`docs/${file}`, resolve(`${typeface}${file}`));
  const place = (path) => {
    const file = join(ROOT, 'dist', path);
    mkdirSync(dirname(file), { recursive: true });
    return file;
  };
  for (const [path, text] of texts) writeFileSync(place(path), text);
  for (const [path, from] of copies) copyFileSync(from, place(path));
}

const isOptional = !process.argv.includes('--force');
build().catch((fault) => {
  console.error(
    `The console could not be built (${fault instanceof Error ? fault.message : fault}). Run \`npm ci\`, then \`npm run build -w console\`.`,
  );
  process.exitCode = isOptional ? 0 : 1;
});
