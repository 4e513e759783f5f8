// The commands about unused access and access reviews: what they send, and what they say.

import { describe, expect, it } from 'vitest';
import type { Control, Io, MainCommands } from './command.ts';
import { EXIT, runCommandLine } from './index.ts';

type Answers = Readonly<Record<string, { status: number; body: object }>>;

function harness(answers: Answers = {}) {
  const out: string[] = [];
  const err: string[] = [];
  const sent: { method: string; path: string; body: unknown }[] = [];
  const io = { out: (text: string) => out.push(text), err: (text: string) => err.push(text) } as unknown as Io;
  const control = {
    origin: 'http://127.0.0.1:4810',
    call: async (method: string, path: string, body: unknown) => {
      sent.push({ method, path, body });
      return answers[`${method} ${path}`] ?? { status: 200, body: {} };
    },
  } as unknown as Control;
  const main = { configOptions: [], connect: async () => control } as unknown as MainCommands;
  return { out, err, sent, run: (...argv: string[]) => runCommandLine(argv, io, main) };
}

const proposal = (id: string, change: object = {}) => ({
  id,
  state: 'open',
  kind: 'integration_unused',
  subjectName: 'service',
  sentence: 'service has not used shop-b.',
  remove: ['shop-b'],
  canApply: true,
  evidence: { lastUsedAt: null },
  ...change,
});

describe('unused access on the command line', () => {
  it('is compared and listed with its last use, or said not to be there', async () => {
    const { run, out, sent } = harness({ 'POST /api/least/proposals': { status: 200, body: { proposals: [proposal('prp_1')] } } });
    expect(await run('access', 'review', 'propose')).toBe(EXIT.done);
    expect(sent).toEqual([{ method: 'POST', path: '/api/least/proposals', body: {} }]);
    expect(out.join('\n')).toMatch(/prp_1 +open +integration_unused +service +shop-b +never/);
    const empty = harness({ 'POST /api/least/proposals': { status: 200, body: { proposals: [] } } });
    await empty.run('access', 'review', 'propose');
    expect(empty.out).toEqual(['Nothing that was granted is unused for long enough.']);
  });

  it('is taken away one by one with `all`, and what only was told is left', async () => {
    const proposals = [proposal('prp_1'), proposal('prp_2', { canApply: false }), proposal('prp_3')];
    const stale = { status: 409, body: { code: 'IDENTITY_PROPOSAL_STALE', detail: 'It was used.' } };
    const { run, out, sent } = harness({
      'POST /api/least/proposals': { status: 200, body: { proposals } },
      'POST /api/least/proposals/prp_3/apply': stale,
    });
    expect(await run('access', 'review', 'apply', 'all')).toBe(EXIT.done);
    expect(sent.slice(1).map(({ path }) => path)).toEqual(['/api/least/proposals/prp_1/apply', '/api/least/proposals/prp_3/apply']);
    expect(out.join('\n')).toContain('IDENTITY_PROPOSAL_STALE');
  });

  it('is turned down with a reason only', async () => {
    const { run, sent, err } = harness();
    expect(await run('access', 'review', 'dismiss', 'prp_1')).toBe(EXIT.usage);
    expect(err.join()).toContain('--reason');
    expect(sent).toEqual([]);
    await run('access', 'review', 'dismiss', 'prp_1', '--reason', 'Year end.');
    expect(sent).toEqual([{ method: 'POST', path: '/api/least/proposals/prp_1/dismiss', body: { reason: 'Year end.' } }]);
  });
});

describe('an access review on the command line', () => {
  it('is opened for reviewers until a date, narrowed as asked', async () => {
    const { run, sent } = harness();
    await run(
      'access',
      'review',
      'create',
      'Autumn',
      'review',
      '--reviewer',
      'per_1',
      '--due-days',
      '7',
      '--only',
      'people',
      '--role',
      'operator',
    );
    expect(sent).toEqual([
      {
        method: 'POST',
        path: '/api/reviews',
        body: { name: 'Autumn review', reviewers: ['per_1'], dueInDays: 7, scope: { people: true, workloads: false, role: 'operator' } },
      },
    ]);
  });

  it('is decided item by item with a reason', async () => {
    const { run, sent } = harness();
    expect(await run('access', 'review', 'decide', 'rev_1', 'itm_1', 'change', '--role', 'analyst', '--reason', 'Enough.')).toBe(EXIT.done);
    expect(sent).toEqual([
      { method: 'POST', path: '/api/reviews/rev_1/items/itm_1/decide', body: { decision: 'change', reason: 'Enough.', role: 'analyst' } },
    ]);
  });
});
