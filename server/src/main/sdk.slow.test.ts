// The official OpenAI SDK and the AI SDK through a whole gateway against a scripted provider: what changes is the base URL,
// what the provider sees holds no personal value, and what the program reads is as if nobody had stood between.

import { createOpenAICompatible } from '@ai-sdk/openai-compatible';
import { seededRandom } from '@sallyport/testkit';
import { APICallError, generateText, jsonSchema, Output, stepCountIs, streamText, tool } from 'ai';
import OpenAI, {
  APIError,
  APIUserAbortError,
  AuthenticationError,
  BadRequestError,
  InternalServerError,
  PermissionDeniedError,
  RateLimitError,
} from 'openai';
import { afterAll, beforeAll, beforeEach, describe, expect, it } from 'vitest';
import {
  type CallEvent,
  type GuardedModel,
  MODEL,
  startGuardedModel,
  UPSTREAM_KEY,
} from '../../../testkit/model-upstream/behind-gateway.ts';
import * as reply from '../../../testkit/model-upstream/index.ts';

/** Invented, every one. Name and address can not be told from words by their form; a tool result says what they are. */
const EMAIL = 'nobody.at.all@example.com';
const PHONE = '+1 415 555 0134';
const CARD = '4242 4242 4242 4242';
const IBAN = 'DE89 3704 0044 0532 0130 00';
const SECRET_KEY = `AKIA${'QWERTYUIOPASDFGH'}`;
const NAME = 'Zed O\u2019Testing';
const ADDRESS = '12 "Old\\New" Mill Road';
const PERSONAL = [EMAIL, PHONE, CARD, IBAN, SECRET_KEY, '4155550134', '4242424242424242', 'O\u2019Test', 'Mill Road'];

let guarded: GuardedModel;
let client: OpenAI;
let sent = 0;

beforeAll(async () => {
  guarded = await startGuardedModel();
  // Its own retries stay on: a refusal must not set them off.
  client = new OpenAI({
    apiKey: guarded.key,
    baseURL: guarded.baseUrl,
    fetch: (url, init) => {
      sent += 1;
      return fetch(url, init);
    },
  });
});
afterAll(() => guarded?.close());
beforeEach(() => {
  guarded.upstream.reset();
  sent = 0;
});

const user = (content: string) => ({ role: 'user' as const, content });
const lookUp = {
  type: 'function' as const,
  function: { name: 'look_up', parameters: { type: 'object', properties: { email: { type: 'string' } }, required: ['email'] } },
};
const note = {
  type: 'function' as const,
  function: { name: 'note', parameters: { type: 'object', properties: { text: { type: 'string' } } } },
};
const atUpstream = (): string => guarded.upstream.requests.map((request) => request.text + request.rawHeaders.join('\n')).join('\n');
const callOf = (response: Response): string => response.headers.get('x-sallyport-call') ?? '';

async function refusedWith(work: Promise<unknown>): Promise<APIError> {
  const error = await work.then(
    () => null,
    (thrown: unknown) => thrown,
  );
  expect(error).toBeInstanceOf(APIError);
  return error as APIError;
}

