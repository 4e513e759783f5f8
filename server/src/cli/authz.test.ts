// The commands of access: what they ask and say, and that the matrix finds a route that is open to the wrong role.

import { describe, expect, it } from 'vitest';
import { ROUTE_ACTIONS } from '#control';
import { BUILT_IN_ROLES, type JsonValue } from '#core';
import { compareTenants } from './authz/differential.ts';
import { judge, matrixRoles, runMatrix, type Send, type Subject } from './authz/matrix.ts';
import type { Control, Io, MainCommands } from './command.ts';
import { EXIT, runCommandLine } from './index.ts';

const subjects: readonly Subject[] = [true, false].flatMap((isFirst) =>
  matrixRoles.map((role) => ({ tenant: isFirst ? 'first' : 'second', isFirst, role, token: `${isFirst} ${role}` })),
);
const routes = Object.entries(ROUTE_ACTIONS as Readonly<Record<string, string>>);

/** A server that keeps to the tables, but for what `open` says is open to everybody. */
const server =
  (open: (route: string) => boolean = () => false): Send =>
  async (token, method, path) => {
    const [isFirst, role] = token.split(' ') as [string, keyof typeof BUILT_IN_ROLES];
    const form = (route: string): RegExp => new RegExp(`^${route.replace(/:\w+/g, '[^/]+')}$`);
    // The longest first part decides, as in a router: `/runs/held` before `/runs/:id`.
    const [route = '', action = ''] =
      routes.filter(([one]) => form(one).test(`${method} ${path}`)).sort(([a], [b]) => a.split(':').length - b.split(':').length)[0] ?? [];
    const isInstallation =
      /\/api\/(tenants|backups|data-keys|restore\/confirm$|ledger\/rotate-key)/.test(route) && route !== 'GET /api/ledger/keys';
    const holds = action === 'self' || (BUILT_IN_ROLES[role].actions as readonly string[]).includes(action);
    const isLetIn = open(route) || (holds && (isFirst === 'true' || !isInstallation));
    return isLetIn ? { status: 400, body: { code: 'CONTROL_REQUEST_INVALID' } } : { status: 403, body: { code: 'CONTROL_ROLE_FORBIDDEN' } };
  };

describe('the matrix', () => {
  it('is every route with every role in both tenants, and clean where the server keeps to the tables', async () => {
    const verdict = judge(await runMatrix(subjects, server(), () => {}));
    expect(verdict.cells).toBe(subjects.length * routes.filter(([, action]) => action !== 'anyone').length);
    expect(verdict.cells).toBeGreaterThan(300);
    expect([verdict.unexpectedAllows, verdict.unexpectedRefusals, verdict.byCondition]).toEqual([[], [], 0]);
  });

  it('finds a route that forgot to ask, with every role that should not be let in', async () => {
    const { unexpectedAllows } = judge(
      await runMatrix(
        subjects,
        server((route) => route === 'POST /api/keys'),
        () => {},
      ),
    );
    expect(new Set(unexpectedAllows.map(({ route }) => route))).toEqual(new Set(['POST /api/keys']));
    expect(unexpectedAllows.map(({ role }) => role)).toContain('auditor');
    expect(unexpectedAllows.map(({ role }) => role)).not.toContain('admin');
  });

  it('tells a refusal by a condition from one by a missing role', async () => {
    const frozen: Send = async (...asked) => {
      const answer = await server()(...asked);
      return answer.status === 400 ? { status: 403, body: { code: 'CONTROL_FROZEN' } } : answer;
    };
    const { unexpectedRefusals, byCondition } = judge(await runMatrix(subjects, frozen, () => {}));
    expect([unexpectedRefusals.length, byCondition > 100]).toEqual([0, true]);
  });

  it('finds a thing of another tenant that a route tells apart, gives out or lists: also a route that is new in the table', async () => {
    const id = 'case_00000000-0000-7000-8000-000000000001';
    const routes = { 'GET /api/cases': 'runs.view', 'GET /api/cases/:id': 'runs.view', 'DELETE /api/cases/:id': 'runs.view' };
    const gone = { status: 404, body: { code: 'CONTROL_NOT_FOUND' } };
    const leaky =
      (leak: 'nothing' | 'code' | 'body' | 'list' | 'act'): Send =>
      async (token, method, path) => {
        const isTheirs = token === 'theirs';
        if (path === '/api/cases') return { status: 200, body: { cases: isTheirs || leak === 'list' ? [{ id }] : [] } };
        if (path !== `/api/cases/${id}`) return gone;
        if (method === 'DELETE') return leak === 'act' ? { status: 200, body: {} } : gone;
        if (isTheirs || leak === 'body') return { status: 200, body: { id } };
        return leak === 'code' ? { status: 403, body: { code: 'CONTROL_ROLE_FORBIDDEN' } } : gone;
      };
    const found = async (leak: Parameters<typeof leaky>[0], acts = false) => {
      const { compared, different } = await compareTenants('mine', 'theirs', leaky(leak), { routes, acts });
      return [compared, different.map(({ route }) => route)];
    };
    expect(await found('nothing')).toEqual([1, []]);
    expect(await found('nothing', true)).toEqual([2, []]);
    expect(await found('code')).toEqual([1, ['GET /api/cases/:id']]);
    expect(await found('body')).toEqual([1, ['GET /api/cases/:id']]);
    expect(await found('act', true)).toEqual([2, ['DELETE /api/cases/:id']]);
    expect(await found('list')).toEqual([0, ['GET /api/cases']]);
  });
});

