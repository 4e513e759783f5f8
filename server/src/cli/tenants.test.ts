// The commands about tenants, workspaces and delegations: what they ask, send and say.

import { describe, expect, it } from 'vitest';
import type { Control, Io, MainCommands } from './command.ts';
import { EXIT, runCommandLine } from './index.ts';

type Answers = Readonly<Record<string, { status: number; body: object }>>;
const ADDRESS = 'ten_018cc251-f400-7000-8000-000000000001/per_018cc251-f400-7000-8000-000000000002';

function harness(answers: Answers = {}, typed: string | null = null) {
  const out: string[] = [];
  const err: string[] = [];
  const sent: { method: string; path: string; body: unknown }[] = [];
  const tenants: unknown[] = [];
  const io = { out: (text: string) => out.push(text), err: (text: string) => err.push(text), ask: async () => typed } as unknown as Io;
  const control: Control = {
    origin: 'http://localhost:4810',
    call: async (method, path, body) => {
      sent.push({ method, path, body });
      return (answers[`${method} ${path}`] ?? { status: 200, body: {} }) as never;
    },
    stream: async () => (async function* () {})(),
  };
  const main = {
    configOptions: [],
    connect: async (parsed: { options: Record<string, unknown> }) => {
      tenants.push(parsed.options['--tenant'] ?? null);
      return control;
    },
  } as unknown as MainCommands;
  return { out, err, sent, tenants, run: (...argv: string[]) => runCommandLine(argv, io, main) };
}

describe('tenants', () => {
  it('are made with a link for their owner, at the address by which a browser reaches the console and may use a passkey', async () => {
    const made = { id: 'ten_1', name: 'corner-shop', link: 'https://sallyport.example.com/sign-in#spl_secret' };
    const { run, out, sent } = harness({ 'POST /api/tenants': { status: 200, body: made } });
    expect(await run('tenants', 'create', 'corner-shop')).toBe(EXIT.done);
    expect(sent).toEqual([{ method: 'POST', path: '/api/tenants', body: { name: 'corner-shop' } }]);
    expect(out.join('\n')).toContain('https://sallyport.example.com/sign-in#spl_secret');
  });

  it('tell of a refusal which two things can not be one person’s, and why', async () => {
    const evidence = { actions: ['access.grant', 'approvals.decide'], why: 'Who gives access decides nothing.' };
    const body = { code: 'IDENTITY_GRANT_CONFLICT', detail: 'Give one of them to somebody else.', evidence };
    const { run, err } = harness({ 'POST /api/tenants': { status: 403, body } });
    expect(await run('tenants', 'create', 'corner-shop')).toBe(EXIT.refused);
    expect(err.join('\n')).toContain('access.grant and approvals.decide: Who gives access decides nothing.');
  });

  it('are named for any command by --tenant', async () => {
    const { run, tenants } = harness();
    await run('approvals', 'list', '--tenant', 'corner-shop');
    expect(tenants).toEqual(['corner-shop']);
  });
});

describe('the view over tenants', () => {
  it('is read page by page and printed as one', async () => {
    const one = (name: string) => ({
      id: name,
      name,
      fault: null,
      waiting: [{ id: `apr_${name}`, sentence: `Refund of ${name}` }],
      more: false,
    });
    const { run, out, err, sent } = harness({
      'GET /api/fleet/inbox': { status: 200, body: { tenants: [one('north')], next: 'north' } },
      'GET /api/fleet/inbox?after=north': {
        status: 200,
        body: {
          tenants: [
            { ...one('south'), more: true },
            { id: 'w', name: 'west', fault: 'STORAGE_BUSY', waiting: [] },
          ],
          next: null,
        },
      },
    });
    expect(await run('fleet', 'inbox')).toBe(EXIT.done);
    expect(sent).toHaveLength(2);
    expect(out.join('\n')).toMatch(/north .*Refund of north[\s\S]*south .*Refund of south/);
    expect(err.join('\n')).toContain('west could not be read: STORAGE_BUSY');
    expect(err.join('\n')).toContain('south: more wait');
  });
});

