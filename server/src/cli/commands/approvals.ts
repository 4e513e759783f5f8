// `sallyport approvals`: stored calls that wait for a person.

import { isObject } from '#core';
import { text, word } from '../arguments.ts';
import type { Command, Context } from '../command.ts';
import { EXIT, type ExitCode } from '../exit-codes.ts';
import { printAnswer, printFacts, printRows, rowsOf } from '../print.ts';

const YES = { name: '--yes', value: null, doc: 'Do not ask before deciding.' } as const;

export const approvalCommands: readonly Command[] = [
  {
    name: 'approvals list',
    summary: 'Stored calls and their state; pending ones by default.',
    positional: '',
    options: [{ name: '--state', value: 'STATE', doc: 'pending, approved, executing, done, failed, unknown, denied, expired or all.' }],
    run: async (context) => {
      const state = text(context.parsed, '--state') ?? 'pending';
      const control = await context.control();
      const answer = await control.call('GET', `/api/approvals${state === 'all' ? '' : `?state=${encodeURIComponent(state)}`}`);
      return printAnswer(context, answer, (body) =>
        printRows(context, rowsOf(body.approvals), ['id', 'state', 'sentence', 'expiresAt'], 'Nothing waits for you.'),
      );
    },
  },
  {
    name: 'approvals show',
    summary: 'One stored call: its exact effect, why it was stopped, and its digest.',
    positional: '<id>',
    options: [],
    run: async (context) => {
      const control = await context.control();
      const answer = await control.call('GET', `/api/approvals/${encodeURIComponent(word(context.parsed, 2, 'approval id'))}`);
      return printAnswer(context, answer, (body) => printFacts(context, body));
    },
  },
  {
    name: 'approvals approve',
    summary: 'Approve exactly this call; it then runs once.',
    positional: '<id>',
    options: [YES],
    run: (context) => decide(context, 'approve'),
  },
  {
    name: 'approvals deny',
    summary: 'Deny this call; it never runs.',
    positional: '<id>',
    options: [{ name: '--reason', value: 'TEXT', doc: 'Why; recorded in the ledger.' }],
    run: (context) => decide(context, 'deny'),
  },
];

async function decide(context: Context, verdict: 'approve' | 'deny'): Promise<ExitCode> {
  const id = encodeURIComponent(word(context.parsed, 2, 'approval id'));
  const control = await context.control();
  const shown = await control.call('GET', `/api/approvals/${id}`);
  if (shown.status >= 400 || !isObject(shown.body)) return printAnswer(context, shown, () => {});
  if (verdict === 'approve' && context.parsed.options['--yes'] !== true && !context.json) {
    printFacts(context, shown.body);
    const answer = await context.io.ask('Run exactly this? Type yes: ');
    if (answer?.trim().toLowerCase() !== 'yes') {
      context.io.err('Nothing was decided.');
      return EXIT.no;
    }
  }
  const body =
    verdict === 'approve' ? { digest: shown.body.digest } : { reason: text(context.parsed, '--reason') ?? 'denied on the command line' };
  const answer = await control.call('POST', `/api/approvals/${id}/${verdict}`, body);
  return printAnswer(context, answer, (approval) =>
    printFacts(context, { id: approval.id ?? null, state: approval.state ?? null, sentence: approval.sentence ?? null }),
  );
}
