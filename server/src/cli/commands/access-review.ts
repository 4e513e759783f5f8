// `sallyport access review`: access nobody uses, proposed to be taken away; and reviews in which people decide who keeps what.

import { isArray, isObject, type JsonObject, type JsonValue, SallyportError } from '#core';
import { text, texts, word } from '../arguments.ts';
import type { Command, Context } from '../command.ts';
import type { ExitCode } from '../exit-codes.ts';
import { printAnswer, printFacts, printRows, rowsOf } from '../print.ts';

export const accessReviewCommands: readonly Command[] = [
  {
    name: 'access review propose',
    summary: 'Compare what was granted with what is used, and list what could be taken away, with the evidence.',
    positional: '',
    options: [{ name: '--state', value: 'STATE', doc: 'Do not compare; list what is open, applied, undone, dismissed, gone or all.' }],
    run: async (context) => {
      const state = text(context.parsed, '--state');
      const control = await context.control();
      const answer =
        state === null
          ? await control.call('POST', '/api/least/proposals', {})
          : await control.call('GET', `/api/least/proposals?state=${encodeURIComponent(state)}`);
      return printAnswer(context, answer, (body) => {
        const rows = rowsOf(body.proposals).map((row) => ({
          ...row,
          'last used': isObject(row.evidence) ? (row.evidence.lastUsedAt ?? 'never') : null,
          remove: isArray(row.remove) ? row.remove.join(' ') : null,
        }));
        printRows(
          context,
          rows,
          ['id', 'state', 'kind', 'subjectName', 'remove', 'last used'],
          'Nothing that was granted is unused for long enough.',
        );
        if (rows.some((row) => (row as JsonObject).state === 'open')) context.io.err('Take one away: sallyport access review apply <id>.');
      });
    },
  },
  {
    name: 'access review apply',
    summary: 'Take away what a proposal says; it can be undone. Give `all` to apply every open one.',
    positional: '<proposal id or all>',
    options: [],
    run: (context) => (word(context.parsed, 3, 'proposal id') === 'all' ? applyAll(context) : decide(context, 'apply')),
  },
  {
    name: 'access review undo',
    summary: 'Give back exactly what a proposal took away; refused when the access was changed since.',
    positional: '<proposal id>',
    options: [],
    run: (context) => decide(context, 'undo'),
  },
  {
    name: 'access review dismiss',
    summary: 'Turn a proposal down; it is not made again. Say why with --reason.',
    positional: '<proposal id>',
    options: [],
    run: (context) => decide(context, 'dismiss', { reason: reasonOf(context) }),
  },
  {
    name: 'access review settings',
    summary: 'How long access must be unused, and whether it is then taken away by itself; changes what is given.',
    positional: '',
    options: [
      { name: '--window-days', value: 'DAYS', doc: 'Days without use before something is proposed; 1 to 90.' },
      { name: '--auto-apply', value: 'on|off', doc: 'Apply what stands open through the days of grace.' },
      { name: '--grace-days', value: 'DAYS', doc: 'Days a proposal stands open before it is applied by itself.' },
    ],
    run: settings,
  },
  {
    name: 'access review create',
    summary: 'Open a review: who holds what, for these reviewers to decide until a date.',
    positional: '<name>',
    options: [
      { name: '--reviewer', value: 'PERSON ID', doc: 'Who decides; may be given more than once.', repeat: true },
      { name: '--due-days', value: 'DAYS', doc: 'Days until it is due. Default: 14.' },
      { name: '--role', value: 'ROLE', doc: 'Only this role.' },
      { name: '--workspace', value: 'NAME', doc: 'Only what belongs to this workspace.' },
      { name: '--only', value: 'people|workloads', doc: 'Only people, or only workloads.' },
    ],
    run: create,
  },
  {
    name: 'access review list',
    summary: 'Access reviews, newest first, and how far they are.',
    positional: '',
    options: [],
    run: async (context) =>
      printAnswer(context, await (await context.control()).call('GET', '/api/reviews'), (body) => {
        const rows = rowsOf(body.reviews).map((row) => ({ ...row, ...(isObject(row.items) ? row.items : {}) }));
        printRows(context, rows, ['id', 'name', 'state', 'overdue', 'dueAt', 'decided', 'total'], 'No review yet.');
      }),
  },
  {
    name: 'access review show',
    summary: 'One review with its items: who holds what, when they used it last, and what was decided.',
    positional: '<review id>',
    options: [],
    run: async (context) => {
      const id = encodeURIComponent(word(context.parsed, 3, 'review id'));
      return printAnswer(context, await (await context.control()).call('GET', `/api/reviews/${id}`), (body) => printReview(context, body));
    },
  },
  {
    name: 'access review decide',
    summary: 'Decide one item: keep, remove or change to a smaller role. Say why with --reason.',
    positional: '<review id> <item id> <keep|remove|change>',
    options: [{ name: '--role', value: 'ROLE', doc: 'For change: the smaller role.' }],
    run: async (context) => {
      const [review, item] = [word(context.parsed, 3, 'review id'), word(context.parsed, 4, 'item id')].map(encodeURIComponent);
      const role = text(context.parsed, '--role');
      const body = { decision: word(context.parsed, 5, 'decision'), reason: reasonOf(context), ...(role === null ? {} : { role }) };
      const answer = await (await context.control()).call('POST', `/api/reviews/${review}/items/${item}/decide`, body);
      return printAnswer(context, answer, (decided) =>
        printFacts(context, pick(decided, ['id', 'subjectName', 'name', 'decision', 'outcome'])),
      );
    },
  },
];

