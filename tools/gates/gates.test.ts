// Each gate is shown a planted fault it must report and a clean case it must let pass.

import { describe, expect, it } from 'vitest';
import { codeTables } from './code-tables.ts';
import { decisions, dependencyTable, glossary, tableRows, testCommands } from './documents.ts';
import { fileOpening } from './file-opening.ts';
import { fileSize } from './file-size.ts';
import { type Gate, judge } from './gate.ts';
import { labelRules } from './label-rules.ts';
import { dependencyBudget, exactPins, lockfile } from './lockfile.ts';
import { roomShape } from './room-shape.ts';
import { GATES } from './table.ts';
import { machinePaths, switchedOffTests, unfinishedWork } from './tidy-text.ts';
import { treeOf } from './tree.ts';

const failuresOf = (gate: Gate, texts: Readonly<Record<string, string>>): readonly string[] => judge(gate, treeOf(texts)).failures;
const lines = (count: number): string => '// A line.\n'.repeat(count);

describe('every gate', () => {
  it('has its own name and a sentence', () => {
    expect(new Set(GATES.map((gate) => gate.name)).size).toBe(GATES.length);
    for (const gate of GATES) expect(gate.sentence).toMatch(/^[A-Z].*\.$/);
  });

  it('fails when it looked at nothing', () => {
    const blind: Gate = { name: 'blind', sentence: 'Nothing.', inspect: () => ({ looked: 0, failures: [] }) };
    expect(judge(blind, treeOf({})).failures).toEqual(['looked at nothing']);
  });

  it('fails when it can not run', () => {
    expect(failuresOf(codeTables, { 'server/src/core/a.ts': 'const = ;' })).toEqual([
      'could not run: server/src/core/a.ts can not be parsed',
    ]);
  });
});

describe('label-rules', () => {
  const said = (text: string): readonly string[] => failuresOf(labelRules, { 'server/src/workflows/a.ts': text });

  it('[D6] refuses a label that is changed or written down outside of the named rules', () => {
    expect(said("const a = { ...TRUSTED_CONSTANT, integrity: 'staff' };")).toHaveLength(1);
    expect(said('const a = { ...WORST, readers: self };')).toHaveLength(1);
    expect(said("const a: Label = {\n  integrity: 'staff',\n  pii,\n  readers: 'public',\n  subject: none,\n};")).toHaveLength(1);
  });

  it('accepts a join, a named rule, the lattice itself and a test', () => {
    expect(said("const a = join(b, labelBy('person_decided', {\n  readers: c,\n  subject: d,\n}));")).toEqual([]);
    const own = {
      'server/src/core/labels.ts': 'x = { ...WORST };',
      'server/src/core/a.test.ts': 'x = { ...WORST };',
      'server/src/core/b.ts': '',
    };
    expect(failuresOf(labelRules, own)).toEqual([]);
  });
});

describe('file-size', () => {
  it('refuses 501 lines and accepts 500', () => {
    expect(failuresOf(fileSize, { 'server/src/core/a.ts': lines(500) })).toEqual([]);
    expect(failuresOf(fileSize, { 'server/src/core/a.ts': lines(501) })).toHaveLength(1);
  });

  it('notes more than 300 lines', () => {
    expect(judge(fileSize, treeOf({ 'a.ts': lines(301), 'b.ts': lines(300) })).notes).toEqual([
      'a.ts has 301 lines; look for the second idea',
    ]);
  });

  it('does not look at vectors', () => {
    expect(failuresOf(fileSize, { 'a.ts': '', 'test/vectors/b.ts': lines(900) })).toEqual([]);
  });
});

