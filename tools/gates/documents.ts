// Gates over documents that a reader relies on: the table of dependencies, the glossary and the decisions.

import type { Gate } from './gate.ts';
import { type PackageFile, packageFiles } from './lockfile.ts';
import type { Tree } from './tree.ts';

const DEPENDENCIES = 'docs/dependencies.md';
const GLOSSARY = 'docs/glossary.md';
const DEPENDENCY_COLUMNS = 6;
const MAX_CONCEPTS = 20;
const DECISION_PARTS = ['## Context', '## Choice', '## Rejected', '## Consequences'];
const MAX_DECISION_LINES = 60;

/** Cells of the rows of all Markdown tables in a text, without head and rule. */
export function tableRows(text: string): readonly (readonly string[])[] {
  const lines = text.split('\n');
  return lines.flatMap((line, index) => {
    const isRow = line.startsWith('|') && !/^\|[\s:|-]+\|$/.test(line) && !/^\|[\s:|-]+\|$/.test(lines[index + 1] ?? '');
    return isRow
      ? [
          line
            .slice(1, line.lastIndexOf('|'))
            .split('|')
            .map((cell) => cell.trim()),
        ]
      : [];
  });
}

function twice(names: readonly string[]): readonly string[] {
  return [...new Set(names.filter((name, index) => names.indexOf(name) !== index))];
}

function declaredPackages(tree: Tree): readonly string[] {
  // Peers are programs the benches compare with; they are listed with the benches.
  const manifests = packageFiles(tree)
    .filter((path) => !/(^|\/)peers\//.test(path))
    .map((path) => JSON.parse(tree.read(path)) as PackageFile);
  const names = manifests.flatMap((manifest) =>
    Object.keys({ ...manifest.dependencies, ...manifest.devDependencies, ...manifest.optionalDependencies }),
  );
  return [...new Set(names)].filter((name) => !name.startsWith('@sallyport/'));
}

export const dependencyTable: Gate = {
  name: 'dependency-table',
  sentence: `Each dependency has one full row in ${DEPENDENCIES}, and each row is a dependency.`,
  inspect(tree) {
    const declared = declaredPackages(tree);
    const rows = tree.files.includes(DEPENDENCIES) ? tableRows(tree.read(DEPENDENCIES)) : [];
    const listed = rows.flatMap((row) => [...(row[0] ?? '').matchAll(/`([^`]+)`/g)].map(([, name = '']) => name));
    return {
      looked: declared.length,
      failures: [
        ...declared.filter((name) => !listed.includes(name)).map((name) => `${name} has no row in ${DEPENDENCIES}`),
        ...listed.filter((name) => !declared.includes(name)).map((name) => `${DEPENDENCIES} lists ${name}, which no package.json asks for`),
        ...twice(listed).map((name) => `${name} stands twice in ${DEPENDENCIES}`),
        ...rows
          .filter((row) => row.length !== DEPENDENCY_COLUMNS || row.some((cell) => cell === ''))
          .map((row) => `the row of ${row[0] ?? '?'} in ${DEPENDENCIES} has an empty or missing cell`),
      ],
    };
  },
};

const CI_SCRIPT = '.ci/run';
const TEST_COMMANDS = 'npm ci && npm test';

export const testCommands: Gate = {
  name: 'test-commands',
  sentence: `Continuous integration runs what the README tells people to run: \`${TEST_COMMANDS}\`.`,
  inspect(tree) {
    const places = [CI_SCRIPT, 'README.md'].filter((path) => tree.files.includes(path));
    const lacking = places
      .filter((path) => !tree.read(path).includes(TEST_COMMANDS))
      .map((path) => `${path} does not say \`${TEST_COMMANDS}\``);
    return { looked: places.length, failures: places.includes(CI_SCRIPT) ? lacking : [...lacking, `there is no ${CI_SCRIPT}`] };
  },
};

export const glossary: Gate = {
  name: 'glossary',
  sentence: `The glossary has at most ${MAX_CONCEPTS} concepts, each with one definition.`,
  inspect(tree) {
    const rows = tree.files.includes(GLOSSARY) ? tableRows(tree.read(GLOSSARY)) : [];
    const concepts = rows.map((row) => (row[0] ?? '').toLowerCase());
    return {
      looked: rows.length,
      failures: [
        ...(concepts.length > MAX_CONCEPTS ? [`${GLOSSARY} has ${concepts.length} concepts; the most is ${MAX_CONCEPTS}`] : []),
        ...twice(concepts).map((name) => `${GLOSSARY} defines ${name} twice`),
        ...rows.filter((row) => (row[1] ?? '') === '').map((row) => `${GLOSSARY} does not define ${row[0] ?? '?'}`),
      ],
    };
  },
};

export const decisions: Gate = {
  name: 'decisions',
  sentence: `Decisions are numbered without gaps, one page each, with context, choice, rejected and consequences.`,
  inspect(tree) {
    const files = tree.files.filter((path) => /^docs\/adr\/\d{4}-[a-z0-9-]+\.md$/.test(path));
    const failures = files.flatMap((path, index) => {
      const text = tree.read(path);
      const number = String(index + 1).padStart(4, '0');
      const lines = text.trimEnd().split('\n').length;
      return [
        ...(path.startsWith(`docs/adr/${number}-`) ? [] : [`${path} should have the number ${number}`]),
        ...DECISION_PARTS.filter((part) => !text.includes(`\n${part}\n`)).map((part) => `${path} lacks "${part}"`),
        ...(lines > MAX_DECISION_LINES ? [`${path} has ${lines} lines; one page is at most ${MAX_DECISION_LINES}`] : []),
      ];
    });
    return { looked: files.length, failures };
  },
};
