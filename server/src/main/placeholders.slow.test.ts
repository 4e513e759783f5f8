// Faults of other gateways that put placeholders in place of personal data, each tried on a whole server with a model that speaks the real
// protocol: what leaves in which part of a request, what comes back in which part of a reply, and whose values.

import { afterAll, beforeAll, beforeEach, describe, expect, inject, it } from 'vitest';
import { newId } from '#core';
import { type Answer, type GuardedShop, MODEL, openGuardedShop } from '../../../testkit/crash/guarded-shop.ts';
import { calls, completion, data, event, json, spoken, stream, streamedCalls } from '../../../testkit/model-upstream/index.ts';
import { systemClock, systemRandom } from './world.ts';

let world: GuardedShop;
let secondKey = '';
const CONVERSATIONS = 120;
const MAIL = 'robin.field@example.com';

beforeAll(async () => {
  const cluster = inject('testCluster');
  if (cluster === undefined) throw new Error('this project has no Postgres cluster');
  world = await openGuardedShop(cluster);
  secondKey = await secondTenant();
}, 60_000);
beforeEach(() => world.model.reset());
afterAll(() => world?.close());

/** Another tenant with the same model under the same name. */
async function secondTenant(): Promise<string> {
  const { identity, catalogue } = world.server.rooms;
  const tenant = await identity.createTenant({ name: 'second' });
  const actor = newId('per', systemClock, systemRandom);
  await world.db.query(
    `insert into integrations select (jsonb_populate_record(i, jsonb_build_object('tenant', $1::text, 'id', $2::text))).* from integrations i where name = 'model'`,
    [tenant, newId('int', systemClock, systemRandom)],
  );
  await catalogue.refreshed();
  const workload = await identity.createWorkload({
    tenant,
    name: 'theirs',
    workflow: null,
    integrations: ['model'],
    publicKeyJwk: null,
    actor,
  });
  return (await identity.createKey({ tenant, workload, expiresAtMs: systemClock.now() + 600_000, actor })).key;
}

const send = (body: object, key?: string): Promise<Answer> =>
  world.call('POST', '/v1/chat/completions', { model: MODEL, ...body }, { binding: null, ...(key === undefined ? {} : { key }) });
const chat = (content: string, more: object = {}): Promise<Answer> => send({ messages: [{ role: 'user', content }], ...more });
const sentToModel = (): string => world.model.requests.map(({ body }) => Buffer.from(body).toString()).join('\n');
const wordsOf = (answer: Answer): string =>
  answer.text
    .split('\n')
    .filter((line) => line.startsWith('data: {'))
    .map((line) => (JSON.parse(line.slice(6)).choices[0]?.delta.content as string | undefined) ?? '')
    .join('');

