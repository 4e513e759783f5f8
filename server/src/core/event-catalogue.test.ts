import fc from 'fast-check';
import { expect, test } from 'vitest';
import type { EventCatalogue } from './event.ts';
import { compileCatalogue, joinCatalogues, privilegedTypes, publicEvidence } from './event-catalogue.ts';
import { type Fact, fact } from './event-facts.ts';
import type { JsonObject, JsonValue } from './json.ts';

const CALL = 'call_01a205c7-6ddc-7ba6-b4cd-20ec7d51a45d';
const catalogue: EventCatalogue = [
  {
    type: 'shop.order.paid',
    meaning: 'An order was paid.',
    facts: { order: fact.reference, code: fact.nullable(fact.code), uses: fact.optional(fact.count) },
    example: { order: CALL, code: null },
    privileged: true,
  },
];
const check = compileCatalogue(catalogue);
const event = (facts: JsonObject, over: object = {}) => ({
  type: 'shop.order.paid',
  actor: 'system:test',
  subject: CALL,
  public: facts,
  ...over,
});
const accepts = (of: Fact, value: JsonValue): boolean =>
  compileCatalogue([{ type: 'shop.order.paid', meaning: '', facts: { value: of }, example: {} }])(event({ value })) === null;

test('an event of a declared type whose facts fit may be written', () => {
  expect(check(event({ order: CALL, code: null }))).toBeNull();
  expect(check(event({ order: CALL, code: 'SHOP_PAID', uses: 2 }))).toBeNull();
});

test('a type that nobody declared is unknown', () => {
  expect(check(event({}, { type: 'shop.order.lost' }))).toEqual({ kind: 'unknown' });
  expect(check(event({}, { type: 'constructor' }))).toEqual({ kind: 'unknown' });
});

test('a member that is not declared, missing or of another kind is named, never its value', () => {
  const named = (facts: JsonObject) => check(event(facts));
  expect(named({ order: CALL, code: null, note: 1 })).toEqual({ kind: 'malformed', member: 'note' });
  expect(named({ order: CALL, code: null, 'ana@example.com': 1 })).toEqual({ kind: 'malformed', member: 'a member' });
  expect(named({ order: CALL })).toEqual({ kind: 'malformed', member: 'code' });
  expect(named({ order: 'Ana Garcia', code: null })).toEqual({ kind: 'malformed', member: 'order' });
  expect(named({ order: CALL, code: null, uses: -1 })).toEqual({ kind: 'malformed', member: 'uses' });
  expect(named(JSON.parse(`{"order":"${CALL}","code":null,"__proto__":1}`))).toMatchObject({ kind: 'malformed' });
});

test('who did it and what it is about are references, never a sentence or an address', () => {
  const facts = { order: CALL, code: null };
  expect(check(event(facts, { subject: 'ana@example.com' }))).toEqual({ kind: 'malformed', member: 'subject' });
  expect(check(event(facts, { actor: 'Ana Garcia' }))).toEqual({ kind: 'malformed', member: 'actor' });
});

const PERSONAL = ['ana@example.com', 'Ana Garcia', '+1 555 010 0199', '555-0100-199', '4111111111111111', '12 Example Street', 'a\nb', 'é'];
const TEXTS = ['reference', 'word', 'code', 'name', 'amount', 'time', 'origin'] as const;

test.each(TEXTS)('a %s holds no address, name, number of a person or free text', (kind) => {
  for (const value of PERSONAL) {
    if (kind === 'amount' && /^\d{1,15}$/.test(value)) continue;
    expect([value, accepts(fact[kind], value)]).toEqual([value, false]);
  }
  expect(accepts(fact[kind], 'a'.repeat(300))).toBe(false);
});

test('every kind takes what it is for', () => {
  const good: readonly (readonly [Fact, JsonValue])[] = [
    [fact.reference, CALL],
    [fact.word, 'four_eyes'],
    [fact.code, 'POLICY_NO_RULE'],
    [fact.name, 'refunds.create'],
    [fact.name, '@cf/meta/llama-3'],
    [fact.id, 'msg_2Kq8xWv'],
    [fact.amount, '12.00 USD'],
    [fact.hash, 'ab'.repeat(32)],
    [fact.time, '2026-11-02T00:10:00.000Z'],
    [fact.origin, 'https://shop.example.com:8443'],
    [fact.origin, 'http://[::1]:8080'],
    [fact.origin, 'http://shop_app:3000'],
    [fact.count, 0],
    [fact.number, -1.5],
    [fact.flag, false],
    [fact.scalar, true],
    [fact.listOf(fact.word), ['a', 'b']],
    [fact.recordOf(fact.count), { EMAIL: 2 }],
    [fact.evidence, { limit: '100.00 EUR', policies: ['permit-read'], sent: true, part: null }],
  ];
  for (const [of, value] of good) expect([value, accepts(of, value)]).toEqual([value, true]);
  expect(accepts(fact.recordOf(fact.count), { 'Ana Garcia': 1 })).toBe(false);
  expect(accepts(fact.recordOf(fact.count), [1])).toBe(false);
  expect(accepts(fact.listOf(fact.word), ['Ana Garcia'])).toBe(false);
  expect(accepts(fact.listOf(fact.word), Array(1_001).fill('a'))).toBe(false);
  expect(accepts(fact.count, Number.NaN)).toBe(false);
});

test('evidence that is no name, number or amount stays out of the log, and is named as withheld', () => {
  const kept = publicEvidence({ operation: 'refunds.create', limit: '5.00 USD', tool: 'pay Ana Garcia now', 'x y': 1, list: ['a b'] });
  expect(kept).toEqual({ operation: 'refunds.create', limit: '5.00 USD', withheld: ['tool', 'member', 'list'] });
  expect(accepts(fact.evidence, kept)).toBe(true);
});

test('whatever a refusal rests on, what is kept of it fits, and what a sentence or an address says is never in it', () => {
  const seed = 20_261_123;
  const value = fc.oneof(fc.string(), fc.double(), fc.boolean(), fc.constant(null), fc.array(fc.string(), { maxLength: 5 }));
  const evidence = fc.dictionary(fc.oneof(fc.string(), fc.constantFrom('operation', 'limit', 'tool')), value, { maxKeys: 8 });
  fc.assert(
    fc.property(evidence, fc.constantFrom(...PERSONAL), (told, personal) => {
      const kept = publicEvidence({ ...told, said: personal, [personal]: 1, list: [personal] });
      expect(accepts(fact.evidence, kept)).toBe(true);
      expect(JSON.stringify(kept)).not.toContain(personal);
    }),
    { seed, numRuns: 500 },
  );
});

test('a type has one owner, the room it begins with', () => {
  expect(() => joinCatalogues({ shop: catalogue, order: catalogue })).toThrow('not the name of an event of order');
  expect(() => joinCatalogues({ shop: [...catalogue, ...catalogue] })).toThrow('declared twice');
  expect(privilegedTypes(joinCatalogues({ shop: catalogue }))).toEqual(['shop.order.paid']);
});