describe('the official OpenAI SDK', () => {
  it('lists the models its key may use', async () => {
    const models = [];
    for await (const model of client.models.list()) models.push(model.id);
    expect(models).toEqual([MODEL]);
    expect(guarded.upstream.requests).toEqual([]);
  });

  it('chats, reads usage, and leaves its key at the gateway', async () => {
    guarded.upstream.next(reply.says('Good day.'));
    const { data, response } = await client.chat.completions.create({ model: MODEL, messages: [user('Hello')] }).withResponse();
    expect(data.choices[0]?.message.content).toBe('Good day.');
    expect(data.usage).toMatchObject(reply.USAGE);
    const [request] = guarded.upstream.requests;
    expect(request?.headers.authorization).toBe(`Bearer ${UPSTREAM_KEY}`);
    expect(request?.path).toBe('/v1/chat/completions');
    expect(atUpstream()).not.toContain(guarded.key);
    expect(atUpstream()).not.toMatch(/stainless|user-agent/i);
    const events = await guarded.events(callOf(response));
    expect(events.map((event) => event.type).sort()).toEqual(['enforcement.call.completed', 'enforcement.call.intended']);
  });

  it('streams words and usage', async () => {
    guarded.upstream.next(reply.stream(reply.spoken(['Good ', 'day', '.'], { usage: true })));
    const stream = await client.chat.completions.create({
      model: MODEL,
      messages: [user('Hello')],
      stream: true,
      stream_options: { include_usage: true },
    });
    let text = '';
    let usage: unknown = null;
    for await (const chunk of stream) {
      text += chunk.choices[0]?.delta.content ?? '';
      usage = chunk.usage ?? usage;
    }
    expect(text).toBe('Good day.');
    expect(usage).toMatchObject(reply.USAGE);
    expect(guarded.upstream.requests[0]?.json().stream_options).toEqual({ include_usage: true });
  });

  it('gets parallel tool calls with real arguments, whole and streamed', async () => {
    const scripted = [
      { id: 'call_a', name: 'look_up', arguments: '{"email":"<EMAIL_1>"}' },
      { id: 'call_b', name: 'note', arguments: '{"text":"write to <EMAIL_1> \\"now\\""}' },
    ];
    const expected = [
      ['call_a', 'look_up', { email: EMAIL }],
      ['call_b', 'note', { text: `write to ${EMAIL} "now"` }],
    ];
    const body = { model: MODEL, messages: [user(`Find ${EMAIL}`)], tools: [lookUp, note], parallel_tool_calls: true };
    const read = (calls: readonly OpenAI.ChatCompletionMessageToolCall[] | undefined) =>
      (calls ?? []).map((call) => (call.type === 'function' ? [call.id, call.function.name, JSON.parse(call.function.arguments)] : [call]));

    guarded.upstream.next(reply.calls(...scripted), reply.stream(reply.streamedCalls(scripted)));
    const whole = await client.chat.completions.create(body);
    expect(whole.choices[0]?.finish_reason).toBe('tool_calls');
    expect(read(whole.choices[0]?.message.tool_calls)).toEqual(expected);
    const streamed = await client.chat.completions.stream(body).finalChatCompletion();
    expect(read(streamed.choices[0]?.message.tool_calls)).toEqual(expected);
    expect(atUpstream()).not.toContain(EMAIL);
  });

  it('reads valid JSON in JSON mode when a restored value holds quotes and backslashes', async () => {
    const messages = [
      user('Where to?'),
      {
        role: 'assistant' as const,
        tool_calls: [{ id: 'call_1', type: 'function' as const, function: { name: 'note', arguments: '{}' } }],
      },
      { role: 'tool' as const, tool_call_id: 'call_1', content: JSON.stringify({ address1: ADDRESS }) },
    ];
    const words = '{"to":"<STREET_ADDRESS_1>","ok":true}';
    const body = { model: MODEL, messages, tools: [note], response_format: { type: 'json_object' as const } };
    guarded.upstream.next(reply.says(words), reply.stream(reply.spoken([...words])));
    const whole = await client.chat.completions.create(body);
    expect(JSON.parse(whole.choices[0]?.message.content ?? '')).toEqual({ to: ADDRESS, ok: true });
    const streamed = await client.chat.completions.stream(body).finalContent();
    expect(JSON.parse(streamed ?? '')).toEqual({ to: ADDRESS, ok: true });
    expect(atUpstream()).not.toContain('Mill Road');
  });

  it('raises its own error classes for refusals, and tries none of them again', async () => {
    const stranger = new OpenAI({ apiKey: 'sp_unknown_key', baseURL: guarded.baseUrl });
    expect(await refusedWith(stranger.models.list())).toBeInstanceOf(AuthenticationError);

    const unknown = await refusedWith(client.chat.completions.create({ model: 'other-model', messages: [user('Hello')] }));
    expect(unknown).toBeInstanceOf(PermissionDeniedError);
    expect([unknown.status, unknown.code, unknown.type]).toEqual([403, 'ENFORCEMENT_MODEL_UNKNOWN', 'sallyport_refusal']);

    const picture = await refusedWith(
      client.chat.completions.create({
        model: MODEL,
        messages: [{ role: 'user', content: [{ type: 'image_url', image_url: { url: 'https://example.com/a.png' } }] }],
      }),
    );
    expect([picture.status, picture.code]).toEqual([403, 'ENFORCEMENT_REQUEST_SHAPE']);

    const empty = await refusedWith(client.chat.completions.create({ model: MODEL, messages: [] }));
    expect(empty).toBeInstanceOf(BadRequestError);
    expect([empty.code, empty.param]).toEqual(['GATEWAY_REQUEST_INVALID', 'messages']);
    expect(sent).toBe(3);
    expect(guarded.upstream.requests).toEqual([]);
  });

  it('is refused a tool call nobody declared, whole and inside a stream', async () => {
    const evil = { id: 'call_x', name: 'transfer_money', arguments: '{}' };
    const body = { model: MODEL, messages: [user('Hello')], tools: [note] };
    guarded.upstream.next(reply.calls(evil), reply.stream(reply.streamedCalls([evil])));
    const whole = await refusedWith(client.chat.completions.create(body));
    expect([whole.status, whole.code]).toEqual([403, 'GUARDRAILS_TOOL_UNDECLARED']);
    const streamed = await refusedWith(client.chat.completions.stream(body).finalChatCompletion());
    expect(streamed.code).toBe('GUARDRAILS_TOOL_UNDECLARED');
    expect(sent).toBe(2);
    expect(guarded.upstream.requests.length).toBe(2);
  });

  it('ends a refused stream at the provider, which is not heard out', async () => {
    const evil = { id: 'call_x', name: 'transfer_money', arguments: '{}' };
    const source = reply.streamedCalls([evil]).replace(reply.DONE, '');
    const left = guarded.upstream.abandoned();
    guarded.upstream.next(reply.stream(source, { ending: 'hang' }));
    const refused = await refusedWith(
      client.chat.completions.stream({ model: MODEL, messages: [user('Hello')], tools: [note] }).finalChatCompletion(),
    );
    expect(refused.code).toBe('GUARDRAILS_TOOL_UNDECLARED');
    await left;
  });

  it('has a whole reply once its end was sent, although the connection breaks after it', async () => {
    guarded.upstream.next(reply.stream(reply.spoken(['All ', 'said.']), { ending: 'break' }));
    const { data: stream, response } = await client.chat.completions
      .create({ model: MODEL, messages: [user('Hello')], stream: true })
      .withResponse();
    let text = '';
    for await (const chunk of stream) text += chunk.choices[0]?.delta.content ?? '';
    expect(text).toBe('All said.');
    const events = await guarded.events(callOf(response));
    expect(events.map((event) => event.type).sort()).toEqual(['enforcement.call.completed', 'enforcement.call.intended']);
  });

  it('sees the provider’s own errors as its own classes', async () => {
    const patient = client.withOptions({ maxRetries: 0 });
    const ask = () => patient.chat.completions.create({ model: MODEL, messages: [user('Hello')] });
    guarded.upstream.next(reply.fails(429, 'rate_limited'), reply.fails(500, 'broken'), reply.fails(400, 'too_long'));
    expect(await refusedWith(ask())).toBeInstanceOf(RateLimitError);
    expect(await refusedWith(ask())).toBeInstanceOf(InternalServerError);
    const invalid = await refusedWith(ask());
    expect(invalid).toBeInstanceOf(BadRequestError);
    expect(invalid.code).toBe('too_long');
  });

  it('tries again when the provider was down for a moment', async () => {
    guarded.upstream.next(reply.fails(503, 'down'), reply.says('Back.'));
    const eager = client.withOptions({ maxRetries: 1 });
    const { choices } = await eager.chat.completions.create({ model: MODEL, messages: [user('Hello')] });
    expect(choices[0]?.message.content).toBe('Back.');
    expect(guarded.upstream.requests.length).toBe(2);
  });

  it('ends the call at the provider when the program aborts a stream', async () => {
    const begun = reply.event({ role: 'assistant', content: '' }) + reply.event({ content: 'Once upon a time, ' });
    guarded.upstream.next(reply.stream(begun, { ending: 'hang' }));
    const { data: stream, response } = await client.chat.completions
      .create({ model: MODEL, messages: [user('Tell me a story')], stream: true })
      .withResponse();
    const left = guarded.upstream.abandoned();
    for await (const _chunk of stream) {
      stream.controller.abort();
      break;
    }
    await left;
    const events = await guarded.events(callOf(response));
    expect(events.map((event) => event.type).sort()).toEqual(['enforcement.call.aborted', 'enforcement.call.intended']);
  });

  it('ends the call at the provider when the program leaves before any reply', async () => {
    guarded.upstream.next(reply.SILENT);
    const abort = new AbortController();
    const arrived = guarded.upstream.arrived();
    const left = guarded.upstream.abandoned();
    const asking = client.chat.completions
      .create({ model: MODEL, messages: [user('Anybody there?')] }, { signal: abort.signal })
      .catch((error: unknown) => error);
    await arrived;
    abort.abort();
    expect(await asking).toBeInstanceOf(APIUserAbortError);
    await left;
    const aborted = (events: readonly CallEvent[]): number => events.filter((event) => event.type === 'enforcement.call.aborted').length;
    expect(aborted(await guarded.events(undefined, (events) => aborted(events) > 1))).toBe(2);
  });
});

