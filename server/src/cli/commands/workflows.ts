// `sallyport workflows`: import a folder, look at exactly what it may do, approve its hash, publish, pause, run, and see what became of runs.

import { isObject, type JsonObject, SallyportError } from '#core';
import { text, texts, word } from '../arguments.ts';
import type { Command, Context } from '../command.ts';
import { EXIT, type ExitCode } from '../exit-codes.ts';
import { printAnswer, printFacts, printRows, rowsOf, visible } from '../print.ts';

const HASH = { name: '--hash', value: 'HASH', doc: 'Which version, as `workflows list` names it.' } as const;
const YES = { name: '--yes', value: null, doc: 'Do not ask.' } as const;

export const workflowCommands: readonly Command[] = [
  {
    name: 'workflows list',
    summary: 'Versions of workflows and their state.',
    positional: '',
    options: [],
    run: async (context) => {
      const answer = await (await context.control()).call('GET', '/api/workflows');
      return printAnswer(context, answer, (body) =>
        printRows(
          context,
          rowsOf(body.workflows).map((row) => ({ ...row, passkey: passkeyWord(row) })),
          ['name', 'state', 'paused', 'solo', 'hash', 'importedAt', 'passkey'],
          'No workflow yet: sallyport workflows import <folder>.',
        ),
      );
    },
  },
  {
    name: 'workflows import',
    summary: 'Import a folder with workflow.yaml as a draft; every file in it becomes part of the hash.',
    positional: '<folder>',
    options: [],
    run: async (context) => {
      const files = await context.io.readFolder(word(context.parsed, 2, 'folder'));
      const answer = await (await context.control()).call('POST', '/api/workflows', { files });
      return printAnswer(context, answer, (body) => printFacts(context, pick(body, ['name', 'state', 'hash'])));
    },
  },
  {
    name: 'workflows show',
    summary: 'What a version may do and every file of it; the published or newest version by default.',
    positional: '<name>',
    options: [HASH],
    run: async (context) =>
      printAnswer(context, await show(context, text(context.parsed, '--hash')), (body) => printDetails(context, body)),
  },
  {
    name: 'workflows approve',
    summary: 'Approve exactly this content. Whoever has a passkey signs it with that, in the console; the link is printed.',
    positional: '<name>',
    options: [HASH, YES],
    run: approve,
  },
  {
    name: 'workflows publish',
    summary: 'Make an approved version the one that runs; the earlier one is retired.',
    positional: '<name>',
    options: [HASH],
    run: (context) => change(context, 'publish'),
  },
  {
    name: 'workflows retire',
    summary: 'Stop new runs of the published version; runs under way end as they began.',
    positional: '<name>',
    options: [HASH],
    run: (context) => change(context, 'retire'),
  },
  {
    name: 'workflows pause',
    summary: 'Stop a workflow: no run starts and each one under way ends at its next step.',
    positional: '<name>',
    options: [],
    run: (context) => post(context, 'pause'),
  },
  {
    name: 'workflows resume',
    summary: 'Let a paused workflow start runs again.',
    positional: '<name>',
    options: [],
    run: (context) => post(context, 'resume'),
  },
  {
    name: 'workflows segment',
    summary: 'What a version may reach, step by step: integrations, hosts, operations, models, credentials. Everything else is refused.',
    positional: '<name>',
    options: [HASH],
    run: segment,
  },
  {
    name: 'workflows test',
    summary: 'Run the tests of a folder, or of an imported workflow, against a throw-away demo shop and a model that obeys anybody.',
    positional: '<folder or name>',
    options: [HASH],
    run: test,
  },
  {
    name: 'workflows run',
    summary: 'Start a run of the published version.',
    positional: '<name>',
    options: [
      { name: '--ticket', value: 'ID', doc: 'The same as --input ticket=ID.' },
      { name: '--input', value: 'NAME=VALUE', doc: 'An input of the workflow; may be given more than once.', repeat: true },
    ],
    run: async (context) => {
      const path = `/api/workflows/${encodeURIComponent(word(context.parsed, 2, 'workflow'))}/runs`;
      const answer = await (await context.control()).call('POST', path, { input: inputsOf(context) });
      return printAnswer(context, answer, (body) => printFacts(context, pick(body, ['id', 'workflow', 'state'])));
    },
  },
];

async function show(context: Context, hash: string | null) {
  const name = encodeURIComponent(word(context.parsed, 2, 'workflow'));
  return (await context.control()).call('GET', `/api/workflows/${name}${hash === null ? '' : `?hash=${encodeURIComponent(hash)}`}`);
}

async function segment(context: Context): Promise<ExitCode> {
  const name = encodeURIComponent(word(context.parsed, 2, 'workflow'));
  const hash = text(context.parsed, '--hash');
  const query = hash === null ? '' : `?hash=${encodeURIComponent(hash)}`;
  const answer = await (await context.control()).call('GET', `/api/workflows/${name}/segment${query}`);
  return printAnswer(context, answer, (body) => {
    printFacts(context, pick(body, ['name', 'hash', 'state', 'enforced', 'dataClasses']));
    printRows(context, rowsOf(body.integrations), ['name', 'kind', 'host', 'credential'], 'It reaches nothing.');
    printRows(context, rowsOf(body.steps), ['id', 'kind', 'operations', 'models', 'hosts'], 'It has no steps.');
  });
}

