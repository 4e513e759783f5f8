// `sallyport approvals`: stored calls that wait for a person.

import { isObject, type JsonObject, type JsonValue } from '#core';
import { text, word } from '../arguments.ts';
import type { Command, Context } from '../command.ts';
import { EXIT, type ExitCode } from '../exit-codes.ts';
import { printAnswer, printFacts, printRows, rowsOf, visible } from '../print.ts';

const DEFAULT_REASON = { deny: 'denied on the command line', cancel: 'cancelled on the command line' } as const;
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
        printRows(
          context,
          rowsOf(body.approvals).map((row) => ({ ...row, yes: yesOf(row) })),
          ['id', 'state', 'yes', 'sentence', 'expiresAt', 'runsAt'],
          'Nothing waits for you.',
        ),
      );
    },
  },
  {
    name: 'approvals show',
    summary: 'One stored call: its exact effect, why it was stopped, who decided, and its digest.',
    positional: '<id>',
    options: [],
    run: async (context) => {
      const control = await context.control();
      const answer = await control.call('GET', `/api/approvals/${encodeURIComponent(word(context.parsed, 2, 'approval id'))}`);
      return printAnswer(context, answer, (body) => printApproval(context, body));
    },
  },
  {
    name: 'approvals words',
    summary: 'The exact words of a call that waits, with the personal values that lists replace; that you read them is recorded.',
    positional: '<id>',
    options: [],
    run: async (context) => {
      const control = await context.control();
      const path = `/api/approvals/${encodeURIComponent(word(context.parsed, 2, 'approval id'))}/words`;
      return printAnswer(context, await control.call('POST', path, {}), (body) => {
        context.io.out(visible(String(body.sentence ?? '')));
        printExcerpts(context, body.excerpts);
      });
    },
  },
  {
    name: 'approvals approve',
    summary: 'Approve exactly this call; it runs once, after a second person’s yes or a delay where that is needed.',
    positional: '<id>',
    options: [
      {
        name: '--send',
        value: 'masked|as_is',
        doc: 'What is in doubt in a request to a model: masked (default), or as it is where the matrix allows that.',
      },
      YES,
    ],
    run: (context) => decide(context, 'approve'),
  },
  {
    name: 'approvals cancel',
    summary: 'Call off what you approved while you are alone, before its time has come; it never runs.',
    positional: '<id>',
    options: [{ name: '--reason', value: 'TEXT', doc: 'Why; shown with the approval.' }],
    run: (context) => decide(context, 'cancel'),
  },
  {
    name: 'approvals deny',
    summary: 'Deny this call; it never runs.',
    positional: '<id>',
    options: [{ name: '--reason', value: 'TEXT', doc: 'Why; shown with the approval.' }],
    run: (context) => decide(context, 'deny'),
  },
];

/** Texts of a request with what is in doubt in double brackets. */
function printExcerpts(context: Context, excerpts: JsonValue | undefined): void {
  for (const { role, pieces } of rowsOf(excerpts)) {
    const words = rowsOf(pieces).map(({ kind, text: shown }) => (kind === 'doubt' ? `[[${String(shown)}]]` : String(shown)));
    context.io.out(visible(`${String(role)}: ${words.join('')}`));
  }
}

/** Who said yes, of how many it takes. */
function yesOf(approval: JsonObject): string {
  const yes = rowsOf(approval.decisions).filter((decision) => decision.verdict === 'approved');
  return `${yes.length}/${String(approval.required ?? 1)}`;
}

function printApproval(context: Context, approval: JsonObject): void {
  const { decisions, origins, doubts, ...facts } = approval;
  printFacts(context, facts);
  if (isObject(doubts)) {
    printExcerpts(context, doubts.excerpts);
    const left = Number(doubts.left ?? 0);
    if (left > 0) context.io.err(`${left} more doubtful places are not shown; they are masked whatever you decide.`);
    if (doubts.mayGoAsIs !== true) context.io.err(`As it is it may not go: ${visible([doubts.notAsIs].flat().join(', '))}.`);
  }
  for (const { byName, by, verdict, at } of rowsOf(decisions))
    context.io.out(visible(`${String(verdict)} by ${String(byName)} (${String(by)}) at ${String(at)}`));
  for (const { argument, integrity, sources } of rowsOf(origins)) {
    const from = Array.isArray(sources) && sources.length > 0 ? ` from ${sources.join(', ')}` : '';
    context.io.out(visible(`${String(argument)}: ${String(integrity)}${from}`));
  }
  if (approval.mode === 'solo' && approval.state === 'pending')
    context.io.err('Two people would be needed and you are alone: after your yes it waits, and can be cancelled until it runs.');
  if (typeof approval.whyNot === 'string' && approval.state === 'pending') context.io.err(`You can not approve this: ${approval.whyNot}.`);
}

async function decide(context: Context, verdict: 'approve' | 'deny' | 'cancel'): Promise<ExitCode> {
  const id = encodeURIComponent(word(context.parsed, 2, 'approval id'));
  const control = await context.control();
  const shown = await control.call('GET', `/api/approvals/${id}`);
  if (shown.status >= 400 || !isObject(shown.body)) return printAnswer(context, shown, () => {});
  if (verdict === 'approve' && context.parsed.options['--yes'] !== true && !context.json) {
    printApproval(context, shown.body);
    const answer = await context.io.ask('Run exactly this? Type yes: ');
    if (answer?.trim().toLowerCase() !== 'yes') {
      context.io.err('Nothing was decided.');
      return EXIT.no;
    }
  }
  const send = verdict === 'approve' ? text(context.parsed, '--send') : null;
  const body =
    verdict === 'approve'
      ? { digest: shown.body.digest, ...(send === null ? {} : { send: send.replace('-', '_') }) }
      : { reason: text(context.parsed, '--reason') ?? DEFAULT_REASON[verdict] };
  const answer = await control.call('POST', `/api/approvals/${id}/${verdict}`, body);
  return printAnswer(context, answer, (approval) => {
    const { id = null, state = null, sentence = null, runsAt = null } = approval;
    printFacts(context, { id, state, yes: yesOf(approval), sentence, ...(runsAt === null ? {} : { runsAt }) });
    if (verdict !== 'approve') return;
    if (state === 'pending') context.io.err('Your yes is recorded; it waits for a second person.');
    if (runsAt !== null) context.io.err(`It runs at ${String(runsAt)}. Until then: sallyport approvals cancel ${String(id)}`);
  });
}
