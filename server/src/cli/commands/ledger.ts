// `sallyport effects`, `ledger` and `verify`: what happened, and the proof of it.

import { verifyPack } from '#audit';
import { text, word } from '../arguments.ts';
import type { Command } from '../command.ts';
import { EXIT } from '../exit-codes.ts';
import { printAnswer, printFacts, printJson, printRows, rowsOf } from '../print.ts';

export const ledgerCommands: readonly Command[] = [
  {
    name: 'effects list',
    summary: 'Effects that were sent and whose outcome nobody knows.',
    positional: '',
    options: [],
    run: async (context) => {
      const answer = await (await context.control()).call('GET', '/api/effects/unresolved');
      return printAnswer(context, answer, (body) =>
        printRows(context, rowsOf(body.effects), ['effectKey', 'integration', 'operation', 'sentAt'], 'Every effect has a known outcome.'),
      );
    },
  },
  {
    name: 'effects resolve',
    summary: 'Say what a look at the shop showed: the effect happened (done) or did not (failed).',
    positional: '<effect key> <done|failed>',
    options: [],
    run: async (context) => {
      const body = { effectKey: word(context.parsed, 2, 'effect key'), outcome: word(context.parsed, 3, 'outcome') };
      const answer = await (await context.control()).call('POST', '/api/effects/resolve', body);
      return printAnswer(context, answer, () => context.io.out('Recorded.'));
    },
  },
  {
    name: 'ledger export',
    summary: 'Write the ledger as a pack that verifies offline, to standard output.',
    positional: '',
    options: [],
    run: async (context) => {
      for await (const chunk of await (await context.control()).stream('/api/ledger/export')) await context.io.write(chunk);
      return EXIT.done;
    },
  },
  {
    name: 'verify',
    summary: 'Check an exported ledger offline; exits 1 and names the first bad sequence number when it does not verify.',
    positional: '<pack>',
    options: [
      { name: '--checkpoint', value: 'FILE', doc: 'What --save wrote earlier: finds a cut tail, a fork and a rollback.' },
      { name: '--save', value: 'FILE', doc: 'Where to keep the receipt of a pack that verifies; keep it on another machine.' },
      {
        name: '--key',
        value: 'KEY',
        doc: 'The log’s public key, known from elsewhere; without it the pack’s own key is used and that is said.',
      },
    ],
    run: async (context) => {
      const savedFile = text(context.parsed, '--checkpoint');
      const trustedKey = text(context.parsed, '--key');
      const verdict = await verifyPack(word(context.parsed, 1, 'pack'), {
        ...(savedFile === null ? {} : { savedCheckpoint: await context.io.readFile(savedFile) }),
        ...(trustedKey === null ? {} : { trustedKey }),
      });
      const saveTo = text(context.parsed, '--save');
      if (verdict.ok && saveTo !== null && verdict.receipt !== null) await context.io.writeFile(saveTo, verdict.receipt);
      if (context.json) printJson(context, verdict as never);
      else printFacts(context, verdict as never);
      return verdict.ok ? EXIT.done : EXIT.no;
    },
  },
];
