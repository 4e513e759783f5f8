// `sallyport delegation`: access that this tenant gives to an agency's people, and access that its own people hold elsewhere.

import { isObject, type JsonObject } from '#core';
import { required, text, usage, word } from '../arguments.ts';
import type { Command, Context } from '../command.ts';
import { EXIT } from '../exit-codes.ts';
import { printAnswer, printRows, rowsOf } from '../print.ts';

const CLIENT = { name: '--client', value: 'TENANT', doc: 'The tenant that gave it; needed on the agency’s side.' };

export const delegationCommands: readonly Command[] = [
  {
    name: 'delegation list',
    summary: 'Whom this tenant lets in, with what, until when and used when; --held for what its own people hold elsewhere.',
    positional: '',
    options: [{ name: '--held', value: null, doc: 'What people of this tenant hold in others.' }],
    run: async (context) => {
      const isHeld = context.parsed.options['--held'] === true;
      const answer = await (await context.control()).call('GET', isHeld ? '/api/delegations/held' : '/api/delegations');
      return printAnswer(context, answer, (body) =>
        printRows(
          context,
          rowsOf(body.delegations).map((row) => line(row, isHeld ? 'client' : 'agency')),
          ['id', 'state', isHeld ? 'client' : 'agency', 'holder', 'role', 'scope', 'expiresAt', 'used'],
          isHeld ? 'Nobody here holds access elsewhere.' : 'Nobody of another tenant has access.',
        ),
      );
    },
  },
  {
    name: 'delegation address',
    summary: 'What a client needs to give you access: your tenant and yourself, in one word.',
    positional: '',
    options: [],
    run: async (context) => {
      const answer = await (await context.control()).call('GET', '/api/fleet/tenants');
      return printAnswer(context, answer, (body) => context.io.out(String(body.address ?? '')));
    },
  },
  {
    name: 'delegation grant',
    summary: 'Offer an agency’s person or group access to this tenant; they accept, and you can end it at any moment.',
    positional: '<address>',
    options: [
      { name: '--role', value: 'ROLE', doc: 'A built-in role other than owner.' },
      { name: '--days', value: 'NUMBER', doc: 'Until when: 1 to 90 days from now.' },
      { name: '--workspace', value: 'NAME', doc: 'Only what belongs to this workspace.' },
      { name: '--workflow', value: 'NAME', doc: 'Only this workflow.' },
      { name: '--integration', value: 'NAME', doc: 'Only this integration.' },
    ],
    run: async (context) => {
      const { parsed } = context;
      const [agency = '', holder = ''] = word(parsed, 2, 'address').split('/');
      const days = Number(required(parsed, '--days'));
      const scope = Object.fromEntries(
        ['workspace', 'workflow', 'integration'].flatMap((name) => {
          const value = text(parsed, `--${name}`);
          return value === null ? [] : [[name, value]];
        }),
      );
      const reason = text(parsed, '--reason');
      if (reason === null) throw usage('Say why with --reason; the agency and your log keep it.');
      const body = { agency, holder, role: required(parsed, '--role'), scope, days, reason };
      const answer = await (await context.control()).call('POST', '/api/delegations', body);
      return printAnswer(context, answer, (made) => context.io.out(`Offered ${String(made.id)}; it holds once the agency accepts it.`));
    },
  },
  {
    name: 'delegation accept',
    summary: 'Accept access that a client offered to a person or group of this tenant.',
    positional: '<id>',
    options: [CLIENT],
    run: async (context) => {
      const id = word(context.parsed, 2, 'delegation id');
      const client = required(context.parsed, '--client');
      const answer = await (await context.control()).call('POST', `/api/delegations/held/${encodeURIComponent(id)}/accept`, { client });
      return printAnswer(context, answer, () => context.io.out(`Accepted ${id}.`));
    },
  },
  {
    name: 'delegation end',
    summary: 'End access at once: as the client who gave it, or with --client as the agency that holds it.',
    positional: '<id>',
    options: [CLIENT, { name: '--yes', value: null, doc: 'Do not ask.' }],
    run: async (context) => {
      const id = word(context.parsed, 2, 'delegation id');
      if (context.parsed.options['--yes'] !== true && !(await isSure(context, id))) return EXIT.no;
      const client = text(context.parsed, '--client');
      const control = await context.control();
      const answer =
        client === null
          ? await control.call('DELETE', `/api/delegations/${encodeURIComponent(id)}`)
          : await control.call('DELETE', `/api/delegations/held/${encodeURIComponent(id)}`, { client });
      return printAnswer(context, answer, () => context.io.out(`Ended ${id}.`));
    },
  },
];

async function isSure(context: Context, id: string): Promise<boolean> {
  const answer = await context.io.ask(`End ${id}? Whoever works by it is stopped at once. Type yes: `);
  if (answer?.trim().toLowerCase() === 'yes') return true;
  context.io.err('Nothing was ended.');
  return false;
}

function line(row: JsonObject, other: 'client' | 'agency'): JsonObject {
  const part = (name: string): JsonObject => (isObject(row[name]) ? row[name] : {});
  const holder = part('holder');
  return {
    ...row,
    [other]: part(other).name ?? null,
    holder: holder.name ?? holder.id ?? null,
    used: part('lastUsed').at ?? null,
  };
}
