// The sentence a person approves by. Written by us from the checked arguments, never by the model: every argument is in it, quoted,
// bounded, with invisible characters made visible, so that nothing in a value can pass for our own words.

import { formatMoney, type JsonValue, type OperationSpec } from '#core';
import type { Facts } from './facts.ts';

/** Characters of one value that are shown; the rest is counted. */
const MAX_VALUE_CHARS = 120;

export function effectSentence(
  operation: OperationSpec,
  args: Readonly<Record<string, JsonValue>>,
  facts: Pick<Facts, 'amount' | 'targets'>,
): string {
  const shown = new Set<string>();
  const render = (name: string): string => {
    shown.add(name);
    const argument = operation.arguments.find((each) => each.name === name);
    if (argument?.role === 'secret') return '[secret]';
    if (argument?.money != null && facts.amount !== null) return formatMoney(facts.amount.requested);
    return Object.hasOwn(args, name) ? showValue(args[name] as JsonValue) : '(not given)';
  };
  const sentence = operation.sentence.replace(/\{([^{}]*)\}/g, (_, name: string) => render(name));
  const others = operation.arguments.filter((argument) => !shown.has(argument.name) && Object.hasOwn(args, argument.name));
  const rest = others.length === 0 ? '' : `; with ${others.map((argument) => `${argument.name} ${render(argument.name)}`).join(', ')}`;
  const unexplained = Object.entries(facts.targets).flatMap(([name, state]) => (state === 'unexplained' ? [name] : []));
  const warning = unexplained.length === 0 ? '' : ` No record of ours explains: ${unexplained.join(', ')}.`;
  return `${sentence}${rest}.${warning}`;
}

/** A value as a person may see it among our own words. */
export function showValue(value: JsonValue): string {
  return typeof value === 'string'
    ? quote(value)
    : Array.isArray(value)
      ? `[${showList(value)}]`
      : typeof value === 'object'
        ? quote(JSON.stringify(value))
        : String(value);
}

const MAX_LISTED = 12;

function showList(values: readonly JsonValue[]): string {
  const more = values.length - MAX_LISTED;
  return values.slice(0, MAX_LISTED).map(showValue).join(', ') + (more > 0 ? `, and ${more} more` : '');
}

// Control, format (bidi, zero-width, tags), surrogate, private-use and unassigned characters, odd spaces, line ends, and combining marks
// without a letter before them.
const INVISIBLE = /\p{C}|\p{Zl}|\p{Zp}|(?! )\p{Zs}|(?<!\p{L}\p{M}*)\p{M}/gu;

function quote(text: string): string {
  const points = [...text];
  const kept = points.slice(0, MAX_VALUE_CHARS).join('');
  const more = points.length - MAX_VALUE_CHARS;
  const visible = kept
    .replace(INVISIBLE, (char) => `⟨U+${(char.codePointAt(0) as number).toString(16).toUpperCase().padStart(4, '0')}⟩`)
    .replaceAll('“', '‹')
    .replaceAll('”', '›')
    .replaceAll('"', "'");
  return `“${visible}”${more > 0 ? ` (and ${more} more characters)` : ''}`;
}
