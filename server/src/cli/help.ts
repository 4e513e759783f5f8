// Help texts and the CLI page of the docs, from the table of commands.

import type { Command } from './command.ts';

export function overview(commands: readonly Command[]): string {
  const names = commands.map((command) => `${command.name} ${command.positional}`.trim());
  const width = Math.max(...names.map((name) => name.length));
  return [
    'sallyport <command> [options]',
    '',
    ...commands.map((command, index) => `  ${(names[index] as string).padEnd(width)}  ${command.summary}`),
    '',
    'Every command takes --json (one JSON document on standard output) and --help.',
    'Exit codes: 0 done, 1 the answer is no, 2 bad usage, 3 unreadable input, 4 refused, 5 server not reachable, 70 a bug.',
  ].join('\n');
}

export function helpOf(command: Command): string {
  const options = command.options.map(
    (option) => `  ${option.name}${option.value === null ? '' : ` ${option.value}`}\n      ${option.doc}`,
  );
  return [
    `sallyport ${`${command.name} ${command.positional}`.trim()} [options]`,
    '',
    command.summary,
    ...(options.length === 0 ? [] : ['', ...options]),
  ].join('\n');
}

export function cliMarkdown(commands: readonly Command[]): string {
  const sections = commands.map((command) => {
    const options = command.options.map(
      (option) => `| \`${option.name}${option.value === null ? '' : ` ${option.value}`}\` | ${option.doc} |`,
    );
    const table = options.length === 0 ? [] : ['', '| option | meaning |', '|---|---|', ...options];
    return [`## \`sallyport ${`${command.name} ${command.positional}`.trim()}\``, '', command.summary, ...table, ''].join('\n');
  });
  return sections.join('\n');
}
