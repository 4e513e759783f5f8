// The commands about OAuth clients: what they send, what they ask first, and that a private key never leaves the machine.

import { describe, expect, it } from 'vitest';
import type { Control, Io, MainCommands } from './command.ts';
import { EXIT, runCommandLine } from './index.ts';

const PUBLIC = { kty: 'OKP', crv: 'Ed25519', x: 'A'.repeat(43) };

function harness(answers: Readonly<Record<string, object>> = {}, file: object = PUBLIC, typed: string | null = null) {
  const out: string[] = [];
  const err: string[] = [];
  const sent: { method: string; path: string; body: unknown }[] = [];
  const io = {
    out: (text: string) => out.push(text),
    err: (text: string) => err.push(text),
    readFile: async () => JSON.stringify(file),
    ask: async () => typed,
  };
  const control: Pick<Control, 'origin' | 'call'> = {
    origin: 'http://127.0.0.1:4810',
    call: async (method, path, body) => {
      sent.push({ method, path, body });
      return { status: 200, body: answers[`${method} ${path}`] ?? {} } as never;
    },
  };
  const main = { connect: async () => control, configOptions: [] };
  return { out, err, sent, run: (...argv: string[]) => runCommandLine(argv, io as unknown as Io, main as unknown as MainCommands) };
}

const WORKLOAD = 'wkl_018cc251-f400-7000-8000-000000000001';

describe('sallyport clients', () => {
  it('registers a service with its public key, and an app without one', async () => {
    const { run, sent } = harness();
    expect(await run('clients', 'add', 'reports', '--workload', WORKLOAD, '--public-key', 'key.json', '--bound', '--scope', 'shop')).toBe(
      EXIT.done,
    );
    expect(await run('clients', 'add', 'desk', '--redirect-uri', 'http://127.0.0.1/cb')).toBe(EXIT.done);
    expect(sent.map(({ body }) => body)).toEqual([
      { name: 'reports', workload: WORKLOAD, jwks: PUBLIC, redirectUris: [], scope: 'shop', bound: true },
      { name: 'desk', workload: null, jwks: null, redirectUris: ['http://127.0.0.1/cb'], scope: null, bound: false },
    ]);
  });

  it.each([[{ ...PUBLIC, d: 'secret' }], [{ keys: [PUBLIC, { ...PUBLIC, d: 'secret' }] }]])('sends no private key: %j', async (file) => {
    const { run, sent, err } = harness({}, file);
    expect(await run('clients', 'add', 'reports', '--workload', WORKLOAD, '--public-key', 'key.json')).not.toBe(EXIT.done);
    expect(sent).toEqual([]);
    expect(err.join('\n')).toContain('holds a private key');
    expect(err.join('\n')).not.toContain('secret');
  });

  it('removes one, and makes every token void, only when it is sure', async () => {
    const id = 'oac_018cc251-f400-7000-8000-000000000001';
    const unsure = harness({}, PUBLIC, 'no');
    expect(await unsure.run('clients', 'remove', id)).toBe(EXIT.usage);
    expect(await unsure.run('token-keys', 'replace')).toBe(EXIT.usage);
    expect(unsure.sent).toEqual([]);
    const sure = harness({}, PUBLIC, id);
    expect(await sure.run('clients', 'remove', id)).toBe(EXIT.done);
    expect(sure.sent).toMatchObject([{ method: 'DELETE', path: `/api/oauth-clients/${id}` }]);
  });

  it('lists what stands, and with --all what stood', async () => {
    const client = {
      id: 'oac_1',
      kind: 'service',
      name: 'reports',
      workload: WORKLOAD,
      bound: true,
      scope: null,
      consents: 0,
      endedAt: null,
    };
    const clients = [client, { ...client, id: 'oac_2', name: 'former', endedAt: '2026-11-23T04:00:00.000Z' }];
    const { run, out } = harness({ 'GET /api/oauth-clients': { clients } });
    await run('clients', 'list');
    expect(out.join('\n')).toContain('reports');
    expect(out.join('\n')).not.toContain('former');
    await run('clients', 'list', '--all');
    expect(out.join('\n')).toContain('former');
  });
});
