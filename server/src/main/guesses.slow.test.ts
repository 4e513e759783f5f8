// Names and addresses that nobody named to the gateway: guessed, masked towards the model and put back. What is not sure goes as its class says.

import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, inject, it } from 'vitest';
import type { TenantId } from '#core';
import { type Answer, type GuardedShop, MODEL, openGuardedShop } from '../../../testkit/crash/guarded-shop.ts';
import { says } from '../../../testkit/model-upstream/index.ts';
import { type NamesFolder, writeNamesFolder } from '../../../testkit/names-model/folder.ts';
import { rightsPlaces } from './compose/rights-places.ts';
import { type NamesModel, openNamesModel } from './ner/names-model.ts';

let world: GuardedShop;

beforeAll(async () => {
  const cluster = inject('testCluster');
  if (cluster === undefined) throw new Error('this project has no Postgres cluster');
  world = await openGuardedShop(cluster);
}, 60_000);
beforeEach(() => world.model.reset());
afterAll(() => world?.close());

const chat = (content: string, more: object = {}, before: readonly object[] = []): Promise<Answer> =>
  world.call(
    'POST',
    '/v1/chat/completions',
    { model: MODEL, messages: [...before, { role: 'user', content }], ...more },
    { binding: null },
  );
const sent = (): string => Buffer.from(world.model.requests.at(-1)?.body ?? '').toString();
const codeOf = (answer: Answer): unknown => (answer.body.error as { code?: string } | undefined)?.code ?? answer.body.code;

async function unsure(name: string, handling: string): Promise<void> {
  await world.db.query(
    `insert into data_unsure_rules (tenant, class, unsure) select distinct tenant, $1, $2 from integrations
     on conflict (tenant, class) do update set unsure = excluded.unsure`,
    [name, handling],
  );
  await world.server.rooms.dataMatrix.refreshed();
}

describe('guesses in calls to models', () => {
  it('a name and a street that nobody named leave as placeholders and come back', async () => {
    const said = 'Hello, my name is Ingrid Solheim and I live at 47 Bramley Close, Ipswich IP3 9TN.';
    world.model.next(says('Thank you <PERSON_1>, it goes to <STREET_ADDRESS_1>.'));
    const answer = await chat(said);
    expect(answer.status, answer.text).toBe(200);
    for (const value of ['Ingrid', 'Solheim', 'Bramley', 'IP3']) expect(sent()).not.toContain(value);
    expect(answer.text).toContain('Thank you Ingrid Solheim, it goes to 47 Bramley Close.');
  });

  it('the same person has the same number in later turns', async () => {
    const first = { role: 'user', content: 'Hi, this is Ingrid Solheim, where is my parcel?' };
    await chat('I am writing for Bogdan Ionescu too. Regards, Ingrid Solheim', {}, [first, { role: 'assistant', content: 'One moment.' }]);
    expect(sent()).not.toMatch(/Solheim|Ionescu/);
    expect(sent().match(/<PERSON_1>/g)).toHaveLength(2);
    expect(sent()).toContain('<PERSON_2>');
  });

  it('a body without personal data leaves byte for byte, and a program’s own prompt is not guessed at', async () => {
    const prompt = { role: 'system', content: 'You are Ava Quist, the assistant of the shop. Our Oslo Lounge Chair ships on Mondays.' };
    const content = 'Is the Oslo Lounge Chair in stock? Order 20931, SKU 8812-4450.';
    await chat(content, {}, [prompt]);
    expect(sent()).toBe(JSON.stringify({ model: MODEL, messages: [prompt, { role: 'user', content }] }));
  });

  it('a guess that is not sure is masked, left, refused or kept for a person, as its class says; a sure one is always masked', async () => {
    // A family's name at the beginning of a sentence: likely, not sure.
    const doubtful = 'Petrossian bought the blue one.';
    expect((await chat(doubtful)).status).toBe(200);
    expect(sent()).not.toContain('Petrossian');
    await unsure('person_name', 'leave');
    await chat(doubtful);
    expect(sent()).toContain('Petrossian');
    await chat('My name is Ruth Petrossian.');
    expect(sent()).not.toContain('Petrossian');
    for (const [handling, code, more] of [
      ['refuse', 'ENFORCEMENT_DATA_CLASS_UNSURE', {}],
      ['ask', 'ENDORSEMENT_REQUIRED', {}],
      // What streams can not wait for a person.
      ['ask', 'ENFORCEMENT_DATA_CLASS_ASKS', { stream: true }],
    ] as const) {
      await unsure('person_name', handling);
      const asked = world.model.requests.length;
      const refused = await chat(doubtful, more);
      expect([refused.status, codeOf(refused)], refused.text).toEqual([403, code]);
      expect(refused.text).not.toContain('Petrossian');
      expect(world.model.requests.length).toBe(asked);
      expect((await chat('My name is Ruth Petrossian.')).status).toBe(200);
    }
  });
});

