// `sallyport event query`: asks the sealed log, prints pages as they come, writes exports, and counts.

import { isObject, type JsonObject, SallyportError } from '#core';
import { type OptionSpec, type Parsed, text, texts, usage } from '../arguments.ts';
import type { Command, Context } from '../command.ts';
import { EXIT, type ExitCode } from '../exit-codes.ts';
import { printAnswer, printFacts, printJson, printRows, rowsOf } from '../print.ts';

/** Names of the filter as the address has them, one for one. */
export const EVENT_FILTERS: readonly OptionSpec[] = [
  { name: '--type', value: 'TYPE', doc: 'A type of event, or how it begins: `approvals.`.' },
  { name: '--subject', value: 'REF', doc: 'What it is about, e.g. a call id.' },
  { name: '--actor', value: 'REF', doc: 'Who acted: `per_…`, `wkl_…`, or a pseudonym `act_…`.' },
  { name: '--resource', value: 'REF', doc: 'An integration or object that the event names.' },
  { name: '--workflow', value: 'NAME', doc: 'Only events that name this workflow.' },
  { name: '--run', value: 'ID', doc: 'Only events of this run.' },
  { name: '--decision', value: 'WORDS', doc: 'allow, deny, approval, fault, or codes; any of them, with commas between.' },
  { name: '--privileged', value: 'yes|no', doc: 'Acts by which a person changed what others may do or see.' },
  { name: '--tokenised', value: 'yes|no', doc: 'Whether values were replaced.' },
  { name: '--fact', value: 'NAME:VALUE', doc: 'A public fact with exactly this value; may be given five times.', repeat: true },
  { name: '--q', value: 'WORDS', doc: 'Every word must stand in the event’s metadata.' },
  { name: '--from', value: 'TIME', doc: 'From this moment on, RFC 3339, e.g. 2026-11-01T00:00:00Z.' },
  { name: '--to', value: 'TIME', doc: 'Before this moment.' },
];

/** The filter that was given, as the members of an address. */
export function filterOf(parsed: Parsed): URLSearchParams {
  const query = new URLSearchParams();
  for (const { name, repeat } of EVENT_FILTERS) {
    if (repeat === true) for (const value of texts(parsed, name)) query.append(name.slice(2), value);
    else {
      const value = text(parsed, name);
      if (value !== null) query.set(name.slice(2), value);
    }
  }
  return query;
}

const FORMATS = ['table', 'json', 'csv', 'ndjson', 'ocsf'] as const;
const PAGE = 200;
const DEFAULT_LIMIT = 50;
/** Beyond it somebody wants an export. */
const MAX_LISTED = 10_000;
/** Progress is said each so many events. */
const TOLD_EVERY = 10_000;

export const eventQueryCommands: readonly Command[] = [
  {
    name: 'event query',
    summary: 'Events of the sealed log that answer a question, newest first, or how many they are. That you asked is recorded.',
    positional: '',
    options: [
      ...EVENT_FILTERS,
      { name: '--format', value: 'FORMAT', doc: 'table (default), json, or everything found as csv, ndjson or ocsf to standard output.' },
      { name: '--count', value: null, doc: 'Only how many there are, by type, person, workflow and decision.' },
      { name: '--limit', value: 'COUNT', doc: `How many a table or json lists; ${DEFAULT_LIMIT} by default, at most ${MAX_LISTED}.` },
      { name: '--before', value: 'CURSOR', doc: 'Where the listing before ended, as it said.' },
    ],
    run: async (context) => {
      const format = text(context.parsed, '--format') ?? (context.json ? 'json' : 'table');
      if (!(FORMATS as readonly string[]).includes(format)) throw usage(`Option --format is one of ${FORMATS.join(', ')}.`);
      const query = filterOf(context.parsed);
      if (context.parsed.options['--count'] === true) return count(context, query, format);
      return format === 'table' || format === 'json' ? list(context, query, format) : download(context, query, format);
    },
  },
];