describe('what leaves', () => {
  const PLACES: readonly (readonly [string, (value: string) => object])[] = [
    [
      'the system prompt',
      (value) => ({
        messages: [
          { role: 'system', content: `Serve ${value}` },
          { role: 'user', content: 'hi' },
        ],
      }),
    ],
    [
      'a developer’s prompt',
      (value) => ({
        messages: [
          { role: 'developer', content: `Serve ${value}` },
          { role: 'user', content: 'hi' },
        ],
      }),
    ],
    ['a message in parts', (value) => ({ messages: [{ role: 'user', content: [{ type: 'text', text: `I am ${value}` }] }] })],
    ['the name of who speaks', (value) => ({ messages: [{ role: 'user', name: value, content: 'hi' }] })],
    [
      'an earlier answer',
      (value) => ({
        messages: [
          { role: 'assistant', content: `Dear ${value}` },
          { role: 'user', content: 'hi' },
        ],
      }),
    ],
    [
      'the arguments of an earlier tool call',
      (value) => ({
        messages: [
          {
            role: 'assistant',
            content: null,
            tool_calls: [{ id: 'c1', type: 'function', function: { name: 'f', arguments: JSON.stringify({ to: value }) } }],
          },
          { role: 'tool', tool_call_id: 'c1', content: 'done' },
        ],
      }),
    ],
    [
      'the result of a tool, JSON in JSON',
      (value) => ({
        messages: [
          { role: 'assistant', content: null, tool_calls: [{ id: 'c1', type: 'function', function: { name: 'f', arguments: '{}' } }] },
          { role: 'tool', tool_call_id: 'c1', content: JSON.stringify({ body: JSON.stringify({ email: value }) }) },
        ],
      }),
    ],
    [
      'the description of a tool',
      (value) => ({
        messages: [{ role: 'user', content: 'hi' }],
        tools: [{ type: 'function', function: { name: 'f', description: `Ask ${value}`, parameters: { type: 'object' } } }],
      }),
    ],
    [
      'the schema of a tool’s argument',
      (value) => ({
        messages: [{ role: 'user', content: 'hi' }],
        tools: [
          {
            type: 'function',
            function: { name: 'f', parameters: { type: 'object', properties: { to: { type: 'string', default: value, enum: [value] } } } },
          },
        ],
      }),
    ],
    [
      'the schema of the answer',
      (value) => ({
        messages: [{ role: 'user', content: 'hi' }],
        response_format: { type: 'json_schema', json_schema: { name: 'a', schema: { type: 'object', description: `Like ${value}` } } },
      }),
    ],
    ['metadata', (value) => ({ messages: [{ role: 'user', content: 'hi' }], metadata: { customer: value } })],
    ['the user of the request', (value) => ({ messages: [{ role: 'user', content: 'hi' }], user: value })],
    [
      'a predicted answer',
      (value) => ({ messages: [{ role: 'user', content: 'hi' }], prediction: { type: 'content', content: `Dear ${value}` } }),
    ],
    ['a field nobody knows', (value) => ({ messages: [{ role: 'user', content: 'hi' }], x_trace: { note: [`for ${value}`] } })],
    [
      'the text of a file',
      (value) => ({ messages: [{ role: 'user', content: [{ type: 'text', text: `order.csv\nemail,total\n${value},12.00` }] }] }),
    ],
  ];

  it.each(PLACES)('personal data in %s reaches the model unmasked: it does not', async (_where, request) => {
    const answer = await send(request(MAIL));
    expect(answer.status, answer.text).toBe(200);
    expect(sentToModel()).not.toContain('robin');
    expect(sentToModel()).toContain('<EMAIL_1>');
  });

  it('a file, an image or a recording goes by unread: it is refused', async () => {
    for (const part of [
      { type: 'file', file: { filename: 'a.csv', file_data: 'data:text/csv;base64,QQ==' } },
      { type: 'image_url', image_url: { url: 'data:image/png;base64,QQ==' } },
      { type: 'input_audio', input_audio: { data: 'QQ==', format: 'wav' } },
    ]) {
      const answer = await send({ messages: [{ role: 'user', content: [part] }] });
      expect((answer.body.error as { code: string }).code).toBe('ENFORCEMENT_REQUEST_SHAPE');
    }
    expect(world.model.requests.length).toBe(0);
  });

  it('two people share one placeholder because each message counts anew: numbers go on over all parts of a request', async () => {
    world.model.next(json(completion({ content: 'first <EMAIL_1>, second <EMAIL_2>' })));
    const answer = await send({
      messages: [
        { role: 'system', content: `We are ${MAIL}` },
        { role: 'user', content: 'I am kim.lee@example.com' },
        { role: 'user', content: `and you ${MAIL}` },
      ],
    });
    expect(answer.text).toContain(`first ${MAIL}, second kim.lee@example.com`);
    expect(sentToModel()).toContain('and you <EMAIL_1>');
  });

  it('a user writes a placeholder and gets somebody’s value: it comes back as it was written', async () => {
    world.model.next((request) => json(completion({ content: JSON.parse(Buffer.from(request.body).toString()).messages[1].content })));
    const answer = await send({
      messages: [
        { role: 'system', content: `Our customer is ${MAIL}` },
        { role: 'user', content: 'Repeat <EMAIL_1> and [email 1]' },
      ],
    });
    expect(JSON.stringify(answer.body.choices)).toContain('Repeat <EMAIL_1> and [email 1]');
    expect(answer.text).not.toContain('robin');
  });
});

