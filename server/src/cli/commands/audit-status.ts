// `sallyport audit status`: how the ledger is, and whether it is still the one this user saw.

import { isObject, type JsonObject } from '#core';
import type { Command, Context } from '../command.ts';
import { EXIT } from '../exit-codes.ts';
import { printAnswer, printJson, printRows, rowsOf, visible } from '../print.ts';
import { type Followed, followLedger } from '../seen-ledger.ts';

const part = (body: JsonObject, name: string): JsonObject => (isObject(body[name]) ? body[name] : {});
const shown = (value: unknown): string => (value === null || value === undefined ? '-' : visible(String(value)));

function followedWords({ following, before }: Followed): string {
  if (following === 'nothing') return 'nothing is signed yet';
  if (following === 'first') return 'not seen before; remembered from now on';
  if (following === 'forgotten') return 'remembered anew, without comparing with what was seen before';
  return `continues what was seen ${before?.seenAt === '' ? 'before' : `at ${before?.seenAt}`}`;
}

function printStatus(context: Context, body: JsonObject, followed: Followed): void {
  const { out } = context.io;
  const health = part(body, 'health');
  const [sealing, verification] = [part(health, 'sealing'), part(health, 'verification')];
  const every = Number(verification.everyHours);
  out(`health        ${shown(health.state)}`);
  for (const one of rowsOf(health.problems))
    out(`              ${shown(one.state)} since ${shown(one.since)}: ${shown(one.sentence)} (${shown(one.code)})`);
  out(`events        ${shown(body.sealedEvents)} sealed, ${shown(body.unsealed)} not yet under a signature`);
  out(`checkpoint    size ${shown(sealing.signedSize)} of epoch ${shown(body.epoch)}, signed ${shown(sealing.signedAt)}`);
  out(
    `verified      ${verification.at === null ? 'never' : `${shown(verification.at)}: ${shown(verification.code)}`}, ${every === 0 ? 'not on schedule' : `every ${every} hours`}`,
  );
  out(`key           ${shown(body.verifierKey)}`);
  out(`remembered    ${followedWords(followed)}`);
  out('');
  const anchors = rowsOf(health.anchors).map((anchor) => ({ ...anchor, required: anchor.required === true ? 'yes' : 'no' }));
  printRows(context, anchors, ['name', 'kind', 'required', 'seenSize', 'seenAt', 'fault'], 'No anchors.');
}

export const auditStatusCommands: readonly Command[] = [
  {
    name: 'audit status',
    summary:
      'Health of the ledger, its anchors and last verification; refuses a ledger that does not continue what you saw. Exits 1 when failed.',
    positional: '',
    options: [{ name: '--forget', value: null, doc: 'Accept the ledger as it is shown, after a restore that you know of.' }],
    run: async (context) => {
      const control = await context.control();
      const answer = await control.call('GET', '/api/ledger');
      const body = isObject(answer.body) ? answer.body : {};
      if (answer.status >= 400) return printAnswer(context, answer, () => undefined);
      const followed = await followLedger(context, { status: body, forget: context.parsed.options['--forget'] === true });
      if (context.json) printJson(context, { ...body, remembered: followed.following });
      else printStatus(context, body, followed);
      return part(body, 'health').state === 'failed' ? EXIT.no : EXIT.done;
    },
  },
];
