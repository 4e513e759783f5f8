// `sallyport dsar`: what people ask about their data. An export and an erasure from here are requests like any other: received, verified by
// whoever types, done, with a receipt that is checked on this machine.

import { sha256OfProof, verifyProof } from '#audit';
import { canonicalJson, isObject, type JsonObject, type JsonValue } from '#core';
import { type OptionSpec, required, text, word } from '../arguments.ts';
import type { Command, Context } from '../command.ts';
import { EXIT, type ExitCode } from '../exit-codes.ts';
import { printAnswer, printFacts, printJson, printRows, rowsOf, visible } from '../print.ts';
import { followLedger, needSameHistory } from '../seen-ledger.ts';

const SUBJECT: OptionSpec = { name: '--subject', value: 'WHO', doc: 'customer:ID, email:ADDRESS, phone:NUMBER or person:per_...' };
const HOW: OptionSpec = {
  name: '--verified',
  value: 'account|callback|document|in_person|platform|operator',
  doc: 'How it was made sure who asks; operator without it.',
};
const FORCE: OptionSpec = { name: '--force', value: null, doc: 'Replace the file when it exists.' };
const COLUMNS = ['id', 'kind', 'state', 'source', 'receivedAt', 'dueAt', 'daysLeft', 'openTasks'] as const;

interface Answer {
  readonly status: number;
  readonly body: JsonValue;
}

const post = async (context: Context, path: string, body: unknown): Promise<Answer> => (await context.control()).call('POST', path, body);
const requestPath = (context: Context): string => `/api/privacy/requests/${encodeURIComponent(word(context.parsed, 2, 'request id'))}`;
const isGood = ({ status, body }: Answer): boolean => status < 400 && isObject(body);

/** A request of this kind that may be acted on, or the answer that says why not. */
async function verifiedRequest(context: Context, kind: 'export' | 'erase', subject: string): Promise<Answer & { readonly path?: string }> {
  const opened = await post(context, '/api/privacy/requests', { kind, subject });
  if (!isGood(opened)) return opened;
  const path = `/api/privacy/requests/${String((opened.body as JsonObject).id)}`;
  const verified = await post(context, `${path}/verify`, { how: text(context.parsed, '--verified') ?? 'operator' });
  return isGood(verified) ? { ...verified, path } : verified;
}

async function exportSubject(context: Context): Promise<ExitCode> {
  const subject = required(context.parsed, '--subject');
  const ready = await verifiedRequest(context, 'export', subject);
  if (ready.path === undefined) return printAnswer(context, ready, () => undefined);
  const answer = await post(context, `${ready.path}/export`, {});
  if (!isGood(answer)) return printAnswer(context, answer, () => undefined);
  const { data, page } = answer.body as JsonObject;
  const replace = context.parsed.options['--force'] === true;
  const [out, html] = [text(context.parsed, '--out'), text(context.parsed, '--page')];
  const save = (path: string, content: string): Promise<void> => context.io.saveFile(path, () => [Buffer.from(content)], { replace });
  if (out !== null) await save(out, `${JSON.stringify(data, null, 2)}\n`);
  if (html !== null) await save(html, String(page));
  if (context.json || (out === null && html === null)) printJson(context, data ?? null);
  else {
    const counts = isObject(data) && isObject(data.items) ? data.items : {};
    if (Object.keys(counts).length === 0) context.io.out('Nothing is held about them.');
    else printFacts(context, counts);
  }
  return EXIT.done;
}

async function eraseSubject(context: Context): Promise<ExitCode> {
  const subject = required(context.parsed, '--subject');
  if (context.parsed.options['--yes'] !== true) {
    const answer = await context.io.ask('Everything held about them is erased for good. Type the subject once more: ');
    if (answer?.trim() !== subject) {
      context.io.err('Nothing was erased.');
      return EXIT.no;
    }
  }
  const ready = await verifiedRequest(context, 'erase', subject);
  if (ready.path === undefined) return printAnswer(context, ready, () => undefined);
  const answer = await post(context, `${ready.path}/erase`, { confirm: subject });
  return printAnswer(context, answer, ({ receipt, digest }) => {
    if (!isObject(receipt)) return;
    printFacts(context, { ...receipt, digest: digest ?? null });
    const listed = (of: JsonValue | undefined): readonly string[] => (Array.isArray(of) ? of.map(String) : []);
    const calls = listed(receipt.calls);
    const byHand = listed(receipt.vendors).filter((vendor) => !calls.includes(vendor));
    if (byHand.length > 0) context.io.err(`They had data of this person and must delete it too: ${byHand.join(', ')}`);
    if (calls.length > 0) context.io.err(`Deleting them there waits for a yes in the inbox: ${calls.join(', ')}`);
  });
}

