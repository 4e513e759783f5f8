// Runs one command line to its exit code, over the whole table of commands.

import type { Io, MainCommands } from './command.ts';
import { commandTable } from './commands/index.ts';
import type { ExitCode } from './exit-codes.ts';
import { runCommand } from './run-command.ts';

export { type OptionSpec, type Parsed, texts } from './arguments.ts';
export { compareTenants } from './authz/differential.ts';
export { judge, runMatrix, type Send } from './authz/matrix.ts';
export type { Control, Io, MainCommands } from './command.ts';
export { commandTable } from './commands/index.ts';
export { cliCodes } from './errors.ts';
export { EXIT, type ExitCode } from './exit-codes.ts';
export { cliMarkdown } from './help.ts';

export function runCommandLine(argv: readonly string[], io: Io, main: MainCommands): Promise<ExitCode> {
  return runCommand(commandTable(main), argv, io, main);
}