describe('file-opening', () => {
  it('refuses a file that opens with code', () => {
    expect(failuresOf(fileOpening, { 'server/src/core/a.ts': "import { b } from './b.ts';\n" })).toHaveLength(1);
  });

  it('accepts a comment, a comment after #!, a test, and a front door that only re-exports', () => {
    const texts = {
      'a.ts': '// Owns a.\nexport const a = 1;\n',
      'bin/b.js': '#!/usr/bin/env node\n// Starts b.\n',
      'c.test.ts': "import { it } from 'vitest';\n",
      'server/src/core/index.ts': "export * from './a.ts';\nexport type { B } from './b.ts';\nexport { c, d } from './c.ts';\n",
    };
    expect(failuresOf(fileOpening, texts)).toEqual([]);
  });

  it('refuses a front door that holds code', () => {
    expect(failuresOf(fileOpening, { 'server/src/core/index.ts': "export * from './a.ts';\nexport const b = 1;\n" })).toHaveLength(1);
  });
});

describe('room-shape', () => {
  const room = { 'server/src/vault/index.ts': '', 'server/src/vault/README.md': '# vault\n' };

  it('accepts a room with a front door and a short README', () => {
    expect(failuresOf(roomShape, room)).toEqual([]);
  });

  it('refuses a missing README, a long README, a missing front door and an unknown room', () => {
    expect(failuresOf(roomShape, { 'server/src/vault/index.ts': '' })).toEqual(['server/src/vault has no README.md']);
    expect(failuresOf(roomShape, { ...room, 'server/src/vault/README.md': 'x\n'.repeat(26) })).toHaveLength(1);
    expect(failuresOf(roomShape, { 'server/src/vault/README.md': '' })).toEqual(['server/src/vault has no front door index.ts']);
    expect(failuresOf(roomShape, { 'server/src/helpers/index.ts': '', 'server/src/helpers/README.md': '' })).toEqual([
      'server/src/helpers is not in the table of rooms',
    ]);
    expect(failuresOf(roomShape, { ...room, 'server/src/entry.ts': '', 'server/src/loose.ts': '' })).toEqual([
      'server/src/loose.ts lies in no room',
    ]);
  });
});

describe('code-tables', () => {
  const table = (code: string): string => `export const codes = { ${code}: { kind: 'refusal', status: 403, sentence: 'No.' } };`;

  it('accepts a code of the own table and of a table below', () => {
    const texts = {
      'server/src/policy/errors.ts': table('POLICY_NO_RULE'),
      'server/src/vault/errors.ts': table('VAULT_CLOSED'),
      'server/src/vault/open.ts': "refuse(isOld ? 'VAULT_CLOSED' : 'POLICY_NO_RULE', 'No.');",
    };
    expect(failuresOf(codeTables, texts)).toEqual([]);
  });

  it.each([
    ["refuse('VAULT_LOST', 'No.')"],
    ["throw new SallyportError('VAULT_LOST', 'No.')"],
    ["refuse(isOld ? 'VAULT_CLOSED' : 'VAULT_LOST', 'No.')"],
    ['refuse(`VAULT_LOST`, reason)'],
  ])('refuses the unknown code in %s', (source) => {
    const texts = { 'server/src/vault/errors.ts': table('VAULT_CLOSED'), 'server/src/vault/open.ts': source };
    expect(failuresOf(codeTables, texts)).toEqual([
      'server/src/vault/open.ts raises VAULT_LOST, which is not in server/src/vault/errors.ts',
    ]);
  });

  it('refuses a code of a room above, and one that stands in two tables', () => {
    const above = {
      'server/src/gateway/errors.ts': table('GATEWAY_BODY_BAD'),
      'server/src/vault/open.ts': "refuse('GATEWAY_BODY_BAD', 'No.')",
    };
    expect(failuresOf(codeTables, above)).toHaveLength(1);
    const twice = { 'server/src/gateway/errors.ts': table('SAME_CODE'), 'server/src/vault/errors.ts': table('SAME_CODE') };
    expect(failuresOf(codeTables, twice)).toEqual(['SAME_CODE stands in the tables of both gateway and vault']);
  });
});

