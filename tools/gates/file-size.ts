// Keeps files short enough to be read in one sitting. Vectors and generated files are not looked at.

import type { Gate } from './gate.ts';
import { isSource } from './tree.ts';

const MAX_LINES = 500;
const LONG_LINES = 300;

export const fileSize: Gate = {
  name: 'file-size',
  sentence: `No source file has more than ${MAX_LINES} lines; over ${LONG_LINES}, look for the second idea.`,
  inspect(tree) {
    const files = tree.files.filter(isSource);
    const failures: string[] = [];
    const notes: string[] = [];
    for (const path of files) {
      const lines = tree.read(path).trimEnd().split('\n').length;
      if (lines > MAX_LINES) failures.push(`${path} has ${lines} lines; the most is ${MAX_LINES}`);
      else if (lines > LONG_LINES) notes.push(`${path} has ${lines} lines; look for the second idea`);
    }
    return { looked: files.length, failures, notes };
  },
};
