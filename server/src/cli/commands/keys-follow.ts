// A job over keys on the running server: begun, followed until it ends, and asked about first when it destroys something.

import { isObject, type JsonObject } from '#core';
import type { Context } from '../command.ts';
import { EXIT, type ExitCode } from '../exit-codes.ts';
import { printAnswer, printFacts, printJson, visible } from '../print.ts';

const POLL_MS = 300;
export const YES = { name: '--yes', value: null, doc: 'Do not ask.' } as const;

export const part = (body: JsonObject, name: string): JsonObject => (isObject(body[name] ?? null) ? (body[name] as JsonObject) : {});

/** Begins it on the server, says how far it is, and how it ended. */
export async function followKeys(context: Context, path: string, body: JsonObject = {}): Promise<ExitCode> {
  const control = await context.control();
  const begun = await control.call('POST', path, body);
  if (begun.status >= 400) return printAnswer(context, begun, () => undefined);
  let said = '';
  for (;;) {
    const answer = await control.call('GET', '/api/data-keys');
    if (answer.status >= 400) return printAnswer(context, answer, () => undefined);
    const state = isObject(answer.body) ? answer.body : {};
    if (isObject(state.running ?? null)) {
      const running = state.running as JsonObject;
      const line = `${String(running.step)}: ${String(running.done)} ${running.kind === 're-encrypt' ? 'values' : 'keys'}`;
      if (line !== said) context.io.err(line);
      said = line;
      await new Promise((resolve) => setTimeout(resolve, POLL_MS));
      continue;
    }
    const last = part(state, 'last');
    if (context.json) printJson(context, last);
    else if (last.ok === true) printFacts(context, part(last, 'report'));
    if (last.ok === true) return EXIT.done;
    context.io.err(`${String(last.code ?? 'CONTROL_FAULT')}: ${visible(String(last.sentence ?? 'Look at: sallyport keys status'))}`);
    return EXIT.no;
  }
}

export async function agreed(context: Context, question: string): Promise<boolean> {
  if (context.parsed.options['--yes'] === true) return true;
  const answer = await context.io.ask(`${question} Type yes: `);
  if (answer?.trim() === 'yes') return true;
  context.io.err('Nothing was done.');
  return false;
}
