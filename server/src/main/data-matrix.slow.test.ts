// Who may see what, through a whole server: what a model, a shop and a customer are shown by class of data, rules on trial and in force,
// what no rule can loosen, and what is counted and recorded of it.

import { newRunId } from '@sallyport/demo';
import { afterAll, beforeAll, beforeEach, describe, expect, inject, it } from 'vitest';
import { type Answer, type GuardedShop, MODEL, openGuardedShop } from '../../../testkit/crash/guarded-shop.ts';
import { calls, says, spoken, stream } from '../../../testkit/model-upstream/index.ts';

let world: GuardedShop;
let customers: readonly string[] = [];
const PAN = '4242 4242 4242 4242';
const IBAN = 'DE89370400440532013000';
const MAIL = 'robin.field@example.com';
type Cell = Record<string, unknown>;

beforeAll(async () => {
  const cluster = inject('testCluster');
  if (cluster === undefined) throw new Error('this project has no Postgres cluster');
  world = await openGuardedShop(cluster);
  customers = [...world.shop.state.customers.keys()];
}, 60_000);
beforeEach(() => world.model.reset());
afterAll(() => world?.close());

const chat = (content: string, more: object = {}, binding: string | null = null): Promise<Answer> =>
  world.call('POST', '/v1/chat/completions', { model: MODEL, messages: [{ role: 'user', content }], ...more }, { binding });
const put = (destination: string, name: string, handling: string, mode = 'enforce'): Promise<Answer> =>
  world.owner('PUT', `/api/data/matrix/${destination}/${name}`, { handling, mode });
const reset = (destination: string, name: string, mode = 'enforce'): Promise<Answer> =>
  world.owner('DELETE', `/api/data/matrix/${destination}/${name}?mode=${mode}`);
const cell = async (destination: string, name: string): Promise<Cell> => {
  const { body } = await world.owner('GET', '/api/data/matrix');
  return (body.cells as Cell[]).find((one) => one.destination === destination && one.class === name) ?? {};
};
const sentToModel = (): string => world.model.requests.map(({ body }) => Buffer.from(body).toString()).join('\n');
const codeOf = (answer: Answer): unknown => (answer.body.error as { code?: string } | undefined)?.code ?? answer.body.code;
const told = async (type: string): Promise<readonly Record<string, unknown>[]> => {
  const { rows } = await world.db.query(
    `select public::json as facts from event_inbox where type = $1 union all
     select (leaf::json -> 'public') from audit_log where type = $1`,
    [type],
  );
  return rows.map(({ facts }) => facts as Record<string, unknown>);
};

