// `classify` on files of a user's own: formats, evidence, what it writes, when it stops, and with which exit code.

import { describe, expect, it } from 'vitest';
import { parse } from 'yaml';
import { isObject, type JsonObject, SallyportError } from '#core';
import type { Io } from './command.ts';
import { isOffline, runOffline } from './offline.ts';

const refuse = (): never => {
  throw new Error('not asked for');
};

async function classify(body: string, ...argv: string[]) {
  const out: string[] = [];
  const err: string[] = [];
  const io: Io = {
    out: (text) => out.push(`${text}\n`),
    err: (text) => err.push(text),
    write: async (chunk) => void out.push(String(chunk)),
    bytes: async function* () {},
    readFile: refuse,
    lines: async function* (path) {
      if (path === 'missing') throw new SallyportError('CLI_INPUT_UNREADABLE', `${path} can not be read.`);
      yield* body.split('\n');
    },
    writeFile: refuse,
    saveFile: refuse,
    withTemporaryFile: refuse,
    unreadable: refuse,
    readFolder: refuse,
    openNames: refuse,
    ask: refuse,
  };
  const code = await runOffline(['classify', ...argv], io);
  const printed = out.join('');
  const json = argv.includes('--json') && code === 0 ? (JSON.parse(printed) as JsonObject) : {};
  return { code, err: err.join('\n'), printed, json };
}

function fieldsOf(json: JsonObject): Record<string, JsonObject> {
  return Object.fromEntries((json.fields as readonly JsonObject[]).map((field) => [String(field.path), field]));
}

const PEOPLE = [
  {
    Kundennummer: 'K-1',
    nome: 'Ottavia',
    pay: '4242 4242 4242 4242',
    acct: 'DE89370400440532013000',
    'E-Mail': 'a@example.com',
    wombat: 'zz',
  },
  {
    Kundennummer: 'K-2',
    nome: 'Anselmo',
    pay: '5555 5555 5555 4444',
    acct: 'GB82WEST12345698765432',
    'E-Mail': 'b@example.com',
    wombat: 'yy',
  },
];

