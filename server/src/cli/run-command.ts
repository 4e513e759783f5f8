// Runs one command line against a list of commands, to its exit code. Errors are printed here, once, with their code.
// Loads no command itself, so that a command which needs no server starts without the rooms of one.

import { SallyportError } from '#core';
import { parseArguments } from './arguments.ts';
import type { Command, Context, Control, Io, MainCommands } from './command.ts';
import { EXIT, type ExitCode } from './exit-codes.ts';
import { beginningWith, COMMON, helpOf, overview } from './help.ts';

const EXIT_OF_CODE: Readonly<Record<string, ExitCode>> = {
  CLI_USAGE: EXIT.usage,
  CLI_OUTPUT_EXISTS: EXIT.usage,
  CLI_OUTPUT_UNWRITABLE: EXIT.unreadable,
  CLI_INPUT_UNREADABLE: EXIT.unreadable,
  AUDIT_PACK_UNREADABLE: EXIT.unreadable,
  AUDIT_ROLLED_BACK: EXIT.no,
  AUDIT_FORKED: EXIT.no,
  AUDIT_KEY_NOT_HANDED_OVER: EXIT.no,
  AUDIT_CHECKPOINT_UNSIGNED: EXIT.no,
  AUDIT_RESTORE_UNPROVEN: EXIT.no,
  MAIN_NOT_SIGNED_IN: EXIT.unreachable,
  MAIN_USAGE: EXIT.usage,
  EGRESS_CONNECT_FAILED: EXIT.unreachable,
  // A folder given with --ner is input like a file.
  MAIN_NER_FILE: EXIT.unreadable,
  MAIN_NER_MODEL: EXIT.unreadable,
  DLP_NER_TOKENIZER: EXIT.unreadable,
  DLP_NER_LABELS: EXIT.unreadable,
  MAIN_NER_RUNTIME: EXIT.usage,
  MAIN_CONFIG_INVALID: EXIT.usage,
  MAIN_CONFIG_UNREADABLE: EXIT.unreadable,
};

/** `main` is null where no command of the list asks for it. */
export async function runCommand(
  commands: readonly Command[],
  argv: readonly string[],
  io: Io,
  main: MainCommands | null,
): Promise<ExitCode> {
  const asked = argv.filter((argument) => !argument.startsWith('--'));
  const command = find(commands, asked);
  if (command === null) return unknown(commands, argv, asked, io);
  if (argv.includes('--help')) {
    io.out(helpOf(command));
    return EXIT.done;
  }
  try {
    const known = command.options.map((option) => option.name);
    const parsed = parseArguments(argv, [...command.options, ...COMMON.filter((option) => !known.includes(option.name))]);
    const needed = (): MainCommands => {
      if (main === null) throw new Error('a command without a server asked for one');
      return main;
    };
    let control: Promise<Control> | null = null;
    const context: Context = {
      io,
      parsed,
      json: parsed.options['--json'] === true,
      get main() {
        return needed();
      },
      control: () => {
        control ??= needed().connect(parsed);
        return control;
      },
    };
    return await command.run(context);
  } catch (error) {
    return report(io, error);
  }
}

function unknown(commands: readonly Command[], argv: readonly string[], asked: readonly string[], io: Io): ExitCode {
  const begun = beginningWith(commands, asked);
  const wantsHelp = asked.length === 0 || asked[0] === 'help' || (begun.length > 0 && argv.includes('--help'));
  if (begun.length > 0) {
    if (!wantsHelp) io.err('CLI_USAGE: no whole command; these begin so:');
    for (const line of begun) (wantsHelp ? io.out : io.err)(line);
  } else
    (wantsHelp ? io.out : io.err)(wantsHelp ? overview(commands) : `CLI_USAGE: unknown command. \`sallyport help\` lists the commands.`);
  return wantsHelp ? EXIT.done : EXIT.usage;
}

function find(commands: readonly Command[], words: readonly string[]): Command | null {
  const named = [...commands].sort((left, right) => right.name.length - left.name.length);
  return named.find((command) => command.name.split(' ').every((part, index) => words[index] === part)) ?? null;
}

function report(io: Io, error: unknown): ExitCode {
  if (error instanceof SallyportError) {
    io.err(`${error.code}: ${error.message}`);
    return EXIT_OF_CODE[error.code] ?? (error.code.endsWith('_UNREADABLE') ? EXIT.unreadable : EXIT.refused);
  }
  // Whoever reads has read enough (`| head`).
  if (error instanceof Error && 'code' in error && error.code === 'EPIPE') return EXIT.done;
  io.err(`CLI_BUG: ${error instanceof Error ? (error.stack ?? error.message) : 'an unknown error'}`);
  return EXIT.bug;
}
