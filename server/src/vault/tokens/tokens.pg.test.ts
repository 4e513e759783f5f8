// Tokens against a real database: stable where they may be, joined within a purpose and nowhere else, and gone when their person is.

import { createHmac } from 'node:crypto';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { type DataClass, isRefusal, type SealChange, type TenantId } from '#core';
import { passesIban, passesLuhn } from '#dlp';
import { codeOf, type OpenedVault, openVault } from '../test/opened-vault.ts';
import { newTenant } from '../test/ports.ts';
import type { OpenedToken, TokenValue } from './tokens.ts';

let given: OpenedVault;
const seal: SealChange = async () => Buffer.from('sealed');
const CLASSES: readonly DataClass[] = [
  'email_address',
  'phone_number',
  'birth_date',
  'place',
  'payment_card',
  'bank_account',
  'customer_number',
];
const PERSON = 'per_018cc251-f400-7000-8000-000000000001';

beforeAll(async () => {
  given = await openVault();
});
afterAll(() => given?.close());

const tokens = () => given.vault.tokens;
const inTenant = <T>(tenant: TenantId, work: Parameters<typeof given.database.db.inTenant<T>>[1]): Promise<T> =>
  given.database.db.inTenant(tenant, work);
async function declare(tenant: TenantId, name: string, keepDays = 30): Promise<void> {
  const by = { tenant, actor: PERSON, seal };
  const done = await inTenant(tenant, (tx) =>
    tokens().purposes.declare(tx, by, { name, classes: CLASSES, openers: ['role:privacy'], keepDays }),
  );
  if (isRefusal(done)) throw new Error(done.code);
}
async function make(tenant: TenantId, purpose: string, values: readonly Partial<TokenValue>[]): Promise<readonly string[]> {
  const all = values.map((one) => ({ dataClass: 'email_address' as const, value: '', subject: null, ...one }));
  const made = await inTenant(tenant, (tx) => tokens().make(tx, { tenant, purpose, values: all }));
  if (isRefusal(made)) throw new Error(made.code);
  return made;
}
async function open(tenant: TenantId, purpose: string, names: readonly string[], roles = ['privacy']) {
  const by = { person: PERSON, roles, seal };
  return inTenant(tenant, (tx) => tokens().open(tx, { tenant, purpose, tokens: names, by, reason: 'case 7' }));
}
const opened = async (...args: Parameters<typeof open>): Promise<readonly OpenedToken[]> => {
  const answer = await open(...args);
  if (isRefusal(answer)) throw new Error(answer.code);
  return answer;
};
const readOf = async (tenant: TenantId, purpose: string, token: string) => (await opened(tenant, purpose, [token]))[0]?.value ?? null;
const rows = async (): Promise<readonly Record<string, unknown>[]> =>
  given.database.admin('select * from vault_tokens') as Promise<Record<string, unknown>[]>;

