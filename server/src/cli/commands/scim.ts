// `sallyport scim`: provisioning by an identity provider. The token is printed once and never stored.

import type { Command } from '../command.ts';
import { EXIT } from '../exit-codes.ts';
import { printAnswer, printFacts, rowsOf } from '../print.ts';

export const scimCommands: readonly Command[] = [
  {
    name: 'scim status',
    summary: 'Whether an identity provider keeps people here (SCIM), when it came last, and what failed last.',
    positional: '',
    options: [],
    run: async (context) => {
      const answer = await (await context.control()).call('GET', '/api/scim');
      return printAnswer(context, answer, ({ tokens, lastFailure, ...facts }) => {
        const failure = lastFailure as { at?: string; what?: string } | null;
        printFacts(context, {
          ...facts,
          tokens: Array.isArray(tokens) ? tokens.length : 0,
          replaceToken: rowsOf(tokens).some(({ makerLeft }) => makerLeft === true)
            ? 'whoever made one has left: sallyport scim token'
            : null,
          lastFailure: failure === null ? null : `${failure.at ?? ''} ${failure.what ?? ''}`,
        });
      });
    },
  },
  {
    name: 'scim token',
    summary: 'Make a token for the identity provider; shown once. An earlier one works for another day.',
    positional: '',
    options: [],
    run: async (context) => {
      const answer = await (await context.control()).call('POST', '/api/scim/token', {});
      return printAnswer(context, answer, (body) => {
        printFacts(context, body);
        context.io.err('Enter address and token at the identity provider now; the token is not shown again.');
      });
    },
  },
  {
    name: 'scim off',
    summary: 'End provisioning: no token works any more. People, groups and their access stay as they are.',
    positional: '',
    options: [{ name: '--yes', value: null, doc: 'Do not ask.' }],
    run: async (context) => {
      const asked = 'End provisioning; the identity provider can then switch nobody off? Type yes: ';
      if (context.parsed.options['--yes'] !== true && (await context.io.ask(asked))?.trim().toLowerCase() !== 'yes') {
        context.io.err('Nothing was changed; confirm with yes or --yes.');
        return EXIT.no;
      }
      const answer = await (await context.control()).call('DELETE', '/api/scim');
      return printAnswer(context, answer, () => context.io.out('No token of provisioning works any more.'));
    },
  },
];
