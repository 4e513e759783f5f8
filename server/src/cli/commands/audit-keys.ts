// `sallyport audit keys` and `audit rotate-key`: which keys sign the ledger, and the next one.

import type { JsonValue } from '#core';
import type { Command, Context } from '../command.ts';
import type { ExitCode } from '../exit-codes.ts';
import { printAnswer, printRows, rowsOf } from '../print.ts';

function printKeys(context: Context, body: Record<string, JsonValue>): void {
  const rows = rowsOf(body.keys).map(({ sequence, signing, addedAt, endsAt, verifierKey }) => ({
    sequence,
    signs: signing === true ? (endsAt === null ? 'yes' : `until ${endsAt}`) : `until ${endsAt} (over)`,
    addedAt,
    verifierKey,
  }));
  printRows(context, rows as never, ['sequence', 'signs', 'addedAt', 'verifierKey'], 'No key has signed this ledger yet.');
}

export const auditKeyCommands: readonly Command[] = [
  {
    name: 'audit keys',
    summary: 'The keys that sign the ledger, in the order in which they followed each other.',
    positional: '',
    options: [],
    run: async (context) => {
      const answer = await (await context.control()).call('GET', '/api/ledger/keys');
      return printAnswer(context, answer, (body) => printKeys(context, body as never));
    },
  },
  {
    name: 'audit rotate-key',
    summary: 'Make the next signing key of the ledger. Both keys sign for seven days, then the new one alone.',
    positional: '',
    options: [{ name: '--finish', value: null, doc: 'Stop the older key now; do it when every auditor and witness has the new one.' }],
    run: async (context): Promise<ExitCode> => {
      const finish = context.parsed.options['--finish'] === true;
      const answer = await (await context.control()).call('POST', '/api/ledger/rotate-key', { finish });
      return printAnswer(context, answer, (body) => {
        printKeys(context, body as never);
        if (!finish) {
          context.io.out('Copy the new key file to every server of this installation and to your backup of the secrets folder.');
          context.io.out('Give auditors and witnesses the new verifier key. Who has the old one can follow the statement from it.');
        }
      });
    },
  },
];
