// Joins the command line with the commands that main carries out, and hands both the process.

import { readFile, writeFile } from 'node:fs/promises';
import { createInterface } from 'node:readline/promises';
import { type Io, runCommandLine } from './cli/index.ts';
import { SallyportError } from './core/index.ts';
import { mainCommands } from './main/index.ts';

/** Input files of commands are manifests, keys and packs' checkpoints. */
const MAX_INPUT_CHARS = 8 * 1024 * 1024;

export function run(argv: readonly string[]): Promise<number> {
  return runCommandLine(argv, processIo(), mainCommands);
}

function processIo(): Io {
  return {
    out: (text) => void process.stdout.write(`${text}\n`),
    err: (text) => void process.stderr.write(`${text}\n`),
    write: (chunk) => new Promise((resolve, reject) => process.stdout.write(chunk, (error) => (error ? reject(error) : resolve()))),
    readFile: async (path) => {
      try {
        const text = await readFile(path === '-' ? '/dev/stdin' : path, 'utf8');
        if (text.length <= MAX_INPUT_CHARS) return text;
      } catch (cause) {
        throw new SallyportError('CLI_INPUT_UNREADABLE', `${path} can not be read.`, { cause });
      }
      throw new SallyportError('CLI_INPUT_UNREADABLE', `${path} is too large.`);
    },
    writeFile: async (path, text) => {
      await writeFile(path, text).catch((cause: unknown) => {
        throw new SallyportError('CLI_OUTPUT_UNWRITABLE', `${path} can not be written.`, { cause });
      });
    },
    ask: async (question) => {
      if (process.stdin.isTTY !== true) return null;
      const lines = createInterface({ input: process.stdin, output: process.stderr });
      try {
        return await lines.question(question);
      } finally {
        lines.close();
      }
    },
  };
}