function printDetails(context: Context, body: JsonObject): void {
  printFacts(context, pick(body, ['name', 'hash', 'state', 'paused', 'importedAt', 'importedBy', 'approvedAt', 'approvedBy', 'solo']));
  if (isObject(body.definition)) printFacts(context, body.definition);
  else context.io.out('The stored files no longer make this version; it can not run.');
  if (isObject(body.signature)) {
    printFacts(context, pick(body.signature, ['state', 'algorithm', 'keyId', 'intact']));
    printFacts(context, { signedBy: signerOf(body.signature, body) });
  }
  if (isObject(body.compared)) {
    context.io.out(`\nWhat it may do, against version ${visible(String(body.compared.hash))}:`);
    printRows(context, rowsOf(body.compared.changes), ['direction', 'area', 'name', 'before', 'after'], 'The same.');
  }
  for (const [path, content] of Object.entries(isObject(body.files) ? body.files : {})) {
    context.io.out(`\n--- ${path}`);
    for (const line of String(content).split('\n')) printFacts(context, { '': line });
  }
}

/** The hash is always named: what is approved is what was looked at. */
async function approve(context: Context): Promise<ExitCode> {
  const shown = await show(context, hashOf(context));
  if (shown.status >= 400 || !isObject(shown.body)) return printAnswer(context, shown, () => {});
  if (context.parsed.options['--yes'] !== true && !context.json) {
    printDetails(context, shown.body);
    const answer = await context.io.ask('Approve exactly this? Type yes: ');
    if (answer?.trim().toLowerCase() !== 'yes') {
      context.io.err('Nothing was approved.');
      return EXIT.no;
    }
  }
  return change(context, 'approve');
}

/** A folder when it looks like one; else what is stored under the name, which is what would run. */
async function test(context: Context): Promise<ExitCode> {
  const what = word(context.parsed, 2, 'folder or name');
  const files = /^[a-z0-9][a-z0-9-]*$/.test(what) ? await storedFiles(context) : await context.io.readFolder(what);
  const report = await context.main.testWorkflow(files, (line) => context.io.err(line));
  if (context.json) context.io.out(JSON.stringify(report, null, 2));
  else {
    for (const { ok, path, case: shows, differences } of report.results) {
      printFacts(context, { [ok ? 'passed' : 'FAILED']: `${path}  ${shows}` });
      for (const difference of differences) printFacts(context, { '': difference });
    }
    printFacts(context, { workflow: report.workflow, hash: report.hash, passed: report.passed, failed: report.failed });
  }
  return report.failed === 0 ? EXIT.done : EXIT.no;
}

async function storedFiles(context: Context): Promise<Readonly<Record<string, string>>> {
  const shown = await show(context, text(context.parsed, '--hash'));
  const files = isObject(shown.body) && shown.status < 400 && isObject(shown.body.files) ? shown.body.files : null;
  if (files === null) throw new SallyportError('CLI_USAGE', 'There is no such workflow here; name a folder such as ./my-workflow.');
  return Object.fromEntries(Object.entries(files).map(([path, content]) => [path, String(content)]));
}

async function change(context: Context, what: 'approve' | 'publish' | 'retire'): Promise<ExitCode> {
  const hash = hashOf(context);
  const path = `/api/workflows/${encodeURIComponent(word(context.parsed, 2, 'workflow'))}/${what}`;
  const answer = await (await context.control()).call('POST', path, { hash });
  return printAnswer(context, answer, (body) => printFacts(context, pick(body, ['name', 'state', 'hash', 'solo', 'passkey'])));
}

async function post(context: Context, what: 'pause' | 'resume'): Promise<ExitCode> {
  const path = `/api/workflows/${encodeURIComponent(word(context.parsed, 2, 'workflow'))}/${what}`;
  return printAnswer(context, await (await context.control()).call('POST', path), (body) => printFacts(context, body));
}

const THUMBPRINT_CHARS = 16;

/** In the list: which passkey signed the approval, by the beginning of its thumbprint. */
function passkeyWord({ approvedAt, passkey }: JsonObject): string | null {
  if (typeof passkey === 'string') return passkey.slice(0, THUMBPRINT_CHARS);
  return approvedAt === null ? null : 'unsigned';
}

/** Who signed with which passkey, as it was checked just now. */
function signerOf({ passkey }: JsonObject, { approvedAt, people }: JsonObject): string | null {
  if (!isObject(passkey ?? null)) return approvedAt === null ? null : 'unsigned: approved by somebody without a passkey';
  const { by, thumbprint, removed } = passkey as JsonObject;
  const name = isObject(people ?? null) ? (people as JsonObject)[String(by)] : undefined;
  return `${String(name ?? by)} with passkey ${String(thumbprint)}${removed === true ? ' (removed since)' : ''}`;
}

function hashOf(context: Context): string {
  const hash = text(context.parsed, '--hash');
  if (hash === null) throw new SallyportError('CLI_USAGE', 'Option --hash is needed: `sallyport workflows list` names the hashes.');
  return hash;
}

function inputsOf(context: Context): JsonObject {
  const given = texts(context.parsed, '--input').map((pair): [string, string] => {
    const at = pair.indexOf('=');
    if (at < 1) throw new SallyportError('CLI_USAGE', 'Option --input takes NAME=VALUE.');
    return [pair.slice(0, at), pair.slice(at + 1)];
  });
  const ticket = text(context.parsed, '--ticket');
  return Object.fromEntries([...(ticket === null ? [] : [['ticket', ticket] as [string, string]]), ...given]);
}

function pick(body: JsonObject, names: readonly string[]): JsonObject {
  return Object.fromEntries(names.map((name) => [name, body[name] ?? null]));
}
