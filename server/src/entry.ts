// Joins the command line with the commands that main carries out, and hands both the process.

import { existsSync } from 'node:fs';
import { mkdtemp, open, readdir, readFile, rename, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { dirname, join, relative, sep } from 'node:path';
import { createInterface } from 'node:readline/promises';
import type { Io } from './cli/index.ts';
import { isOffline, readBytes, readLines, runOffline } from './cli/offline.ts';
import { SallyportError } from './core/index.ts';

/** Input files of commands are manifests, keys and packs' checkpoints. */
const MAX_INPUT_CHARS = 8 * 1024 * 1024;

export async function run(argv: readonly string[]): Promise<number> {
  // Whoever reads may stop before the end (`| head`): the rest is told to nobody, and is no fault.
  for (const stream of [process.stdout, process.stderr])
    stream.on('error', (fault: NodeJS.ErrnoException) => {
      if (fault.code !== 'EPIPE') throw fault;
    });
  if (isOffline(argv)) return runOffline(argv, processIo());
  // The rooms of a server take most of a second to load; a command that needs none does without.
  const [{ runCommandLine }, { mainCommands }] = await Promise.all([import('./cli/index.ts'), import('./main/index.ts')]);
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
    bytes: readBytes,
    lines: readLines,
    writeFile: async (path, text) => {
      await writeFile(path, text).catch((cause: unknown) => {
        throw new SallyportError('CLI_OUTPUT_UNWRITABLE', `${path} can not be written.`, { cause });
      });
    },
    saveFile,
    withTemporaryFile,
    unreadable: (path, cause) => new SallyportError('CLI_INPUT_UNREADABLE', `${path} can not be read.`, { cause }),
    readFolder,
    // Another thread and a runtime of its own: loaded by whoever names a model.
    openNames: async (folder) => (await import('./main/index.ts')).openModelThread(folder),
    ask: async (question) => {
      if (process.stdin.isTTY !== true) {
        process.stderr.write(`${question.trim()}\nStandard input is not a terminal, so nobody could be asked; --yes answers.\n`);
        return null;
      }
      const lines = createInterface({ input: process.stdin, output: process.stderr });
      try {
        return await lines.question(question);
      } finally {
        lines.close();
      }
    },
  };
}

const OWNER_ONLY = 0o600;
type Pieces = AsyncIterable<Uint8Array> | Iterable<Uint8Array>;

async function writePieces(path: string, pieces: Pieces): Promise<void> {
  const file = await open(path, 'wx', OWNER_ONLY);
  try {
    for await (const piece of pieces) await file.writeFile(piece);
    await file.sync();
  } finally {
    await file.close();
  }
}

/** A fault of the file system as one of ours; what the pieces threw stays as it is. */
function unwritable(path: string, cause: unknown): unknown {
  const isOfFile = cause instanceof Error && 'syscall' in cause;
  return isOfFile ? new SallyportError('CLI_OUTPUT_UNWRITABLE', `${path} can not be written.`, { cause }) : cause;
}

async function saveFile(path: string, pieces: () => Pieces, { replace }: { replace: boolean }): Promise<void> {
  if (!replace && existsSync(path)) throw new SallyportError('CLI_OUTPUT_EXISTS', `${path} exists; give --force to replace it.`);
  let folder: string | null = null;
  try {
    // Beside the target, so that it takes the name in one step.
    folder = await mkdtemp(join(dirname(path), '.sallyport-'));
    await writePieces(join(folder, 'draft'), pieces());
    await rename(join(folder, 'draft'), path);
  } catch (cause) {
    throw unwritable(path, cause);
  } finally {
    if (folder !== null) await rm(folder, { recursive: true, force: true });
  }
}

async function withTemporaryFile<T>(pieces: Pieces, use: (path: string) => Promise<T>): Promise<T> {
  const folder = await mkdtemp(join(tmpdir(), 'sallyport-'));
  try {
    const path = join(folder, 'file');
    await writePieces(path, pieces);
    return await use(path);
  } catch (cause) {
    throw unwritable(folder, cause);
  } finally {
    await rm(folder, { recursive: true, force: true });
  }
}

/** A bundle has at most 64 files; a folder with more than this is not one. */
const MAX_FOLDER_ENTRIES = 1_000;

async function readFolder(folder: string): Promise<Record<string, string>> {
  try {
    const entries = await readdir(folder, { recursive: true, withFileTypes: true });
    if (entries.length > MAX_FOLDER_ENTRIES) throw new Error('too many files');
    const files = entries.filter((entry) => entry.isFile()).map((entry) => join(entry.parentPath, entry.name));
    const texts = await Promise.all(files.map((file) => readFile(file, 'utf8')));
    if (texts.reduce((sum, text) => sum + text.length, 0) > MAX_INPUT_CHARS) throw new Error('too large');
    return Object.fromEntries(files.map((file, index) => [relative(folder, file).split(sep).join('/'), texts[index] as string]));
  } catch (cause) {
    throw new SallyportError('CLI_INPUT_UNREADABLE', `${folder} is not a readable folder of a workflow.`, { cause });
  }
}