function harness(answers: Readonly<Record<string, { status: number; body: object }>> = {}) {
  const [out, err]: [string[], string[]] = [[], []];
  const sent: { method: string; path: string; body: unknown }[] = [];
  const io = { out: (text: string) => out.push(text), err: (text: string) => err.push(text), ask: async () => null } as unknown as Io;
  const control = {
    origin: 'http://127.0.0.1:4810',
    call: async (method: string, path: string, body?: unknown) => {
      sent.push({ method, path, body });
      return (answers[`${method} ${path}`] ?? { status: 200, body: {} }) as { status: number; body: JsonValue };
    },
  } as unknown as Control;
  const main = { configOptions: [], connect: async () => control } as unknown as MainCommands;
  return { out, err, sent, run: (...argv: string[]) => runCommandLine(argv, io, main) };
}

describe('grants on the command line', () => {
  it('are narrowed, conditional and for a time, as the options say', async () => {
    const { run, sent } = harness();
    const options = ['--workflow', 'refunds', '--until', '8h', '--hours', '8-18', '--network', 'inside'];
    expect(await run('access', 'grant', 'per_1', 'operator', ...options, '--reason', 'night shift')).toBe(EXIT.done);
    expect(sent[0]).toEqual({
      method: 'POST',
      path: '/api/access/grants',
      body: {
        ...{ subject: 'per_1', role: 'operator', scope: { workflow: 'refunds' }, expiresInMs: 8 * 3_600_000, reason: 'night shift' },
        condition: { hours: { from: 8, to: 18 }, network: 'inside' },
      },
    });
    expect(await run('access', 'grant', 'per_1', 'operator', '--hours', 'nine to five')).toBe(EXIT.usage);
  });

  it('say why not, and answer a script by the exit code', async () => {
    const body = {
      isAllowed: false,
      code: 'CONTROL_ROLE_FORBIDDEN',
      reason: 'No.',
      allowedRoles: ['operator'],
      ask: ['Owner'],
      roles: ['analyst'],
    };
    const { run, out, sent } = harness({
      'GET /api/access/explain?action=workflows.run&kind=workflow&name=refunds': { status: 200, body },
    });
    expect(await run('authz', 'explain', 'workflows.run', '--workflow', 'refunds')).toBe(EXIT.no);
    expect(sent[0]?.path).toBe('/api/access/explain?action=workflows.run&kind=workflow&name=refunds');
    expect(out.join('\n')).toContain('Roles that have it: operator. Ask: Owner.');
  });

  it('are simulated: a conflict is exit code 1 and changes nothing', async () => {
    const body = {
      gains: ['approvals.decide'],
      losses: [],
      people: 1,
      conflicts: [{ a: 'access.grant', b: 'approvals.decide', why: 'Two people.' }],
    };
    const { run, out, sent } = harness({ 'POST /api/access/simulate': { status: 200, body } });
    expect(await run('authz', 'simulate', 'per_1', 'approver', '--reason', 'not sent')).toBe(EXIT.no);
    expect(sent.map(({ path, body: asked }) => [path, asked])).toEqual([['/api/access/simulate', { subject: 'per_1', role: 'approver' }]]);
    expect(out.join('\n')).toContain('access.grant');
  });

  it('that conflict are found by a script', async () => {
    const conflicts = [{ a: 'access.grant', b: 'approvals.decide', why: 'Two people.' }];
    const { run } = harness({
      'GET /api/access/conflicts': { status: 200, body: { people: [{ person: 'per_1', name: 'Sam', conflicts }] } },
    });
    expect(await run('access', 'conflicts')).toBe(EXIT.no);
    expect(await harness({ 'GET /api/access/conflicts': { status: 200, body: { people: [] } } }).run('access', 'conflicts')).toBe(
      EXIT.done,
    );
  });

  it('emergency access is asked for with a reason', async () => {
    const { run, sent } = harness();
    expect(await run('access', 'break-glass', 'ask', 'operator')).toBe(EXIT.usage);
    expect(await run('access', 'break-glass', 'ask', 'operator', '--reason', 'Orders hang.')).toBe(EXIT.done);
    expect(await run('access', 'break-glass', 'approve', 'bgl_1')).toBe(EXIT.done);
    expect(sent.map(({ path }) => path)).toEqual(['/api/access/break-glass', '/api/access/break-glass/bgl_1/approve']);
  });

  it('the matrix is not asked without a yes', async () => {
    const { run, sent } = harness();
    expect(await run('authz', 'test')).toBe(EXIT.no);
    expect(sent).toEqual([]);
  });
});
