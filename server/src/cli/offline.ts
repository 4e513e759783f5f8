// The second door of this room: commands that read files and write results, and need no server, no database and no network.
// Loads only what those need, so that they start at once.

import type { Command, Io } from './command.ts';
import { classifyCommands } from './commands/classify.ts';
import { scanCommands } from './commands/scan.ts';
import { tokenizeCommands } from './commands/tokenize.ts';
import type { ExitCode } from './exit-codes.ts';
import { runCommand } from './run-command.ts';

export { readBytes, readLines } from './read-lines.ts';

const offlineCommands: readonly Command[] = [...scanCommands, ...classifyCommands, ...tokenizeCommands];

/** Whether the words name one of them whole. */
export function isOffline(argv: readonly string[]): boolean {
  const words = argv.filter((argument) => !argument.startsWith('--'));
  return offlineCommands.some(({ name }) => name.split(' ').every((part, index) => words[index] === part));
}

export function runOffline(argv: readonly string[], io: Io): Promise<ExitCode> {
  return runCommand(offlineCommands, argv, io, null);
}
