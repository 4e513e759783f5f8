// `sallyport assessments` and `sallyport decisions`: what is a risk for people and needs an assessment, and what decides about them by itself.

import { isArray, isJsonFault, isObject, type JsonObject, type JsonValue, parseStrictJson } from '#core';
import { CONTENT_FIELDS, noticeHtml } from '#governance';
import { required, text, usage, word } from '../arguments.ts';
import type { Command, Context } from '../command.ts';
import { EXIT, type ExitCode } from '../exit-codes.ts';
import { answered, printAnswer, printFacts, printRows, rowsOf } from '../print.ts';

const triggersOf = (value: JsonValue | undefined): string =>
  isArray(value) ? value.map((one) => (isObject(one) ? `${String(one.trigger)}: ${String(one.because)}` : '')).join('; ') : '';

function printAssessment(context: Context, { content, triggers, ...facts }: JsonObject): void {
  printFacts(context, { ...facts, triggers: triggersOf(triggers) });
  context.io.out('');
  if (isObject(content)) printFacts(context, content);
}

/** What to record: a file of JSON, with what options say on top. */
async function recordBody(context: Context): Promise<JsonObject> {
  const file = text(context.parsed, '--file');
  const given = file === null ? {} : parseStrictJson(await context.io.readFile(file));
  if (isJsonFault(given) || !isObject(given)) throw usage('Option --file is a file with one JSON object.');
  const own: Record<string, JsonValue> = {};
  for (const field of CONTENT_FIELDS) {
    const value = text(context.parsed, optionOf(field));
    if (value !== null) own[field] = value;
  }
  const risk = text(context.parsed, '--residual-risk');
  const [version, review] = [text(context.parsed, '--version'), text(context.parsed, '--review-at')];
  if (review !== null && Number.isNaN(Date.parse(review))) throw usage('Option --review-at is a moment such as 2027-03-01T09:00:00Z.');
  return {
    ...given,
    ...own,
    ...(risk === null ? {} : { residualRisk: risk }),
    ...(version === null ? {} : { version }),
    ...(review === null ? {} : { reviewAt: new Date(Date.parse(review)).toISOString() }),
    subject: word(context.parsed, 2, 'subject'),
  };
}
const optionOf = (field: string): string => `--${field.replace(/[A-Z]/g, (letter) => `-${letter.toLowerCase()}`)}`;

const DOCS: Readonly<Record<(typeof CONTENT_FIELDS)[number], string>> = {
  purpose: 'What it is for.',
  necessity: 'Why it is needed, and no less would do.',
  risks: 'What could happen to people.',
  measures: 'What is done about it.',
  consulted: 'Who was asked.',
  priorConsultation: 'What the authority said (Art. 36), where the risk that remains is high.',
  benefits: 'What it is good for, and for whom.',
  harms: 'What it does to people that is bad.',
  dataKinds: 'Kinds of data.',
  keptFor: 'How long they are kept.',
  recipients: 'Who gets them.',
  logic: 'How a machine decides, where one does.',
};

const decisionPath = (context: Context, rest = ''): string => {
  const named = word(context.parsed, 2, 'workflow:NAME or operation:INTEGRATION.OPERATION');
  const found = /^(workflow|operation):(.+)$/.exec(named);
  if (found === null) throw usage('A decision is named as workflow:NAME or operation:INTEGRATION.OPERATION.');
  return `/api/decisions/${String(found[1])}/${encodeURIComponent(String(found[2]))}${rest}`;
};
const DECISION = '<workflow:NAME or operation:INTEGRATION.OPERATION>';