describe('what the shop sells', () => {
  const titled = (trusted: boolean): Promise<void> =>
    world.installShop((manifest) => {
      const { output } = manifest.operations['products.search'] as { output: { fields: Record<string, object> } };
      output.fields['products[].title'] = { class: 'product', trusted };
    });
  const search = async (title: string): Promise<void> => {
    const [product] = [...world.shop.state.products.values()];
    world.weather(({ path, status }) => ({
      status,
      body: path.startsWith('/products?') ? JSON.stringify({ products: [{ ...product, title }] }) : '{}',
    }));
    const answer = await world.call('GET', '/connect/shop/products?query=chair', undefined, { binding: null });
    world.weather(null);
    expect(answer.text).toContain(title);
    await world.server.rooms.shopGoods.flush();
    await world.server.rooms.shopGoods.refreshed();
  };
  const asks = 'Petrossian bought the blue one. Harper Ellison bought the red one.';
  beforeAll(() => unsure('person_name', 'mask'));

  it('is left alone once a reply named it in a field its manifest trusts; a customer of that name is not', async () => {
    await titled(false);
    await search('Petrossian');
    await chat(asks);
    expect(sent()).not.toMatch(/Petrossian|Ellison/);
    expect(sent()).toContain('<PERSON_2>');
    await titled(true);
    await search('Petrossian');
    await search('Harper Ellison');
    await chat(asks);
    expect(sent()).toContain(asks);
    // A single word makes nothing of a guess that is sure, and nothing learnt does of what is known.
    await chat('My name is Ruth Petrossian.');
    expect(sent()).not.toContain('Petrossian');
    const record = JSON.stringify({ customer: { first_name: 'Harper', last_name: 'Ellison' } });
    await chat(asks, {}, [
      { role: 'assistant', content: null, tool_calls: [{ id: 'call_1', type: 'function', function: { name: 'f', arguments: '{}' } }] },
      { role: 'tool', tool_call_id: 'call_1', content: record },
    ]);
    expect(sent()).not.toMatch(/Harper|Ellison/);
    const { rows } = await world.db.query('select words, integration from shop_goods order by words');
    expect(rows).toEqual([
      { words: 'Harper Ellison', integration: 'shop' },
      { words: 'Petrossian', integration: 'shop' },
    ]);
    // What no reply named for half a year is sold no more, also for a server that runs all the time.
    await world.db.query('update shop_goods set seen_on = seen_on - 181');
    expect(await world.server.rooms.shopGoods.prune()).toBe(2);
    await chat(asks);
    expect(sent()).not.toMatch(/Petrossian|Ellison/);
    await world.installShop();
  });

  it('is learnt in the demo shop by its own manifest, from products and from orders', async () => {
    // Each of another product, since a name that is known is not written again.
    const titles = [...world.shop.state.products.values()].map(({ title }) => title);
    const bought = (at: string | undefined) => [...world.shop.state.orders.values()].find((one) => one.line_items[0]?.title === at);
    const [sought, read, ordered] = [titles[0], titles.at(-1), titles.slice(1, -1).find((title) => bought(title) !== undefined)];
    const product = [...world.shop.state.products.values()].at(-1);
    for (const [path, title] of [
      [`/products?query=${encodeURIComponent(String(sought))}`, sought],
      [`/products/${product?.id}`, read],
      [`/orders/${bought(ordered)?.id}`, ordered],
    ]) {
      const binding = world.bind(String(bought(ordered)?.customer_id));
      const answer = await world.call('GET', `/connect/shop${path}`, undefined, { binding });
      expect(answer.status, answer.text).toBe(200);
      await world.server.rooms.shopGoods.flush();
      expect((await world.db.query('select words from shop_goods')).rows, path).toContainEqual({ words: title });
    }
  });
});

