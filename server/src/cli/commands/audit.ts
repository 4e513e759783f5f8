// `sallyport audit export|verify|proof|checkpoint|verifier`: the log taken out, and checked here, on this machine, by the offline verifier.
// What a server says about its own log is never believed: its key and checkpoints are compared with what this user saw before.

import { type Verdict, verdictText, verifierFile, verifyPack, verifyProof } from '#audit';
import { isObject } from '#core';
import { type OptionSpec, text, usage, word } from '../arguments.ts';
import type { Command, Context } from '../command.ts';
import { EXIT, type ExitCode } from '../exit-codes.ts';
import { printAnswer, printJson, rowsOf, visible } from '../print.ts';
import { comparePack, followLedger, needSameHistory, takeCheckpoint } from '../seen-ledger.ts';
import { EVENT_FILTERS, filterOf } from './event.ts';

const VERIFY_OPTIONS: readonly OptionSpec[] = [
  {
    name: '--key',
    value: 'KEY',
    doc: 'The log’s public key, known from elsewhere; without it the pack’s own key is used and that is said.',
  },
  { name: '--policy', value: 'FILE', doc: 'A witness policy (c2sp.org/tlog-policy): which witnesses must have signed the checkpoint.' },
  { name: '--against', value: 'FILE', doc: 'A receipt or checkpoint kept earlier: finds a cut tail, a fork and a rollback.' },
  { name: '--save', value: 'FILE', doc: 'Where to keep the receipt of a pack that verifies, a new file; keep it on another machine.' },
];
const OUT: OptionSpec = { name: '--out', value: 'FILE', doc: 'The file to write; `-` for standard output.' };
const FORCE: OptionSpec = { name: '--force', value: null, doc: 'Replace the file when it exists.' };
const MIB = 1024 * 1024;

interface Checked {
  readonly trustedKey?: string;
  readonly savedCheckpoint?: string;
  readonly policy?: string;
}

/** What the options say to compare a pack with. */
async function comparedWith(context: Context): Promise<Checked> {
  const file = async (name: string): Promise<string | null> => {
    const path = text(context.parsed, name);
    return path === null ? null : context.io.readFile(path);
  };
  const [trustedKey, savedCheckpoint, policy] = [text(context.parsed, '--key'), await file('--against'), await file('--policy')];
  return {
    ...(trustedKey === null ? {} : { trustedKey }),
    ...(savedCheckpoint === null ? {} : { savedCheckpoint }),
    ...(policy === null ? {} : { policy }),
  };
}

/** The same, and what this user has just seen of the running server's log; refuses a log that does not continue what was seen before. */
async function comparedWithSeen(context: Context): Promise<{ compared: Checked; since: readonly string[] }> {
  const { seen } = await followLedger(context);
  const given = await comparedWith(context);
  const own = seen === null ? {} : { trustedKey: seen.verifierKey, savedCheckpoint: seen.note };
  const saved = [seen?.note, given.savedCheckpoint].filter((note) => note !== undefined);
  return { compared: { ...own, ...given }, since: [...new Set(saved.map(sizeOf))] };
}

async function check(context: Context, path: string, compared: Checked): Promise<Verdict> {
  let told = 0;
  const onProgress = (done: number, total: number): void => {
    const percent = total === 0 ? 100 : Math.floor((done / total) * 100);
    if (percent < told + 10 || total < 10_000) return;
    told = percent;
    context.io.err(`checked ${done} of ${total} events`);
  };
  try {
    return await verifyPack(path, { ...compared, onProgress });
  } catch (cause) {
    throw context.io.unreadable(path, cause);
  }
}

async function tell(context: Context, verdict: Verdict): Promise<ExitCode> {
  if (context.json) printJson(context, verdict as never);
  else context.io.out(visibleLines(verdictText(verdict)));
  const [saveTo, receipt] = [text(context.parsed, '--save'), verdict.receipt];
  // Never over a pack or an older receipt, which may say more than this one.
  if (verdict.ok && saveTo !== null && receipt !== null)
    await context.io.saveFile(saveTo, () => [Buffer.from(receipt)], { replace: false });
  return verdict.ok ? EXIT.done : EXIT.no;
}

const visibleLines = (lines: string): string => lines.trimEnd().split('\n').map(visible).join('\n');

const QUARTER = /^(\d{4})-?Q([1-4])$/;