/** Checks the receipt here: its digest is in the event, and the event is under a checkpoint that the ledger's key signed. */
async function showReceipt(context: Context): Promise<ExitCode> {
  const { seen } = await followLedger(context);
  const answer = await (await context.control()).call('GET', `${requestPath(context)}/receipt`);
  if (!isGood(answer) || seen === null) return printAnswer(context, answer, () => undefined);
  const { receipt, event, tasks } = answer.body as JsonObject;
  const verdict = receiptVerdict(receipt, event, seen.verifierKey);
  if (verdict.ok && isObject(event) && isObject(event.proof)) await needSameHistory(context, seen, String(event.proof.note));
  if (context.json) printJson(context, { ...verdict, receipt: receipt ?? null, event: event ?? null, tasks: tasks ?? [] });
  else {
    if (isObject(receipt)) printFacts(context, receipt);
    if (rowsOf(tasks).length > 0) printRows(context, rowsOf(tasks), ['vendor', 'operation', 'state', 'outcome'], '');
    context.io.out(`${verdict.ok ? 'VERIFIED' : visible(verdict.code)}: ${visible(verdict.message)}`);
  }
  return verdict.ok ? EXIT.done : EXIT.no;
}

/** Of a saved answer of `dsar receipt --json`: what it says, checked with nothing but the key. */
export function receiptVerdict(
  receipt: JsonValue | undefined,
  event: JsonValue | undefined,
  verifierKey: string,
): { readonly ok: boolean; readonly code: string; readonly message: string } {
  const proved = verifyProof(event, verifierKey);
  if (!proved.ok) return { ok: false, code: proved.code, message: proved.message };
  const leaf = isObject(event) ? (JSON.parse(String(event.leaf)) as JsonObject) : {};
  const facts = isObject(leaf.public) ? leaf.public : {};
  if (!isObject(receipt)) return { ok: false, code: 'RECEIPT_MISSING', message: 'There is no receipt.' };
  // Of an export the copy itself is what the digest is of; its receipt repeats it.
  const digest = typeof receipt.digest === 'string' ? receipt.digest : sha256OfProof(Buffer.from(canonicalJson(receipt))).toString('hex');
  const isSame = facts.digest === digest && facts.request === receipt.request;
  return isSame
    ? { ok: true, code: 'VERIFIED', message: 'The receipt is the one whose digest the log sealed under its signed checkpoint.' }
    : { ok: false, code: 'RECEIPT_OTHER', message: 'The receipt is not the one whose digest stands in the log.' };
}

