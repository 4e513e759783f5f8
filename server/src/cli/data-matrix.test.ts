// The commands of the matrix: what they send, what they show, and that what shows more, or takes a rule back, asks first.

import { describe, expect, it } from 'vitest';
import { EXIT, runCommandLine } from './index.ts';
import { idleIo, idleMain } from './test/idle.ts';

const cell = (name: string, destination: string, from: string) => ({
  ...{ class: name, destination, handling: 'mask', default: 'mask', from, trial: null, choices: ['mask', 'refuse'], isLocked: true },
  ...{ hits: 3, trialHits: 0 },
});
const MATRIX = {
  destinations: [],
  classes: [],
  cells: [cell('payment_card', 'model', 'kind'), cell('payment_card', 'web', 'default'), cell('email_address', 'model', 'default')],
  hitDays: 30,
};

function harness(typed: string | null = null) {
  const out: string[] = [];
  const sent: { method: string; path: string; body: unknown }[] = [];
  const io = idleIo({
    out: (text) => out.push(text),
    readFile: async () => 'whsec_theirs\n',
    ask: async () => typed,
  });
  const main = idleMain({
    connect: async () => ({
      origin: 'http://127.0.0.1:4810',
      call: async (method, path, body) => {
        sent.push({ method, path, body });
        return { status: 200, body: MATRIX };
      },
      stream: async () => (async function* () {})(),
    }),
  });
  return { out, sent, run: (...argv: string[]) => runCommandLine(['data', ...argv], io, main) };
}

describe('sallyport data', () => {
  it('shows cells, narrowed to a class, a destination or rules of one’s own', async () => {
    const { run, out } = harness();
    expect(await run('matrix', 'show', '--class', 'payment_card', '--json')).toBe(EXIT.done);
    expect(JSON.parse(out.join('\n')).cells.map((one: { destination: string }) => one.destination)).toEqual(['model', 'web']);
    const own = harness();
    await own.run('matrix', 'show', '--own');
    expect(own.out).toHaveLength(2);
    expect(own.out[1]).toMatch(/^payment_card\s+model\s+mask\s+kind/);
  });

  it('shows the switch of guesses, and asks before it is off', async () => {
    const shown = harness();
    expect(await shown.run('guesses')).toBe(EXIT.done);
    expect(shown.sent).toEqual([{ method: 'GET', path: '/api/data/guesses', body: undefined }]);
    const asked = harness('yes');
    expect(await asked.run('guesses', 'off')).toBe(EXIT.usage);
    expect(asked.sent).toEqual([]);
    for (const [more, isOn] of [
      [['off', '--yes'], false],
      [['on'], true],
    ] as const) {
      const { run, sent } = harness();
      expect(await run('guesses', ...more)).toBe(EXIT.done);
      expect(sent).toEqual([{ method: 'PUT', path: '/api/data/guesses', body: { isOn } }]);
    }
    expect(await harness().run('guesses', 'perhaps')).toBe(EXIT.usage);
  });

  it('sends a rule, on trial when told so', async () => {
    const { run, sent } = harness();
    expect(await run('matrix', 'set', 'integration:shop', 'email_address', 'refuse', '--mode', 'monitor')).toBe(EXIT.done);
    expect(sent).toEqual([
      {
        method: 'PUT',
        path: '/api/data/matrix/integration%3Ashop/email_address',
        body: { handling: 'refuse', mode: 'monitor' },
      },
    ]);
  });

  it('shows nothing in the clear, and takes nothing back, unasked', async () => {
    const refused = harness('no');
    expect(await refused.run('matrix', 'set', 'model', 'email_address', 'clear')).toBe(EXIT.usage);
    expect(await refused.run('matrix', 'reset', 'model', 'email_address')).toBe(EXIT.usage);
    expect(refused.sent).toEqual([]);
    const typed = harness('email_address');
    expect(await typed.run('matrix', 'set', 'model', 'email_address', 'clear')).toBe(EXIT.done);
    expect(await typed.run('matrix', 'reset', 'model', 'email_address', '--mode', 'monitor')).toBe(EXIT.done);
    expect(typed.sent.map(({ method, path }) => `${method} ${path}`)).toEqual([
      'PUT /api/data/matrix/model/email_address',
      'DELETE /api/data/matrix/model/email_address?mode=monitor',
    ]);
    const yes = harness();
    expect(await yes.run('matrix', 'set', 'model', 'email_address', 'clear', '--yes')).toBe(EXIT.done);
  });

  it('says what becomes of a guess that is not sure, and puts the default back', async () => {
    const { run, sent } = harness();
    await run('unsure', 'set', 'place', 'refuse');
    await run('unsure', 'set', 'place', 'default');
    expect(sent).toEqual([
      { method: 'PUT', path: '/api/data/unsure/place', body: { unsure: 'refuse' } },
      { method: 'DELETE', path: '/api/data/unsure/place', body: undefined },
    ]);
  });
});
