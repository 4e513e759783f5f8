// The `lint` suite: proves that every ban in biome.json still reports its planted breach, then lints the real tree.
// Warnings fail as errors do. A linter that looked at nothing fails.

import { spawnSync } from 'node:child_process';
import { globSync, mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { createRequire } from 'node:module';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { finish } from '../suites/report.ts';
import { LINT_CLEAN, LINT_PLANTS } from './plants.ts';

const root = join(import.meta.dirname, '../..');
const biome = createRequire(import.meta.url).resolve('@biomejs/biome/bin/biome');
const MIN_SHARE = 0.9;

interface Diagnostic {
  readonly category: string;
  readonly severity: string;
  readonly message: string;
  readonly location: { readonly path: string; readonly start: { readonly line: number } };
}

interface LintResult {
  readonly summary: { readonly unchanged: number; readonly changed: number };
  readonly diagnostics: readonly Diagnostic[];
}

function lint(folder: string): LintResult {
  const { stdout, stderr } = spawnSync(process.execPath, [biome, 'lint', '--reporter=json', '--max-diagnostics=none', '.'], {
    cwd: folder,
    encoding: 'utf8',
    maxBuffer: 64 * 1024 * 1024,
  });
  try {
    return JSON.parse(stdout) as LintResult;
  } catch (cause) {
    throw new Error(`the linter gave no report: ${stderr.slice(0, 2000)}`, { cause });
  }
}

function canaryFaults(): string[] {
  const folder = mkdtempSync(join(tmpdir(), 'sallyport-lint-'));
  const write = (path: string, text: string): void => {
    mkdirSync(dirname(join(folder, path)), { recursive: true });
    writeFileSync(join(folder, path), text);
  };
  try {
    const config = JSON.parse(readFileSync(join(root, 'biome.json'), 'utf8')) as Record<string, unknown>;
    write('biome.json', JSON.stringify({ ...config, $schema: undefined, vcs: { enabled: false } }));
    for (const plant of LINT_PLANTS) write(plant.path, `${plant.source}\n`);
    for (const [path, text] of Object.entries(LINT_CLEAN)) write(path, text);
    const { diagnostics } = lint(folder);
    const isReported = (path: string, rule: string): boolean =>
      diagnostics.some(
        (diagnostic) => diagnostic.location.path === path && diagnostic.category === rule && diagnostic.severity === 'error',
      );
    return [
      ...LINT_PLANTS.filter((plant) => !isReported(plant.path, plant.rule)).map(
        (plant) => `canary: ${plant.rule} did not report ${plant.path}`,
      ),
      ...diagnostics
        .filter((diagnostic) => LINT_CLEAN[diagnostic.location.path] !== undefined)
        .map((diagnostic) => `canary: ${diagnostic.location.path} is clean but ${diagnostic.category} reported it`),
    ];
  } finally {
    rmSync(folder, { recursive: true, force: true });
  }
}

const canary = canaryFaults();
const { summary, diagnostics } = lint(root);
const files = globSync('{server,demo,console,testkit,tools,bench}/**/*.{ts,tsx}', {
  cwd: root,
  exclude: (name) => name === 'node_modules',
}).length;
const looked = summary.unchanged + summary.changed;
const blind = looked < files * MIN_SHARE ? [`looked at ${looked} files, but there are ${files}`] : [];
const faults = diagnostics.filter((diagnostic) => diagnostic.severity !== 'info' && diagnostic.severity !== 'information');

finish({
  passed: faults.length + canary.length + blind.length === 0 ? 1 : 0,
  failures: [
    ...canary,
    ...blind,
    ...faults.map(({ location, category, message }) => `${location.path}:${location.start.line} ${message} [${category}]`),
  ],
  notes: [`${LINT_PLANTS.length} planted breaches, ${looked} files looked at`],
});
