// The commands of workflows: what they send, and that nobody approves without having seen.

import { describe, expect, it } from 'vitest';
import type { JsonValue } from '#core';
import { EXIT, runCommandLine } from './index.ts';
import { idleIo, idleMain } from './test/idle.ts';

const HASH = 'a'.repeat(64);
const DETAILS = {
  name: 'support-reply',
  hash: HASH,
  state: 'draft',
  definition: null,
  files: { 'prompts/x.md': 'Hello\u202e' },
  signature: { state: 'unsigned', algorithm: 'Ed25519', keyId: '0123456789abcdef', intact: true },
  compared: {
    hash: 'b'.repeat(64),
    changes: [{ area: 'limit', name: 'desk agent.maxCalls', before: '12', after: '30', direction: 'wider' }],
  },
};

interface Told {
  readonly status: number;
  readonly body: object;
}

function harness(typed: string | null = null, { shown = DETAILS, posted }: { shown?: object; posted?: Told } = {}) {
  const out: string[] = [];
  const err: string[] = [];
  const tested: unknown[] = [];
  const sent: { method: string; path: string; body: unknown }[] = [];
  const io = idleIo({
    out: (text) => out.push(text),
    err: (text) => err.push(text),
    readFolder: async (path) => ({ 'workflow.yaml': `folder ${path}` }),
    ask: async () => typed,
  });
  const main = idleMain({
    testWorkflow: async (files) => {
      tested.push(files);
      const results = [{ path: 'tests/a.yaml', case: 'pays once', ok: false, differences: ['state: expected "done", got "stopped"'] }];
      return { workflow: 'support-reply', hash: HASH, passed: 0, failed: 1, results };
    },
    connect: async () => ({
      origin: 'http://127.0.0.1:4810',
      call: async (method, path, body) => {
        sent.push({ method, path, body });
        if (method === 'GET') return { status: 200, body: shown as JsonValue };
        return (posted ?? { status: 200, body: { name: 'support-reply', state: 'done' } }) as { status: number; body: JsonValue };
      },
      stream: async () => (async function* () {})(),
    }),
  });
  return { out, err, sent, tested, run: (...argv: string[]) => runCommandLine(['workflows', ...argv], io, main) };
}

describe('sallyport workflows', () => {
  it('imports every file of the folder', async () => {
    const { run, sent } = harness();
    expect(await run('import', 'my/folder')).toBe(EXIT.done);
    expect(sent).toEqual([{ method: 'POST', path: '/api/workflows', body: { files: { 'workflow.yaml': 'folder my/folder' } } }]);
  });

  it('approves the hash it showed, after a yes, with hidden characters made visible', async () => {
    const hesitant = harness('no');
    expect(await hesitant.run('approve', 'support-reply', '--hash', HASH)).toBe(EXIT.no);
    expect(hesitant.sent.map(({ method }) => method)).toEqual(['GET']);
    const sure = harness('yes');
    expect(await sure.run('approve', 'support-reply', '--hash', HASH)).toBe(EXIT.done);
    expect(sure.out.join('\n')).toContain('Hello\\u{202e}');
    expect(sure.out.join('\n')).toMatch(/wider\s+limit\s+desk agent\.maxCalls\s+12\s+30/);
    expect(sure.sent.at(-1)).toEqual({ method: 'POST', path: '/api/workflows/support-reply/approve', body: { hash: HASH } });
  });

  it('sends whoever has a passkey to the page where it can sign', async () => {
    const open = `https://sallyport.example.com/workflows/support-reply?hash=${HASH}`;
    const body = { code: 'WORKFLOWS_SIGNATURE_REQUIRED', detail: 'Approve it in the console.', evidence: { open } };
    const { run, err } = harness('yes', { posted: { status: 403, body } });
    expect(await run('approve', 'support-reply', '--hash', HASH)).toBe(EXIT.refused);
    expect(err).toEqual([`WORKFLOWS_SIGNATURE_REQUIRED: ${body.detail}`, `Open ${open}`]);
  });

  it('says who signed a version with which passkey, and that it was removed', async () => {
    const passkey = { thumbprint: 'c'.repeat(64), by: 'per_1', removed: true };
    const signed = { approvedAt: '2026-11-02T00:00:00Z', people: { per_1: 'Ana' }, signature: { ...DETAILS.signature, passkey } };
    const { run, out } = harness(null, { shown: { ...DETAILS, ...signed } });
    await run('show', 'support-reply');
    expect(out.join('\n')).toMatch(new RegExp(`signedBy +Ana with passkey ${passkey.thumbprint} \\(removed since\\)`));
    const none = harness(null, { shown: { ...DETAILS, ...signed, signature: { ...DETAILS.signature, passkey: null } } });
    await none.run('show', 'support-reply');
    expect(none.out.join('\n')).toMatch(/signedBy +unsigned: approved by somebody without a passkey/);
  });

  it('approves and publishes nothing without a hash', async () => {
    for (const verb of ['approve', 'publish', 'retire']) {
      const { run, sent } = harness('yes');
      expect(await run(verb, 'support-reply')).toBe(EXIT.usage);
      expect(sent).toEqual([]);
    }
  });

  it('starts a run with its inputs', async () => {
    const { run, sent } = harness();
    expect(await run('run', 'support-reply', '--ticket', 'T-1', '--input', 'note=a=b')).toBe(EXIT.done);
    expect(sent[0]?.body).toEqual({ input: { ticket: 'T-1', note: 'a=b' } });
  });

  it('tests a folder, or what is stored under a name, and says what differs', async () => {
    const folder = harness();
    expect(await folder.run('test', './my/folder')).toBe(EXIT.no);
    expect(folder.tested).toEqual([{ 'workflow.yaml': 'folder ./my/folder' }]);
    expect(folder.out.join('\n')).toContain('got "stopped"');
    const named = harness();
    expect(await named.run('test', 'support-reply', '--json')).toBe(EXIT.no);
    expect(named.tested).toEqual([DETAILS.files]);
    expect(JSON.parse(named.out.join('\n'))).toMatchObject({ failed: 1 });
  });
});
