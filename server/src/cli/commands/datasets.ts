// `sallyport dataset` and `sallyport opt-out`: datasets as assets, read as pseudonyms unless somebody says why not; and who opted out of what.

import { isObject, type JsonObject, type JsonValue } from '#core';
import { required, text, texts, usage, word } from '../arguments.ts';
import type { Command, Context } from '../command.ts';
import { EXIT, type ExitCode } from '../exit-codes.ts';
import { answered, printAnswer, printFacts, printRows, rowsOf } from '../print.ts';

const READ_OPTIONS = [
  { name: '--columns', value: 'LIST', doc: 'Names of columns, separated by commas; all of them by default.' },
  { name: '--raw', value: null, doc: 'In the clear: needs --reason, or a window that is open.' },
  { name: '--reason', value: 'TEXT', doc: 'Why rows are read in the clear; opens a window that ends by itself.' },
  { name: '--minutes', value: 'N', doc: 'How long the window stays open, at most 60; 30 by default.' },
  { name: '--use', value: 'USE', doc: 'ad_sharing, sale, profiling or sensitive: leaves out who opted out of it.' },
];

export const datasetCommands: readonly Command[] = [
  {
    name: 'dataset import',
    summary:
      'Import a CSV or JSON lines file as a dataset, or a new version of it: columns are labelled, rows sealed under the keys of people.',
    positional: '<file>',
    options: [
      { name: '--name', value: 'NAME', doc: 'Name of the dataset.' },
      { name: '--source', value: 'TEXT', doc: 'Where it comes from.' },
      { name: '--licence', value: 'TEXT', doc: 'What it may be used under.' },
      { name: '--purpose', value: 'TEXT', doc: 'What it is for.' },
      { name: '--subject', value: 'COLUMN', doc: 'Column that says whom a row is about; found by its label otherwise.' },
      { name: '--label', value: 'COLUMN:CLASS', doc: 'What a column holds; may be given more than once.', repeat: true },
    ],
    run: async (context) => {
      const { parsed, io } = context;
      const file = word(parsed, 2, 'file');
      const name = required(parsed, '--name');
      const format = file.endsWith('.csv') ? 'text/csv' : /\.(?:jsonl|ndjson)$/.test(file) ? 'application/x-ndjson' : null;
      if (format === null) throw usage('The file ends in .csv, .jsonl or .ndjson.');
      const query = new URLSearchParams();
      for (const key of ['source', 'licence', 'purpose', 'subject']) {
        const value = text(parsed, `--${key}`);
        if (value !== null) query.set(key, value);
      }
      const labels = texts(parsed, '--label');
      if (labels.length > 0) query.set('labels', labels.join(','));
      const control = await context.control();
      if (control.upload === undefined) throw usage('This connection takes no files.');
      const path = `/api/datasets/${encodeURIComponent(name)}/import`;
      io.err(`Importing ${file} ...`);
      const sent = control.upload(`${path}?${query}`, format, io.bytes(file));
      const answer = await toldMeanwhile(context, path, sent);
      return printAnswer(context, answer, (body) => showDataset(context, body));
    },
  },
  {
    name: 'dataset list',
    summary: 'The datasets there are, with where they come from and the digest of what was imported.',
    positional: '',
    options: [],
    run: async (context) =>
      answered(context, 'GET', '/api/datasets', undefined, (body) =>
        printRows(
          context,
          rowsOf(body.datasets),
          ['name', 'version', 'rows', 'hash', 'source', 'purpose', 'importedAt', 'importedBy'],
          'No dataset.',
        ),
      ),
  },
  {
    name: 'dataset show',
    summary: 'A dataset: its columns with what they hold, its versions, who may read which part, and who read it in the clear.',
    positional: '<name>',
    options: [],
    run: async (context) =>
      answered(context, 'GET', `/api/datasets/${encodeURIComponent(word(context.parsed, 2, 'name'))}`, undefined, (body) => {
        showDataset(context, body);
        printRows(context, rowsOf(body.versions), ['version', 'hash', 'rows', 'importedAt', 'importedBy'], '');
        if (rowsOf(body.grants).length > 0) printRows(context, rowsOf(body.grants), ['id', 'toName', 'columns', 'filtered'], '');
        if (rowsOf(body.raw).length > 0) printRows(context, rowsOf(body.raw), ['name', 'openedAt', 'expiresAt', 'endedAt', 'open'], '');
      }),
  },
  {
    name: 'dataset read',
    summary: 'Read rows of a dataset: personal values are tokens that stay the same within its purpose, so that rows still join.',
    positional: '<name>',
    options: [...READ_OPTIONS, { name: '--limit', value: 'N', doc: 'How many rows, at most 500; 50 by default.' }],
    run: async (context) => {
      const refused = await openWindow(context);
      if (refused !== null) return refused;
      const answer = await (await context.control()).call('GET', readPath(context, text(context.parsed, '--limit') ?? '50', 0, false));
      return printAnswer(context, answer, (body) => {
        printRows(context, rowsOf(body.rows), namesOf(body.columns), 'No row.');
        if (body.next !== null) context.io.err('There are more rows.');
        if (Number(body.optedOut) > 0) context.io.err(`${String(body.optedOut)} left out: they opted out.`);
      });
    },
  },
  {
    name: 'dataset export',
    summary: 'Write all rows of a dataset to a file of JSON lines, as pseudonyms unless --raw; it is on record.',
    positional: '<name>',
    options: [...READ_OPTIONS, { name: '--out', value: 'FILE', doc: 'The file to write.' }],
    run: async (context) => {
      const file = required(context.parsed, '--out');
      const refused = await openWindow(context);
      if (refused !== null) return refused;
      const control = await context.control();
      const told = { rows: 0, left: 0 };
      let refusal: { status: number; body: JsonValue } | null = null;
      // Page by page into the file, which gets its name when it is whole.
      const pieces = async function* (): AsyncGenerator<Uint8Array> {
        for (let after = 0; ; ) {
          const answer = await control.call('GET', readPath(context, '500', after, true));
          if (answer.status >= 400 || !isObject(answer.body)) {
            refusal = answer;
            throw usage('The export was refused.');
          }
          const rows = rowsOf(answer.body.rows);
          told.rows += rows.length;
          told.left += Number(answer.body.optedOut ?? 0);
          yield Buffer.from(rows.map((row) => `${JSON.stringify(row)}\n`).join(''));
          if (typeof answer.body.next !== 'number') return;
          after = answer.body.next;
          context.io.err(`${told.rows} rows ...`);
        }
      };
      try {
        await context.io.saveFile(file, pieces, { replace: true });
      } catch (fault) {
        if (refusal === null) throw fault;
        return printAnswer(context, refusal, () => {});
      }
      return printAnswer(context, { status: 200, body: { file, rows: told.rows, optedOut: told.left } }, (body) =>
        printFacts(context, body),
      );
    },
  },
  {
    name: 'dataset raw-end',
    summary: 'End your reading in the clear before its time.',
    positional: '<name>',
    options: [],
    run: async (context) =>
      answered(context, 'DELETE', `/api/datasets/${encodeURIComponent(word(context.parsed, 2, 'name'))}/raw`, undefined, (body) =>
        printFacts(context, body),
      ),
  },
  {
    name: 'dataset grant',
    summary: 'Say who reads which columns and rows; once a dataset has grants, nobody else reads it.',
    positional: '<name>',
    options: [
      { name: '--to', value: 'WHO', doc: 'A person’s id, or role: and a role, e.g. role:analyst.' },
      { name: '--columns', value: 'LIST', doc: 'Names of columns, separated by commas; all of them by default.' },
      {
        name: '--where',
        value: 'COLUMN=VALUE',
        doc: 'Only rows with this value; more than once for several values of one column.',
        repeat: true,
      },
    ],
    run: async (context) => {
      const { parsed } = context;
      const conditions = texts(parsed, '--where').map((one) => [one.slice(0, one.indexOf('=')), one.slice(one.indexOf('=') + 1)] as const);
      const columns = new Set(conditions.map(([column]) => column));
      if (columns.size > 1 || columns.has('')) throw usage('Option --where is COLUMN=VALUE, and one column only.');
      const body = {
        to: required(parsed, '--to'),
        columns: text(parsed, '--columns')?.split(',') ?? null,
        filter:
          columns.size === 0 ? null : { column: [...columns][0] as string, kind: 'one_of', values: conditions.map(([, value]) => value) },
      };
      const path = `/api/datasets/${encodeURIComponent(word(parsed, 2, 'name'))}/grants`;
      return answered(context, 'POST', path, body, (shown) => printFacts(context, shown));
    },
  },
  {
    name: 'dataset ungrant',
    summary: 'End a grant of a dataset.',
    positional: '<name> <grant id>',
    options: [],
    run: async (context) => {
      const path = `/api/datasets/${encodeURIComponent(word(context.parsed, 2, 'name'))}/grants/${encodeURIComponent(word(context.parsed, 3, 'grant id'))}`;
      return answered(context, 'DELETE', path, undefined, (body) => printFacts(context, body));
    },
  },
  {
    name: 'dataset remove',
    summary: 'Remove a dataset with all its rows and grants.',
    positional: '<name>',
    options: [{ name: '--yes', value: null, doc: 'Do it.' }],
    run: async (context) => {
      const name = word(context.parsed, 2, 'name');
      if (context.parsed.options['--yes'] !== true) throw usage(`This removes every row of ${name}; add --yes.`);
      return answered(context, 'DELETE', `/api/datasets/${encodeURIComponent(name)}`, undefined, (body) => printFacts(context, body));
    },
  },
  {
    name: 'opt-out add',
    summary:
      'Record that customers opted out, e.g. by the signal of their browser: nothing of them goes into what is declared for such a use.',
    positional: '',
    options: optOutOptions(),
    run: async (context) => setOptOut(context, true),
  },
  {
    name: 'opt-out remove',
    summary: 'Take an opt-out back, because the customer asked for it.',
    positional: '',
    options: optOutOptions(),
    run: async (context) => setOptOut(context, false),
  },
  {
    name: 'opt-out list',
    summary: 'How many opted out of what, and how it was told; nobody is named.',
    positional: '',
    options: [],
    run: async (context) =>
      answered(context, 'GET', '/api/opt-outs', undefined, (body) =>
        printRows(context, rowsOf(body.optOuts), ['use', 'source', 'count', 'lastAt'], 'Nobody opted out.'),
      ),
  },
  {
    name: 'opt-out check',
    summary:
      'Ask the log whether opt-outs were honoured: no call for such a use, and nothing its run was given, held anybody who had opted out before.',
    positional: '',
    options: [
      { name: '--use', value: 'USE', doc: 'ad_sharing, sale, profiling, sensitive or admt; the first four by default.' },
      { name: '--since', value: 'MOMENT', doc: 'Calls since then, e.g. 2026-01-01T00:00:00Z; all there are by default.' },
    ],
    run: checkOptOuts,
  },
];