describe('a request that holds what a person decides about', () => {
  const MAIL = 'ruth.case@example.com';
  let nth = 0;
  /** Another text each time, so that it is another request. */
  const ask = async (more: object = {}): Promise<{ id: string; said: string }> => {
    nth += 1;
    const said = `Tomassian bought the blue one, number ${nth}. Write to ${MAIL}.`;
    const refused = await chat(said, more);
    expect([refused.status, codeOf(refused)], refused.text).toEqual([403, 'ENDORSEMENT_REQUIRED']);
    const { approval, result } = refused.body.error as Record<string, string>;
    expect(result).toBe(`/connect/-/approvals/${approval}`);
    return { id: approval as string, said };
  };
  const show = async (id: string): Promise<Record<string, unknown>> => (await world.owner('GET', `/api/approvals/${id}`)).body;
  const approve = async (id: string, send?: string): Promise<Answer> => {
    const { digest } = await show(id);
    return world.owner('POST', `/api/approvals/${id}/approve`, { digest, ...(send === undefined ? {} : { send }) });
  };
  const ended = async (id: string): Promise<Record<string, unknown>> => {
    for (;;) {
      const { body } = await world.result(id, world.plain.key);
      if (!['pending', 'approved', 'executing'].includes(String(body.state))) return body;
    }
  };
  const put = (name: string, handling: string, mode: string): Promise<Answer> =>
    world.owner('PUT', `/api/data/matrix/model/${name}`, { handling, mode });

  beforeAll(() => unsure('person_name', 'ask'));
  afterAll(() => unsure('person_name', 'mask'));

  it('waits, shows its doubtful places masked, runs once when it is approved, and its id gives the answer', async () => {
    const { id, said } = await ask();
    expect(world.model.requests).toHaveLength(0);
    const shown = await show(id);
    expect(JSON.stringify(shown)).not.toMatch(/Tomassian|ruth\.case/);
    expect(shown).toMatchObject({ operation: 'chat', integration: 'model', state: 'pending', required: 1, masked: 2 });
    const { excerpts } = shown.doubts as { excerpts: { role: string; pieces: { kind: string; text: string; classes: string[] }[] }[] };
    expect(excerpts).toEqual([
      {
        role: 'user',
        pieces: [
          { kind: 'doubt', text: '<PERSON_1>', classes: ['person_name'] },
          { kind: 'words', text: ` bought the blue one, number ${nth}. Write to `, classes: [] },
          { kind: 'found', text: '<EMAIL_1>', classes: ['email_address'] },
          { kind: 'words', text: '.', classes: [] },
        ],
      },
    ]);
    const words = await world.owner('POST', `/api/approvals/${id}/words`, {});
    expect(JSON.stringify(words.body.excerpts)).toContain('Tomassian');
    expect((await world.events(id)).map(({ type }) => type)).toContain('approvals.words.read');

    // The same request while it waits is the same question.
    const again = await chat(said);
    expect((again.body.error as Record<string, unknown>).approval).toBe(id);
    expect((await world.result(id)).status).toBe(404);

    world.model.next(says('Dear <PERSON_1>, at <EMAIL_1>.'));
    expect((await approve(id, 'masked')).status).toBe(200);
    const { state, result } = await ended(id);
    expect(state).toBe('done');
    expect(JSON.stringify(result)).toContain(`Dear Tomassian, at ${MAIL}.`);
    expect(world.model.requests).toHaveLength(1);
    expect(sent()).not.toMatch(/Tomassian|ruth\.case/);
    expect(codeOf(await approve(id, 'masked'))).toBe('APPROVALS_NOT_PENDING');
    expect(world.model.requests).toHaveLength(1);
  });

  it('goes as it is only where the matrix allows that to a person who is asked, and only what was in doubt', async () => {
    const { id } = await ask();
    expect(await show(id)).toMatchObject({ doubts: { mayGoAsIs: false, notAsIs: ['person_name'] } });
    const refused = await approve(id, 'as_is');
    expect([refused.status, codeOf(refused)], refused.text).toEqual([403, 'ENFORCEMENT_AS_IS_FORBIDDEN']);
    expect(codeOf(await put('payment_card', 'clear', 'asked'))).toBe('ENFORCEMENT_DATA_RULE_LOCKED');
    expect((await put('person_name', 'clear', 'asked')).status).toBe(200);
    expect((await approve(id, 'as_is')).status).toBe(200);
    expect((await ended(id)).state).toBe('done');
    expect(sent()).toContain('Tomassian');
    expect(sent()).not.toContain('ruth.case');
  });

  it('is not sent as it is when the matrix stopped allowing it after the yes', async () => {
    const { id } = await ask();
    world.breakGuard((deps) => ({
      // The rule is taken back between the yes and the sending.
      dataMatrix: {
        ...deps.dataMatrix,
        patternsOf: (tenant) => deps.dataMatrix.patternsOf(tenant),
        of: (tenant) => {
          const matrix = deps.dataMatrix.of(tenant);
          return { ...matrix, towards: (kind, name) => ({ ...matrix.towards(kind, name), asIs: new Set() }) };
        },
      },
    }));
    try {
      expect((await approve(id, 'as_is')).status).toBe(200);
      expect(await ended(id)).toMatchObject({ state: 'failed', code: 'ENFORCEMENT_AS_IS_FORBIDDEN' });
      expect(world.model.requests).toHaveLength(0);
    } finally {
      world.breakGuard(null);
    }
  });

  it('never runs when it is denied, and what else is in its way is still in its way after the yes', async () => {
    const denied = await ask();
    expect((await world.owner('POST', `/api/approvals/${denied.id}/deny`, { reason: 'no' })).status).toBe(200);
    expect((await ended(denied.id)).state).toBe('denied');
    const { id } = await ask();
    await put('email_address', 'refuse', 'enforce');
    expect((await approve(id)).status).toBe(200);
    expect(await ended(id)).toMatchObject({ state: 'failed', code: 'ENFORCEMENT_DATA_CLASS_REFUSED' });
    await world.owner('DELETE', '/api/data/matrix/model/email_address');
    expect(world.model.requests).toHaveLength(0);
  });

  it('is found, with whom it is about, by whoever erases them', async () => {
    const { id } = await ask();
    const { guard } = world.server.rooms;
    const [place] = rightsPlaces(world.server.rooms).filter(({ name }) => name === 'approvals');
    const tenant = (await world.db.query('select tenant from approvals where id = $1', [id])).rows[0].tenant as TenantId;
    const held = await guard.database.inTenant(tenant, async (tx) => place?.open(tx, tenant, [id]));
    expect(JSON.stringify(held)).toContain(MAIL);
    expect(JSON.stringify(held)).toContain('Tomassian bought');
  });

  it('shows nothing that is personal in clear, also of what the model may see', async () => {
    expect((await put('email_address', 'clear', 'enforce')).status).toBe(200);
    const { id } = await ask();
    expect(JSON.stringify(await show(id))).not.toMatch(/Tomassian|ruth\.case/);
    const words = await world.owner('POST', `/api/approvals/${id}/words`, {});
    expect(JSON.stringify(words.body.excerpts)).toContain(MAIL);
    await approve(id, 'masked');
    expect((await ended(id)).state).toBe('done');
    expect(sent()).toContain(MAIL);
    await world.owner('DELETE', '/api/data/matrix/model/email_address');
  });

  it('runs once when two processes start it at the same moment', async () => {
    const { id } = await ask();
    const { digest } = await show(id);
    const body = { digest, send: 'masked' };
    await Promise.all([1, 2, 3].map(() => world.owner('POST', `/api/approvals/${id}/approve`, body)));
    expect((await ended(id)).state).toBe('done');
    expect(world.model.requests).toHaveLength(1);
  });
});