export const assessmentCommands: readonly Command[] = [
  {
    name: 'assessments list',
    summary: 'What needs an impact or risk assessment, why, and how each stands; the duties with their dates.',
    positional: '',
    options: [],
    run: async (context) =>
      answered(context, 'GET', '/api/assessments', undefined, (body) => {
        const rows = rowsOf(body.subjects).map((one) => ({
          ...one,
          triggers: triggersOf(one.triggers),
          assessment: isObject(one.latest) ? (one.latest.id ?? null) : null,
        }));
        printRows(context, rows, ['subject', 'state', 'triggers', 'neededSince', 'assessment'], 'Nothing needs an assessment.');
        context.io.out('');
        printRows(context, rowsOf(body.duties), ['law', 'what', 'status'], '');
        context.io.out('');
        context.io.out(
          body.blocking === true ? 'Workflows wait for theirs before they are published.' : 'Publishing does not wait for them.',
        );
      }),
  },
  {
    name: 'assessments show',
    summary: 'One assessment with what was written.',
    positional: '<assessment>',
    options: [],
    run: async (context) =>
      answered(context, 'GET', `/api/assessments/${encodeURIComponent(word(context.parsed, 2, 'assessment id'))}`, undefined, (body) =>
        printAssessment(context, body),
      ),
  },
  {
    name: 'assessments record',
    summary: 'Record an assessment of what is there now: flow:DESTINATION, workflow:NAME or operation:INTEGRATION.OPERATION.',
    positional: '<subject>',
    options: [
      { name: '--file', value: 'FILE', doc: 'A JSON object with the same fields as the options below.' },
      { name: '--version', value: 'HASH', doc: 'Of a workflow: which version, also before it is published.' },
      { name: '--residual-risk', value: 'low|medium|high', doc: 'The risk that remains.' },
      { name: '--review-at', value: 'TIME', doc: 'When to look again: a year from now without it, three years at most.' },
      ...CONTENT_FIELDS.map((field) => ({ name: optionOf(field), value: 'TEXT', doc: DOCS[field] })),
    ],
    run: async (context) =>
      answered(context, 'POST', '/api/assessments', await recordBody(context), (body) => printAssessment(context, body)),
  },
  {
    name: 'assessments approve',
    summary: 'Approve an assessment that somebody else recorded.',
    positional: '<assessment>',
    options: [],
    run: async (context) =>
      answered(context, 'POST', `/api/assessments/${encodeURIComponent(word(context.parsed, 2, 'assessment id'))}/approve`, {}, (body) =>
        printAssessment(context, body),
      ),
  },
  {
    name: 'assessments blocking',
    summary: 'Say whether a workflow that needs an assessment is published without a current one.',
    positional: '<on|off>',
    options: [],
    run: async (context) => {
      const given = word(context.parsed, 2, 'on or off');
      if (given !== 'on' && given !== 'off') throw usage('Say on or off.');
      return answered(context, 'PUT', '/api/assessments/blocking', { blocking: given === 'on' }, () =>
        context.io.out(given === 'on' ? 'Workflows wait for theirs before they are published.' : 'Publishing does not wait for them.'),
      );
    },
  },
  {
    name: 'decisions list',
    summary: 'What decides about people by itself: declared by manifests and by people, with the date from which the law asks for more.',
    positional: '',
    options: [],
    run: async (context) =>
      answered(context, 'GET', '/api/decisions', undefined, (body) => {
        const columns = ['kind', 'name', 'decides', 'significant', 'mode', 'source', 'alwaysByAPerson'];
        printRows(context, rowsOf(body.decisions), columns, 'Nothing is declared to decide about people.');
        if (isObject(body.duty)) context.io.out(`Notice, opt-out and access (${String(body.duty.law)}): ${String(body.duty.status)}.`);
      }),
  },
  {
    name: 'decisions declare',
    summary: 'Declare that a workflow or an operation decides about people by itself, or that what it decides is not significant.',
    positional: DECISION,
    options: [
      { name: '--decides', value: 'TEXT', doc: 'What is decided, e.g. whether a refund is paid.' },
      { name: '--purpose', value: 'TEXT', doc: 'What it is used for; for the notice.' },
      { name: '--logic', value: 'TEXT', doc: 'How it comes to its result, for the person it is about.' },
      {
        name: '--mode',
        value: 'wait|refuse',
        doc: 'For whoever opted out: a person decides (default), or the machine is not used at all.',
      },
      { name: '--not-significant', value: null, doc: 'It is nothing the law calls significant.' },
    ],
    run: async (context) => {
      const given = (name: string, key: string): JsonObject => {
        const value = text(context.parsed, name);
        return value === null ? {} : { [key]: value };
      };
      const body = {
        decides: required(context.parsed, '--decides'),
        ...given('--purpose', 'purpose'),
        ...given('--logic', 'logic'),
        ...given('--mode', 'mode'),
        significant: context.parsed.options['--not-significant'] !== true,
      };
      return answered(context, 'PUT', decisionPath(context), body, (shown) => printFacts(context, shown));
    },
  },
  {
    name: 'decisions withdraw',
    summary: 'Take back what was declared; what a manifest says stays.',
    positional: DECISION,
    options: [],
    run: async (context) =>
      answered(context, 'DELETE', decisionPath(context), undefined, () =>
        context.io.out('Nothing more than its manifest is declared about it.'),
      ),
  },
  {
    name: 'decisions notice',
    summary: 'The notice people get before a machine decides about them, made of what the workflow or operation is.',
    positional: DECISION,
    options: [{ name: '--html', value: 'FILE', doc: 'Write it as a page that can be printed or put on a web site.' }],
    run: async (context): Promise<ExitCode> => {
      const answer = await (await context.control()).call('GET', decisionPath(context, '/notice'));
      const file = text(context.parsed, '--html');
      if (file !== null && answer.status < 400 && isObject(answer.body)) {
        await context.io.writeFile(file, noticeHtml(answer.body));
        context.io.err(`Wrote ${file}.`);
        if (!context.json) return EXIT.done;
      }
      return printAnswer(context, answer, (body) => {
        for (const { heading, text: said } of rowsOf(body.parts)) {
          context.io.out(String(heading));
          context.io.out(`  ${said === null ? 'MISSING' : String(said)}`);
        }
      });
    },
  },
];
