// Help texts and the CLI page of the docs, from the table of commands.

import type { OptionSpec } from './arguments.ts';
import type { Command } from './command.ts';

/** What every command takes. */
export const COMMON: readonly OptionSpec[] = [
  { name: '--json', value: null, doc: 'One JSON document on standard output.' },
  { name: '--help', value: null, doc: 'Say what the command does.' },
  { name: '--reason', value: 'TEXT', doc: 'Why; kept sealed beside the event of what the command changes.' },
  { name: '--tenant', value: 'NAME', doc: 'The tenant the command is for, where an agency’s staff has access to more than its own.' },
  { name: '--secrets-dir', value: 'DIR', doc: 'Where the running server keeps its key files and the command-line credential.' },
];

const shown = ({ name, value }: OptionSpec): string => `${name}${value === null ? '' : ` ${value}`}`;
const described = (options: readonly OptionSpec[]): readonly string[] => options.map((option) => `  ${shown(option)}\n      ${option.doc}`);
const alsoTaken = `Every command also takes ${COMMON.map(shown).join(', ')}.`;

export function overview(commands: readonly Command[]): string {
  const names = commands.map((command) => `${command.name} ${command.positional}`.trim());
  const width = Math.max(...names.map((name) => name.length));
  return [
    'sallyport <command> [options]',
    '',
    ...commands.map((command, index) => `  ${(names[index] as string).padEnd(width)}  ${command.summary}`),
    '',
    'Every command takes:',
    ...described(COMMON),
    'Exit codes: 0 done, 1 the answer is no, 2 bad usage, 3 unreadable input, 4 refused, 5 server not reachable, 70 a bug.',
  ].join('\n');
}

/** What the words begin, one line a command; nothing where no command begins so. */
export function beginningWith(commands: readonly Command[], words: readonly string[]): readonly string[] {
  const begin = (name: string): boolean => words.length > 0 && words.every((word, index) => name.split(' ')[index] === word);
  return commands
    .filter(({ name }) => begin(name))
    .map(({ name, positional, summary }) => `  ${`sallyport ${name} ${positional}`.trim()}\n      ${summary}`);
}

export function helpOf(command: Command): string {
  const options = described(command.options);
  return [
    `sallyport ${`${command.name} ${command.positional}`.trim()} [options]`,
    '',
    command.summary,
    ...(options.length === 0 ? [] : ['', ...options]),
    '',
    alsoTaken,
  ].join('\n');
}

export function cliMarkdown(commands: readonly Command[]): string {
  const sections = commands.map((command) => {
    const options = command.options.map((option) => `| \`${shown(option)}\` | ${option.doc} |`);
    const table = options.length === 0 ? [] : ['', '| option | meaning |', '|---|---|', ...options];
    return [`## \`sallyport ${`${command.name} ${command.positional}`.trim()}\``, '', command.summary, ...table, ''].join('\n');
  });
  return sections.join('\n');
}
