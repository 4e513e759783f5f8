// Three gates over the words of files: no path of somebody's machine, no marker of unfinished work, no test that is switched off.
// The words looked for are put together from pieces, so that this file does not report itself.

import type { Gate } from './gate.ts';
import { isSource, isTest, type Tree } from './tree.ts';

const TEXT =
  /\.(ts|tsx|js|mjs|cjs|json|jsonc|md|yaml|yml|toml|sh|css|html|sql|cedar|cedarschema)$|(^|\/)[^./]+$|(^|\/)\.[a-z]+$|^\.ci\/run$/;
const MACHINE_FOLDERS = ['work', 'farm', 'builds', 'workspace'];
const MACHINE_PATH = new RegExp(`(^|[^A-Za-z0-9_.~}-])(/(${MACHINE_FOLDERS.join('|')})/|/(home|Users)/[a-z][\\w.-]*/|[A-Z]:\\\\Users\\\\)`);
const UNFINISHED_WORDS = [
  ['TO', 'DO'],
  ['FIX', 'ME'],
  ['X', 'XX'],
  ['HA', 'CK'],
].map((pieces) => pieces.join(''));
const UNFINISHED_PHRASES = [
  ['not', 'implemented'],
  ['coming', 'soon'],
  ['placeholder', 'implementation'],
].map((words) => words.join(' '));
const UNFINISHED = new RegExp(`\\b(${UNFINISHED_WORDS.join('|')})\\b|(${UNFINISHED_PHRASES.join('|')})`);
const SWITCHED_OFF = /\b(?:it|test|describe|suite|bench)(?:\.\w+)*\.(?:skip|only|todo)\b|\bx(?:it|describe)\(/;

function linesWith(tree: Tree, files: readonly string[], pattern: RegExp, fault: string): readonly string[] {
  return files.flatMap((path) =>
    tree
      .read(path)
      .split('\n')
      .flatMap((line, index) => (pattern.test(line) ? [`${path}:${index + 1} ${fault}`] : [])),
  );
}

export const machinePaths: Gate = {
  name: 'machine-paths',
  sentence: 'No file names an absolute path of the machine it was written on.',
  inspect(tree) {
    const files = tree.files.filter((path) => TEXT.test(path));
    return { looked: files.length, failures: linesWith(tree, files, MACHINE_PATH, 'names a path of a machine') };
  },
};

export const unfinishedWork: Gate = {
  name: 'unfinished-work',
  sentence: 'Product code holds no marker of unfinished work: finish it, or open an issue.',
  inspect(tree) {
    const files = tree.files.filter((path) => (isSource(path) && !isTest(path)) || path === '.ci/run');
    return { looked: files.length, failures: linesWith(tree, files, UNFINISHED, 'marks unfinished work') };
  },
};

export const switchedOffTests: Gate = {
  name: 'switched-off-tests',
  sentence: 'No test is skipped, focused or only planned; a test that lacks its data says so at run time by ctx.skip(note).',
  inspect(tree) {
    const files = tree.files.filter(isTest);
    return { looked: files.length, failures: linesWith(tree, files, SWITCHED_OFF, 'switches a test off') };
  },
};
