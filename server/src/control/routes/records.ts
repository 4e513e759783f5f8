// The data map: flows as they were counted, what is declared about destinations, and the record of processing made of both.

import type { FastifyInstance } from 'fastify';
import { z } from 'zod';
import { DATA_CLASS_NAMES, dataClassSpec, isPublicName, isRefusal, OPT_OUT_USES, PII_CLASSES, type PiiClass } from '#core';
import { isCountry, LEGAL_BASES, PARTY_ROLES, TRANSFER_BASES } from '#governance';
import { type Context, forPerson, notFound, parseInput } from '../respond.ts';

const NAME = /^[a-z0-9][a-z0-9-]{0,62}$/;
const CLASSES = DATA_CLASS_NAMES as readonly [string, ...string[]];
const country = z.string().refine(isCountry, 'is a country of two letters, ISO 3166, such as DE');
const words = (max: number) => z.string().trim().max(max);
const flowQuery = z.strictObject({
  class: z.enum(CLASSES).optional(),
  /** A component of labels, such as `address` or `pii.address`. */
  label: z
    .string()
    .transform((text) => text.replace(/^pii\./, ''))
    .pipe(z.enum(PII_CLASSES))
    .optional(),
  destination: z.string().regex(NAME).optional(),
});
const destinationBody = z.strictObject({
  vendor: words(120).min(1),
  country,
  role: z.enum(PARTY_ROLES).default('processor'),
  legalBasis: z.enum(LEGAL_BASES).default('undeclared'),
  transferBasis: z.enum(TRANSFER_BASES).default('none'),
  purpose: words(300).default(''),
  retentionDays: z.number().int().min(1).max(36_500).nullable().default(null),
  measures: words(500).default(''),
  classes: z.array(z.enum(CLASSES)).max(CLASSES.length).default([]),
  uses: z.array(z.enum(OPT_OUT_USES)).max(OPT_OUT_USES.length).default([]),
  optOutField: z
    .string()
    .regex(/^[A-Za-z_][A-Za-z0-9_]{0,63}$/, 'is the name of one field of a record')
    .nullable()
    .default(null),
});
const profileBody = z.strictObject({
  home: country.nullable(),
  controller: words(200).default(''),
  contact: words(200).default(''),
});

export function recordRoutes(app: FastifyInstance, context: Context): void {
  const { records } = context.ports;
  app.get(
    '/api/flows',
    forPerson(context, async (person, request) => {
      const query = parseInput(flowQuery, request.query);
      if (isRefusal(query)) return query;
      const classes = query.class !== undefined ? [query.class] : query.label !== undefined ? classesOf(query.label) : null;
      return records.flows(person.tenant, { classes, destination: query.destination ?? null });
    }),
  );
  app.get(
    '/api/flows/destinations',
    forPerson(context, async (person) => ({ destinations: records.destinations(person.tenant) })),
  );
  app.put(
    '/api/flows/destinations/:name',
    forPerson(context, async (person, request) => {
      const { name } = request.params as { name: string };
      if (!NAME.test(name) || !isPublicName(name)) return notFound('destination');
      const body = parseInput(destinationBody, request.body);
      return isRefusal(body) ? body : records.declare(person, { name, ...body });
    }),
  );
  app.delete(
    '/api/flows/destinations/:name',
    forPerson(context, async (person, request) => {
      const { name } = request.params as { name: string };
      return NAME.test(name) && (await records.withdraw(person, name)) ? { withdrawn: true } : notFound('destination');
    }),
  );
  app.get(
    '/api/flows/profile',
    forPerson(context, async (person) => records.profile(person.tenant)),
  );
  app.put(
    '/api/flows/profile',
    forPerson(context, async (person, request) => {
      const body = parseInput(profileBody, request.body);
      return isRefusal(body) ? body : records.setProfile(person, body);
    }),
  );
  app.get(
    '/api/records/article-30',
    forPerson(context, async (person) => records.article30(person.tenant)),
  );
}

const classesOf = (component: PiiClass): readonly string[] =>
  DATA_CLASS_NAMES.filter((name) => dataClassSpec(name).pii.includes(component));