async function count(context: Context, query: URLSearchParams, format: string): Promise<ExitCode> {
  const answer = await (await context.control()).call('GET', `/api/events/facets?${query}`);
  if (format === 'json' && answer.status < 400) {
    printJson(context, answer.body);
    return EXIT.done;
  }
  return printAnswer(context, answer, (body) => {
    const { total, minutes, scanned, isComplete } = body;
    printFacts(context, { total: total ?? 0, minutes: minutes ?? 0, scanned: scanned ?? 0 });
    if (isComplete === false) context.io.err('Older events were not looked at: these numbers are at least so many. Narrow the time.');
    const facets = isObject(body.facets) ? (body.facets as JsonObject) : {};
    const rows = Object.entries(facets).flatMap(([facet, values]) =>
      rowsOf(values).map(({ value, by, count: events }) => ({ facet, value: by ?? value ?? null, events: events ?? 0 })),
    );
    printRows(context, rows, ['facet', 'value', 'events'], 'No event answers.');
  });
}

async function list(context: Context, query: URLSearchParams, format: 'table' | 'json'): Promise<ExitCode> {
  const limit = Number(text(context.parsed, '--limit') ?? DEFAULT_LIMIT);
  if (!Number.isInteger(limit) || limit < 1 || limit > MAX_LISTED) throw usage(`Option --limit is a number from 1 to ${MAX_LISTED}.`);
  const control = await context.control();
  const events: JsonObject[] = [];
  let before = text(context.parsed, '--before');
  let scanned = 0;
  do {
    const page = new URLSearchParams(query);
    page.set('limit', String(Math.min(PAGE, limit - events.length)));
    if (before !== null) page.set('before', before);
    const answer = await control.call('GET', `/api/events?${page}`);
    if (answer.status >= 400) return printAnswer(context, answer, () => {});
    const body = isObject(answer.body) ? answer.body : {};
    events.push(...rowsOf(body.events));
    scanned += typeof body.scanned === 'number' ? body.scanned : 0;
    before = typeof body.next === 'string' ? body.next : null;
    if (before !== null && events.length < limit) context.io.err(`${scanned} events looked at, ${events.length} found`);
  } while (before !== null && events.length < limit);
  if (format === 'json') printJson(context, { events, next: before, scanned });
  else {
    const rows = events.map(({ seq, entry, by, privileged }) => {
      const { at, type, actor, subject, public: facts } = isObject(entry) ? entry : {};
      const { code = null } = isObject(facts) ? (facts as JsonObject) : {};
      return { seq, at, type, by: by ?? actor, subject, code, privileged: privileged === true ? 'yes' : null } as JsonObject;
    });
    printRows(context, rows, ['seq', 'at', 'type', 'by', 'subject', 'code', 'privileged'], 'No event answers.');
    context.io.err(`${events.length} events${before === null ? ', all there are.' : `; more: --before ${before}`}`);
  }
  return EXIT.done;
}

async function download(context: Context, query: URLSearchParams, format: string): Promise<ExitCode> {
  query.set('format', format);
  const control = await context.control();
  // A refusal tells its code here; the stream would only say that there is none.
  const probe = await control.call('GET', `/api/events?${new URLSearchParams([...query].filter(([name]) => name !== 'format'))}&limit=1`);
  if (probe.status >= 400) return printAnswer(context, probe, () => {});
  // Every event is one line, and no field of ours holds a line break: CSV has a header besides.
  let lines = 0;
  let told = 0;
  const events = (): number => Math.max(0, format === 'csv' ? lines - 1 : lines);
  try {
    for await (const chunk of await control.stream(`/api/events/export?${query}`)) {
      for (const byte of chunk) if (byte === 0x0a) lines += 1;
      await context.io.write(chunk);
      if (events() >= told + TOLD_EVERY) {
        told = events();
        context.io.err(`${told} events`);
      }
    }
  } catch (cause) {
    throw new SallyportError('CLI_EXPORT_CUT', `The export broke off after ${events()} events; what was written is not complete.`, {
      cause,
    });
  }
  context.io.err(`${events()} events, all that were sealed when the export began.`);
  return EXIT.done;
}
