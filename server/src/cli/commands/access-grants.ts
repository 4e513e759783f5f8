// `sallyport access`: roles, grants, groups and emergency access.

import { isArray, isObject, type JsonObject, type JsonValue } from '#core';
import { required, text, texts, usage, word } from '../arguments.ts';
import type { Command, Context } from '../command.ts';
import { EXIT, type ExitCode } from '../exit-codes.ts';
import { printAnswer, printFacts, printRows, rowsOf } from '../print.ts';

export const SCOPE_OPTIONS = [
  { name: '--workflow', value: 'NAME', doc: 'Only on this workflow.' },
  { name: '--integration', value: 'NAME', doc: 'Only on this integration.' },
  { name: '--workspace', value: 'NAME', doc: 'Only on what belongs to this workspace.' },
  {
    name: '--data-class',
    value: 'CLASS',
    doc: 'Only personal data of this class, of customers who are read for a case: identity, contact or address.',
  },
] as const;
const CONDITION_OPTIONS = [
  { name: '--until', value: 'TIME', doc: 'When it ends by itself: 2026-12-31T18:00:00Z, or 8h, 30d from now.' },
  { name: '--hours', value: 'FROM-TO', doc: 'Only in these hours, in UTC: 8-18.' },
  { name: '--network', value: 'inside', doc: 'Only from your own networks.' },
  { name: '--passkey', value: 'fresh', doc: 'Only with a passkey used within the last five minutes.' },
  { name: '--device', value: 'managed', doc: 'Only from a device the company login vouches for.' },
] as const;

const SCOPE_MEMBER: Readonly<Record<string, string>> = { '--data-class': 'dataClass' };

export function scopeOf(context: Context): JsonObject {
  const named = SCOPE_OPTIONS.map(({ name }) => [SCOPE_MEMBER[name] ?? name.slice(2), text(context.parsed, name)] as const);
  return Object.fromEntries(named.filter((entry): entry is [(typeof entry)[0], string] => entry[1] !== null));
}

const UNITS = { m: 60_000, h: 3_600_000, d: 86_400_000 } as const;

function untilOf(context: Context): JsonObject {
  const until = text(context.parsed, '--until');
  if (until === null) return {};
  const span = /^(\d{1,4})([mhd])$/.exec(until);
  if (span === null) return { expiresAt: until };
  return { expiresInMs: Number(span[1]) * UNITS[span[2] as keyof typeof UNITS] };
}

function conditionOf(context: Context): JsonObject {
  const hours = text(context.parsed, '--hours');
  const [, from, to] = /^(\d{1,2})-(\d{1,2})$/.exec(hours ?? '') ?? [];
  if (hours !== null && (from === undefined || to === undefined)) throw usage('Option --hours is two hours of the day, e.g. 8-18.');
  const words = ['network', 'passkey', 'device'].map((name) => [name, text(context.parsed, `--${name}`)] as const);
  const condition = {
    ...(hours === null ? {} : { hours: { from: Number(from), to: Number(to) } }),
    ...Object.fromEntries(words.filter(([, value]) => value !== null)),
  };
  return Object.keys(condition).length === 0 ? {} : { condition };
}

/** A grant as the options say it. */
export function grantBody(context: Context, subject: string, role: string): JsonObject {
  const scope = scopeOf(context);
  const reason = text(context.parsed, '--reason');
  return {
    ...{ subject, role },
    ...(Object.keys(scope).length === 0 ? {} : { scope }),
    ...conditionOf(context),
    ...untilOf(context),
    ...(reason === null ? {} : { reason }),
  };
}

const scopeText = (scope: JsonValue | undefined): string =>
  isObject(scope) && Object.keys(scope).length > 0
    ? Object.entries(scope)
        .map(([part, name]) => `${part} ${String(name)}`)
        .join(', ')
    : 'everything';

export const GRANT_OPTIONS = [...SCOPE_OPTIONS, ...CONDITION_OPTIONS];

