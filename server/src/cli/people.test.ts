// The commands about people and about decisions: what they ask, send and say.

import { describe, expect, it } from 'vitest';
import type { Control } from './command.ts';
import { EXIT, runCommandLine } from './index.ts';
import { idleIo, idleMain } from './test/idle.ts';

type Answers = Readonly<Record<string, { status: number; body: object }>>;

function harness(answers: Answers = {}, typed: string | null = null) {
  const out: string[] = [];
  const err: string[] = [];
  const sent: { method: string; path: string; body: unknown }[] = [];
  const io = idleIo({
    out: (text) => out.push(text),
    err: (text) => err.push(text),
    ask: async () => typed,
  });
  const control: Control = {
    origin: 'http://127.0.0.1:4810',
    call: async (method, path, body) => {
      sent.push({ method, path, body });
      return (answers[`${method} ${path}`] ?? { status: 200, body: {} }) as never;
    },
    stream: async () => (async function* () {})(),
  };
  const main = idleMain({
    demoAttack: async () => EXIT.no,
    connect: async () => control,
  });
  return { out, err, sent, run: (...argv: string[]) => runCommandLine(argv, io, main) };
}

const ID = 'apr_00000000-0000-7000-8000-000000000001';
const approval = (change: object) => ({
  id: ID,
  digest: 'd'.repeat(64),
  sentence: 'Refund 500.00 EUR',
  state: 'pending',
  required: 2,
  mode: 'four_eyes',
  decisions: [],
  ...change,
});
const YES = { by: 'per_1', byName: 'Dana', verdict: 'approved', at: '2026-11-02T10:00:00.000Z' };

describe('people', () => {
  const made = { id: 'per_2', name: 'Dana Example', role: 'approver', link: 'https://sallyport.example.com/sign-in#spl_secret' };

  it('are added by name, with or without quotes, and the link leads to the address the server is opened by', async () => {
    const { run, out, sent } = harness({ 'POST /api/people': { status: 200, body: made } });
    expect(await run('people', 'add', 'Dana', 'Example')).toBe(EXIT.done);
    expect(sent).toEqual([{ method: 'POST', path: '/api/people', body: { name: 'Dana Example' } }]);
    expect(out.join('\n')).toContain('https://sallyport.example.com/sign-in#spl_secret');
    expect(out.join('\n')).not.toContain('elsewhere');
  });

  it('are printed as one JSON document with --json', async () => {
    const { run, out } = harness({ 'POST /api/people': { status: 200, body: made } });
    expect(await run('people', 'add', 'Dana', '--json')).toBe(EXIT.done);
    expect(JSON.parse(out.join('\n'))).toMatchObject({ id: 'per_2', link: 'https://sallyport.example.com/sign-in#spl_secret' });
  });

  it('are not removed before somebody typed yes', async () => {
    const hesitant = harness({}, 'no');
    expect(await hesitant.run('people', 'remove', 'per_2')).toBe(EXIT.no);
    expect(hesitant.sent).toEqual([]);
    const sure = harness({}, 'yes');
    expect(await sure.run('people', 'remove', 'per_2')).toBe(EXIT.done);
    expect(sure.sent).toMatchObject([{ method: 'DELETE', path: '/api/people/per_2' }]);
  });

  it('get no link when the server refuses one', async () => {
    const { run, out, err } = harness({
      'POST /api/people/per_1/link': { status: 409, body: { code: 'IDENTITY_OWNER_STAYS', detail: 'the owner signs in otherwise' } },
    });
    expect(await run('people', 'link', 'per_1')).toBe(EXIT.usage);
    expect(out).toEqual([]);
    expect(err.join('\n')).toContain('IDENTITY_OWNER_STAYS');
  });
});

describe('decisions', () => {
  it('show who said yes, of how many it takes', async () => {
    const list = harness({
      'GET /api/approvals?state=pending': { status: 200, body: { approvals: [approval({ decisions: [YES] })] } },
    });
    await list.run('approvals', 'list');
    expect(list.out.join('\n')).toMatch(/1\/2/);
    const shown = harness({
      [`GET /api/approvals/${ID}`]: { status: 200, body: approval({ decisions: [YES], whyNot: 'APPROVALS_ASKER' }) },
    });
    await shown.run('approvals', 'show', ID);
    expect(shown.out.join('\n')).toContain('approved by Dana (per_1) at 2026-11-02T10:00:00.000Z');
    expect(shown.err.join('\n')).toContain('APPROVALS_ASKER');
  });

  it('say that a first yes waits for another person', async () => {
    const { run, err } = harness({
      [`GET /api/approvals/${ID}`]: { status: 200, body: approval({}) },
      [`POST /api/approvals/${ID}/approve`]: { status: 200, body: approval({ decisions: [YES] }) },
    });
    expect(await run('approvals', 'approve', ID, '--yes')).toBe(EXIT.done);
    expect(err.join('\n')).toContain('second person');
  });

  it('of somebody alone say when the call runs and how to call it off', async () => {
    const alone = { mode: 'solo', required: 1 };
    const { run, err, out } = harness(
      {
        [`GET /api/approvals/${ID}`]: { status: 200, body: approval(alone) },
        [`POST /api/approvals/${ID}/approve`]: {
          status: 200,
          body: approval({ ...alone, state: 'approved', decisions: [YES], runsAt: '2026-11-02T10:10:00.000Z' }),
        },
      },
      'yes',
    );
    expect(await run('approvals', 'approve', ID)).toBe(EXIT.done);
    expect(out.join('\n')).toContain('2026-11-02T10:10:00.000Z');
    expect(err.join('\n')).toContain(`sallyport approvals cancel ${ID}`);
  });

  it('are called off with a reason', async () => {
    const { run, sent } = harness({ [`GET /api/approvals/${ID}`]: { status: 200, body: approval({ state: 'approved' }) } });
    expect(await run('approvals', 'cancel', ID, '--reason', 'looked again')).toBe(EXIT.done);
    expect(sent[1]).toEqual({ method: 'POST', path: `/api/approvals/${ID}/cancel`, body: { reason: 'looked again' } });
  });
});
