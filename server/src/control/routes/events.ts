// Searching the sealed log: pages, facets, and exports of what a question finds.

import { Readable } from 'node:stream';
import type { FastifyInstance } from 'fastify';
import { z } from 'zod';
import { type ActedOn, isObject, isRefusal, type JsonObject, parseOwnJson, type Refusal, WHOLE_TENANT } from '#core';
import { EVENT_FORMATS, type EventFormat, type EventQuery, type ListedEvent, MAX_EVENT_PAGE } from '../ports/events.ts';
import { type Context, forPerson, parseInput, seesBy } from '../respond.ts';
import { visiblePage } from '../visible-page.ts';

const MAX_FACTS = 5;
const MAX_DECISIONS = 10;
const MAX_WORDS = 10;

/** References, names, amounts and pseudonyms; nothing a person would write in a sentence. */
const name = z.string().regex(/^[\w:./@+-][\w:./@+ -]{0,199}$/, 'is letters, digits and : . / @ + - _, at most 200');
const yesNo = z.enum(['yes', 'no']).transform((word) => word === 'yes');
const moment = z.iso
  .datetime({ offset: true, error: 'is a moment as RFC 3339, e.g. 2026-11-01T00:00:00Z' })
  .transform((text) => Date.parse(text));
const decision = z
  .string()
  .regex(/^(allow|deny|approval|fault|[A-Z][A-Z0-9_]{1,79})(,(allow|deny|approval|fault|[A-Z][A-Z0-9_]{1,79}))*$/, {
    error: 'is allow, deny, approval, fault or codes, with commas between them',
  })
  .transform((text) => [...new Set(text.split(','))])
  .refine((words) => words.length <= MAX_DECISIONS, `names at most ${MAX_DECISIONS}`);
const fact = z
  .string()
  .regex(/^[A-Za-z]\w{0,63}(\.\w{1,64}){0,3}:[\w:./@+ -]{1,200}$/, 'is the name of a public fact, a colon and its value');
const facts = z
  .union([fact.transform((one) => [one]), z.array(fact).max(MAX_FACTS, `names at most ${MAX_FACTS}`)])
  .transform((all) => Object.fromEntries(all.map((one) => [one.slice(0, one.indexOf(':')), one.slice(one.indexOf(':') + 1)])));
const text = z
  .string()
  .max(200)
  .refine((words) => {
    const count = words.match(/[\p{L}\p{N}]+/gu)?.length ?? 0;
    return count > 0 && count <= MAX_WORDS;
  }, `is 1 to ${MAX_WORDS} words of letters or digits`);

const filterShape = {
  type: z
    .string()
    .regex(/^[a-z][a-z._]{0,99}$/, 'is a type of event or how it begins, in small letters')
    .optional(),
  subject: name.optional(),
  actor: name.optional(),
  resource: name.optional(),
  workflow: name.optional(),
  run: name.optional(),
  decision: decision.optional(),
  privileged: yesNo.optional(),
  tokenised: yesNo.optional(),
  fact: facts.optional(),
  q: text.optional(),
  from: moment.optional(),
  to: moment.optional(),
};

const pageQuery = z.strictObject({
  ...filterShape,
  before: z.string().max(64).optional(),
  limit: z.coerce.number().int().min(1).max(200).default(50),
});
const facetsQuery = z.strictObject(filterShape);
const exportQuery = z.strictObject({ ...filterShape, format: z.enum(EVENT_FORMATS) });

/** The members of the filter as they stand in an address, and the question they make. */
export const eventFilterShape = filterShape;
export function questionOf(given: z.infer<typeof facetsQuery>): EventQuery {
  const { fact: named = {}, q = null, from = null, to = null } = given;
  return {
    type: given.type ?? null,
    subject: given.subject ?? null,
    actor: given.actor ?? null,
    resource: given.resource ?? null,
    workflow: given.workflow ?? null,
    run: given.run ?? null,
    decision: given.decision ?? null,
    privileged: given.privileged ?? null,
    tokenised: given.tokenised ?? null,
    facts: named,
    text: q,
    fromMs: from,
    toMs: to,
  };
}

const TYPE_OF: Readonly<Record<EventFormat, string>> = {
  csv: 'text/csv; charset=utf-8; header=present',
  ndjson: 'application/x-ndjson',
  ocsf: 'application/x-ndjson',
};
const NAME_OF: Readonly<Record<EventFormat, string>> = {
  csv: 'sallyport-events.csv',
  ndjson: 'sallyport-events.ndjson',
  ocsf: 'sallyport-events.ocsf.ndjson',
};

/** What an event says it is about; one that names nothing is the tenant's. */
export function placeOfEvent(entry: JsonObject | string): ActedOn {
  const read = typeof entry === 'string' ? parseOwnJson(entry) : entry;
  const facts = isObject(read) ? read.public : null;
  const named = (name: string): string | null => (isObject(facts) && typeof facts[name] === 'string' ? facts[name] : null);
  const [workflow, integration] = [named('workflow'), named('integration')];
  return { ...(workflow === null ? {} : { workflow }), ...(integration === null ? {} : { integration }) };
}

export function eventRoutes(app: FastifyInstance, context: Context): void {
  const { events } = context.ports;
  app.get(
    '/api/events',
    forPerson(context, async (person, request) => {
      const query = parseInput(pageQuery, request.query);
      if (isRefusal(query)) return query;
      const { before = null, limit, ...filter } = query;
      const question = questionOf(filter);
      const sees = seesBy(context, person, request);
      if (sees(WHOLE_TENANT)) return events.page(person, question, { before, limit });
      // The cursor is read first: one that is none is refused before anything is passed over.
      const first = await events.page(person, question, { before, limit: MAX_EVENT_PAGE, passes: true });
      if (isRefusal(first)) return first;
      const shown = await visiblePage<ListedEvent, string>({
        ...{ before, limit, cursorAt: ({ seq }) => events.cursor(question, seq) },
        sees: ({ entry }) => sees(placeOfEvent(entry)),
        fetch: async (from) => {
          const page = from === before ? first : await events.page(person, question, { before: from, limit: MAX_EVENT_PAGE, passes: true });
          return isRefusal(page) ? { rows: [], next: null } : { rows: page.events, next: page.next };
        },
      });
      if (before !== null) events.took(person, shown.rows.length);
      return { events: shown.rows, next: shown.next, scanned: shown.rows.length };
    }),
  );
  app.get(
    '/api/events/facets',
    forPerson(context, async (person, request): Promise<object | Refusal> => {
      const query = parseInput(facetsQuery, request.query);
      return isRefusal(query) ? query : events.facets(person, questionOf(query));
    }),
  );
  app.get(
    '/api/events/export',
    forPerson(context, async (person, request, reply) => {
      const query = parseInput(exportQuery, request.query);
      if (isRefusal(query)) return query;
      const { format, ...filter } = query;
      const body = await events.export(person, questionOf(filter), format);
      reply.type(TYPE_OF[format]).header('content-disposition', `attachment; filename="${NAME_OF[format]}"`);
      return reply.send(Readable.from(body));
    }),
  );
}