describe('the switch of guesses', () => {
  it('off, nothing is guessed at and what has a form is still found; each switch is one event of privilege, and off is a loosening', async () => {
    const said = 'My name is Ingrid Solheim, ingrid@example.com';
    const put = (isOn: unknown): Promise<Answer> => world.owner('PUT', '/api/data/guesses', { isOn });
    expect((await world.owner('GET', '/api/data/guesses')).body).toEqual({ isOn: true, model: null });
    expect((await put('off')).status).toBe(400);
    expect((await put(false)).body).toEqual({ isOn: false, model: null });
    await chat(said);
    expect(sent()).toContain('My name is Ingrid Solheim, <EMAIL_1>');
    for (const isOn of [false, true, true]) expect((await put(isOn)).body.isOn).toBe(isOn);
    await chat(said);
    expect(sent()).toContain('My name is <PERSON_1>, <EMAIL_1>');
    await world.server.rooms.sequencer.runOnce();
    const changes = (await world.events('guesses')).filter(({ type }) => type === 'enforcement.data_guesses.changed');
    expect(changes.map(({ facts }) => facts)).toEqual([{ change: 'off', loosened: ['guesses'] }, { change: 'on' }]);
  });
});

describe('a model of names that the operator supplied', () => {
  // Nothing of ours takes it for a name; the model does.
  const said = 'parcel for quorrazim veldtstrom 😀 went to tarnmouth';
  const folder = mkdtempSync(join(tmpdir(), 'sallyport-names-'));
  const opened: NamesModel[] = [];
  const use = async (
    parts: NamesFolder,
    more: { readonly isRequired?: boolean; readonly deadlineMs?: number } = {},
  ): Promise<NamesModel> => {
    const model = await openNamesModel({
      folder: writeNamesFolder(join(folder, String(opened.length)), parts),
      isRequired: false,
      deadlineMs: 10_000,
      clock: { now: () => Date.now() },
      onFault: () => {},
      ...more,
    });
    opened.push(model);
    world.breakGuard(() => ({ names: model }));
    return model;
  };
  const unread = async (): Promise<readonly unknown[]> => {
    await world.server.rooms.sequencer.runOnce();
    return (await world.events('model')).filter(({ type }) => type === 'enforcement.names.unread').map(({ facts }) => facts.refused);
  };
  afterEach(() => world.breakGuard(null));
  afterAll(async () => {
    for (const model of opened) await model.close();
    rmSync(folder, { recursive: true, force: true });
  });

  it('what only the model finds leaves as a placeholder and comes back; without it, it leaves', async () => {
    await chat(said);
    expect(sent()).toContain('quorrazim veldtstrom');
    await use({});
    world.model.next(says('Hello <PERSON_1>, <CITY_1> it is.'));
    const answer = await chat(said);
    expect(answer.text).toContain('Hello quorrazim veldtstrom, tarnmouth it is.');
    expect(sent()).toContain('parcel for <PERSON_1> 😀 went to <CITY_1>');
    // In JSON of a tool, in escapes, and in a later turn it is the same person.
    const call = { id: 'c1', type: 'function', function: { name: 'find', arguments: '{"note":"QUORRAZIM\\u0020veldtstrom"}' } };
    const result = { role: 'tool', tool_call_id: 'c1', content: '{"about":"quorrazim veldtstrom"}' };
    await chat('and quorrazim veldtstrom?', {}, [{ role: 'assistant', content: null, tool_calls: [call] }, result]);
    expect(sent().toLowerCase()).not.toMatch(/quorrazim|veldtstrom/);
    // A program's own prompt is not guessed at, and a body in which nothing is found leaves byte for byte.
    const prompt = [{ role: 'system', content: 'quorrazim is our brand' }];
    await chat('Is it in stock?', {}, prompt);
    expect(sent()).toBe(JSON.stringify({ model: MODEL, messages: [...prompt, { role: 'user', content: 'Is it in stock?' }] }));
  });

  it('one that is late is told once, and the call goes on with our own guesses; where doubts decide, or it is required, the call is refused', async () => {
    await unsure('person_name', 'mask');
    await use({ model: { isSlow: true } }, { deadlineMs: 1 });
    for (const text of ['one quorrazim, and my name is Ingrid Solheim', 'two quorrazim']) expect((await chat(text)).status).toBe(200);
    expect(sent()).toContain('two quorrazim');
    expect(await unread()).toEqual([false]);
    for (const handling of ['refuse', 'ask']) {
      await unsure('person_name', handling);
      const asked = world.model.requests.length;
      const refused = await chat(`three quorrazim ${handling}`);
      expect([refused.status, codeOf(refused)], refused.text).toEqual([403, 'ENFORCEMENT_NAMES_UNREAD']);
      expect([refused.text.includes('quorrazim'), world.model.requests.length]).toEqual([false, asked]);
    }
    await unsure('person_name', 'mask');
    await use({ model: { isSlow: true } }, { deadlineMs: 1, isRequired: true });
    expect(codeOf(await chat('four quorrazim'))).toBe('ENFORCEMENT_NAMES_UNREAD');
    // What the operator requires no tenant switches off.
    expect(codeOf(await world.owner('PUT', '/api/data/guesses', { isOn: false }))).toBe('ENFORCEMENT_DATA_GUESSES_REQUIRED');
    expect((await world.owner('GET', '/api/data/guesses')).body).toMatchObject({ isOn: true, model: { isRequired: true } });
    // Nothing in it that a model could read.
    expect((await chat('1234567 😀')).status).toBe(200);
    expect([...(await unread())].sort()).toEqual([false, true, true]);
  });

  it('one that died, or texts longer than it reads, count as not read', async () => {
    const model = await use({}, { isRequired: true });
    expect(codeOf(await chat('quorrazim '.repeat(7_000)))).toBe('ENFORCEMENT_NAMES_UNREAD');
    expect((await chat('quorrazim')).status).toBe(200);
    await model.close();
    expect(codeOf(await chat('another quorrazim'))).toBe('ENFORCEMENT_NAMES_UNREAD');
    // What it read before is remembered.
    expect((await chat('quorrazim')).status).toBe(200);
  });
});

