// `sallyport flows` and `sallyport records`: where personal data really goes, what was declared about it, and the record made of both.

import { isObject, type JsonObject } from '#core';
import { article30Html } from '#governance';
import { required, text, texts, usage, word } from '../arguments.ts';
import type { Command } from '../command.ts';
import { EXIT } from '../exit-codes.ts';
import { answered, printAnswer, printFacts, printRows, rowsOf } from '../print.ts';

const COLUMNS = ['direction', 'destination', 'vendor', 'dataClass', 'handling', 'operation', 'workflow', 'region', 'legalBasis'];
const MORE = ['transferBasis', 'count', 'firstSeen', 'lastSeen', 'finding'];

export const flowCommands: readonly Command[] = [
  {
    name: 'flows',
    summary: 'Where personal data really goes: counted from calls, with region, legal basis and what was never declared.',
    positional: '',
    options: [
      { name: '--label', value: 'LABEL', doc: 'Only kinds of data with this label, e.g. pii.address.' },
      { name: '--class', value: 'CLASS', doc: 'Only this kind of data, e.g. street_address.' },
      { name: '--destination', value: 'NAME', doc: 'Only this integration.' },
    ],
    run: async (context) => {
      const query = new URLSearchParams();
      for (const name of ['label', 'class', 'destination']) {
        const value = text(context.parsed, `--${name}`);
        if (value !== null) query.set(name, value);
      }
      return answered(context, 'GET', `/api/flows${query.size === 0 ? '' : `?${query}`}`, undefined, (body) => {
        printRows(context, rowsOf(body.flows), [...COLUMNS, ...MORE], 'No flow of personal data was recorded.');
        const findings = rowsOf(body.findings);
        if (findings.length > 0) {
          context.io.out('');
          printRows(context, findings, ['kind', 'destination', 'region', 'dataClass', 'firstSeen'], '');
        }
        if (isObject(body.profile) && body.profile.enforced !== true)
          context.io.out('Transfers are recorded and none is refused: say where you are with `sallyport flows home COUNTRY`.');
      });
    },
  },
  {
    name: 'flows home',
    summary: 'Say which country you are in: from then on personal data leaves your region on a declared basis only. `none` takes it back.',
    positional: '<country>',
    options: [
      { name: '--controller', value: 'NAME', doc: 'Who is responsible, for the record of processing.' },
      { name: '--contact', value: 'TEXT', doc: 'Whom to ask about data protection.' },
    ],
    run: async (context) => {
      const country = word(context.parsed, 2, 'country');
      const body = {
        home: country === 'none' ? null : country.toUpperCase(),
        controller: text(context.parsed, '--controller') ?? '',
        contact: text(context.parsed, '--contact') ?? '',
      };
      return answered(context, 'PUT', '/api/flows/profile', body, (shown) => printFacts(context, shown));
    },
  },
  {
    name: 'flows destinations',
    summary: 'What is declared about the places personal data goes to.',
    positional: '',
    options: [],
    run: async (context) =>
      answered(context, 'GET', '/api/flows/destinations', undefined, (body) => {
        const columns = ['name', 'vendor', 'country', 'region', 'role', 'legalBasis', 'transferBasis', 'retentionDays', 'classes', 'holds'];
        printRows(context, rowsOf(body.destinations), columns, 'Nothing is declared.');
      }),
  },
  {
    name: 'flows declare',
    summary: 'Declare where an integration processes personal data, on which bases, and which kinds of data it receives.',
    positional: '<integration>',
    options: [
      { name: '--vendor', value: 'NAME', doc: 'Who runs it.' },
      { name: '--country', value: 'CC', doc: 'Where it is processed, two letters.' },
      { name: '--role', value: 'ROLE', doc: 'processor (default), controller, joint_controller or own.' },
      {
        name: '--legal-basis',
        value: 'BASIS',
        doc: 'contract, consent, legal_obligation, legitimate_interest, vital_interest, public_task.',
      },
      { name: '--transfer-basis', value: 'BASIS', doc: 'adequacy, dpf, scc, bcr, derogation or none (default).' },
      { name: '--purpose', value: 'TEXT', doc: 'What for.' },
      { name: '--retention-days', value: 'DAYS', doc: 'How long it is kept there.' },
      { name: '--measures', value: 'TEXT', doc: 'How it is protected there.' },
      { name: '--class', value: 'CLASS', doc: 'A kind of data it receives; may be given more than once.', repeat: true },
      {
        name: '--use',
        value: 'USE',
        doc: 'ad_sharing, sale, profiling or sensitive: customers who opted out are kept from it.',
        repeat: true,
      },
      { name: '--opt-out-field', value: 'FIELD', doc: 'Field of its records that says a customer opted out.' },
    ],
    run: async ({ parsed, ...context }) => {
      const days = text(parsed, '--retention-days');
      if (days !== null && !/^[1-9]\d{0,4}$/.test(days)) throw usage('Option --retention-days is a number of days.');
      const given = (name: string, key: string): JsonObject => {
        const value = text(parsed, name);
        return value === null ? {} : { [key]: value };
      };
      const body = {
        vendor: required(parsed, '--vendor'),
        country: required(parsed, '--country').toUpperCase(),
        ...given('--role', 'role'),
        ...given('--legal-basis', 'legalBasis'),
        ...given('--transfer-basis', 'transferBasis'),
        ...given('--purpose', 'purpose'),
        ...given('--measures', 'measures'),
        ...given('--opt-out-field', 'optOutField'),
        ...(days === null ? {} : { retentionDays: Number(days) }),
        classes: [...texts(parsed, '--class')],
        uses: [...texts(parsed, '--use')],
      };
      const path = `/api/flows/destinations/${encodeURIComponent(word(parsed, 2, 'integration'))}`;
      const whole = { ...context, parsed };
      return answered(whole, 'PUT', path, body, (shown) => printFacts(whole, shown));
    },
  },
  {
    name: 'flows withdraw',
    summary: 'Take back what was declared about a destination.',
    positional: '<integration>',
    options: [],
    run: async (context) => {
      const name = word(context.parsed, 2, 'integration');
      return answered(context, 'DELETE', `/api/flows/destinations/${encodeURIComponent(name)}`, undefined, () =>
        context.io.out(`Nothing is declared about ${name} any more.`),
      );
    },
  },
  {
    name: 'records article-30',
    summary: 'The record of processing activities, made from recorded calls, and where it differs from what was declared.',
    positional: '',
    options: [{ name: '--html', value: 'FILE', doc: 'Write it as a page that can be printed.' }],
    run: async (context) => {
      const answer = await (await context.control()).call('GET', '/api/records/article-30');
      const file = text(context.parsed, '--html');
      if (file !== null && answer.status < 400 && isObject(answer.body)) {
        await context.io.writeFile(file, article30Html(answer.body));
        context.io.err(`Wrote ${file}.`);
        if (!context.json) return EXIT.done;
      }
      return printAnswer(context, answer, (body) => {
        printRows(
          context,
          rowsOf(body.entries).map((entry) => ({ ...entry, received: namesOf(entry.received), held: namesOf(entry.held) })),
          ['recipient', 'vendor', 'role', 'purpose', 'legalBasis', 'received', 'regions', 'transferBasis', 'retentionDays', 'lastSeen'],
          'No recipient of personal data is known.',
        );
        context.io.out('');
        printRows(context, rowsOf(body.drift), ['kind', 'recipient', 'what', 'value'], 'It is as declared.');
        if (rowsOf(body.dpia).length > 0) {
          context.io.out('');
          printRows(context, rowsOf(body.dpia), ['trigger', 'recipient', 'because'], '');
        }
      });
    },
  },
];

const namesOf = (value: unknown): string =>
  Array.isArray(value) ? value.map((one) => String((one as JsonObject).dataClass)).join(', ') : '';