describe('tokens at rest', () => {
  it('[D2] fifty at once for one value are one token of 128 random bits, and every writing of it has the same', async () => {
    const tenant = newTenant();
    await declare(tenant, 'support');
    const all = await Promise.all(
      Array.from({ length: 50 }, (_, nth) =>
        make(tenant, 'support', [
          { value: nth % 2 === 0 ? 'Kim@Example.com' : ' kim@example.com' },
          { dataClass: 'phone_number', value: nth % 3 === 0 ? '+49 (0)30 5550100' : '0049 30 5550100' },
        ]),
      ),
    );
    expect(new Set(all.map(([email]) => email)).size).toBe(1);
    expect(new Set(all.map(([, phone]) => phone)).size).toBe(1);
    const [email = '', phone = ''] = all[0] ?? [];
    expect(email).toMatch(/^email_address_[\w-]{22}$/);
    expect(Buffer.from(email.slice('email_address_'.length), 'base64url')).toHaveLength(16);
    expect(await readOf(tenant, 'support', email)).toMatch(/^ ?kim@example\.com$/i);
    expect(await readOf(tenant, 'support', phone)).toMatch(/49/);
    expect((await rows()).filter(({ tenant: whose }) => whose === tenant)).toHaveLength(2);
  });

  it('[D2] joins within one purpose, and neither between purposes nor between tenants', async () => {
    const [one, other] = [newTenant(), newTenant()];
    for (const tenant of [one, other]) for (const purpose of ['ads', 'fraud']) await declare(tenant, purpose);
    const value = [{ value: 'kim@example.com' }];
    const made = await Promise.all([make(one, 'ads', value), make(one, 'fraud', value), make(other, 'ads', value)]);
    expect(new Set(made.flat()).size).toBe(3);
    expect(await make(one, 'ads', value)).toEqual(made[0]);
    // The hashes they are found by say no more.
    const blinds = (await rows())
      .filter(({ tenant }) => tenant === one || tenant === other)
      .map(({ blind }) => (blind as Buffer).toString('hex'));
    expect(new Set(blinds).size).toBe(3);
    for (const blind of blinds) expect(blind).toHaveLength(64);
    expect((await opened(one, 'fraud', made[0] ?? []))[0]).toMatchObject({ value: null, code: 'VAULT_TOKEN_UNKNOWN' });
    expect((await opened(other, 'ads', made[0] ?? []))[0]).toMatchObject({ value: null, code: 'VAULT_TOKEN_UNKNOWN' });
  });

  it('[D2] what could be guessed has no hash and a new token each time; a card is not kept at all', async () => {
    const tenant = newTenant();
    await declare(tenant, 'support');
    const low = [
      { dataClass: 'birth_date' as const, value: '1990-04-01' },
      { dataClass: 'place' as const, value: '10115' },
    ];
    const [first, second] = [await make(tenant, 'support', low), await make(tenant, 'support', low)];
    expect(new Set([...first, ...second]).size).toBe(4);
    expect(await readOf(tenant, 'support', first[0] ?? '')).toBe('1990-04-01');
    const [card = ''] = await make(tenant, 'support', [{ dataClass: 'payment_card', value: '4111111111111111' }]);
    expect((await opened(tenant, 'support', [card]))[0]).toMatchObject({ value: null, code: 'VAULT_TOKEN_IRREVERSIBLE' });
    const own = (await rows()).filter((row) => row.tenant === tenant);
    expect(own).toHaveLength(5);
    expect(own.every(({ blind }) => blind === null)).toBe(true);
    expect(own.find(({ data_class: of }) => of === 'payment_card')).toMatchObject({ sealed: null, owner: null, subject_key: null });
    // Whoever has every row, and every hash that can be made without the key, finds none of them.
    const dump = JSON.stringify(own, (_, value) => (Buffer.isBuffer(value) ? value.toString('latin1') : (value as unknown)));
    for (const text of ['1990', '10115', '4111', 'kim@']) expect(dump).not.toContain(text);
    const guesses = Array.from({ length: 366 }, (_, day) => new Date(Date.UTC(1990, 0, 1 + day)).toISOString().slice(0, 10));
    const hashes = new Set(guesses.map((guess) => createHmac('sha256', Buffer.alloc(32)).update(guess).digest('hex')));
    expect(own.some(({ blind, id }) => hashes.has(String(blind)) || guesses.includes(String(id)))).toBe(false);
  });

  it('[D2] a stand-in has the form, reaches nobody and pays nothing; a class without one is refused', async () => {
    const tenant = newTenant();
    await declare(tenant, 'partner');
    const ask = [
      { dataClass: 'email_address' as const, value: 'kim@example.com', hasForm: true },
      { dataClass: 'phone_number' as const, value: '+4930555010', hasForm: true },
      { dataClass: 'payment_card' as const, value: '4111111111111111', hasForm: true },
      { dataClass: 'bank_account' as const, value: 'DE89 3704 0044 0532 0130 00', hasForm: true },
    ];
    const [email = '', phone = '', card = '', iban = ''] = await make(tenant, 'partner', ask);
    expect(email).toMatch(/^t[a-z2-7]{26}@tokens\.example\.com$/);
    expect(phone).toMatch(/^\+1[2-9][0-8]\d55501\d\d$/);
    expect(card).toMatch(/^9999\d{12}$/);
    expect(['4111111111111111', card].map((number) => passesLuhn(number, 0, number.length))).toEqual([true, false]);
    expect([passesIban('DE89370400440532013000'), passesIban(iban)]).toEqual([true, false]);
    expect(iban).toMatch(/^ZZ\d{20}$/);
    const again = await make(tenant, 'partner', ask);
    expect([again[0], again[1], again[3]]).toEqual([email, phone, iban]);
    expect(again[2]).not.toBe(card);
    expect((await opened(tenant, 'partner', [email, card, iban])).map(({ value, code }) => value ?? code)).toEqual([
      'kim@example.com',
      'VAULT_TOKEN_IRREVERSIBLE',
      'DE89 3704 0044 0532 0130 00',
    ]);
    await expect(make(tenant, 'partner', [{ dataClass: 'birth_date', value: '1990', hasForm: true }])).rejects.toThrow('VAULT_TOKEN_FORM');
  });

  it('is of whoever is named with it later where it was nobody’s, and ends with them; of one person it never becomes another’s', async () => {
    const tenant = newTenant();
    await declare(tenant, 'support');
    const values = [
      { value: 'kim@example.com' },
      { dataClass: 'bank_account' as const, value: 'DE89 3704 0044 0532 0130 00' },
      { value: 'lee@example.com', subject: 'c-2' },
    ];
    const first = await make(tenant, 'support', values);
    const named = values.map((one) => ({ ...one, subject: 'c-1' }));
    for (const _ of [1, 2]) expect(await make(tenant, 'support', named)).toEqual(first);
    expect((await opened(tenant, 'support', first)).map(({ value }) => value)).toEqual(values.map(({ value }) => value));
    await inTenant(tenant, (tx) => given.vault.eraseSubject(tx, { tenant, subject: 'c-1' }));
    expect((await opened(tenant, 'support', first)).map(({ value, code }) => value ?? code)).toEqual([
      'VAULT_TOKEN_GONE',
      'VAULT_TOKEN_GONE',
      'lee@example.com',
    ]);
  });

  it('opens nothing when a value, a hash or a stand-in is put into another row', async () => {
    const tenant = newTenant();
    await declare(tenant, 'support');
    for (const column of ['sealed', 'blind', 'stand_in']) {
      const names = await make(tenant, 'support', [
        { value: `a-${column}@example.com`, subject: 'c-1', hasForm: true },
        { value: `b-${column}@example.com`, subject: 'c-1', hasForm: true },
      ]);
      const owner = given.database;
      const two = await owner.admin('select id, blind, sealed, stand_in from vault_tokens where stand_in = any($1)', [names]);
      for (const { id } of two) await owner.admin(`update vault_tokens set ${column} = null where id = $1`, [id]);
      for (const [at, { id }] of two.entries())
        await owner.admin(`update vault_tokens set ${column} = $2 where id = $1`, [id, two[1 - at]?.[column]]);
      expect(await codeOf(open(tenant, 'support', names)), column).toBe('VAULT_SEALED_UNREADABLE');
    }
  });

  it('[D2] is gone with its person, by a code, in a database that is put back too; and a new one is another one', async () => {
    const tenant = newTenant();
    await declare(tenant, 'support');
    const ask = [
      { value: 'kim@example.com', subject: 'c-1' },
      { value: 'lee@example.com', subject: 'c-2' },
    ];
    const [kim = '', lee = ''] = await make(tenant, 'support', ask);
    const before = await given.database.admin('select * from vault_tokens where tenant = $1', [tenant]);
    await inTenant(tenant, (tx) => given.vault.eraseSubject(tx, { tenant, subject: 'c-1' }));
    expect((await opened(tenant, 'support', [kim]))[0]).toMatchObject({ value: null, code: 'VAULT_TOKEN_GONE' });
    expect(await readOf(tenant, 'support', lee)).toBe('lee@example.com');
    const tombstone = (await rows()).find(({ id }) => id === kim.slice(-22));
    expect(tombstone).toMatchObject({ blind: null, sealed: null, owner: null, subject_key: null });
    const [again = ''] = await make(tenant, 'support', ask);
    expect(again).not.toBe(kim);
    // The rows of a backup: without the key of the person they open nothing.
    await given.database.admin('delete from vault_tokens where tenant = $1', [tenant]);
    for (const row of before)
      await given.database.admin('insert into vault_tokens select * from json_populate_record(null::vault_tokens, $1)', [
        JSON.stringify(row, (_, value) => (isBytes(value) ? `\\x${Buffer.from(value.data).toString('hex')}` : (value as unknown))),
      ]);
    expect((await opened(tenant, 'support', [kim]))[0]).toMatchObject({ value: null, code: 'VAULT_TOKEN_GONE' });
    expect(await readOf(tenant, 'support', lee)).toBe('lee@example.com');
  });

  it('opens for whom the purpose was declared, so many within an hour; ending it is the end of its tokens', async () => {
    const tenant = newTenant();
    await declare(tenant, 'support');
    const [kim = ''] = await make(tenant, 'support', [{ value: 'kim@example.com' }]);
    expect(await codeOf(open(tenant, 'support', [kim], ['support']))).toBe('VAULT_TOKEN_NOT_OPENER');
    expect(await codeOf(open(tenant, 'other', [kim]))).toBe('VAULT_TOKEN_PURPOSE_UNKNOWN');
    const many = Array.from({ length: 50 }, () => kim);
    const answers = await Promise.all(Array.from({ length: 12 }, () => codeOf(open(tenant, 'support', many))));
    expect(answers.filter((code) => code === 'done')).toHaveLength(10);
    expect(answers.filter((code) => code === 'VAULT_TOKEN_TOO_MANY')).toHaveLength(2);
    given.clock.advance(61 * 60_000);
    expect(await readOf(tenant, 'support', kim)).toBe('kim@example.com');
    const told = await given.database.admin(
      `select public::json as facts from event_inbox where type = 'vault.token.opened' and tenant = $1`,
      [tenant],
    );
    expect(told).toHaveLength(11);
    expect(told[0]?.facts).toMatchObject({ purpose: 'support', asked: 50, opened: 50 });
    expect(JSON.stringify(told)).not.toMatch(/kim@|email_address_/);

    const before = await given.database.admin('select sealed from vault_tokens where tenant = $1', [tenant]);
    expect(await inTenant(tenant, (tx) => tokens().purposes.end(tx, { tenant, actor: PERSON, seal }, 'support'))).toBe(1);
    expect(await codeOf(open(tenant, 'support', [kim]))).toBe('VAULT_TOKEN_PURPOSE_ENDED');
    expect((await rows()).filter((row) => row.tenant === tenant)).toEqual([]);
    const sealed = before.map((row) => row.sealed as Buffer);
    expect(await inTenant(tenant, (tx) => given.vault.openMany(tx, { tenant, purpose: 'any', sealed }))).toEqual([null]);
    await declare(tenant, 'support');
    expect((await make(tenant, 'support', [{ value: 'kim@example.com' }]))[0]).not.toBe(kim);
  });
});

const isBytes = (value: unknown): value is { readonly data: readonly number[] } =>
  typeof value === 'object' && value !== null && (value as { type?: unknown }).type === 'Buffer';