describe('machine-paths', () => {
  it.each(['work', 'farm', 'builds'])('refuses /%s/', (folder) => {
    expect(failuresOf(machinePaths, { 'docs/a.md': `see /${folder}/main/a.ts` })).toEqual(['docs/a.md:1 names a path of a machine']);
  });

  it('refuses home folders', () => {
    expect(failuresOf(machinePaths, { 'a.ts': `'/${'home'}/alice/x'` })).toHaveLength(1);
    expect(failuresOf(machinePaths, { 'a.ts': `'/${'Users'}/alice/x'` })).toHaveLength(1);
  });

  it('accepts addresses and relative paths', () => {
    expect(failuresOf(machinePaths, { 'a.ts': "'https://example.com/work/orders' + '../work/x' + './home/y'" })).toEqual([]);
  });
});

describe('unfinished-work', () => {
  it.each([`// ${'TO'}DO later`, `// ${'FIX'}ME`, `throw new Error('not ${'implemented'}')`])('refuses %s in product code', (line) => {
    expect(failuresOf(unfinishedWork, { 'a.ts': `const a = 1;\n${line}` })).toEqual(['a.ts:2 marks unfinished work']);
  });

  it('accepts words that only contain a marker', () => {
    expect(failuresOf(unfinishedWork, { 'a.ts': 'const mastodons = HACKNEY;' })).toEqual([]);
  });
});

describe('switched-off-tests', () => {
  it.each([`it.${'skip'}('a')`, `describe.${'only'}('a')`, `test.concurrent.${'todo'}('a')`, `x${'it'}('a')`])('refuses %s', (line) => {
    expect(failuresOf(switchedOffTests, { 'a.test.ts': line })).toHaveLength(1);
  });

  it('accepts a test that says at run time what it lacks', () => {
    expect(failuresOf(switchedOffTests, { 'a.test.ts': "ctx.skip('no data'); it.skipIf(isMissing)('a', run); list.only();" })).toEqual([]);
  });
});

describe('exact-pins', () => {
  it.each(['^1.2.3', '~1.2.3', '1.x', 'latest', '>=1', 'git+https://example.com/a.git', '*', ''])('refuses %j', (version) => {
    expect(failuresOf(exactPins, { 'package.json': JSON.stringify({ dependencies: { a: version } }) })).toHaveLength(1);
  });

  it('accepts exact versions', () => {
    const manifest = { dependencies: { a: '1.2.3' }, optionalDependencies: { b: '18.4.0-beta.17' }, peerDependencies: { c: '>=1' } };
    expect(failuresOf(exactPins, { 'demo/package.json': JSON.stringify(manifest) })).toEqual([]);
  });
});

describe('the budget of dependencies [J9]', () => {
  const lock = (count: number, entry: object): Record<string, string> => ({
    'package-lock.json': JSON.stringify({
      packages: Object.fromEntries(Array.from({ length: count }, (_, index) => [`node_modules/p${index}`, entry])),
    }),
  });

  it('refuses more packages than it allows, and more of them beside the running product', () => {
    expect(failuresOf(dependencyBudget, lock(160, {}))).toEqual([]);
    expect(failuresOf(dependencyBudget, lock(161, {}))).toHaveLength(1);
    expect(failuresOf(dependencyBudget, lock(400, { dev: true }))).toEqual([]);
    expect(failuresOf(dependencyBudget, lock(401, { dev: true }))).toHaveLength(1);
  });
});

describe('lockfile', () => {
  const npmrc = { '.npmrc': 'ignore-scripts=true\nomit-lockfile-registry-resolved=true\nsave-exact=true\n' };
  const lock = (entry: object): Record<string, string> => ({
    'package-lock.json': JSON.stringify({ packages: { '': {}, 'node_modules/a': entry } }),
  });

  it('accepts checksums and links', () => {
    expect(failuresOf(lockfile, { ...npmrc, ...lock({ version: '1.0.0', integrity: 'sha512-x' }) })).toEqual([]);
    expect(failuresOf(lockfile, { ...npmrc, ...lock({ resolved: 'server', link: true }) })).toEqual([]);
  });

  it('refuses a download address, a missing checksum and missing settings', () => {
    expect(failuresOf(lockfile, { ...npmrc, ...lock({ resolved: 'https://example.com/a.tgz', integrity: 'sha512-x' }) })).toHaveLength(1);
    expect(failuresOf(lockfile, { ...npmrc, ...lock({ version: '1.0.0' }) })).toHaveLength(1);
    expect(failuresOf(lockfile, lock({ integrity: 'sha512-x' }))).toHaveLength(3);
  });
});

