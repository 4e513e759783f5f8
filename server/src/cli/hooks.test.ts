// The commands of hooks: what they send, that the secret is shown once and only when we made it, and that nothing ends unasked.

import { describe, expect, it } from 'vitest';
import { EXIT, runCommandLine } from './index.ts';
import { idleIo, idleMain } from './test/idle.ts';

const MADE = { path: '/hooks/shop', secret: 'whsec_abc', previousUntil: null };
const LISTED = {
  hooks: [
    {
      integration: 'shop',
      path: '/hooks/shop',
      previousUntil: null,
      listening: [
        { event: 'ticket.created', workflow: 'support-reply', paused: false },
        { event: 'order.paid', workflow: 'thanks', paused: true },
      ],
    },
    { integration: 'desk', path: '/hooks/desk', previousUntil: null, listening: [] },
  ],
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
        return { status: 200, body: method === 'GET' ? LISTED : method === 'POST' ? MADE : { removed: true } };
      },
      stream: async () => (async function* () {})(),
    }),
  });
  return { out, sent, run: (...argv: string[]) => runCommandLine(['hooks', ...argv], io, main) };
}

describe('sallyport hooks', () => {
  it('makes a secret and shows it with its path', async () => {
    const { run, sent, out } = harness();
    expect(await run('create', 'shop')).toBe(EXIT.done);
    expect(sent).toEqual([{ method: 'POST', path: '/api/integrations/shop/hook', body: { secret: null, shop: null } }]);
    expect(out.join('\n')).toContain('whsec_abc');
  });

  it('sends a secret the sender made, from a file, and does not show it', async () => {
    const { run, sent, out } = harness();
    expect(await run('create', 'shop', '--secret-file', 'secret.txt')).toBe(EXIT.done);
    expect(sent[0]?.body).toEqual({ secret: 'whsec_theirs', shop: null });
    expect(out.join('\n')).not.toContain('whsec_');
  });

  it('lists what deliveries start', async () => {
    const { run, out } = harness();
    expect(await run('list')).toBe(EXIT.done);
    const text = out.join('\n');
    expect(text).toContain('ticket.created -> support-reply, order.paid -> thanks (paused)');
    expect(text).toMatch(/desk\s+\/hooks\/desk\s+-\s+nothing/);
  });

  it('prints what the control plane said with --json', async () => {
    const { run, out } = harness();
    expect(await run('list', '--json')).toBe(EXIT.done);
    expect(JSON.parse(out.join('\n'))).toEqual(LISTED);
  });

  it('removes a hook after its name was typed, or with --yes', async () => {
    const hesitant = harness('no');
    expect(await hesitant.run('remove', 'shop')).toBe(EXIT.no);
    expect(hesitant.sent).toEqual([]);
    for (const [typed, ...more] of [['shop'], [null, '--yes']] as const) {
      const sure = harness(typed);
      expect(await sure.run('remove', 'shop', ...more)).toBe(EXIT.done);
      expect(sure.sent).toEqual([{ method: 'DELETE', path: '/api/integrations/shop/hook', body: undefined }]);
    }
  });
});
