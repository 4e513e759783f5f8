// `sallyport keys where`: where plain text exists, as the running server finds it: each place and each way, its state, what it is known by.

import type { JsonObject, JsonValue } from '#core';
import type { Command, Context } from '../command.ts';
import { EXIT } from '../exit-codes.ts';
import { printAnswer, rowsOf, visible } from '../print.ts';

const STATES: Readonly<Record<string, string>> = {
  sealed: 'sealed',
  nothing: 'nothing of anybody',
  clear_to_recipient: 'in clear to whoever may see it',
  clear_here: 'in clear, on this machine only',
  clear: 'in clear',
  absent: 'not there',
};
const BY: Readonly<Record<string, string>> = { setting: 'set', measured: 'measured', product: 'built so' };

const said = (value: JsonValue | undefined): string => (typeof value === 'string' ? visible(value) : '');
const textsOf = (value: JsonValue | undefined): readonly string[] =>
  Array.isArray(value) ? value.filter((one): one is string => typeof one === 'string') : [];

function printOne(context: Context, name: string, one: JsonObject): void {
  context.io.out(`${name}: ${STATES[said(one.state)] ?? said(one.state)}`);
  for (const { grade, text } of rowsOf(one.warnings)) context.io.out(`  ${grade === 'fault' ? 'FAULT ' : 'advice'}  ${said(text)}`);
  for (const { by, text } of rowsOf(one.evidence)) context.io.out(`  ${BY[said(by)] ?? said(by)}: ${said(text)}`);
  for (const { why, columns } of rowsOf(one.inClear))
    context.io.out(`  not sealed, ${said(why)}: ${textsOf(columns).map(visible).join(', ')}`);
  for (const { dataClass, handling, count } of rowsOf(one.classes))
    context.io.out(`  went there: ${said(dataClass)}, ${said(handling)}, ${String(count)} times`);
}

/** A place by its kind, and its name where it has one. */
const nameOf = ({ kind, name }: JsonObject): string => `${said(kind).replaceAll('_', ' ')}${name === null ? '' : ` ${said(name)}`}`;

function print(context: Context, body: JsonObject): void {
  const places = rowsOf(body.places);
  const names = new Map(places.map((one) => [said(one.id), nameOf(one)]));
  for (const one of places) printOne(context, nameOf(one), one);
  context.io.out('');
  for (const one of rowsOf(body.hops)) printOne(context, `${names.get(said(one.from)) ?? ''} -> ${names.get(said(one.to)) ?? ''}`, one);
}

export const keysWhere: Command = {
  name: 'keys where',
  summary: 'Where plain text exists: each place that holds data and each way between, from the settings and state of the running server.',
  positional: '',
  options: [{ name: '--check', value: null, doc: 'Exit code 1 when something of it must be mended.' }],
  run: async (context) => {
    const answer = await (await context.control()).call('GET', '/api/data/plain-text');
    const code = printAnswer(context, answer, (body) => print(context, body));
    if (code !== EXIT.done || context.parsed.options['--check'] !== true) return code;
    const body = answer.body as JsonObject;
    const isFault = [...rowsOf(body.places), ...rowsOf(body.hops)].some((one) =>
      rowsOf(one.warnings).some(({ grade }) => grade === 'fault'),
    );
    return isFault ? EXIT.no : EXIT.done;
  },
};
