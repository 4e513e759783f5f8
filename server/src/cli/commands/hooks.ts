// `sallyport hooks`: where integrations deliver signed events to.

import type { JsonValue } from '#core';
import { text, word } from '../arguments.ts';
import type { Command } from '../command.ts';
import { EXIT } from '../exit-codes.ts';
import { printAnswer, printFacts, printRows, rowsOf } from '../print.ts';

export const hookCommands: readonly Command[] = [
  {
    name: 'hooks list',
    summary: 'Which integrations may deliver, where to, and what their deliveries start.',
    positional: '',
    options: [],
    run: async (context) => {
      const answer = await (await context.control()).call('GET', '/api/hooks');
      return printAnswer(context, answer, (body) =>
        printRows(
          context,
          rowsOf(body.hooks).map((hook) => ({ ...hook, starts: startsOf(hook.listening) })),
          ['integration', 'path', 'shop', 'starts', 'previousUntil'],
          'No hook yet: sallyport hooks create <integration>.',
        ),
      );
    },
  },
  {
    name: 'hooks create',
    summary: 'Make the secret an integration signs its deliveries with; shown once. Again replaces it, and the old one is good for a day.',
    positional: '<integration>',
    options: [
      {
        name: '--secret-file',
        value: 'FILE',
        doc: 'File with a secret the sender made (whsec_..., or the client secret of a Shopify app), in place of one of ours.',
      },
      {
        name: '--shop',
        value: 'DOMAIN',
        doc: 'Which shop it is, as its platform names it: privacy webhooks of another shop are refused. *.myshopify.com is known by its address.',
      },
    ],
    run: async (context) => {
      const name = encodeURIComponent(word(context.parsed, 2, 'integration'));
      const file = text(context.parsed, '--secret-file');
      const secret = file === null ? null : (await context.io.readFile(file)).trim();
      const answer = await (await context.control()).call('POST', `/api/integrations/${name}/hook`, {
        secret,
        shop: text(context.parsed, '--shop'),
      });
      return printAnswer(context, answer, (body) => {
        printFacts(context, secret === null ? body : { path: body.path ?? null, previousUntil: body.previousUntil ?? null });
        context.io.err('Give the path on the gateway and the secret to the sender now; the secret is not shown again.');
      });
    },
  },
  {
    name: 'hooks remove',
    summary: 'Take no more deliveries of an integration; its secrets are deleted.',
    positional: '<integration>',
    options: [{ name: '--yes', value: null, doc: 'Do not ask.' }],
    run: async (context) => {
      const name = word(context.parsed, 2, 'integration');
      const asked = `Take no more deliveries of ${name}? Type its name: `;
      if (context.parsed.options['--yes'] !== true && (await context.io.ask(asked))?.trim() !== name) {
        context.io.err('Nothing was removed; confirm with its name or --yes.');
        return EXIT.no;
      }
      const answer = await (await context.control()).call('DELETE', `/api/integrations/${encodeURIComponent(name)}/hook`);
      return printAnswer(context, answer, () => context.io.out(`Deliveries of ${name} are refused from now on.`));
    },
  },
];

function startsOf(listening: JsonValue | undefined): string {
  const starts = rowsOf(listening).map(({ event, workflow, paused }) => `${event} -> ${workflow}${paused === true ? ' (paused)' : ''}`);
  return starts.length === 0 ? 'nothing' : starts.join(', ');
}