/** The filter of an export; a quarter is its first moment to before the first moment of the next, in UTC. */
function exportQuery(context: Context): URLSearchParams {
  const query = filterOf(context.parsed);
  const quarter = text(context.parsed, '--quarter');
  if (quarter === null) return query;
  const [, year, number] = QUARTER.exec(quarter) ?? [];
  if (year === undefined || query.has('from') || query.has('to')) {
    throw usage('Option --quarter is a year and a quarter, e.g. 2026Q4, and stands instead of --from and --to.');
  }
  const month = (Number(number) - 1) * 3;
  query.set('from', new Date(Date.UTC(Number(year), month, 1)).toISOString());
  query.set('to', new Date(Date.UTC(Number(year), month + 3, 1)).toISOString());
  return query;
}

/** Size of the tree in a receipt or a signed checkpoint, so that the export proves that it continues it. */
function sizeOf(saved: string): string {
  let note = saved;
  try {
    const receipt = JSON.parse(saved) as { note?: unknown };
    note = String(receipt.note);
  } catch {
    // not a receipt: a note as it is
  }
  const size = note.split('\n')[1] ?? '';
  if (!/^[1-9]\d{0,15}$/.test(size)) throw usage('Option --against names neither a receipt nor a signed checkpoint.');
  return size;
}

/** The pack as it comes, with what has arrived said now and then. */
async function* arriving(context: Context, query: URLSearchParams): AsyncGenerator<Uint8Array> {
  let [bytes, told] = [0, 0];
  for await (const chunk of await (await context.control()).stream(`/api/ledger/export?${query}`)) {
    bytes += chunk.length;
    yield chunk;
    if (bytes < told + 10 * MIB) continue;
    told = bytes;
    context.io.err(`${Math.floor(bytes / MIB)} MiB written`);
  }
}

async function exportPack(context: Context): Promise<ExitCode> {
  const query = exportQuery(context);
  query.set('format', 'zip');
  const { compared, since } = await comparedWithSeen(context);
  for (const size of since) query.append('since', size);
  const out =
    text(context.parsed, '--out') ??
    `sallyport-audit${text(context.parsed, '--quarter') === null ? '' : `-${text(context.parsed, '--quarter')}`}.zip`;
  if (out === '-') {
    for await (const chunk of arriving(context, query)) await context.io.write(chunk);
    return EXIT.done;
  }
  await context.io.saveFile(out, () => arriving(context, query), { replace: context.parsed.options['--force'] === true });
  context.io.err(`Written to ${out}. Checking it ...`);
  return tell(context, await check(context, out, compared));
}

/** Exports from the running server and compares with the key and the checkpoint that this user saw last. */
async function verifyServer(context: Context): Promise<ExitCode> {
  const { compared, since } = await comparedWithSeen(context);
  const query = new URLSearchParams({ format: 'zip' });
  for (const size of since) query.append('since', size);
  return context.io.withTemporaryFile(arriving(context, query), async (path) => tell(context, await check(context, path, compared)));
}

async function verifyFile(context: Context, path: string): Promise<ExitCode> {
  const given = await comparedWith(context);
  const first = await check(context, path, given);
  // What was named on the command line is what is meant.
  if (given.savedCheckpoint !== undefined || given.trustedKey !== undefined) return tell(context, first);
  const { verdict, words } = await comparePack(context.main, first, (seen) =>
    check(context, path, { ...given, trustedKey: seen.verifierKey, savedCheckpoint: seen.note }),
  );
  const code = await tell(context, verdict);
  if (words !== null) context.io.err(words);
  return code;
}

