// `sallyport keys` against a control plane of the test: what is asked for, what is printed, and what is not done without a yes.

import { describe, expect, test } from 'vitest';
import type { JsonObject } from '#core';
import type { Context } from './command.ts';
import { keyCommands } from './commands/keys.ts';

const STATUS: JsonObject = {
  status: {
    key: { id: 'kek_0123', sealedBy: 'file', isBeingReplaced: false },
    epoch: { current: 7, since: '2026-11-20T10:00:00.000Z', ending: [], lastDestroyedAt: null },
    pending: { erasures: 2, oldestAt: '2026-11-21T10:00:00.000Z' },
    tenantKeys: { tenants: 1, newestVersion: 1, olderVersions: 0, underOtherFile: 0 },
    subjectKeys: { all: 12, underOtherEpoch: 0, underOlderKey: 0 },
    survivors: 12,
  },
  everyHours: 24,
  running: null,
  last: null,
};

async function run(
  name: string,
  {
    options = {},
    words = name.split(' '),
    answer = null,
    states = [STATUS],
    begin = { status: 200, body: {} },
  }: {
    options?: Record<string, string | boolean>;
    words?: readonly string[];
    answer?: string | null;
    states?: JsonObject[];
    begin?: { status: number; body: JsonObject };
  } = {},
) {
  const [out, err, calls]: [string[], string[], string[]] = [[], [], []];
  const left = [...states];
  const io = { out: (text: string) => out.push(text), err: (text: string) => err.push(text), ask: async () => answer };
  const call = async (method: string, path: string, body?: unknown) => {
    calls.push(`${method} ${path}${method === 'POST' ? ` ${JSON.stringify(body)}` : ''}`);
    return method === 'GET' ? { status: 200, body: left.length > 1 ? (left.shift() as JsonObject) : (left[0] as JsonObject) } : begin;
  };
  const main = {
    configOptions: [],
    keys: {
      recoveryKit: async (_parsed: unknown, _io: unknown, record: (again: boolean) => Promise<string | null>) => {
        out.push(`kit of ${await record(false)}`);
        return 0 as const;
      },
      recover: async () => 0 as const,
      seal: async () => 0 as const,
    },
  };
  const context = {
    io,
    parsed: { words, options },
    json: options['--json'] === true,
    main,
    control: async () => ({ call }),
  };
  const command = keyCommands(main as never).find((one) => one.name === name);
  const code = await command?.run(context as unknown as Context).catch((fault: Error) => fault.message);
  return { code, out: out.join('\n'), err: err.join('\n'), calls };
}

const done = (report: JsonObject): JsonObject => ({ ...STATUS, last: { kind: 'epoch', ok: true, code: null, report } });
const working: JsonObject = { ...STATUS, running: { kind: 'epoch', step: 'wrapping', done: 500 } };

