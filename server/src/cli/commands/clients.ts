// `sallyport clients`, `consents` and `token-keys`: programs that get short-lived tokens, and what people let programs do in their name.

import { parse } from 'yaml';
import { isObject, SallyportError } from '#core';
import { required, text, texts, word } from '../arguments.ts';
import type { Command, Context } from '../command.ts';
import { printAnswer, printFacts, printRows, rowsOf } from '../print.ts';

export const clientCommands: readonly Command[] = [
  {
    name: 'clients list',
    summary: 'OAuth clients: services that prove themselves with a key, and apps that people let in.',
    positional: '',
    options: [{ name: '--all', value: null, doc: 'With those that were removed.' }],
    run: async (context) => {
      const answer = await (await context.control()).call('GET', '/api/oauth-clients');
      return printAnswer(context, answer, (body) => {
        const rows = rowsOf(body.clients).filter((row) => context.parsed.options['--all'] === true || row.endedAt === null);
        printRows(
          context,
          rows.map((row) => ({ ...row, scope: row.scope ?? 'all of its workload' })),
          ['id', 'kind', 'name', 'workload', 'bound', 'scope', 'consents', 'endedAt'],
          'No client yet: sallyport clients add <name> --workload ID --public-key FILE.',
        );
      });
    },
  },
  {
    name: 'clients add',
    summary: 'Register a service with its public key, or an app with the addresses it may be answered at.',
    positional: '<name>',
    options: [
      { name: '--workload', value: 'ID', doc: 'The workload the service calls as; its integrations are the most it may reach.' },
      {
        name: '--public-key',
        value: 'FILE',
        doc: 'Public key as JWK or JWK set: Ed25519, P-256, P-384 or RSA. The private one stays with the service.',
      },
      {
        name: '--redirect-uri',
        value: 'URL',
        doc: 'Makes it an app: where people are sent back to. May be given more than once.',
        repeat: true,
      },
      { name: '--scope', value: 'TEXT', doc: 'The most its tokens may carry: `shop shop:get_order`. Default: all of its workload.' },
      { name: '--bound', value: null, doc: 'Its tokens work only with a proof by its key for each request (DPoP).' },
    ],
    run: async (context) => {
      const redirectUris = texts(context.parsed, '--redirect-uri');
      const isApp = redirectUris.length > 0;
      const file = isApp ? text(context.parsed, '--public-key') : required(context.parsed, '--public-key');
      const answer = await (await context.control()).call('POST', '/api/oauth-clients', {
        name: word(context.parsed, 2, 'client'),
        workload: isApp ? null : required(context.parsed, '--workload'),
        jwks: file === null ? null : await keyOf(context, file),
        redirectUris,
        scope: text(context.parsed, '--scope'),
        bound: context.parsed.options['--bound'] === true,
      });
      return printAnswer(context, answer, (body) => printFacts(context, body));
    },
  },
  {
    name: 'clients remove',
    summary: 'Remove a client; its tokens and everything people let it do end at once.',
    positional: '<client id>',
    options: [{ name: '--yes', value: null, doc: 'Do not ask.' }],
    run: async (context) => {
      const id = word(context.parsed, 2, 'client id');
      const sure = context.parsed.options['--yes'] === true || (await context.io.ask(`Remove ${id}? Type its id: `))?.trim() === id;
      if (!sure) throw new SallyportError('CLI_USAGE', 'Nothing was removed; confirm with its id or --yes.');
      const answer = await (await context.control()).call('DELETE', `/api/oauth-clients/${encodeURIComponent(id)}`);
      return printAnswer(context, answer, () => context.io.out(`Removed ${id}.`));
    },
  },
  {
    name: 'consents list',
    summary: 'What people let programs do in their name, while it stands.',
    positional: '',
    options: [],
    run: async (context) => {
      const answer = await (await context.control()).call('GET', '/api/oauth/consents');
      return printAnswer(context, answer, (body) =>
        printRows(
          context,
          rowsOf(body.consents),
          ['id', 'clientName', 'person', 'resource', 'scope', 'expiresAt'],
          'Nobody let a program in.',
        ),
      );
    },
  },
  {
    name: 'consents end',
    summary: 'End what a person let a program do; its next call is refused.',
    positional: '<consent id>',
    options: [],
    run: async (context) => {
      const id = word(context.parsed, 2, 'consent id');
      const answer = await (await context.control()).call('DELETE', `/api/oauth/consents/${encodeURIComponent(id)}`);
      return printAnswer(context, answer, () => context.io.out('Ended.'));
    },
  },
  {
    name: 'token-keys replace',
    summary: 'After a leak: new keys sign access tokens, and every token made before is void.',
    positional: '',
    options: [{ name: '--yes', value: null, doc: 'Do not ask.' }],
    run: async (context) => {
      const sure =
        context.parsed.options['--yes'] === true || (await context.io.ask('Make every token void? Type replace: '))?.trim() === 'replace';
      if (!sure) throw new SallyportError('CLI_USAGE', 'Nothing was replaced; confirm with the word replace or --yes.');
      const answer = await (await context.control()).call('POST', '/api/oauth-keys/replace');
      return printAnswer(context, answer, () => context.io.out('Replaced. Programs get new tokens by themselves.'));
    },
  },
];

async function keyOf(context: Context, path: string): Promise<object> {
  let value: unknown;
  try {
    value = parse(await context.io.readFile(path), { maxAliasCount: 0, uniqueKeys: true });
  } catch (cause) {
    throw new SallyportError('CLI_INPUT_UNREADABLE', `${path} is not valid JSON.`, { cause });
  }
  if (!isObject(value)) throw new SallyportError('CLI_INPUT_UNREADABLE', `${path} must hold one public key, or a set of them.`);
  const keys = Array.isArray(value.keys) ? value.keys : [value];
  // A private part on its way to the server would be a leak, however the server answers.
  if (keys.some((key) => isObject(key) && ['d', 'p', 'q', 'k'].some((part) => part in key)))
    throw new SallyportError('CLI_INPUT_UNREADABLE', `${path} holds a private key; give the public one.`);
  return value;
}