describe('documents', () => {
  const row = (name: string): string => `| \`${name}\` | it | not ours | MIT | 1 MB | someone |`;
  const head = '| package | for | why | licence | size | who |\n|---|---|---|---|---|---|\n';
  const manifest = { 'package.json': JSON.stringify({ dependencies: { a: '1.0.0', '@sallyport/demo': '0.1.0' } }) };

  it('reads rows without heads and rules', () => {
    expect(tableRows(`# T\n\n${head}${row('a')}\n\ntext`)).toEqual([['`a`', 'it', 'not ours', 'MIT', '1 MB', 'someone']]);
  });

  it('accepts a full row for each dependency', () => {
    expect(failuresOf(dependencyTable, { ...manifest, 'docs/dependencies.md': head + row('a') })).toEqual([]);
  });

  it('refuses a dependency without a row, a row without a dependency, a double row and an empty cell', () => {
    const failures = (text: string): readonly string[] => failuresOf(dependencyTable, { ...manifest, 'docs/dependencies.md': head + text });
    expect(failures('')).toHaveLength(1);
    expect(failures(`${row('a')}\n${row('b')}`)).toHaveLength(1);
    expect(failures(`${row('a')}\n${row('a')}`)).toHaveLength(1);
    expect(failures(row('a').replace('MIT', ''))).toHaveLength(1);
  });

  it('refuses a script or a README without the two test commands', () => {
    const both = { '.ci/run': 'npm ci && npm test', 'README.md': 'Run `npm ci && npm test`.' };
    expect(failuresOf(testCommands, both)).toEqual([]);
    expect(failuresOf(testCommands, { ...both, 'README.md': 'Run the tests.' })).toHaveLength(1);
    expect(failuresOf(testCommands, { ...both, '.ci/run': 'npm test' })).toHaveLength(1);
    expect(failuresOf(testCommands, { 'README.md': both['README.md'] })).toEqual(['there is no .ci/run']);
  });

  it('asks for no row for the peers of benches', () => {
    expect(
      failuresOf(dependencyTable, {
        ...manifest,
        'bench/peers/package.json': '{"dependencies":{"peer":"1.0.0"}}',
        'docs/dependencies.md': head + row('a'),
      }),
    ).toEqual([]);
  });

  it('[J9] refuses a glossary with a word defined twice, not at all, or with too many words', () => {
    const words = (...names: readonly string[]): string =>
      `| Word | Meaning |\n|---|---|\n${names.map((name) => `| ${name} | It. |`).join('\n')}`;
    const failures = (text: string): readonly string[] => failuresOf(glossary, { 'docs/glossary.md': text });
    expect(failures(words('Run', 'Step'))).toEqual([]);
    expect(failures(words('Run', 'run'))).toHaveLength(1);
    expect(failures('| Word | Meaning |\n|---|---|\n| Run | |')).toHaveLength(1);
    expect(failures(words(...Array.from({ length: 21 }, (_, index) => `W${index}`)))).toHaveLength(1);
  });

  it('refuses a decision out of order or without its four parts', () => {
    const page = '# A\n\n## Context\n\nx\n\n## Choice\n\nx\n\n## Rejected\n\nx\n\n## Consequences\n\nx\n';
    expect(failuresOf(decisions, { 'docs/adr/0001-a.md': page })).toEqual([]);
    expect(failuresOf(decisions, { 'docs/adr/0002-a.md': page })).toHaveLength(1);
    expect(failuresOf(decisions, { 'docs/adr/0001-a.md': page.replace('## Rejected', '') })).toHaveLength(1);
    expect(failuresOf(decisions, { 'docs/adr/0001-a.md': page + 'x\n'.repeat(60) })).toHaveLength(1);
  });
});