describe('sallyport keys', () => {
  test('status says what waits and until when', async () => {
    const { code, out } = await run('keys status');
    expect(code).toBe(0);
    expect(out).toMatch(/epoch +7 since 2026-11-20/);
    expect(out).toContain('2, the oldest since 2026-11-21');
    expect(out).toContain('within 24 hours');
  });

  test('epoch asks, begins, says how far it is and what to copy', async () => {
    const { code, out, err, calls } = await run('keys epoch', { answer: 'yes', states: [working, done({ epoch: 8, wrapped: 12 })] });
    expect([code, calls[0]]).toEqual([0, 'POST /api/data-keys/epoch {}']);
    expect(err).toContain('wrapping: 500 keys');
    expect(err).toContain('Copy vault-epochs');
    expect(out).toMatch(/epoch +8/);
  });

  test.each(['keys epoch', 'keys rotate'])('%s does nothing without a yes', async (name) => {
    for (const answer of [null, 'no', ''])
      expect(await run(name, { answer })).toMatchObject({ code: 1, calls: [], err: 'Nothing was done.' });
  });

  test('rotate says which keys, and what must be copied and printed anew', async () => {
    const tenants = await run('keys rotate', { options: { '--yes': true }, states: [done({ tenants: 1 })] });
    expect([tenants.code, tenants.calls[0]]).toEqual([0, 'POST /api/data-keys/rotate {"what":"tenants"}']);
    const file = await run('keys rotate', { options: { '--yes': true, '--file': true }, states: [done({ wrapped: 1 })] });
    expect(file.calls[0]).toBe('POST /api/data-keys/rotate {"what":"file"}');
    expect(file.err).toContain('print a new kit');
  });

  test('re-encrypt begins, says how far it is, and destroys older keys only after a yes', async () => {
    const sealing: JsonObject = { ...STATUS, running: { kind: 're-encrypt', step: 'sealing', done: 200 } };
    const all = await run('keys re-encrypt', { states: [sealing, done({ tenants: 1, sealed: 451 })] });
    expect([all.code, all.calls[0]]).toEqual([0, 'POST /api/data-keys/re-encrypt {"tenant":null,"destroyOlder":false}']);
    expect(all.err).toContain('sealing: 200 values');
    expect(all.err).toContain('--destroy-older');
    const options = { '--tenant': 'ten_x', '--destroy-older': true };
    expect(await run('keys re-encrypt', { options, answer: 'no' })).toMatchObject({ code: 1, calls: [] });
    const one = await run('keys re-encrypt', { options, answer: 'yes', states: [done({ destroyed: 3, kept: 1 })] });
    expect(one.calls[0]).toBe('POST /api/data-keys/re-encrypt {"tenant":"ten_x","destroyOlder":true}');
  });

  test('re-encrypt --status names what could not be opened; minimum shows and sets the form', async () => {
    const body: JsonObject = {
      minimum: 1,
      newest: 2,
      tenants: [{ tenant: 'ten_x', generation: 2, state: 'done', sealed: 451, erased: 1, olderKeys: 7, destroyed: 0 }],
      unreadable: 1,
      faults: [{ tenant: 'ten_x', place: 'effects.result', ref: 'eff_1', code: 'VAULT_SEALED_UNREADABLE' }],
    };
    const status = await run('keys re-encrypt', { options: { '--status': true }, states: [body] });
    expect([status.code, status.calls]).toEqual([0, ['GET /api/data-keys/re-encryption']]);
    expect(status.out).toMatch(/effects\.result +eff_1/);
    expect((await run('keys minimum', { states: [body] })).out).toMatch(/minimum +1/);
    const set = await run('keys minimum', { words: ['keys', 'minimum', '2'], begin: { status: 200, body: { before: 1, after: 2 } } });
    expect([set.code, set.calls]).toEqual([0, ['POST /api/data-keys/minimum {"form":2}']]);
    expect(await run('keys minimum', { words: ['keys', 'minimum', '3'] })).toMatchObject({ calls: [] });
  });

  test('a round that failed, or was refused, ends with its code', async () => {
    const last = { kind: 'epoch', ok: false, code: 'VAULT_EPOCH_MISSING', sentence: 'This process does not have it.' };
    const failed = await run('keys rewrap', { states: [{ ...STATUS, last }] });
    expect(failed).toMatchObject({ code: 1, err: 'VAULT_EPOCH_MISSING: This process does not have it.' });
    const begin = { status: 409, body: { code: 'VAULT_ROUND_BUSY', detail: 'Another process works on the keys.' } };
    expect((await run('keys rewrap', { begin })).err).toContain('VAULT_ROUND_BUSY');
  });

  test('the recovery kit is not printed when that can not be recorded', async () => {
    expect((await run('keys recovery-kit', { begin: { status: 200, body: { key: 'kek_0123' } } })).out).toBe('kit of kek_0123');
    const refused = await run('keys recovery-kit', { begin: { status: 403, body: { code: 'CONTROL_ROLE_FORBIDDEN', detail: 'No.' } } });
    expect([refused.out, refused.code]).toEqual(['', expect.stringContaining('CONTROL_ROLE_FORBIDDEN')]);
  });
});