describe('classify', () => {
  it.each([['--json'], ['--draft']])('a key that is itself somebody’s is printed as *, with %s too', async (option) => {
    const plan = { email: 'a@example.com', plan: 'a' };
    const keyed = { 'jane@example.com': plan, 'Laura Martinez': plan, '+1 415 555 2671': plan, '4242424242424242': plan, 7302112: plan };
    const { printed } = await classify(
      JSON.stringify({ customers: keyed, address_1: 'x', 'First Name': 'y', 'E-Mail': 'z' }),
      option,
      'in',
    );
    expect(printed).toContain('customers.*.email');
    for (const kept of ['address_1', 'First Name', 'E-Mail']) expect(printed).toContain(kept);
    expect(printed).not.toMatch(/jane|Laura|2671|4242|7302112/);
  });

  it('labels each field: class, sensitivity, handling, and on what evidence [D0]', async () => {
    const { code, json } = await classify(PEOPLE.map((row) => JSON.stringify(row)).join('\n'), '--json', 'sample.ndjson');
    const fields = fieldsOf(json);
    expect(code).toBe(0);
    expect(
      Object.fromEntries(Object.entries(fields).map(([path, { class: dataClass, sensitivity }]) => [path, [dataClass, sensitivity]])),
    ).toEqual({
      Kundennummer: ['customer_number', 'personal'],
      nome: ['person_name', 'personal_id'],
      pay: ['payment_card', 'restricted'],
      acct: ['bank_account', 'restricted'],
      'E-Mail': ['email_address', 'personal_id'],
      wombat: [null, null],
    });
    expect(fields.pay).toMatchObject({
      confidence: 0.95,
      evidence: { by: 'values', said: null, sampled: 2, recognised: 1 },
      handling: { model: 'mask', tool: 'refuse', customer: 'mask', web: 'refuse' },
      unsure: 'mask',
    });
    expect(fields['E-Mail']).toMatchObject({ confidence: 0.95, evidence: { by: 'key', said: 'E-Mail', recognised: 1 } });
    expect(fields.wombat).toMatchObject({ confidence: 0, evidence: { by: 'none' } });
  });

  it('tells the map of an API by its fields, and takes one that is named', async () => {
    const order = { order: { id: 1, email: 'a@example.com', note: 'x', token: 't', name: '#1', wombat: 1, zebra: 2, gnu: 3, emu: 4 } };
    expect((await classify(JSON.stringify(order), '--json', 'o.json')).json.maps).toEqual({});
    const named = await classify(JSON.stringify(order), '--json', '--map', 'shopify', 'o.json');
    expect(named.json.maps).toEqual({ 'shopify order': 1 });
    expect(fieldsOf(named.json)['order.token']).toMatchObject({ class: 'credential', evidence: { by: 'map', said: 'shopify order' } });
  });

  it('says what stands inside texts, with the share of them', async () => {
    const rows = ['Write to ada@example.com about the chair, please', 'Where is my parcel, it is late again?'].map((remarks) => ({
      remarks,
    }));
    const { json } = await classify(JSON.stringify(rows, null, 2), '--json', '-');
    expect(fieldsOf(json).remarks).toMatchObject({ class: 'conversation', contains: { email_address: 0.5 } });
  });

  it('prints no value, with --json, as text and as a draft', async () => {
    for (const option of ['--json', '--draft', '--map=stripe']) {
      const { printed, err } = await classify(JSON.stringify(PEOPLE), option, 'p.json');
      expect(printed + err).not.toMatch(/4242|Ottavia|DE89|example\.com|zz/);
    }
  });

  it('reads CSV with quotes, line breaks and other separators', async () => {
    const { json } = await classify('\ufeffEmail;Notiz\n"a@example.com";"zwei\nZeilen; ""so"""\n\nb@example.com;\n', '--json', 'x.csv');
    expect([json.records, fieldsOf(json).Email?.class, fieldsOf(json).Notiz?.seen]).toEqual([2, 'email_address', 1]);
  });

  it('drafts output fields for review: nothing is trusted, each guess is marked, the unknown stays out', async () => {
    const { printed } = await classify(JSON.stringify(PEOPLE), '--draft', 'p.json');
    const draft = parse(printed) as { output: { unlisted: string; fields: Record<string, object> } };
    expect(draft.output.unlisted).toBe('worst');
    expect(draft.output.fields['[].pay']).toEqual({ trusted: false, class: 'payment_card' });
    expect(printed).toMatch(/# \[\]\.wombat/);
    for (const line of printed.split('\n').filter((each) => each.includes('class:'))) expect(line).toContain('# review: ');
  });

  it('drafts a manifest of an OpenAPI document, in JSON or YAML, that is refused until reviewed', async () => {
    const api = 'openapi: 3.0.0\ninfo: { title: Corner }\npaths:\n  /things: { get: { operationId: list, responses: {} } }\n';
    const { printed, code } = await classify(api, '--draft', 'api.yaml');
    expect([code, parse(printed)]).toMatchObject([0, { kind: 'Integration', operations: { list: { needsReview: true } } }]);
    const { json } = await classify(JSON.stringify(parse(api)), '--json', '-');
    expect(json.operations).toMatchObject([{ name: 'list', needsReview: true }]);
  });

  it('looks at so many fields and no more, and says how many values it left out', async () => {
    const wide = Object.fromEntries(Array.from({ length: 2_005 }, (_, index) => [`k${index}`, 'v']));
    const { json, err } = await classify(JSON.stringify(wide), '--json', '-');
    expect([(json.fields as unknown[]).length, json.leftOut]).toEqual([2_000, 5]);
    expect(err).toContain('5 values of further fields');
  });

  it('a value cut over lines, braces in strings and lists in lists are read as they stand', async () => {
    const rows = [{ a: { b: ['x}', '],"'] } }, { a: { b: ['\\'] } }];
    for (const body of [
      JSON.stringify(rows, null, 1),
      rows.map((row) => JSON.stringify(row, null, 3)).join('\n\n'),
      rows.map((row) => JSON.stringify(row)).join(''),
    ]) {
      const { json } = await classify(body, '--json', '-');
      expect([json.records, fieldsOf(json)['a.b[]']?.seen]).toEqual([2, 3]);
    }
  });

  it.each([
    ['{"a":1}\n{bad', 'x.json', 'x.json line 2: is not JSON'],
    ['[{"a":1},', 'x.json', 'x.json line 1: the list is not closed.'],
    ['[{"a":1}] 7', 'x.json', 'x.json line 1: something follows the list.'],
    ['{"a":1}\n7', 'x.json', 'line 2: is neither an object nor a list.'],
    ['{"a":1,"a":2}', 'x.json', 'line 1: is not JSON that can be read one way only'],
    ['a,b\n1,2,3', 'x.csv', 'x.csv line 2: has more cells than the header has columns.'],
    ['a,b\n"1,2', 'x.csv', 'line 2: a quote is not closed.'],
    ['a,a\n1,2', 'x.csv', 'line 1: two columns have the same name.'],
    ['a: [', 'x.yaml', 'x.yaml is not YAML'],
    ['a: 1', 'x.yaml', 'x.yaml is YAML, but no OpenAPI document.'],
    ['', 'missing', 'missing can not be read.'],
  ])('unreadable input ends it with 3 and names file and line: %j', async (body, file, message) => {
    const { code, err } = await classify(body, '--json', file);
    expect([code, err]).toEqual([3, expect.stringContaining(message)]);
  });

  it.each([[[]], [['a', 'b']], [['--map', 'nope', 'a']], [['--format', 'xml', 'a']], [['--nope', 'a']]])(
    'bad usage ends it with 2: %j',
    async (argv) => {
      expect((await classify('{}', ...argv)).code).toBe(2);
    },
  );

  it('needs no server, and every field it prints has its class or none', async () => {
    expect(isOffline(['classify', 'f'])).toBe(true);
    const { json } = await classify('{}', '--json', '-');
    expect([isObject(json), json.fields]).toEqual([true, []]);
  });
});
