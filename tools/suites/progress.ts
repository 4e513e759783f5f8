// A reporter that notes what began and what ended, a line each, so that a run that had to be stopped can say what it was doing.
// Loaded by the test runner; it decides nothing.

import { appendFileSync } from 'node:fs';
import { relative } from 'node:path';

/** Name of the environment variable with the file to write to. */
export const PROGRESS_FILE = 'SALLYPORT_SUITE_PROGRESS';

interface Module {
  readonly moduleId: string;
}

interface Case {
  readonly fullName: string;
  readonly module: Module;
}

const nameOf = (module: Module): string => relative(process.cwd(), module.moduleId);

// biome-ignore lint/style/noDefaultExport: the test runner loads a reporter by the default export of its file
export default class Progress {
  readonly #file: string | undefined = process.env[PROGRESS_FILE];

  #note(...words: readonly string[]): void {
    if (this.#file !== undefined) appendFileSync(this.#file, `${JSON.stringify(words)}\n`);
  }

  onTestModuleStart(module: Module): void {
    this.#note('begin', nameOf(module));
  }

  onTestModuleEnd(module: Module): void {
    this.#note('end', nameOf(module));
  }

  onTestCaseReady(test: Case): void {
    this.#note('begin', `${nameOf(test.module)} > ${test.fullName}`);
  }

  onTestCaseResult(test: Case): void {
    this.#note('end', `${nameOf(test.module)} > ${test.fullName}`);
  }
}

/** What had begun and not ended, oldest first, of a text that may break off anywhere. */
export function stillOpen(text: string): readonly string[] {
  const open = new Set<string>();
  for (const line of text.split('\n')) {
    const [what, name] = wordsOf(line);
    if (name === undefined) continue;
    if (what === 'begin') open.add(name);
    if (what === 'end') open.delete(name);
  }
  return [...open];
}

function wordsOf(line: string): readonly string[] {
  try {
    return JSON.parse(line) as readonly string[];
  } catch {
    return [];
  }
}
