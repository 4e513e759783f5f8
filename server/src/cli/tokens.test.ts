// The commands of tokens: values are read from a file, batch by batch, and never from the command line; ending a purpose asks first.

import { describe, expect, it } from 'vitest';
import { EXIT, runCommandLine } from './index.ts';
import { idleIo, idleMain } from './test/idle.ts';

function harness(lines: readonly string[] = [], typed: string | null = null) {
  const out: string[] = [];
  const sent: { method: string; path: string; body: unknown }[] = [];
  const io = idleIo({
    out: (text) => out.push(text),
    ask: async () => typed,
    lines: async function* () {
      yield* lines;
    },
  });
  const main = idleMain({
    connect: async () => ({
      origin: 'http://127.0.0.1:4810',
      call: async (method, path, body) => {
        sent.push({ method, path, body });
        const asked = body as { values?: { value: string }[]; tokens?: string[] } | undefined;
        if (path.endsWith('/open'))
          return {
            status: 200,
            body: { values: (asked?.tokens ?? []).map((token) => ({ token, class: 'email_address', value: 'v', code: null })) },
          };
        return { status: 200, body: { tokens: (asked?.values ?? []).map((_, at) => `email_address_${at}`), ended: true } };
      },
      stream: async () => (async function* () {})(),
    }),
  });
  return { out, sent, run: (...argv: string[]) => runCommandLine(['tokens', ...argv], io, main) };
}

describe('sallyport tokens', () => {
  it('makes tokens for the lines of a file, five hundred at a time, and repeats no value', async () => {
    const { run, sent, out } = harness(Array.from({ length: 501 }, (_, at) => `kim${at}@example.com`));
    expect(await run('make', '-', '--purpose', 'support', '--class', 'email_address', '--json')).toBe(EXIT.done);
    expect(sent.map(({ body }) => (body as { values: unknown[] }).values.length)).toEqual([500, 1]);
    expect((sent[1]?.body as { values?: unknown[] } | undefined)?.values).toEqual([
      { class: 'email_address', value: 'kim500@example.com', subject: null, format: false },
    ]);
    expect(JSON.parse(out.join(''))).toMatchObject({ values: expect.any(Array) });
    expect(out.join('')).not.toContain('kim');
  });

  it('opens fifty at a time, with the reason', async () => {
    const { run, sent } = harness(Array.from({ length: 60 }, (_, at) => `email_address_${at}`));
    expect(await run('open', 'file', '--purpose', 'support', '--reason', 'case 7')).toBe(EXIT.done);
    expect(sent.map(({ body }) => (body as { tokens: unknown[]; reason: string }).tokens.length)).toEqual([50, 10]);
    expect(sent[0]).toMatchObject({ path: '/api/tokens/open', body: { reason: 'case 7', purpose: 'support' } });
  });

  it('ends a purpose only when it is named again, or with --yes', async () => {
    const no = harness();
    expect(await no.run('end', 'support')).toBe(EXIT.usage);
    expect(no.sent).toEqual([]);
    const typed = harness([], 'support');
    expect(await typed.run('end', 'support')).toBe(EXIT.done);
    const yes = harness();
    expect(await yes.run('end', 'support', '--yes')).toBe(EXIT.done);
    expect(yes.sent).toEqual([{ method: 'DELETE', path: '/api/tokens/purposes/support', body: undefined }]);
  });
});
