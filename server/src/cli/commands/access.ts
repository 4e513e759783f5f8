// `sallyport sign-in`, `integrations`, `workloads` and `keys`: what may be reached, and by whom.

import { parse } from 'yaml';
import { isObject, SallyportError } from '#core';
import { required, text, texts, word } from '../arguments.ts';
import type { Command, Context } from '../command.ts';
import { printAnswer, printFacts, printRows, rowsOf } from '../print.ts';

export const accessCommands: readonly Command[] = [
  {
    name: 'sign-in',
    summary: 'Print a one-time link that opens the console as the owner; earlier unused links become void.',
    positional: '',
    options: [],
    run: async (context) => {
      const control = await context.control();
      const answer = await control.call('POST', '/api/sign-in-links');
      // By the name the browser knows the server by: passkeys belong to it.
      const url = isObject(answer.body) ? String(answer.body.link ?? `${control.origin}/sign-in#${answer.body.secret}`) : '';
      return printAnswer(context, answer.status < 400 ? { ...answer, body: { url } } : answer, () => context.io.out(url));
    },
  },
  {
    name: 'integrations list',
    summary: 'What the gateway may reach.',
    positional: '',
    options: [],
    run: async (context) => {
      const answer = await (await context.control()).call('GET', '/api/integrations');
      return printAnswer(context, answer, (body) =>
        printRows(
          context,
          rowsOf(body.integrations),
          ['name', 'kind', 'origin', 'hasCredential'],
          'No integration yet: sallyport integrations put <name> --file FILE.',
        ),
      );
    },
  },
  {
    name: 'integrations put',
    summary: 'Add or replace an integration from a YAML file (kind, baseUrl, manifest, models, autonomy ...).',
    positional: '<name>',
    options: [
      { name: '--file', value: 'FILE', doc: 'The integration as YAML or JSON; docs/integrations.md describes it.' },
      { name: '--manifest', value: 'FILE', doc: 'The manifest, when it is kept in a file of its own.' },
      { name: '--secret-file', value: 'FILE', doc: 'File that holds the credential; it never appears on a command line.' },
    ],
    run: async (context) => {
      const body = await yamlOf(context, required(context.parsed, '--file'));
      const manifest = text(context.parsed, '--manifest');
      if (manifest !== null) body.manifest = await yamlOf(context, manifest);
      const secret = text(context.parsed, '--secret-file');
      if (secret !== null)
        body.credential = { ...(isObject(body.credential) ? body.credential : {}), secret: (await context.io.readFile(secret)).trim() };
      const name = encodeURIComponent(word(context.parsed, 2, 'integration'));
      return printAnswer(context, await (await context.control()).call('PUT', `/api/integrations/${name}`, body), (view) =>
        printFacts(context, view),
      );
    },
  },
  {
    name: 'integrations remove',
    summary: 'Remove an integration; calls to it are refused from then on.',
    positional: '<name>',
    options: [{ name: '--yes', value: null, doc: 'Do not ask.' }],
    run: async (context) => {
      const name = word(context.parsed, 2, 'integration');
      const sure = context.parsed.options['--yes'] === true || (await context.io.ask(`Remove ${name}? Type its name: `))?.trim() === name;
      if (!sure) throw new SallyportError('CLI_USAGE', 'Nothing was removed; confirm with its name or --yes.');
      const answer = await (await context.control()).call('DELETE', `/api/integrations/${encodeURIComponent(name)}`);
      return printAnswer(context, answer, () => context.io.out(`Removed ${name}.`));
    },
  },
  {
    name: 'workloads list',
    summary: 'The programs that call through the gateway.',
    positional: '',
    options: [],
    run: async (context) => {
      const answer = await (await context.control()).call('GET', '/api/workloads');
      return printAnswer(context, answer, (body) =>
        printRows(
          context,
          rowsOf(body.workloads).map((row) => ({ ...row, clients: Array.isArray(row.clients) ? row.clients.length : 0 })),
          ['id', 'name', 'integrations', 'bound', 'keys', 'clients'],
          'No workload yet.',
        ),
      );
    },
  },
  {
    name: 'workloads create',
    summary: 'Register a program, the integrations it may reach, and optionally the public key that signs its bindings.',
    positional: '<name>',
    options: [
      { name: '--integration', value: 'NAME', doc: 'May be given more than once.', repeat: true },
      { name: '--workflow', value: 'NAME', doc: 'Workflow this workload belongs to.' },
      { name: '--public-key', value: 'FILE', doc: 'Ed25519 public key as JWK; makes the workload tier bound.' },
    ],
    run: async (context) => {
      const file = text(context.parsed, '--public-key');
      const answer = await (await context.control()).call('POST', '/api/workloads', {
        name: word(context.parsed, 2, 'workload'),
        workflow: text(context.parsed, '--workflow'),
        integrations: texts(context.parsed, '--integration'),
        publicKey: file === null ? null : await yamlOf(context, file),
      });
      return printAnswer(context, answer, (body) => printFacts(context, body));
    },
  },
  {
    name: 'keys list',
    summary: 'API keys by id; the keys themselves are not stored.',
    positional: '',
    options: [],
    run: async (context) => {
      const answer = await (await context.control()).call('GET', '/api/keys');
      return printAnswer(context, answer, (body) =>
        printRows(context, rowsOf(body.keys), ['id', 'workload', 'expiresAt', 'revokedAt'], 'No key yet.'),
      );
    },
  },
  {
    name: 'keys create',
    summary: 'Make an API key for a workload; it is shown once.',
    positional: '<workload id>',
    options: [{ name: '--days', value: 'N', doc: 'Days until it expires; 90 by default.' }],
    run: async (context) => {
      const days = Number(text(context.parsed, '--days') ?? '90');
      const answer = await (await context.control()).call('POST', '/api/keys', {
        workload: word(context.parsed, 2, 'workload id'),
        expiresInDays: days,
      });
      return printAnswer(context, answer, (body) => {
        printFacts(context, body);
        context.io.err('Keep the key now; it is not shown again.');
      });
    },
  },
  {
    name: 'keys revoke',
    summary: 'Revoke a key; its next call is refused.',
    positional: '<key id>',
    options: [],
    run: async (context) => {
      const answer = await (await context.control()).call('DELETE', `/api/keys/${encodeURIComponent(word(context.parsed, 2, 'key id'))}`);
      return printAnswer(context, answer, () => context.io.out('Revoked.'));
    },
  },
];

async function yamlOf(context: Context, path: string): Promise<Record<string, unknown>> {
  const source = await context.io.readFile(path);
  let value: unknown;
  try {
    value = parse(source, { maxAliasCount: 0, uniqueKeys: true });
  } catch (cause) {
    throw new SallyportError('CLI_INPUT_UNREADABLE', `${path} is not valid YAML or JSON.`, { cause });
  }
  if (!isObject(value)) throw new SallyportError('CLI_INPUT_UNREADABLE', `${path} must hold one mapping.`);
  return { ...value };
}
