// `sallyport tenants` and `sallyport fleet`: the tenants of this installation, and what one may see over several of them.

import { isObject, type JsonObject } from '#core';
import { word } from '../arguments.ts';
import type { Command, Context } from '../command.ts';
import type { ExitCode } from '../exit-codes.ts';
import { printAnswer, printFacts, printRows, rowsOf } from '../print.ts';

export const tenantCommands: readonly Command[] = [
  {
    name: 'tenants list',
    summary: 'The tenants of this installation; for people of the tenant it began with.',
    positional: '',
    options: [],
    run: async (context) => {
      const answer = await (await context.control()).call('GET', '/api/tenants');
      return printAnswer(context, answer, (body) =>
        printRows(context, rowsOf(body.tenants), ['name', 'id', 'createdAt'], 'There is no tenant.'),
      );
    },
  },
  {
    name: 'tenants show',
    summary: 'One tenant: its owners, and whether one of them has signed in and holds a passkey. Nothing of what is in it.',
    positional: '<name>',
    options: [],
    run: async (context) => {
      const answer = await (await context.control()).call('GET', place(context));
      return printAnswer(context, answer, (body) => printFacts(context, body));
    },
  },
  {
    name: 'tenants create',
    summary: 'Make a tenant with an owner of its own, and print the one-time link to hand to them.',
    positional: '<name>',
    options: [],
    run: (context) => linked(context, '/api/tenants', { name: word(context.parsed, 2, 'tenant') }),
  },
  {
    name: 'tenants owner-link',
    summary: 'Print a fresh link for a tenant’s owner, while nobody has come in; refused once the owner holds a passkey.',
    positional: '<name>',
    options: [
      {
        name: '--recover',
        value: null,
        doc: 'For an owner who was in, has no passkey and is locked out. Their log and their alerts say it.',
      },
    ],
    run: (context) =>
      linked(context, `${place(context)}/owner-link`, context.parsed.options['--recover'] === true ? { recover: true } : {}),
  },
  {
    name: 'fleet tenants',
    summary: 'Where you may act: your own tenant, and those that let you in, with until when.',
    positional: '',
    options: [],
    run: async (context) => {
      const answer = await (await context.control()).call('GET', '/api/fleet/tenants');
      return printAnswer(context, answer, (body) =>
        printRows(context, rowsOf(body.tenants), ['name', 'id', 'roles', 'until'], 'There is none.'),
      );
    },
  },
  {
    name: 'fleet inbox',
    summary: 'What waits for a person in every tenant you may see. Decide with `sallyport approvals approve <id> --tenant <name>`.',
    positional: '',
    options: [],
    run: (context) =>
      pages(context, '/api/fleet/inbox', (tenants) => {
        const rows = tenants.flatMap((tenant) =>
          rowsOf(tenant.waiting).map(({ id, sentence, expiresAt }) => ({
            tenant: tenant.name ?? null,
            id: id ?? null,
            sentence: sentence ?? null,
            expiresAt: expiresAt ?? null,
          })),
        );
        printRows(context, rows, ['tenant', 'id', 'sentence', 'expiresAt'], 'Nothing waits for a person.');
        for (const { name, fault, more } of tenants) {
          if (typeof fault === 'string') context.io.err(`${String(name)} could not be read: ${fault}`);
          if (more === true) context.io.err(`${String(name)}: more wait than are listed here.`);
        }
      }),
  },
  {
    name: 'fleet health',
    summary: 'One line a tenant you may see: ledger, runs that failed, what waits, effects of unknown outcome, keys that run out.',
    positional: '',
    options: [],
    run: (context) =>
      pages(context, '/api/fleet/health', (tenants) => {
        const rows = tenants.map((tenant) => ({ ...tenant, failed: isObject(tenant.runs) ? (tenant.runs.failed ?? null) : null }));
        printRows(
          context,
          rows,
          ['name', 'ledger', 'failed', 'waiting', 'unresolved', 'keysExpiring', 'accessUntil', 'fault'],
          'There is no tenant.',
        );
      }),
  },
];

const place = (context: Context): string => `/api/tenants/${encodeURIComponent(word(context.parsed, 2, 'tenant'))}`;

async function linked(context: Context, path: string, body: object = {}): Promise<ExitCode> {
  const answer = await (await context.control()).call('POST', path, body);
  return printAnswer(context, answer, (tenant) => {
    printFacts(context, tenant);
    context.io.err(
      'Hand the link to the owner only; it signs them in once. They make a passkey, and from then on nobody else can let them in.',
    );
  });
}

/** Every page, as one list. */
async function pages(context: Context, path: string, print: (tenants: readonly JsonObject[]) => void): Promise<ExitCode> {
  const control = await context.control();
  const tenants: JsonObject[] = [];
  let after: string | null = '';
  while (after !== null) {
    const answer = await control.call('GET', after === '' ? path : `${path}?after=${encodeURIComponent(after)}`);
    if (answer.status >= 400) return printAnswer(context, answer, () => undefined);
    const body = isObject(answer.body) ? answer.body : {};
    tenants.push(...rowsOf(body.tenants));
    after = typeof body.next === 'string' ? body.next : null;
  }
  return printAnswer(context, { status: 200, body: { tenants } }, () => print(tenants));
}