export const dsarCommands: readonly Command[] = [
  {
    name: 'dsar export',
    summary: 'Everything held about one person: as JSON, and as a page to read. The request is recorded with how it was verified.',
    positional: '',
    options: [
      SUBJECT,
      HOW,
      { name: '--out', value: 'FILE', doc: 'Where to write the JSON, a new file; standard output without it.' },
      { name: '--page', value: 'FILE', doc: 'Where to write the page: one HTML file without scripts.' },
      FORCE,
    ],
    run: exportSubject,
  },
  {
    name: 'dsar erase',
    summary: 'Erase everything held about one person, and leave a receipt that can be checked offline. Can not be undone.',
    positional: '',
    options: [SUBJECT, HOW, { name: '--yes', value: null, doc: 'Do not ask.' }],
    run: eraseSubject,
  },
  {
    name: 'dsar receipt',
    summary: 'The receipt of a finished request, checked here against the ledger’s key and the checkpoint seen before.',
    positional: '<request id>',
    options: [],
    run: showReceipt,
  },
  {
    name: 'dsar list',
    summary: 'Privacy requests, newest first, with when they are due.',
    positional: '',
    options: [],
    run: async (context) => {
      const answer = await (await context.control()).call('GET', '/api/privacy/requests');
      return printAnswer(context, answer, (body) => printRows(context, rowsOf(body.requests), COLUMNS, 'Nobody asked for anything.'));
    },
  },
  {
    name: 'dsar show',
    summary: 'One privacy request: whom it is about, its state, and what vendors still have to delete.',
    positional: '<request id>',
    options: [],
    run: async (context) => {
      const answer = await (await context.control()).call('GET', requestPath(context));
      return printAnswer(context, answer, ({ tasks, ...request }) => {
        printFacts(context, request);
        if (rowsOf(tasks).length > 0)
          printRows(context, rowsOf(tasks), ['id', 'vendor', 'state', 'outcome', 'code', 'approval', 'dueAt', 'operation', 'classes'], '');
      });
    },
  },
  {
    name: 'dsar refuse',
    summary: 'Refuse a privacy request, with the kind of reason.',
    positional: '<request id>',
    options: [
      {
        name: '--reason',
        value: 'not_verified|not_the_person|unfounded|legal_duty|held|withdrawn',
        doc: 'Why.',
      },
    ],
    run: async (context) => {
      const path = requestPath(context);
      const answer = await post(context, `${path}/refuse`, { reason: required(context.parsed, '--reason') });
      return printAnswer(context, answer, (body) => context.io.out(`Refused ${visible(String(body.id))}.`));
    },
  },
  {
    name: 'dsar task-done',
    summary: 'Say that a vendor has deleted what it had of an erased person.',
    positional: '<task id>',
    options: [{ name: '--note', value: 'TEXT', doc: 'How you know.' }],
    run: async (context) => {
      const id = encodeURIComponent(word(context.parsed, 2, 'task id'));
      const answer = await post(context, `/api/privacy/tasks/${id}/close`, { note: text(context.parsed, '--note') ?? '' });
      return printAnswer(context, answer, (body) => context.io.out(`Done: ${visible(String(body.vendor))}.`));
    },
  },
  {
    name: 'dsar task-again',
    summary: 'Ask once more for the deletion at a vendor that somebody refused, that failed, or that could not be asked for.',
    positional: '<task id>',
    options: [],
    run: async (context) => {
      const id = encodeURIComponent(word(context.parsed, 2, 'task id'));
      const answer = await post(context, `/api/privacy/tasks/${id}/again`, {});
      return printAnswer(context, answer, (body) =>
        printFacts(context, {
          vendor: body.vendor ?? null,
          outcome: body.outcome ?? null,
          code: body.code ?? null,
          approval: body.approval ?? null,
        }),
      );
    },
  },
  {
    name: 'holds list',
    summary: 'Legal holds: what is kept although somebody asked for its erasure or a rule would delete it.',
    positional: '',
    options: [],
    run: async (context) => {
      const answer = await (await context.control()).call('GET', '/api/privacy/holds');
      const columns = ['id', 'active', 'person', 'place', 'purpose', 'reason', 'placedBy', 'until'];
      return printAnswer(context, answer, (body) => printRows(context, rowsOf(body.holds), columns, 'There is no legal hold.'));
    },
  },
  {
    name: 'holds place',
    summary: 'Place a legal hold on one person, or on everything of a place or a purpose.',
    positional: '',
    options: [
      SUBJECT,
      { name: '--place', value: 'PLACE', doc: 'runs, known_values, approvals, effects, deliveries, people or datasets.' },
      { name: '--purpose', value: 'NAME', doc: 'A workflow or an integration.' },
      { name: '--reason', value: 'TEXT', doc: 'Why; sealed with it.' },
      { name: '--until', value: 'MOMENT', doc: 'When it ends by itself, e.g. 2027-01-01T00:00:00Z.' },
    ],
    run: async (context) => {
      const option = (name: string): string | null => text(context.parsed, name);
      const answer = await post(context, '/api/privacy/holds', {
        subject: option('--subject'),
        place: option('--place'),
        purpose: option('--purpose'),
        reason: required(context.parsed, '--reason'),
        until: option('--until'),
      });
      return printAnswer(context, answer, (body) => context.io.out(`Placed ${visible(String(body.id))}.`));
    },
  },
  {
    name: 'holds release',
    summary: 'Release a legal hold that somebody else placed.',
    positional: '<hold id>',
    options: [],
    run: async (context) => {
      const id = encodeURIComponent(word(context.parsed, 2, 'hold id'));
      const answer = await post(context, `/api/privacy/holds/${id}/release`, {});
      return printAnswer(context, answer, () => context.io.out('Released.'));
    },
  },
];