export const accessGrantCommands: readonly Command[] = [
  {
    name: 'access roles',
    summary: 'The roles there are, what they are for, and how many people and groups hold each.',
    positional: '',
    options: [{ name: '--actions', value: null, doc: 'Also every action of each role.' }],
    run: async (context) =>
      printAnswer(context, await (await context.control()).call('GET', '/api/access/roles'), (body) => {
        const rows = rowsOf(body.roles).map((row) => ({ ...row, actions: isArray(row.actions) ? row.actions.join(' ') : '' }));
        const columns = ['role', 'holders', 'meaning', ...(context.parsed.options['--actions'] === true ? ['actions'] : [])];
        printRows(context, rows, columns, 'There is no role.');
      }),
  },
  {
    name: 'access role put',
    summary: 'Make a role of your own, or replace its actions; whoever holds it is changed at once.',
    positional: '<name>',
    options: [
      { name: '--meaning', value: 'TEXT', doc: 'What it is for, in a sentence.' },
      {
        name: '--action',
        value: 'ACTION',
        doc: 'What it may do; again for each. `sallyport access roles --actions` lists them.',
        repeat: true,
      },
    ],
    run: async (context) => {
      const body = { meaning: required(context.parsed, '--meaning'), actions: texts(context.parsed, '--action') };
      const name = encodeURIComponent(word(context.parsed, 3, 'role'));
      return printAnswer(context, await (await context.control()).call('PUT', `/api/access/roles/${name}`, body), (role) =>
        printFacts(context, role),
      );
    },
  },
  {
    name: 'access role remove',
    summary: 'Remove a role of your own that nobody holds.',
    positional: '<name>',
    options: [],
    run: (context) => plainly(context, 'DELETE', `/api/access/roles/${encodeURIComponent(word(context.parsed, 3, 'role'))}`, 'Removed.'),
  },
  {
    name: 'access list',
    summary: 'Who was given what, on what, until when.',
    positional: '',
    options: [{ name: '--subject', value: 'ID', doc: 'Only of this person or group.' }],
    run: async (context) => {
      const subject = text(context.parsed, '--subject');
      const query = subject === null ? '' : `?subject=${encodeURIComponent(subject)}`;
      const answer = await (await context.control()).call('GET', `/api/access/grants${query}`);
      return printAnswer(context, answer, (body) =>
        printRows(
          context,
          rowsOf(body.grants).map((row) => ({ ...row, on: scopeText(row.scope) })),
          ['id', 'subject', 'role', 'on', 'expiresAt', 'via'],
          'Nothing was granted.',
        ),
      );
    },
  },
  {
    name: 'access grant',
    summary: 'Give a person or a group a role: on everything, or narrowed; for good, or for a time.',
    positional: '<person or group id> <role>',
    options: GRANT_OPTIONS,
    run: async (context) => {
      const body = grantBody(context, word(context.parsed, 2, 'person or group'), word(context.parsed, 3, 'role'));
      return printAnswer(context, await (await context.control()).call('POST', '/api/access/grants', body), (grant) =>
        printFacts(context, { id: grant.id ?? null, role: grant.role ?? null, on: scopeText(grant.scope), until: grant.expiresAt ?? null }),
      );
    },
  },
  {
    name: 'access revoke',
    summary: 'End a grant; it holds in no session any more.',
    positional: '<grant id>',
    options: [],
    run: (context) => plainly(context, 'DELETE', `/api/access/grants/${encodeURIComponent(word(context.parsed, 2, 'grant'))}`, 'Ended.'),
  },
  {
    name: 'access groups',
    summary: 'Groups, where they come from, and how many people are in each.',
    positional: '',
    options: [],
    run: async (context) =>
      printAnswer(context, await (await context.control()).call('GET', '/api/access/groups'), (body) =>
        printRows(
          context,
          rowsOf(body.groups).map((row) => ({ ...row, people: isArray(row.members) ? row.members.length : 0 })),
          ['id', 'name', 'source', 'people'],
          'There is no group.',
        ),
      ),
  },
  {
    name: 'access group add',
    summary: 'Make a group; give it a role with `sallyport access grant`.',
    positional: '<name>',
    options: [],
    run: async (context) => {
      const name = [word(context.parsed, 3, 'name'), ...context.parsed.words.slice(4)].join(' ');
      return printAnswer(context, await (await context.control()).call('POST', '/api/access/groups', { name }), (group) =>
        printFacts(context, { id: group.id ?? null, name: group.name ?? null }),
      );
    },
  },
  {
    name: 'access group rename',
    summary: 'Call a group something else; who is in it and what it gives stays.',
    positional: '<group id> <name>',
    options: [],
    run: async (context) => {
      const path = `/api/access/groups/${encodeURIComponent(word(context.parsed, 3, 'group'))}`;
      const name = [word(context.parsed, 4, 'name'), ...context.parsed.words.slice(5)].join(' ');
      return printAnswer(context, await (await context.control()).call('PUT', path, { name }), (group) =>
        printFacts(context, { id: group.id ?? null, name: group.name ?? null }),
      );
    },
  },
  {
    name: 'access group remove',
    summary: 'Remove a group with its grants; its people lose what they held by it.',
    positional: '<group id>',
    options: [],
    run: (context) => plainly(context, 'DELETE', `/api/access/groups/${encodeURIComponent(word(context.parsed, 3, 'group'))}`, 'Removed.'),
  },
  {
    name: 'access group join',
    summary: 'Put a person into a group.',
    positional: '<group id> <person id>',
    options: [],
    run: (context) => plainly(context, 'PUT', memberPath(context), 'Added.'),
  },
  {
    name: 'access group leave',
    summary: 'Take a person out of a group.',
    positional: '<group id> <person id>',
    options: [],
    run: (context) => plainly(context, 'DELETE', memberPath(context), 'Taken out.'),
  },
  {
    name: 'access conflicts',
    summary: 'Who holds two actions that must be two people’s; exit code 1 when somebody does. Owners are the one exception, and named.',
    positional: '',
    options: [],
    run: async (context) => {
      const answer = await (await context.control()).call('GET', '/api/access/conflicts');
      const body = isObject(answer.body) ? answer.body : {};
      const rows = rowsOf(body.people).flatMap((person) =>
        rowsOf(person.conflicts).map((conflict) => ({ person: person.person ?? null, name: person.name ?? null, ...conflict })),
      );
      const code = printAnswer(context, answer, (shown) => {
        printRows(context, rows, ['person', 'name', 'a', 'b', 'why'], 'Nobody but owners holds two actions that conflict.');
        if (shown.isSolo === true)
          context.io.err('Solo mode: one person holds everything; where two are asked, a delay and a cap stand instead.');
      });
      return code === EXIT.done && rows.length > 0 ? EXIT.no : code;
    },
  },
  {
    name: 'access break-glass',
    summary:
      'Emergency access for half an hour. Without words: the requests. `ask <role>`, and another person: `approve <id>`; `deny <id>`, `end <id>`.',
    positional: '[ask <role> | approve <id> | deny <id> | end <id>]',
    options: [],
    run: async (context) => {
      const control = await context.control();
      const verb = context.parsed.words[2];
      if (verb === undefined) {
        const answer = await control.call('GET', '/api/access/break-glass');
        return printAnswer(context, answer, (body) =>
          printRows(context, rowsOf(body.requests), ['id', 'name', 'role', 'state', 'requestedAt', 'endsAt'], 'There is no request.'),
        );
      }
      if (verb === 'ask') {
        const asked = { role: word(context.parsed, 3, 'role'), reason: required(context.parsed, '--reason') };
        return printAnswer(context, await control.call('POST', '/api/access/break-glass', asked), (row) => {
          printFacts(context, { id: row.id ?? null, role: row.role ?? null, state: row.state ?? null });
          context.io.err('Another person has to agree within half an hour: sallyport access break-glass approve <id>, or in the console.');
        });
      }
      if (verb !== 'approve' && verb !== 'deny' && verb !== 'end') throw usage('Say ask, approve, deny or end.');
      const id = encodeURIComponent(word(context.parsed, 3, 'request'));
      const said = { approve: 'Given for 30 minutes.', deny: 'Not given.', end: 'Ended.' }[verb];
      return printAnswer(context, await control.call('POST', `/api/access/break-glass/${id}/${verb}`, {}), () => context.io.out(said));
    },
  },
];

const memberPath = (context: Context): string => {
  const [group, person] = [word(context.parsed, 3, 'group'), word(context.parsed, 4, 'person')].map(encodeURIComponent);
  return `/api/access/groups/${group}/members/${person}`;
};

async function plainly(context: Context, method: string, path: string, said: string): Promise<ExitCode> {
  return printAnswer(context, await (await context.control()).call(method, path), () => context.io.out(said));
}