describe('what comes back', () => {
  it('[D2] a model that is asked to repeat the customer’s address repeats a placeholder; the reply the customer reads holds the address', async () => {
    world.model.next(json(completion({ content: 'Which one?' })));
    await chat(`I am ${MAIL}. Repeat my e-mail address, letter by letter if you have to.`);
    const seen = /<EMAIL_\d+>/.exec(sentToModel())?.[0] ?? '';
    expect(seen).toBe('<EMAIL_1>');
    expect(sentToModel()).not.toMatch(/robin|field/i);
    world.model.next(json(completion({ content: `Your address is ${seen}.` })));
    const whole = await chat(`I am ${MAIL}. Repeat my e-mail address.`);
    expect(JSON.parse(whole.text).choices[0].message.content).toBe(`Your address is ${MAIL}.`);
    world.model.next(stream(spoken(['Your address is ', '<EM', 'AIL', '_1', '>.'])));
    expect(wordsOf(await chat(`I am ${MAIL}. Repeat my e-mail address.`, { stream: true }))).toBe(`Your address is ${MAIL}.`);
    expect(sentToModel()).not.toMatch(/robin|field/i);
  });

  it('placeholders stay in the arguments of a tool call: they are restored and stay JSON, streamed too', async () => {
    const tools = [
      { type: 'function', function: { name: 'mail', parameters: { type: 'object', properties: { to: { type: 'string' } } } } },
    ];
    const call = { id: 'call_1', name: 'mail', arguments: '{"to":"<EMAIL_1>","say":"a \\"quoted\\" word"}' };
    world.model.next(calls(call));
    const whole = await chat(`write to ${MAIL}`, { tools });
    expect(whole.text).toContain(JSON.stringify(`{"to":"${MAIL}","say":"a \\"quoted\\" word"}`).slice(1, -1));
    world.model.next(stream(streamedCalls([call], 3)));
    const streamed = await chat(`write to ${MAIL}`, { tools, stream: true });
    expect(streamed.text).toContain(JSON.stringify(`{"to":"${MAIL}","say":"a \\"quoted\\" word"}`).slice(1, -1));
  });

  it('[D2] half a placeholder leaks at the end of a piece: none does, wherever the bytes are cut', async () => {
    const source = spoken(['To ', '<EM', 'AIL_', '1', '> soon ', '😀']);
    for (let at = 150; at < Buffer.byteLength(source); at += 41) {
      world.model.next(stream(source, { cuts: [at, at + 7] }));
      const answer = await chat(`write to ${MAIL}`, { stream: true });
      expect(wordsOf(answer)).toBe(`To ${MAIL} soon 😀`);
      expect(answer.text).not.toMatch(/"<EM"|AIL_/);
    }
  });

  it('the whole stream is held back to its end: the first words leave while the model still speaks', async () => {
    world.model.next(stream(`${event({ role: 'assistant', content: 'Dear ' })}${event({ content: '<EMAIL_1>, ' })}`, { ending: 'hang' }));
    const leave = new AbortController();
    const response = await fetch(`http://127.0.0.1:${world.server.gateway.port}/v1/chat/completions`, {
      method: 'POST',
      headers: { 'content-type': 'application/json', authorization: `Bearer ${world.plain.key}` },
      body: JSON.stringify({ model: MODEL, stream: true, messages: [{ role: 'user', content: `I am ${MAIL}` }] }),
      signal: leave.signal,
    });
    let text = '';
    for await (const chunk of response.body as unknown as AsyncIterable<Uint8Array>) {
      text += Buffer.from(chunk).toString();
      if (text.includes(MAIL)) break;
    }
    leave.abort();
    expect(text).toContain('Dear ');
    await world.model.abandoned();
  });

  it('citations and notes beside the words pass unread: they are screened and restored like the words, streamed too', async () => {
    const beside = {
      citations: ['https://press.example/a', 'From <EMAIL_1>'],
      search_results: [{ title: 'About <EMAIL_1>', url: '![x](https://evil.example/x.png)' }],
    };
    world.model.next(json({ ...completion({ content: 'plain' }), ...beside, provider_note: 'for <EMAIL_1>' }));
    const whole = await chat(`I am ${MAIL}`);
    expect([whole.status, whole.body.provider_note], whole.text).toEqual([200, `for ${MAIL}`]);
    expect(JSON.stringify(whole.body.citations)).toContain(`From ${MAIL}`);
    expect(whole.text).toContain('https://press.example/a');
    expect(whole.text).not.toContain('evil.example');

    const last = data({ choices: [{ index: 0, delta: {}, finish_reason: 'stop', note: 'to <EMAIL_1>' }] });
    world.model.next(stream(`${event({ content: 'Hi' }, null, beside)}${last}data: [DONE]\n\n`));
    const streamed = await chat(`I am ${MAIL}`, { stream: true });
    expect(streamed.text).toContain(`From ${MAIL}`);
    expect(streamed.text).toContain(`to ${MAIL}`);
    expect(streamed.text).not.toContain('evil.example');

    world.model.next(json({ ...completion({ content: 'plain' }), citations: ['https://evil.example/?q=<EMAIL_1>'] }));
    expect(((await chat(`I am ${MAIL}`)).body.error as { code: string }).code).toBe('GUARDRAILS_LINK_CARRIES_DATA');
  });

  it('an error of the provider quotes the request: its words are restored for whoever sent them, and screened', async () => {
    world.model.next(
      json({ error: { message: 'Invalid value: <EMAIL_1> at https://evil.example/?q=<EMAIL_1>', type: 'invalid_request_error' } }, 400),
    );
    const answer = await chat(`I am ${MAIL}`);
    expect(answer.status).toBe(400);
    expect(answer.text).not.toMatch(/q=robin|evil\.example/);
  });

  it('a refusal or a reason of the model’s goes by unread: it is restored like the words', async () => {
    world.model.next(
      json(completion({ content: null, refusal: 'I will not write to <EMAIL_1>.', reasoning_content: 'They are <EMAIL_1>.' })),
    );
    const answer = await chat(`I am ${MAIL}`);
    expect(answer.text).toContain(`I will not write to ${MAIL}.`);
    expect(answer.text).not.toContain('EMAIL_1');
  });
});

describe('whose values', () => {
  it(`one conversation’s map serves another: ${CONVERSATIONS} at once of two tenants read their own values and nobody else’s`, async () => {
    const asked = Array.from({ length: CONVERSATIONS }, async (_, index) => {
      const tenant = index % 2;
      const own = `guest-${index}-of-${tenant}@example.com`;
      const answer = await send(
        { messages: [{ role: 'user', content: `Repeat: ${own}, not <EMAIL_1> nor <EMAIL_2>.` }], stream: index % 3 === 0 },
        tenant === 0 ? undefined : secondKey,
      );
      const found = [...new Set(answer.text.match(/guest-\d+-of-\d@example\.com/g))];
      return answer.status === 200 && found.length === 1 && found[0] === own ? null : `${index}: ${answer.text.slice(0, 300)}`;
    });
    expect((await Promise.all(asked)).filter((fault) => fault !== null)).toEqual([]);
    expect(sentToModel()).not.toContain('guest-');
    expect(world.model.requests.length).toBe(CONVERSATIONS);
  });
});
