// One planted breach for each lint ban that keeps a promise of the architecture, and files that must stay unreported.

export interface LintPlant {
  /** Biome's category. */
  readonly rule: string;
  readonly path: string;
  readonly source: string;
}

const GLOBALS = 'lint/style/noRestrictedGlobals';

const globalPlant = (path: string, expression: string): LintPlant => ({
  rule: GLOBALS,
  path,
  source: `export const planted = ${expression};`,
});

export const LINT_PLANTS: readonly LintPlant[] = [
  globalPlant('server/src/gateway/planted-fetch.ts', "() => fetch('https://example.com')"),
  globalPlant('server/src/main/planted-fetch.ts', "() => fetch('https://example.com')"),
  globalPlant('server/src/cli/planted-fetch.ts', "() => fetch('https://example.com')"),
  globalPlant('server/src/gateway/planted-global-this.ts', "() => globalThis.fetch('https://example.com')"),
  globalPlant('server/src/main/planted-global-this.ts', "() => globalThis.fetch('https://example.com')"),
  globalPlant('server/src/gateway/planted-socket.ts', "new WebSocket('wss://example.com')"),
  globalPlant('server/src/gateway/planted-eval.ts', "(text: string) => new Function('x', text)"),
  globalPlant('server/src/gateway/planted-crypto.ts', 'crypto.randomUUID()'),
  globalPlant('server/src/gateway/planted-process.ts', '() => process.exit(1)'),
  globalPlant('console/src/screens/planted-fetch.ts', "() => fetch('/api')"),
  globalPlant('demo/planted-process.ts', '() => process.exit(1)'),
  globalPlant('server/src/dlp/planted-buffer.ts', "Buffer.from('x')"),
  globalPlant('server/src/core/planted-timer.ts', '() => setTimeout(() => undefined, 1)'),
  globalPlant('server/src/policy/planted-clock.ts', 'performance.now()'),
  { rule: 'lint/style/noProcessEnv', path: 'server/src/gateway/planted-env.ts', source: 'export const planted = process.env.HOME;' },
  {
    rule: 'lint/correctness/noNodejsModules',
    path: 'server/src/guardrails/planted-node.ts',
    source: "export { readFileSync } from 'node:fs';\nimport { join } from 'node:path';\nexport const planted = join;",
  },
  {
    rule: 'lint/correctness/noNodejsModules',
    path: 'server/src/connectors/planted-node.ts',
    source: "import { join } from 'node:path';\nexport const planted = join;",
  },
  { rule: 'lint/style/noDefaultExport', path: 'server/src/gateway/planted-default.ts', source: 'export default 1;' },
  { rule: 'lint/suspicious/noExplicitAny', path: 'server/src/gateway/planted-any.ts', source: 'export const planted = (x: any) => x;' },
  { rule: 'lint/suspicious/noConsole', path: 'server/src/gateway/planted-console.ts', source: "console.log('planted');" },
  {
    rule: 'lint/suspicious/noTsIgnore',
    path: 'server/src/gateway/planted-ignore.ts',
    source: '// @ts-ignore: planted\nexport const planted: number = 1;',
  },
  {
    rule: 'lint/suspicious/noFocusedTests',
    path: 'server/src/gateway/planted.test.ts',
    source: `import { it } from 'vitest';\nit.${'only'}('planted', () => undefined);`,
  },
  {
    rule: 'lint/nursery/noFloatingPromises',
    path: 'server/src/gateway/planted-promise.ts',
    source: 'const work = async () => 1;\nexport function planted() {\n  work();\n}',
  },
];

export const LINT_CLEAN: Readonly<Record<string, string>> = {
  'server/src/main/clean.ts': 'export const clean = process.env.HOME;\n',
  'server/src/dlp/clean.test.ts':
    "import { readFileSync } from 'node:fs';\nexport const clean = [readFileSync, process.env.HOME, fetch];\n",
  'demo/clean.ts': "export const clean = () => fetch('http://127.0.0.1:4800');\n",
  'console/src/api/client.ts': "export const clean = () => fetch('/api');\n",
  'vitest.config.ts': 'export default {};\n',
};