describe('who may see what', () => {
  it('a card number pasted to a platform approved without personal data is masked or refused, and the cell counts it', async () => {
    const before = Number((await cell('model', 'payment_card')).hits);
    expect((await chat(`my card ${PAN} was charged twice`)).status).toBe(200);
    expect(sentToModel()).toContain('[card ending 4242]');
    expect(sentToModel()).not.toMatch(/4242.?4242/);
    expect(Number((await cell('model', 'payment_card')).hits)).toBe(before + 1);

    expect((await put('integration:model', 'payment_card', 'refuse')).status).toBe(200);
    const asked = world.model.requests.length;
    const refused = await chat(`my card ${PAN} was charged twice`);
    expect([refused.status, codeOf(refused)], refused.text).toEqual([403, 'ENFORCEMENT_DATA_CLASS_REFUSED']);
    expect(refused.text).not.toContain('4242');
    expect(world.model.requests.length).toBe(asked);
    expect(await cell('integration:model', 'payment_card')).toMatchObject({ handling: 'refuse', from: 'integration', hits: 2 });
    expect(Number((await cell('model', 'payment_card')).hits)).toBe(before + 2);
    await reset('integration:model', 'payment_card');
  });

  it('a stricter rule runs on trial first: it is counted and recorded, and nothing changes until it is in force', async () => {
    expect((await put('model', 'email_address', 'refuse', 'monitor')).status).toBe(200);
    world.model.next(says('To <EMAIL_1>.'));
    const answer = await chat(`write to ${MAIL}`);
    expect(answer.text).toContain(MAIL);
    expect(sentToModel()).toContain('<EMAIL_1>');
    expect(await cell('model', 'email_address')).toMatchObject({ handling: 'tokenise', trial: 'refuse', trialHits: 1 });
    await expect
      .poll(async () => (await told('enforcement.call.intended')).map(({ onTrial }) => onTrial))
      .toContainEqual({ 'email_address.refuse': 1 });

    expect((await put('model', 'email_address', 'refuse')).status).toBe(200);
    expect(codeOf(await chat(`write to ${MAIL}`))).toBe('ENFORCEMENT_DATA_CLASS_REFUSED');
    expect(await cell('model', 'email_address')).toMatchObject({ handling: 'refuse', trial: null });
    expect((await reset('model', 'email_address')).status).toBe(200);
    expect((await chat(`write to ${MAIL}`)).status).toBe(200);
  });

  it('what is locked can not be loosened by any rule, and a loosening elsewhere is recorded as one, with an alert', async () => {
    for (const handling of ['clear', 'tokenise']) {
      const locked = await put('model', 'payment_card', handling);
      expect([locked.status, locked.body.code]).toEqual([403, 'ENFORCEMENT_DATA_RULE_LOCKED']);
    }
    expect((await put('integration:model', 'credential', 'clear')).body.code).toBe('ENFORCEMENT_DATA_RULE_LOCKED');
    // Around the API too: what stands in the table is not believed.
    await world.db.query(
      "insert into data_rules (tenant, destination, class, mode, handling) select distinct tenant, 'model', 'payment_card', 'enforce', 'clear' from integrations",
    );
    await put('model', 'place', 'mask');
    expect((await chat(`card ${PAN}`)).status).toBe(200);
    expect(sentToModel()).not.toMatch(/4242.?4242/);
    await reset('model', 'payment_card');

    expect((await put('model', 'email_address', 'clear')).status).toBe(200);
    expect((await chat(`write to ${MAIL}, card ${PAN}`)).status).toBe(200);
    expect(sentToModel()).toContain(MAIL);
    expect(await told('enforcement.data_rule.changed')).toContainEqual({
      class: 'email_address',
      destination: 'model',
      mode: 'enforce',
      before: 'tokenise',
      after: 'clear',
      loosened: ['email_address'],
    });
    await expect
      .poll(async () => ((await world.owner('GET', '/api/alerts')).body.alerts as Cell[]).map(({ rule }) => rule), { timeout: 10_000 })
      .toContain('loosened');
    await reset('model', 'email_address');
    await reset('model', 'place');
  });

  it('the model repeats a placeholder, and the reply that leaves has the value', async () => {
    world.model.next(says('I wrote to <EMAIL_1>.'), stream(spoken(['I wrote to <EM', 'AIL', '_1> at ', 'once.'])));
    expect((await chat(`mail me at ${MAIL}`)).text).toContain(`I wrote to ${MAIL}.`);
    const streamed = await chat(`mail me at ${MAIL}`, { stream: true });
    expect(streamed.text.replace(/\s*data: |\{[^}]*\}|\\n/g, '')).not.toContain('EMAIL');
    expect(sentToModel()).not.toContain(MAIL);
  });

  it('[D5] an argument with personal data that its destination may not see is refused, and nobody is asked', async () => {
    const customer = customers[0] as string;
    const order = [...world.shop.state.orders.values()].find((one) => one.customer_id === customer)?.id;
    const note = (text: string): Promise<Answer> =>
      world.call('POST', `/connect/shop/orders/${order}/notes`, { note: text }, { binding: world.bind(customer) });
    const asked = world.asked.length;
    const card = await note(`paid with ${PAN}`);
    expect([card.status, card.body.code], card.text).toEqual([403, 'ENFORCEMENT_DATA_CLASS_REFUSED']);
    expect(card.text).not.toContain('4242');

    expect((await put('integration:shop', 'email_address', 'refuse')).status).toBe(200);
    const mail = await note(`reach me at ${MAIL}`);
    expect([mail.status, mail.body.code], mail.text).toEqual([403, 'ENFORCEMENT_DATA_CLASS_REFUSED']);
    expect(world.asked.length).toBe(asked);
    const { body } = await world.owner('GET', '/api/approvals');
    expect(JSON.stringify(body)).not.toContain('notes');
    expect(await cell('integration:shop', 'email_address')).toMatchObject({ handling: 'refuse', hits: 1 });

    // The same for a model's call of that tool: it keeps the placeholder there, and gets the value where it may.
    const tool = (name: string) => ({
      type: 'function',
      function: { name, parameters: { type: 'object', properties: { note: { type: 'string' } } } },
    });
    const tools = [tool('orders_add_note'), tool('somewhere_else')];
    world.model.next(
      calls(
        { id: 'call_1', name: 'orders_add_note', arguments: '{"note":"for <EMAIL_1>"}' },
        { id: 'call_2', name: 'somewhere_else', arguments: '{"note":"for <EMAIL_1>"}' },
      ),
    );
    const answer = await chat(`note ${MAIL}`, { tools });
    const [choice = {}] = answer.body.choices as Cell[];
    const args = (choice.message as { tool_calls: { function: { arguments: string } }[] }).tool_calls;
    expect(args.map((one) => one.function.arguments)).toEqual(['{"note":"for <EMAIL_1>"}', `{"note":"for ${MAIL}"}`]);
    await reset('integration:shop', 'email_address');
  });

  it('[D5] an argument of an operation takes the classes its manifest names and no other', async () => {
    await world.installShop((manifest) => {
      const { note } = (manifest.operations['orders.add_note'] as { arguments: Record<string, object> }).arguments;
      Object.assign(note as object, { takes: ['phone_number'] });
    });
    const customer = customers[1] as string;
    const order = [...world.shop.state.orders.values()].find((one) => one.customer_id === customer)?.id;
    const note = (text: string): Promise<Answer> =>
      world.call('POST', `/connect/shop/orders/${order}/notes`, { note: text }, { binding: world.bind(customer) });
    expect((await note(`reach me at ${MAIL}`)).body.code).toBe('ENFORCEMENT_DATA_CLASS_REFUSED');
    expect((await note('call +1 415 555 2671')).body.code).not.toBe('ENFORCEMENT_DATA_CLASS_REFUSED');
    await world.installShop();
  });

  it('[D5] numbers and keys of objects in an argument are held to the same', async () => {
    await world.installShop((manifest) => {
      const { note } = (manifest.operations['orders.add_note'] as { arguments: Record<string, object> }).arguments;
      Object.assign(note as object, { type: 'object' });
    });
    const customer = customers[1] as string;
    const order = [...world.shop.state.orders.values()].find((one) => one.customer_id === customer)?.id;
    const note = (value: object): Promise<Answer> =>
      world.call('POST', `/connect/shop/orders/${order}/notes`, { note: value }, { binding: world.bind(customer) });
    for (const value of [{ paid: Number(PAN.replaceAll(' ', '')) }, { [PAN]: true }, { of: [{ [`paid ${PAN}`]: 1 }] }]) {
      const answer = await note(value);
      expect([answer.status, answer.body.code], answer.text).toEqual([403, 'ENFORCEMENT_DATA_CLASS_REFUSED']);
    }
    expect((await note({ paid: 12, in_parts: true })).body.code).not.toBe('ENFORCEMENT_DATA_CLASS_REFUSED');
    await world.installShop();
  });

  it('a key of an object that a pattern or a record says is somebody’s reaches no model', async () => {
    const pattern = { class: 'customer_number', pattern: 'MB-[0-9]{6}', matches: ['MB-123456'], differs: [] };
    expect((await world.owner('PUT', '/api/data/patterns/member', pattern)).status).toBe(200);
    const asked = world.model.requests.length;
    const known = [
      { role: 'assistant', content: null, tool_calls: [{ id: 'c', type: 'function', function: { name: 'f', arguments: '{}' } }] },
      { role: 'tool', tool_call_id: 'c', content: JSON.stringify({ customer: { first_name: 'Zoë', last_name: 'Großmann' } }) },
      { role: 'user', content: 'hello' },
    ];
    for (const more of [{ metadata: { 'MB-654321': 'x' } }, { messages: known, metadata: { 'Zoë Großmann': true } }]) {
      const answer = await chat('hello', more);
      expect([answer.status, codeOf(answer)], answer.text).toEqual([403, 'ENFORCEMENT_REQUEST_SHAPE']);
    }
    expect(world.model.requests.length).toBe(asked);
    expect((await chat('hello', { metadata: { line_1: 'x' }, logit_bias: { 50256: -100 } })).status).toBe(200);
    await world.owner('DELETE', '/api/data/patterns/member');
  });

  it('ids, names and numbers of the protocol carry nobody’s value past the search', async () => {
    const turn = (id: string, name = 'look_up') => [
      { role: 'user', content: 'hi' },
      { role: 'assistant', content: null, tool_calls: [{ id, type: 'function', function: { name, arguments: '{}' } }] },
      { role: 'tool', tool_call_id: id, content: '{"customer":{"customer_id":"CU-77123","phone":"2025550147"}}' },
    ];
    const asked = (messages: readonly object[], more: object = {}): Promise<Answer> =>
      world.call('POST', '/v1/chat/completions', { model: MODEL, messages, ...more }, { binding: null });
    // An id stays one id, as a placeholder.
    expect((await asked(turn('call_CU-77123'))).status).toBe(200);
    expect(sentToModel()).toContain('"id":"<CUSTOMER_ID_2>"');
    expect(sentToModel()).toContain('"tool_call_id":"<CUSTOMER_ID_2>"');
    expect(sentToModel()).not.toContain('77123');
    const before = world.model.requests.length;
    for (const [messages, more] of [
      [turn('4242424242424242'), {}],
      [turn('call_1', 'of_CU-77123'), {}],
      [turn('call_1'), { seed: 2025550147 }],
      [turn('call_1'), { seed: 4242424242424242 }],
      [turn('call_1'), { service_tier: 'flex', tool_choice: { type: 'function', function: { name: 'of_CU-77123' } } }],
    ] as const) {
      const refused = await asked(messages, more);
      expect([refused.status, codeOf(refused)], JSON.stringify([messages, more])).toEqual([403, 'ENFORCEMENT_REQUEST_SHAPE']);
    }
    expect(world.model.requests.length).toBe(before);
    // What only looks like it goes on.
    expect((await asked(turn('550e8400-e29b-41d4-a716-446655440000'), { seed: 1734958811, user: 'u1' })).status).toBe(200);
  });

  it('a record beside the messages is known by its fields: a bare number under phone, a number of a customer', async () => {
    const metadata = { phone: 4155550134, customer: { customer_id: 'K-20431', last_name: 'Großmann' }, trace: 'K-20431 of Großmann' };
    expect((await chat('call 4155550134', { metadata })).status).toBe(200);
    expect(sentToModel()).toContain('metadata');
    expect(sentToModel()).not.toMatch(/4155550134|20431|Großmann/);
  });

  it('a customer’s reply keeps back what customers are not shown, and one class may end it', async () => {
    const binding = world.bind(customers[2] as string);
    world.model.next(says('Paid back to <IBAN_1>, mail to <EMAIL_1>.'), says('Mail to <EMAIL_1>.'));
    const answer = await chat(`${IBAN} ${MAIL}`, {}, binding);
    expect(answer.text).toContain(`Paid back to <IBAN_1>, mail to ${MAIL}.`);
    expect((await put('customer', 'email_address', 'refuse')).status).toBe(200);
    expect(codeOf(await chat(`${MAIL}`, {}, binding))).toBe('ENFORCEMENT_DATA_CLASS_REFUSED');
    await reset('customer', 'email_address');
    // Whoever sent the values without a proven customer gets them back.
    world.model.next(says('Paid back to <IBAN_1>.'));
    expect((await chat(IBAN)).text).toContain(IBAN);
  });

  it('a text that a model sends to the customer through a tool holds their own values and nobody else’s', async () => {
    const [mine, theirs] = [customers[3] as string, customers[4] as string];
    const run = newRunId(Date.now());
    const mailOf = async (customer: string): Promise<string> => {
      const binding = world.bind(customer, { run });
      return String((await world.call('GET', `/connect/shop/customers/${customer}`, undefined, { binding })).body.email);
    };
    const [own, other] = [await mailOf(mine), await mailOf(theirs)];
    const parameters = { type: 'object', properties: { recipient: { type: 'string' }, body: { type: 'string' } } };
    const tools = [{ type: 'function', function: { name: 'messages_send', parameters } }];
    const written = '{"recipient":"<EMAIL_2>","body":"You are <EMAIL_1>, not <EMAIL_2>. Paid to <IBAN_1>."}';
    world.model.next(calls({ id: 'call_1', name: 'messages_send', arguments: written }));
    const answer = await chat(`${own} or ${other}, ${IBAN}`, { tools }, world.bind(mine, { run }));
    const [choice = {}] = answer.body.choices as Cell[];
    const [call] = (choice.message as { tool_calls: { function: { arguments: string } }[] }).tool_calls;
    expect(JSON.parse(call?.function.arguments ?? '')).toEqual({
      recipient: other,
      body: `You are ${own}, not <EMAIL_2>. Paid to <IBAN_1>.`,
    });
  });

  it('a number that was never given out is kept, counted and raises an alert, also where nothing personal was sent', async () => {
    world.model.next(says('Ask <EMAIL_7> about it.'), says('Ask <PHONE_3>, not <EMAIL_1>.'));
    expect((await chat('hello')).text).toContain('Ask <EMAIL_7> about it.');
    expect((await chat(`I am ${MAIL}`)).text).toContain(`Ask <PHONE_3>, not ${MAIL}.`);
    await expect
      .poll(async () => (await told('enforcement.call.completed')).filter(({ foreignPlaceholders }) => foreignPlaceholders === 1).length)
      .toBe(2);
    await expect
      .poll(async () => ((await world.owner('GET', '/api/alerts')).body.alerts as Cell[]).map(({ rule }) => rule), { timeout: 10_000 })
      .toContain('invented_placeholders');
  });

  it('with as many rules as one may have, those that stand can still be made stricter and taken away', async () => {
    expect((await put('model', 'email_address', 'mask')).status).toBe(200);
    await world.db.query(
      `insert into data_rules (tenant, destination, class, mode, handling) select distinct tenant, 'integration:full-' || nth, 'place', 'enforce', 'refuse'
        from integrations, generate_series(1, 5000) as nth`,
    );
    expect((await put('web', 'place', 'refuse')).body.code).toBe('ENFORCEMENT_DATA_RULES_FULL');
    expect((await put('model', 'email_address', 'refuse')).status).toBe(200);
    expect((await reset('model', 'email_address')).status).toBe(200);
    await world.db.query("delete from data_rules where destination like 'integration:full-%'");
  });

  it('the routes refuse what is no destination, no class and no handling there', async () => {
    expect((await put('integration:nowhere', 'email_address', 'mask')).body.code).toBe('CONTROL_NOT_FOUND');
    expect((await put('mars', 'email_address', 'mask')).body.code).toBe('CONTROL_NOT_FOUND');
    expect((await put('model', 'email', 'mask')).body.code).toBe('CONTROL_NOT_FOUND');
    expect((await put('web', 'email_address', 'mask')).body.code).toBe('CONTROL_REQUEST_INVALID');
    expect((await put('model', 'order_number', 'mask')).body.code).toBe('CONTROL_REQUEST_INVALID');
    expect((await put('model', 'email_address', 'hide')).body.code).toBe('CONTROL_REQUEST_INVALID');
    expect((await reset('model', 'email_address')).body.code).toBe('CONTROL_NOT_FOUND');
    const unsure = await world.owner('PUT', '/api/data/unsure/place', { unsure: 'refuse' });
    expect((unsure.body.classes as Cell[]).find((one) => one.class === 'place')).toMatchObject({
      unsure: 'refuse',
      unsureDefault: 'leave',
    });
    expect((await world.owner('DELETE', '/api/data/unsure/place')).status).toBe(200);
    expect(((await world.owner('GET', '/api/data/hits?days=2')).body.hits as Cell[]).length).toBeGreaterThan(3);
  });
});
