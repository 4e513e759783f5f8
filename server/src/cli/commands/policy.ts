// `sallyport policy print data`: the written data policy, made from the rules that run. With a server the tenant's own; without, the defaults.

import {
  type DataClass,
  type DataPolicyChoice,
  DESTINATION_KINDS,
  dataPolicy,
  dataPolicyText,
  HANDLINGS,
  type Handling,
  isDataClass,
  isObject,
  type JsonObject,
  type JsonValue,
  type RetentionText,
  SallyportError,
  UNSURE_HANDLINGS,
  type UnsureHandling,
} from '#core';
import type { Command, Context } from '../command.ts';
import { EXIT, type ExitCode } from '../exit-codes.ts';
import { printAnswer, printJson, rowsOf, visible } from '../print.ts';

const NO_SERVER: ReadonlySet<string> = new Set(['MAIN_NOT_SIGNED_IN', 'EGRESS_CONNECT_FAILED']);

async function answers(context: Context, path: string): Promise<{ status: number; body: JsonValue } | null> {
  try {
    const control = await context.control();
    return await control.call('GET', path);
  } catch (fault) {
    if (fault instanceof SallyportError && NO_SERVER.has(fault.code)) return null;
    throw fault;
  }
}

const isHandling = (value: unknown): value is Handling => (HANDLINGS as readonly unknown[]).includes(value);

const isUnsure = (value: unknown): value is UnsureHandling => (UNSURE_HANDLINGS as readonly unknown[]).includes(value);

/** What a tenant’s matrix says, cell by cell, in the form the text is made from. */
export function choicesOf(body: JsonValue): Partial<Record<DataClass, DataPolicyChoice>> {
  const { classes, cells } = isObject(body) ? body : {};
  const byClass = new Map<DataClass, readonly JsonObject[]>();
  for (const cell of rowsOf(cells)) if (isDataClass(cell.class)) byClass.set(cell.class, [...(byClass.get(cell.class) ?? []), cell]);
  const choices: Partial<Record<DataClass, DataPolicyChoice>> = {};
  for (const { class: name, unsure } of rowsOf(classes)) {
    if (!isDataClass(name)) continue;
    const own = byClass.get(name) ?? [];
    const isKind = ({ destination }: JsonObject): boolean => (DESTINATION_KINDS as readonly unknown[]).includes(destination);
    choices[name] = {
      handling: Object.fromEntries(
        own.flatMap((cell) => (isKind(cell) && isHandling(cell.handling) ? [[cell.destination, cell.handling]] : [])),
      ),
      exceptions: own.flatMap((cell) =>
        !isKind(cell) && cell.from === 'integration' && isHandling(cell.handling)
          ? [{ destination: String(cell.destination), handling: cell.handling }]
          : [],
      ),
      trials: own.flatMap((cell) => (isHandling(cell.trial) ? [{ destination: String(cell.destination), handling: cell.trial }] : [])),
      ...(isUnsure(unsure) ? { unsure } : {}),
    };
  }
  return choices;
}

const NO_RULES: RetentionText = { rules: [], places: {} };

/** What this tenant set for retention; null where it may not be seen, which is said. */
function retentionOf(answer: { readonly status: number; readonly body: JsonValue } | null): RetentionText | null {
  if (answer === null) return NO_RULES;
  if (answer.status >= 400 || !isObject(answer.body)) return null;
  const { rules, places } = answer.body;
  const named = (value: JsonValue | undefined): string | null => (typeof value === 'string' ? visible(value) : null);
  return {
    rules: rowsOf(rules).flatMap(({ dataClass, place, purpose, minutes }) =>
      typeof minutes === 'number' ? [{ dataClass: named(dataClass), place: named(place), purpose: named(purpose), minutes }] : [],
    ),
    places: Object.fromEntries(
      Object.entries(isObject(places) ? places : {}).flatMap(([place, days]) => (typeof days === 'number' ? [[place, days]] : [])),
    ),
  };
}

async function printData(context: Context): Promise<ExitCode> {
  const matrix = context.parsed.options['--defaults'] === true ? null : await answers(context, '/api/data/matrix');
  if (matrix !== null && matrix.status >= 400) return printAnswer(context, matrix, () => undefined);
  const rows = dataPolicy(matrix === null ? {} : choicesOf(matrix.body));
  const source = matrix === null ? 'defaults' : 'server';
  const retention = retentionOf(matrix === null ? null : await answers(context, '/api/retention'));
  if (retention === null) context.io.err('The rules of retention can not be shown to you; how long a class is kept is the default.');
  if (context.json) {
    const kept = retention === null ? null : { rules: retention.rules.map((rule) => ({ ...rule })), places: { ...retention.places } };
    printJson(context, { source, classes: rows as unknown as readonly JsonObject[], retention: kept });
  } else
    await context.io.write(
      dataPolicyText(
        rows,
        matrix === null
          ? 'Data policy: the defaults of the product (no server was asked).'
          : 'Data policy, as this installation enforces it now.',
        retention ?? NO_RULES,
      ),
    );
  return EXIT.done;
}

export const policyCommands: readonly Command[] = [
  {
    name: 'policy print data',
    summary:
      'The written data policy, made from the rules that run: each class, its handling per destination, when unsure, how long it is kept.',
    positional: '',
    options: [{ name: '--defaults', value: null, doc: 'The defaults of the product, without asking a server.' }],
    run: printData,
  },
];
