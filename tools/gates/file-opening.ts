// Every source file says at its top what it decides or owns. Tests say it in their names; a front door that only re-exports
// is described by its room's README.

import type { Gate } from './gate.ts';
import { isSource, isTest } from './tree.ts';

const REEXPORTS_ONLY = /^(\s*export\s+(type\s+)?(\*|\{[^}]*\})\s+from\s+'[^']+';?\s*)+$/;
const OPENING = /^(#![^\n]*\n)?\s*(\/\/|\/\*)/;

export const fileOpening: Gate = {
  name: 'file-opening',
  sentence: 'Each source file opens with a comment: what it decides or owns, and what it must never do.',
  inspect(tree) {
    const files = tree.files.filter((path) => isSource(path) && !isTest(path));
    const failures = files
      .filter((path) => {
        const text = tree.read(path);
        return !OPENING.test(text) && !(path.endsWith('/index.ts') && REEXPORTS_ONLY.test(text));
      })
      .map((path) => `${path} does not open with a comment`);
    return { looked: files.length, failures };
  },
};