/** 0: nobody was found. 1: somebody was, or not everything could be looked at. */
async function checkOptOuts(context: Context): Promise<ExitCode> {
  const [use, since] = [text(context.parsed, '--use'), text(context.parsed, '--since')];
  const query = new URLSearchParams({ ...(use === null ? {} : { use }), ...(since === null ? {} : { since }) });
  const answer = await (await context.control()).call('GET', `/api/opt-outs/check?${query}`);
  let isGood = true;
  const code = printAnswer(context, answer, ({ breaches, ...counts }) => {
    printFacts(context, counts);
    printRows(context, rowsOf(breaches), ['run', 'integration', 'use', 'at'], 'Nobody who had opted out was in any of them.');
  });
  if (isObject(answer.body)) isGood = rowsOf(answer.body.breaches).length === 0 && answer.body.isWhole === true;
  return code === EXIT.done && !isGood ? EXIT.no : code;
}

function optOutOptions() {
  return [
    { name: '--customer', value: 'ID', doc: 'A customer’s id at the shop; may be given more than once.', repeat: true },
    { name: '--email', value: 'ADDRESS', doc: 'An e-mail address; may be given more than once.', repeat: true },
    {
      name: '--use',
      value: 'USE',
      doc: 'ad_sharing, sale, profiling, sensitive (limits its use) or admt (decisions by machines); the first three by default.',
      repeat: true,
    },
    { name: '--source', value: 'SOURCE', doc: 'request (default), gpc, limit or import.' },
  ];
}