describe('workspaces', () => {
  it('take in what is named, each by its kind', async () => {
    const body = { moved: 2, unknown: [{ kind: 'workflow', name: 'campaign' }] };
    const { run, sent, err } = harness({ 'PUT /api/workspaces/marketing/members': { status: 200, body } });
    expect(await run('workspaces', 'move', 'marketing', '--workflow', 'campaign', '--integration', 'mailer')).toBe(EXIT.done);
    expect(sent).toMatchObject([
      {
        method: 'PUT',
        body: {
          members: [
            { kind: 'workflow', name: 'campaign' },
            { kind: 'integration', name: 'mailer' },
          ],
        },
      },
    ]);
    expect(err).toEqual(['There is no workflow campaign yet; one of that name will belong to it.']);
    expect(await harness().run('workspaces', 'move', 'marketing')).toBe(EXIT.usage);
  });

  it('are ruled part by part: what is not said stays, and trying changes nothing', async () => {
    const standing = { integrations: null, models: ['small'], effects: null, dataClasses: null };
    const list = { status: 200, body: { workspaces: [{ name: 'marketing', rules: standing, limits: [] }] } };
    const tried = {
      looked: 9,
      calls: 4,
      refused: 1,
      examples: [{ rule: 'effect', integration: 'shop', operation: 'pay', model: null, times: 1 }],
    };
    const { run, sent, out } = harness({
      'GET /api/workspaces': list,
      'PUT /api/workspaces/marketing/rules': { status: 200, body: { name: 'marketing', rules: standing } },
      'POST /api/workspaces/marketing/rules/preview': { status: 200, body: tried },
    });
    expect(await run('workspaces', 'rules', 'marketing', '--effects', 'read, send', '--data-classes', 'none', '--try')).toBe(EXIT.done);
    const asked = { ...standing, effects: ['read', 'send'], dataClasses: [] };
    expect(sent.filter(({ method }) => method !== 'GET')).toMatchObject([{ method: 'POST', body: asked }]);
    expect(out.join('\n')).toContain('1 of them would be refused');
    expect(await run('workspaces', 'rules', 'marketing', '--models', 'any')).toBe(EXIT.done);
    expect(sent.at(-1)).toMatchObject({ method: 'PUT', body: { ...standing, models: null } });
    expect(await run('workspaces', 'rules', 'marketing')).toBe(EXIT.usage);
  });

  it('have a budget of limits that are read strictly', async () => {
    const { run, sent } = harness({ 'PUT /api/workspaces/marketing/budget': { status: 200, body: { limits: [] } } });
    expect(await run('workspaces', 'budget', 'marketing', '--limit', 'money=500.00EUR/month', '--limit', 'calls=10/hour')).toBe(EXIT.done);
    expect(sent).toMatchObject([
      {
        body: {
          limits: [
            { what: 'money', per: 'month', most: '500.00', currency: 'EUR' },
            { what: 'calls', per: 'hour', most: '10' },
          ],
        },
      },
    ]);
    expect(await run('workspaces', 'budget', 'marketing', '--none')).toBe(EXIT.done);
    for (const said of ['money=500/week', 'luck=1/day', 'calls=-1/day'])
      expect(await run('workspaces', 'budget', 'marketing', '--limit', said)).toBe(EXIT.usage);
    expect(await run('workspaces', 'budget', 'marketing')).toBe(EXIT.usage);
  });

  it('are shown with what is used of their budget', async () => {
    const limit = {
      what: 'money',
      per: 'month',
      currency: 'USD',
      most: '30.00',
      used: '12.00',
      left: '18.00',
      resetsAt: '2026-12-01T00:00:00.000Z',
    };
    const body = { workspaces: [{ name: 'finance', rules: { models: [] }, limits: [limit], workflows: [], cost: [] }] };
    const { run, out } = harness({ 'GET /api/workspaces': { status: 200, body } });
    expect(await run('workspaces', 'show', 'finance')).toBe(EXIT.done);
    expect(out.join('\n')).toMatch(/none[\s\S]*12\.00 +18\.00 +30\.00/);
    expect(await run('workspaces', 'list')).toBe(EXIT.done);
    expect(out.join('\n')).toContain('12.00 of 30.00 USD');
    expect(await run('workspaces', 'show', 'nowhere')).toBe(EXIT.no);
  });

  it('are not removed before somebody typed yes', async () => {
    const hesitant = harness({}, 'no');
    expect(await hesitant.run('workspaces', 'remove', 'marketing')).toBe(EXIT.no);
    expect(hesitant.sent).toEqual([]);
  });
});

describe('a delegation', () => {
  it('is offered to an address, narrowed, for so many days, with a reason', async () => {
    const { run, sent } = harness();
    const argv = ['delegation', 'grant', ADDRESS, '--role', 'operator', '--days', '30', '--workspace', 'marketing'];
    expect(await run(...argv)).toBe(EXIT.usage);
    expect(await run(...argv, '--reason', 'runs our shop')).toBe(EXIT.done);
    const [agency, holder] = ADDRESS.split('/');
    expect(sent).toEqual([
      {
        method: 'POST',
        path: '/api/delegations',
        body: { agency, holder, role: 'operator', scope: { workspace: 'marketing' }, days: 30, reason: 'runs our shop' },
      },
    ]);
  });

  it('is ended by the client, or given back by the agency that names the client', async () => {
    const { run, sent } = harness({}, 'yes');
    await run('delegation', 'end', 'dlg_1');
    await run('delegation', 'end', 'dlg_1', '--client', 'corner-shop');
    expect(sent.map(({ method, path, body }) => [method, path, body])).toEqual([
      ['DELETE', '/api/delegations/dlg_1', undefined],
      ['DELETE', '/api/delegations/held/dlg_1', { client: 'corner-shop' }],
    ]);
  });
});