describe('the AI SDK', () => {
  const provider = () =>
    createOpenAICompatible({
      name: 'sallyport',
      baseURL: guarded.baseUrl,
      apiKey: guarded.key,
      includeUsage: true,
      supportsStructuredOutputs: true,
    });

  it('generates text with usage', async () => {
    guarded.upstream.next(reply.says(`Dear <EMAIL_1>`));
    const result = await generateText({ model: provider()(MODEL), prompt: `Greet ${EMAIL}` });
    expect(result.text).toBe(`Dear ${EMAIL}`);
    expect(result.usage.inputTokens).toBe(reply.USAGE.prompt_tokens);
  });

  it('streams text with usage', async () => {
    guarded.upstream.next(reply.stream(reply.spoken(['Dear <EM', 'AIL', '_1>', '!'], { usage: true })));
    const result = streamText({ model: provider()(MODEL), prompt: `Greet ${EMAIL}` });
    let text = '';
    for await (const part of result.textStream) text += part;
    expect(text).toBe(`Dear ${EMAIL}!`);
    expect((await result.usage).outputTokens).toBe(reply.USAGE.completion_tokens);
  });

  it('runs parallel tools with real arguments and sends their results back as placeholders', async () => {
    const seen: unknown[] = [];
    const tools = {
      look_up: tool({
        description: 'Finds a customer.',
        inputSchema: jsonSchema<{ email: string }>({ type: 'object', properties: { email: { type: 'string' } }, required: ['email'] }),
        execute: async (input) => {
          seen.push(input);
          return { phone: PHONE, email: input.email };
        },
      }),
    };
    const scripted = [1, 2].map((n) => ({ id: `call_${n}`, name: 'look_up', arguments: '{"email":"<EMAIL_1>"}' }));
    guarded.upstream.next(reply.stream(reply.streamedCalls(scripted)), reply.stream(reply.spoken(['Call <PHONE_1>.'])));
    const result = streamText({ model: provider()(MODEL), prompt: `Find ${EMAIL}`, tools, stopWhen: stepCountIs(2) });
    expect(await result.text).toBe(`Call ${PHONE}.`);
    expect(seen).toEqual([{ email: EMAIL }, { email: EMAIL }]);
    expect(guarded.upstream.requests.length).toBe(2);
    for (const value of PERSONAL) expect(atUpstream()).not.toContain(value);
  });

  it('reads an object in JSON mode', async () => {
    guarded.upstream.next(reply.says('{"to":"<EMAIL_1>"}'));
    const schema = jsonSchema<{ to: string }>({ type: 'object', properties: { to: { type: 'string' } }, required: ['to'] });
    const result = await generateText({ model: provider()(MODEL), prompt: `Mail ${EMAIL}`, output: Output.object({ schema }) });
    expect(result.output).toEqual({ to: EMAIL });
  });

  it('raises a refusal with our code and does not try again', async () => {
    const error = await generateText({ model: provider()('other-model'), prompt: 'Hello' }).catch((thrown: unknown) => thrown);
    expect(APICallError.isInstance(error)).toBe(true);
    const refused = error as APICallError;
    expect([refused.statusCode, refused.isRetryable]).toEqual([403, false]);
    expect(JSON.parse(refused.responseBody ?? '').error.code).toBe('ENFORCEMENT_MODEL_UNKNOWN');
  });
});