async function setOptOut(context: Context, out: boolean): Promise<ExitCode> {
  const { parsed } = context;
  const uses = texts(parsed, '--use');
  const body = {
    customers: [...texts(parsed, '--customer')],
    emails: [...texts(parsed, '--email')],
    ...(uses.length === 0 ? {} : { uses: [...uses] }),
    source: text(parsed, '--source') ?? 'request',
    out,
  };
  return answered(context, 'POST', '/api/opt-outs', body, (shown) => printFacts(context, shown));
}

/** With a reason, rows in the clear are asked for first; null when there is nothing in the way. */
async function openWindow(context: Context): Promise<ExitCode | null> {
  const { parsed } = context;
  const reason = text(parsed, '--reason');
  if (parsed.options['--raw'] !== true || reason === null) return null;
  const minutes = Number(text(parsed, '--minutes') ?? '30');
  const path = `/api/datasets/${encodeURIComponent(word(parsed, 2, 'name'))}/raw`;
  const answer = await (await context.control()).call('POST', path, { reason, minutes });
  if (answer.status >= 400) return printAnswer(context, answer, () => {});
  if (isObject(answer.body)) context.io.err(`In the clear until ${String(answer.body.expiresAt)}; it is on record.`);
  return null;
}

function readPath(context: Context, limit: string, after: number, isExport: boolean): string {
  const { parsed } = context;
  const query = new URLSearchParams({ limit, after: String(after) });
  const columns = text(parsed, '--columns');
  const use = text(parsed, '--use');
  if (columns !== null) query.set('columns', columns);
  if (use !== null) query.set('use', use);
  if (parsed.options['--raw'] === true) query.set('raw', 'true');
  if (isExport) query.set('export', 'true');
  return `/api/datasets/${encodeURIComponent(word(parsed, 2, 'name'))}/rows?${query}`;
}