async function decide(context: Context, verb: 'apply' | 'undo' | 'dismiss', body: object = {}): Promise<ExitCode> {
  const id = encodeURIComponent(word(context.parsed, 3, 'proposal id'));
  const answer = await (await context.control()).call('POST', `/api/least/proposals/${id}/${verb}`, body);
  return printAnswer(context, answer, (row) => printFacts(context, pick(row, ['id', 'state', 'kind', 'subjectName', 'remove', 'keep'])));
}

/** One after the other, so that each is checked against what the one before it left. */
async function applyAll(context: Context): Promise<ExitCode> {
  const control = await context.control();
  const listed = await control.call('POST', '/api/least/proposals', {});
  if (listed.status >= 400 || !isObject(listed.body)) return printAnswer(context, listed, () => {});
  const results: JsonObject[] = [];
  for (const row of rowsOf(listed.body.proposals).filter(({ canApply }) => canApply === true)) {
    const { status, body } = await control.call('POST', `/api/least/proposals/${encodeURIComponent(String(row.id))}/apply`, {});
    const answer = isObject(body) ? body : {};
    results.push({
      id: row.id ?? null,
      sentence: row.sentence ?? null,
      state: status < 400 ? 'applied' : String(answer.code ?? 'CONTROL_FAULT'),
    });
  }
  return printAnswer(context, { status: 200, body: { results } }, () =>
    printRows(context, results, ['id', 'state', 'sentence'], 'Nothing is open.'),
  );
}

async function settings(context: Context): Promise<ExitCode> {
  const control = await context.control();
  const now = await control.call('GET', '/api/least/settings');
  const [window, grace, auto] = ['--window-days', '--grace-days', '--auto-apply'].map((name) => text(context.parsed, name));
  if ((window === null && grace === null && auto === null) || now.status >= 400 || !isObject(now.body)) {
    return printAnswer(context, now, (body) => printFacts(context, body));
  }
  if (auto !== null && auto !== 'on' && auto !== 'off') throw new SallyportError('CLI_USAGE', '--auto-apply is on or off.');
  const wanted = {
    windowDays: window === null ? now.body.windowDays : Number(window),
    autoApply: auto === null ? now.body.autoApply : auto === 'on',
    graceDays: grace === null ? now.body.graceDays : Number(grace),
  };
  return printAnswer(context, await control.call('PUT', '/api/least/settings', wanted), (body) => printFacts(context, body));
}

async function create(context: Context): Promise<ExitCode> {
  const name = [word(context.parsed, 3, 'name'), ...context.parsed.words.slice(4)].join(' ');
  const [role, workspace, only] = ['--role', '--workspace', '--only'].map((option) => text(context.parsed, option) ?? null);
  if (only !== null && only !== 'people' && only !== 'workloads') throw new SallyportError('CLI_USAGE', '--only is people or workloads.');
  const days = Number(text(context.parsed, '--due-days') ?? 14);
  if (!Number.isInteger(days) || days <= 0) throw new SallyportError('CLI_USAGE', '--due-days is a number of days.');
  const body = {
    name,
    reviewers: texts(context.parsed, '--reviewer'),
    dueInDays: days,
    scope: {
      people: only !== 'workloads',
      workloads: only !== 'people',
      ...(role === null ? {} : { role }),
      ...(workspace === null ? {} : { workspace }),
    },
  };
  return printAnswer(context, await (await context.control()).call('POST', '/api/reviews', body), (review) => printReview(context, review));
}

function printReview(context: Context, body: JsonObject): void {
  printFacts(context, pick(body, ['id', 'name', 'state', 'overdue', 'dueAt', 'completedAt', 'record']));
  const rows = rowsOf(body.list).map((item) => ({
    ...item,
    'last used': isObject(item.usage) ? (item.usage.lastUsedAt ?? 'never') : null,
    conflicts: isArray(item.conflicts) ? item.conflicts.length : 0,
  }));
  printRows(context, rows, ['id', 'subjectName', 'kind', 'name', 'last used', 'smallerRole', 'conflicts', 'decision'], 'No items.');
}

function reasonOf(context: Context): string {
  const reason = text(context.parsed, '--reason');
  if (reason === null) throw new SallyportError('CLI_USAGE', 'Say why with --reason.');
  return reason;
}

function pick(body: JsonObject, names: readonly string[]): JsonObject {
  return Object.fromEntries(names.map((name): [string, JsonValue] => [name, body[name] ?? null]));
}