describe('what passes the gateway', () => {
  it('is the same bytes both ways when nothing in it is personal, unknown fields included', async () => {
    const request = `{ "model":"${MODEL}",\n\t"messages":[{"role":"user","content":"caf\\u00e9 \u2615 <b>x</b>","x_hint":{"a":[1,2.50,-0.1e3]}}],
      "temperature":0.30, "x_unknown":{"deep":[{"ok":true,"null":null}]}, "tools":[], "seed":1234567890123 }  `;
    const answer = Buffer.from(
      ` {"id":"c","object":"chat.completion", "x_new":{"n":1.50},"choices":[ {"index":0,"message":{"role":"assistant","content":"caf\\u00e9"},"finish_reason":"stop"}]}\n`,
    );
    guarded.upstream.next(reply.raw(answer, { 'content-type': 'application/json' }));
    const posted = await guarded.post(request);
    expect(posted.status).toBe(200);
    expect(Buffer.from(guarded.upstream.requests[0]?.body ?? []).equals(Buffer.from(request))).toBe(true);
    expect(Buffer.from(posted.bytes).equals(answer)).toBe(true);
  });

  it('is the same events when a stream holds nothing that changes, wherever its bytes are cut', async () => {
    const random = seededRandom();
    const source = reply.spoken(['caf\u00e9 ', '\u2615 ', 'and ', 'cake'], { usage: true });
    for (let round = 0; round < 20; round += 1) {
      const cuts = Array.from({ length: 1 + random.below(12) }, () => random.below(10_000));
      guarded.upstream.next(reply.stream(source, { cuts }));
      const posted = await guarded.post(JSON.stringify({ model: MODEL, messages: [user('Hello')], stream: true }));
      const words = (text: string): string =>
        text
          .split('\n')
          .filter((line) => line.startsWith('data: {'))
          .map((line) => (JSON.parse(line.slice(6)) as { choices: { delta?: { content?: string } }[] }).choices[0]?.delta?.content ?? '')
          .join('');
      expect(words(posted.text)).toBe(words(source));
      expect(posted.text).toContain(reply.USAGE_EVENT);
      expect(posted.text.endsWith(reply.DONE)).toBe(true);
    }
  });

  it('restores the same text wherever a stream is cut, byte by byte too', async () => {
    const random = seededRandom();
    const source = reply.spoken(['Mail <EM', 'AIL_1> or c', 'all <PHONE', '_1>, \u{1F600} <IBAN_1>', ' bye <EMAIL_1>']);
    const expected = `Mail ${EMAIL} or call ${PHONE}, \u{1F600} ${IBAN} bye ${EMAIL}`;
    const length = Buffer.byteLength(source);
    for (let round = 0; round < 25; round += 1) {
      const cuts =
        round === 0 ? Array.from({ length }, (_, at) => at) : Array.from({ length: 1 + random.below(30) }, () => random.below(length));
      guarded.upstream.next(reply.stream(source, { cuts }));
      const text = await client.chat.completions
        .stream({ model: MODEL, messages: [user(`I am ${EMAIL}, ${PHONE}, ${IBAN}`)] })
        .finalContent();
      expect(text).toBe(expected);
    }
    expect(atUpstream()).not.toContain(EMAIL);
  });

  it('holds no personal value in any part of a request, and the same placeholder stands for the same value', async () => {
    const body = {
      model: MODEL,
      messages: [
        { role: 'system', content: `Shop of ${EMAIL}. The key is ${SECRET_KEY}` },
        { role: 'user', content: [{ type: 'text', text: `I am ${EMAIL}, ${PHONE}. Card ${CARD}` }], name: EMAIL },
        {
          role: 'assistant',
          content: null,
          tool_calls: [{ id: 'call_1', type: 'function', function: { name: 'note', arguments: JSON.stringify({ text: `To ${EMAIL}` }) } }],
        },
        {
          role: 'tool',
          tool_call_id: 'call_1',
          content: JSON.stringify({
            customer: { name: NAME, email: EMAIL, phone: PHONE, address1: ADDRESS },
            iban: IBAN,
            [EMAIL]: 1,
            number: 4155550134,
          }),
        },
        { role: 'user', content: `What is the mail of ${NAME}?` },
      ],
      tools: [{ type: 'function', function: { name: 'note', description: `Ask ${EMAIL} first`, parameters: { description: PHONE } } }],
      metadata: { id: EMAIL, type: PHONE, role: IBAN, model: EMAIL },
      tool_choice: { type: 'function', function: { name: 'note' }, x_note: EMAIL },
      user: EMAIL,
    };
    const posted = await guarded.post(JSON.stringify(body));
    expect(posted.status).toBe(200);
    for (const value of PERSONAL) expect(atUpstream()).not.toContain(value);
    const seen = guarded.upstream.requests[0]?.json() as typeof body;
    expect(seen.user).toBe('<EMAIL_1>');
    expect(seen.metadata.id).toBe('<EMAIL_1>');
    expect(seen.tools[0]?.function.description).toBe('Ask <EMAIL_1> first');
    expect(atUpstream()).not.toContain('<EMAIL_2>');
    // The card was masked for good; the rest comes back.
    expect((JSON.parse(posted.text) as { choices: { message: { content: string } }[] }).choices[0]?.message.content).toBe(
      `What is the mail of ${NAME}?`,
    );
  });

  it('is refused when a key of an object is personal data, since keys can not be replaced', async () => {
    const posted = await guarded.post(JSON.stringify({ model: MODEL, messages: [user('Hello')], metadata: { [EMAIL]: 'x' } }));
    expect([posted.status, JSON.parse(posted.text).error.code]).toEqual([403, 'ENFORCEMENT_REQUEST_SHAPE']);
    expect(guarded.upstream.requests).toEqual([]);
  });
});

describe('what stays behind', () => {
  it('is one intent and one outcome a call, and no personal value or key in any log line or table', async () => {
    const events = await guarded.events();
    const calls = Object.values(Object.groupBy(events, (event) => event.subject)).map((list) => list ?? []);
    const of = (list: typeof events, intent: boolean): number =>
      list.filter((event) => (event.type === 'enforcement.call.intended') === intent).length;
    expect(calls.length).toBeGreaterThan(60);
    for (const list of calls) {
      expect(of(list, false), JSON.stringify(list)).toBe(1);
      // What was refused before it could leave has no intent.
      const mayLack = list.some((event) => event.type === 'enforcement.call.refused' || event.public.operation === 'list_models');
      expect(of(list, true) === 1 || mayLack, JSON.stringify(list)).toBe(true);
    }
    const kept = `${await guarded.stored()}\n${guarded.test.log.join('\n')}`;
    expect(kept).toContain('enforcement.call.completed');
    for (const value of [...PERSONAL, NAME, guarded.key, UPSTREAM_KEY]) expect(kept).not.toContain(value);
    console.log(
      `${calls.length} calls, ${events.length} events, ${kept.length} characters stored and logged: no personal value among them`,
    );
  });
});