const TELL_EVERY_MS = 2_000;

/** How far the server is, while it works: asked beside the upload. */
async function toldMeanwhile<Answer>(context: Context, path: string, work: Promise<Answer>): Promise<Answer> {
  const control = await context.control();
  const isDone = work.then(
    () => true,
    () => true,
  );
  for (;;) {
    let timer: NodeJS.Timeout | undefined;
    const waited = new Promise<false>((resolve) => {
      timer = setTimeout(() => resolve(false), TELL_EVERY_MS);
    });
    const over = await Promise.race([isDone, waited]);
    clearTimeout(timer);
    if (over) return work;
    const answer = await control.call('GET', path).catch(() => null);
    const [one] = answer !== null && isObject(answer.body) ? rowsOf(answer.body.imports) : [];
    if (one !== undefined)
      context.io.err(
        one.phase === 'reading' ? `${String(one.rows)} rows read ...` : `${String(one.sealed)} of ${String(one.rows)} rows sealed ...`,
      );
  }
}

const namesOf = (columns: unknown): string[] => (Array.isArray(columns) ? columns.map((one) => String((one as JsonObject).name)) : []);

function showDataset(context: Context, body: JsonObject): void {
  const { name, version, hash, rows, source, licence, purpose, subjectColumn, importedAt, importedBy } = body;
  printFacts(context, {
    name: name ?? null,
    version: version ?? null,
    hash: hash ?? null,
    rows: rows ?? null,
    source: source ?? null,
    licence: licence ?? null,
    purpose: purpose ?? null,
    subject: subjectColumn ?? null,
    importedAt: importedAt ?? null,
    importedBy: importedBy ?? null,
    cardsDropped: body.cardsDropped ?? null,
    codesDropped: body.codesDropped ?? null,
  });
  printRows(context, rowsOf(body.columns), ['name', 'dataClass', 'by', 'shown'], '');
}