describe('patterns of a tenant', () => {
  const member = { class: 'customer_number', pattern: 'MB-[0-9]{6}', matches: ['MB-123456'], differs: ['MB-12'] };
  const put = (name: string, body: object): Promise<Answer> => world.owner('PUT', `/api/data/patterns/${name}`, body);

  it('what a pattern finds is masked and put back from the next call on, and no longer once it is removed', async () => {
    await chat('My number is MB-654321');
    expect(sent()).toContain('MB-654321');
    expect((await put('member', member)).status).toBe(200);
    world.model.next(says('Thank you, <CUSTOMER_ID_1>.'));
    const answer = await chat('My number is MB-654321');
    expect(sent()).not.toContain('MB-654321');
    expect(answer.text).toContain('Thank you, MB-654321.');
    const { body } = await world.owner('GET', '/api/data/patterns');
    expect(body.patterns).toEqual([{ name: 'member', ...member }]);
    const tried = await world.owner('POST', '/api/data/patterns/try', { pattern: member.pattern, text: 'a MB-111111 b' });
    expect(tried.body.finds).toEqual([{ start: 2, end: 11 }]);
    expect((await world.owner('DELETE', '/api/data/patterns/member')).status).toBe(200);
    await chat('My number is MB-654321');
    expect(sent()).toContain('MB-654321');
    expect((await world.owner('DELETE', '/api/data/patterns/member')).status).toBe(404);
  });

  it('what all of them together may cost is bounded: others share the process', async () => {
    const dear = { ...member, pattern: '(?:MB-[0-9]{6}|[A-Z]{1,200}Q)' };
    const answers: Answer[] = [];
    for (const name of ['dear-1', 'dear-2', 'dear-3', 'dear-4', 'dear-5', 'dear-6']) answers.push(await put(name, dear));
    expect([answers[0]?.status, codeOf(answers.at(-1) as Answer)]).toEqual([200, 'DLP_PATTERN_TOO_LARGE']);
    // Said again it costs nothing more.
    expect((await put('dear-1', dear)).status).toBe(200);
    for (const [index, { status }] of answers.entries())
      if (status === 200) await world.owner('DELETE', `/api/data/patterns/dear-${index + 1}`);
  });

  it('is refused with its code when it can not run, finds everything, or fails an example; more than twenty are too many', async () => {
    for (const [change, code] of [
      [{ pattern: '(a)\\1' }, 'DLP_PATTERN_UNSUPPORTED'],
      [{ pattern: '[0-9]*' }, 'DLP_PATTERN_TOO_WIDE'],
      [{ matches: ['MB-12'] }, 'DLP_PATTERN_EXAMPLE'],
      [{ differs: ['MB-999999'] }, 'DLP_PATTERN_EXAMPLE'],
      [{ class: 'review' }, 'DLP_PATTERN_CLASS'],
    ] as const) {
      const refused = await put('member', { ...member, ...change });
      expect([refused.status, codeOf(refused)], refused.text).toEqual([422, code]);
    }
    for (let nth = 0; nth < 20; nth += 1) expect((await put(`member-${nth}`, member)).status).toBe(200);
    expect(codeOf(await put('one-more', member))).toBe('ENFORCEMENT_DATA_PATTERNS_FULL');
    expect((await put('member-0', { ...member, differs: [] })).status).toBe(200);
    await world.server.rooms.sequencer.runOnce();
    const changes = await world.events('member-0');
    expect(changes.map(({ type, facts }) => [type, facts.change]).sort()).toEqual([
      ['enforcement.data_pattern.changed', 'added'],
      ['enforcement.data_pattern.changed', 'replaced'],
    ]);
    expect(JSON.stringify(changes)).not.toContain('MB-');
  });
});
