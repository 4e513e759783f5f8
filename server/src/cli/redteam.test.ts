// The command of the red team: what it asks first, how it tells a step, and when a script may take it for a no.

import { describe, expect, it } from 'vitest';
import type { Control, Io, MainCommands } from './command.ts';
import { EXIT, runCommandLine } from './index.ts';

const LINK = 'http://127.0.0.1:4810/sign-in#secret';

/** A server where people come and go, and every other request is answered as `answer` says. */
function harness(answer: () => { status: number; body: object }) {
  const [out, err]: [string[], string[]] = [[], []];
  const io = { out: (text: string) => out.push(text), err: (text: string) => err.push(text), ask: async () => null } as unknown as Io;
  const known: Readonly<Record<string, object>> = {
    'GET /api/tenants': { tenants: [] },
    'POST /api/tenants': { id: 'ten_1', link: LINK },
    'POST /api/session': { token: 'a' },
    'GET /api/session': { person: 'per_1' },
    'DELETE /api/session': {},
    'GET /api/people': { people: [] },
    'POST /api/people': { id: 'per_2', link: LINK },
    'GET /api/sessions?of=everybody': { sessions: [] },
    'GET /api/conditions': { freezes: [] },
    'GET /api/access/groups': { groups: [] },
    'GET /api/access/roles': { roles: [] },
    'GET /api/integrations': { integrations: [] },
    'GET /api/delegations': { delegations: [] },
    'GET /api/scim': { tokens: [] },
  };
  const call = async (method: string, path: string) => {
    const body = known[`${method} ${path}`];
    if (path.startsWith('/api/events')) return { status: 200, body: { events: [] } };
    return body === undefined ? answer() : { status: 200, body };
  };
  const main = {
    configOptions: [],
    connect: async () => ({ origin: 'http://127.0.0.1:4810', call }) as unknown as Control,
    redteam: async () => ({ clock: { now: () => Date.now() }, wait: async () => {}, tamper: null, mark: '0' }),
  } as unknown as MainCommands;
  const run = (...argv: string[]) => runCommandLine(['redteam', 'run', ...argv], io, main);
  return { out, err, run };
}

const refusing = () => ({ status: 403, body: { code: 'IDENTITY_LINK_OWNER_ONLY' } });

describe('sallyport redteam run', () => {
  it('asks first, and tries nothing without a yes', async () => {
    const { run, out, err } = harness(refusing);
    expect(await run('insider')).toBe(EXIT.no);
    expect([out, err]).toEqual([[], ['Nothing was tried.']]);
    expect(await run('outsider', '--yes')).toBe(EXIT.usage);
    expect(await run('insider', '--yes', '--scenario', 'mind-reading')).not.toBe(EXIT.done);
  });

  it('exits with 1 when something passed through, and names it', async () => {
    const { run, out } = harness(() => ({ status: 200, body: {} }));
    expect(await run('insider', '--yes', '--scenario', 'others-sign-in')).toBe(EXIT.no);
    expect(out).toContain('  PASSED THROUGH  an admin makes a link for a security officer: 200');
    expect(out.at(-1)).toBe('1 scenarios: 0 blocked, 0 alerted, 0 found, 1 passed through, 0 unclear, 0 not tried.');
    expect(await run('insider', '--yes', '--scenario', 'others-sign-in', '--fail-on', 'never')).toBe(EXIT.done);
  });

  it('takes a refusal by another code than expected for no answer, and says what was not tried', async () => {
    const { run, out } = harness(() => ({ status: 400, body: { code: 'CONTROL_REQUEST_INVALID' } }));
    expect(await run('insider', '--yes', '--scenario', 'others-sign-in', '--json')).toBe(EXIT.no);
    expect(JSON.parse(out.join('\n'))).toMatchObject({ clean: false, counts: { unclear: 1 }, scenarios: [{ outcome: 'unclear' }] });
    expect(await run('insider', '--yes', '--scenario', 'log-sql')).toBe(EXIT.done);
    expect(await run('insider', '--yes', '--scenario', 'log-sql', '--fail-on', 'not-tried')).toBe(EXIT.no);
  });
});
