// Splits a command line into words and options. Every option a command takes is declared; an unknown one is an error.

import { SallyportError } from '#core';

export interface OptionSpec {
  readonly name: string;
  /** `null` for a switch, else the name of its value in help texts. */
  readonly value: string | null;
  readonly doc: string;
  readonly repeat?: boolean;
}

export interface Parsed {
  readonly words: readonly string[];
  readonly options: Readonly<Record<string, string | boolean | readonly string[]>>;
}

export function parseArguments(argv: readonly string[], specs: readonly OptionSpec[]): Parsed {
  const byName = new Map(specs.map((spec) => [spec.name, spec]));
  const words: string[] = [];
  const options: Record<string, string | boolean | string[]> = {};
  for (let at = 0; at < argv.length; at++) {
    const argument = argv[at] as string;
    if (!argument.startsWith('--') || argument === '--') {
      if (argument !== '--') words.push(argument);
      continue;
    }
    const [name = '', inline] = splitOnce(argument);
    const spec = byName.get(name);
    if (spec === undefined) throw usage(`Unknown option ${name.slice(0, 60)}.`);
    if (spec.value === null) {
      if (inline !== undefined) throw usage(`Option ${name} takes no value.`);
      options[name] = true;
      continue;
    }
    const value = inline ?? argv[++at];
    if (value === undefined) throw usage(`Option ${name} needs a value: ${spec.value}.`);
    if (spec.repeat === true) options[name] = [...((options[name] as string[] | undefined) ?? []), value];
    else options[name] = value;
  }
  return { words, options };
}

export function text(parsed: Parsed, name: string): string | null {
  const value = parsed.options[name];
  return typeof value === 'string' ? value : null;
}

export function texts(parsed: Parsed, name: string): readonly string[] {
  const value = parsed.options[name];
  return Array.isArray(value) ? value : [];
}

export function required(parsed: Parsed, name: string): string {
  const value = text(parsed, name);
  if (value === null) throw usage(`Option ${name} is needed.`);
  return value;
}

export function word(parsed: Parsed, index: number, what: string): string {
  const value = parsed.words[index];
  if (value === undefined) throw usage(`Name the ${what}.`);
  return value;
}

export function usage(message: string): SallyportError {
  return new SallyportError('CLI_USAGE', message);
}

function splitOnce(argument: string): [string, string | undefined] {
  const at = argument.indexOf('=');
  return at === -1 ? [argument, undefined] : [argument.slice(0, at), argument.slice(at + 1)];
}
