// Names and addresses that nobody named to the gateway: guessed, masked towards the model and put back. What is not sure goes as its class says.

import { afterAll, beforeAll, beforeEach, describe, expect, inject, it } from 'vitest';
import { type Answer, type GuardedShop, MODEL, openGuardedShop } from '../../../testkit/crash/guarded-shop.ts';
import { says } from '../../../testkit/model-upstream/index.ts';

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
    for (const [handling, code] of [
      ['refuse', 'ENFORCEMENT_DATA_CLASS_UNSURE'],
      ['ask', 'ENFORCEMENT_DATA_CLASS_ASKS'],
    ] as const) {
      await unsure('person_name', handling);
      const asked = world.model.requests.length;
      const refused = await chat(doubtful);
      expect([refused.status, codeOf(refused)], refused.text).toEqual([403, code]);
      expect(refused.text).not.toContain('Petrossian');
      expect(world.model.requests.length).toBe(asked);
      expect((await chat('My name is Ruth Petrossian.')).status).toBe(200);
    }
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
    expect(changes.map(({ type, facts }) => [type, facts.change])).toEqual([
      ['enforcement.data_pattern.changed', 'added'],
      ['enforcement.data_pattern.changed', 'replaced'],
    ]);
    expect(JSON.stringify(changes)).not.toContain('MB-');
  });
});