export const auditCommands: readonly Command[] = [
  {
    name: 'audit export',
    summary: 'Write the log, a time of it, or chosen events as a zip that anybody can verify offline; then verify it here.',
    positional: '',
    options: [
      ...EVENT_FILTERS,
      { name: '--quarter', value: 'YEARQn', doc: 'A quarter of a year in UTC, e.g. 2026Q4; instead of --from and --to.' },
      { ...OUT, doc: 'The zip to write, `-` for standard output; sallyport-audit.zip, with the quarter, when not given.' },
      FORCE,
      ...VERIFY_OPTIONS,
    ],
    run: exportPack,
  },
  {
    name: 'audit verify',
    summary:
      'Check an exported pack offline, or without one the running server’s log against what you saw last. Exits 1 when it does not verify.',
    positional: '[pack]',
    options: VERIFY_OPTIONS,
    run: (context) => {
      const path = context.parsed.words[2];
      return path === undefined ? verifyServer(context) : verifyFile(context, path);
    },
  },
  {
    name: 'audit proof',
    summary: 'The proof of one event: its way up to the signed checkpoint, checked here, and who outside saw it.',
    positional: '<sequence number>',
    options: [],
    run: async (context) => {
      const seq = encodeURIComponent(word(context.parsed, 2, 'sequence number'));
      const { seen } = await followLedger(context);
      const answer = await (await context.control()).call('GET', `/api/events/${seq}`);
      if (answer.status >= 400 || !isObject(answer.body) || seen === null) return printAnswer(context, answer, () => undefined);
      const verdict = verifyProof(answer.body, seen.verifierKey);
      if (verdict.ok && isObject(answer.body.proof)) await needSameHistory(context, seen, String(answer.body.proof.note));
      const { leaf, proof, anchors } = answer.body;
      if (context.json) printJson(context, { ...verdict, leaf: leaf ?? null, proof: proof ?? null, anchors: anchors ?? [] });
      else printProof(context, answer.body, verdict);
      return verdict.ok ? EXIT.done : EXIT.no;
    },
  },
  {
    name: 'audit checkpoint',
    summary: 'The newest signed checkpoint of the log, to be kept on another machine: later exports prove that they continue it.',
    positional: '',
    options: [OUT, FORCE],
    run: async (context) => {
      const { seen } = await followLedger(context);
      if (seen === null) {
        const answer = await (await context.control()).call('GET', '/api/ledger');
        return printAnswer(context, answer, () => context.io.out('Nothing is signed yet.'));
      }
      const note = await takeCheckpoint(context, seen);
      const out = text(context.parsed, '--out');
      if (context.json) printJson(context, { checkpoint: note, verifierKey: seen.verifierKey });
      if (out !== null && out !== '-')
        await context.io.saveFile(out, () => [Buffer.from(note)], { replace: context.parsed.options['--force'] === true });
      else if (!context.json) await context.io.write(note);
      return EXIT.done;
    },
  },
  {
    name: 'audit verifier',
    summary: 'The offline verifier as one file without dependencies, for a machine that has only Node 20: give it to your auditor.',
    positional: '',
    options: [{ ...OUT, doc: 'The file to write, sallyport-verify.mjs when not given; `-` for standard output.' }, FORCE],
    run: async (context) => {
      const out = text(context.parsed, '--out') ?? 'sallyport-verify.mjs';
      const file = await verifierFile();
      if (out === '-') await context.io.write(file);
      else await context.io.saveFile(out, () => [file], { replace: context.parsed.options['--force'] === true });
      if (out !== '-') context.io.err(`Written to ${out}.`);
      return EXIT.done;
    },
  },
  {
    name: 'verify',
    summary: 'The same as `audit verify <pack>`.',
    positional: '<pack>',
    options: VERIFY_OPTIONS,
    run: (context) => verifyFile(context, word(context.parsed, 1, 'pack')),
  },
];

function printProof(
  context: Context,
  body: Readonly<Record<string, unknown>>,
  verdict: { ok: boolean; code: string; message: string },
): void {
  const { out } = context.io;
  const proof = (isObject(body.proof as never) ? body.proof : {}) as Readonly<Record<string, unknown>>;
  const head = (isObject(proof.head as never) ? proof.head : {}) as Readonly<Record<string, unknown>>;
  const steps = (path: unknown): number => (Array.isArray(path) ? path.length : 0);
  out(verdict.ok ? `PROVEN: ${verdict.message}` : `NOT PROVEN: ${verdict.code}. ${verdict.message}`);
  out(`event       ${visible(String(body.leaf))}`);
  out(`leaf hash   ${visible(String(proof.leafHash))}`);
  out(`tenant      ${steps(proof.path)} steps to the root of ${visible(String(head.size))} events, ${visible(String(head.root))}`);
  out(
    `log         ${steps(head.path)} steps from leaf ${visible(String(head.index))} to the root of ${visible(String(proof.globalSize))}, ${visible(String(proof.globalRoot))}`,
  );
  for (const anchor of rowsOf(body.anchors as never))
    out(`seen by     ${visible(String(anchor.name))} (${visible(String(anchor.kind))}) at ${visible(String(anchor.at))}`);
  out(`checkpoint\n${visibleLines(String(proof.note))}`);
}
