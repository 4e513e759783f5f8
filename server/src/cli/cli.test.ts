import { describe, expect, it } from 'vitest';
import type { Control } from './command.ts';
import { commandTable, EXIT, runCommandLine } from './index.ts';
import { visible } from './print.ts';
import { idleIo, idleMain } from './test/idle.ts';

interface Sent {
  readonly method: string;
  readonly path: string;
  readonly body: unknown;
}

function harness(answers: Readonly<Record<string, { status: number; body: object }>> = {}, typed: string | null = null) {
  const out: string[] = [];
  const err: string[] = [];
  const sent: Sent[] = [];
  const io = idleIo({
    out: (text) => out.push(text),
    err: (text) => err.push(text),
    readFolder: async () => ({ 'workflow.yaml': 'kind: Workflow\n' }),
    readFile: async (path) => (path === 'broken.yaml' ? 'a: [' : 'kind: model\nbaseUrl: https://models.example.com/v1\n'),
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
    configOptions: [{ name: '--gateway-port', value: 'VALUE', doc: 'Port.' }],
    connect: async () => control,
  });
  return { out, err, sent, main, run: (...argv: string[]) => runCommandLine(argv, io, main) };
}

const ID = 'apr_00000000-0000-7000-8000-000000000001';
const SHOWN = { id: ID, digest: 'd'.repeat(64), sentence: 'Refund 5.00 EUR', state: 'pending' };

describe('the command line', () => {
  it('answers help for everything, with one line a command and exit code 0', async () => {
    const { run, out, main } = harness();
    expect(await run('help')).toBe(EXIT.done);
    for (const command of commandTable(main)) expect(out.join('\n')).toContain(command.name);
    for (const command of commandTable(main)) expect(await run(...command.name.split(' '), '--help'), command.name).toBe(EXIT.done);
  });

  it('names the commands that begin like what was typed, and what every command takes', async () => {
    const { run, out, err } = harness();
    expect(await run('access', 'group')).toBe(EXIT.usage);
    expect(err.join('\n')).toContain('sallyport access group rename <group id> <name>');
    expect(err.join('\n')).not.toContain('access roles');
    expect(await run('access', 'group', '--help')).toBe(EXIT.done);
    expect(out.join('\n')).toContain('sallyport access group join');
    expect(await run('people', 'list', '--help')).toBe(EXIT.done);
    expect(out.at(-1)).toContain('--secrets-dir DIR');
  });

  it.each([
    [['frobnicate'], 'CLI_USAGE'],
    [['approvals', 'list', '--nope'], 'CLI_USAGE'],
    [['approvals', 'show'], 'CLI_USAGE'],
    [['integrations', 'put', 'x'], 'CLI_USAGE'],
    [['up', '--gateway-port'], 'CLI_USAGE'],
  ])('refuses %j with exit code 2 and a sentence on standard error', async (argv, code) => {
    const { run, err, out } = harness();
    expect(await run(...argv)).toBe(EXIT.usage);
    expect(err.join('\n')).toContain(code);
    expect(out).toEqual([]);
  });

  it('names an input file it can not parse, with exit code 3', async () => {
    const { run, err } = harness();
    expect(await run('integrations', 'put', 'x', '--file', 'broken.yaml')).toBe(EXIT.unreadable);
    expect(err.join('\n')).toContain('broken.yaml');
  });

  it('approves only after a person typed yes, and with the digest that was shown', async () => {
    const answers = { [`GET /api/approvals/${ID}`]: { status: 200, body: SHOWN } };
    const hesitant = harness(answers, 'no');
    expect(await hesitant.run('approvals', 'approve', ID)).toBe(EXIT.no);
    expect(hesitant.sent.map((call) => call.method)).toEqual(['GET']);
    const sure = harness(answers, 'yes');
    expect(await sure.run('approvals', 'approve', ID)).toBe(EXIT.done);
    expect(sure.sent[1]).toEqual({ method: 'POST', path: `/api/approvals/${ID}/approve`, body: { digest: SHOWN.digest } });
  });

  it('does not approve where there is nobody to ask', async () => {
    const { run, sent } = harness({ [`GET /api/approvals/${ID}`]: { status: 200, body: SHOWN } }, null);
    expect(await run('approvals', 'approve', ID)).toBe(EXIT.no);
    expect(sent.map((call) => call.method)).toEqual(['GET']);
  });

  it('prints one JSON document with --json, also for a refusal, and exits 4', async () => {
    const problem = { code: 'APPROVALS_NOT_PENDING', detail: 'decided before' };
    const { run, out, err } = harness({
      [`GET /api/approvals/${ID}`]: { status: 200, body: SHOWN },
      [`POST /api/approvals/${ID}/deny`]: { status: 403, body: problem },
    });
    expect(await run('approvals', 'deny', ID, '--json')).toBe(EXIT.refused);
    expect(JSON.parse(out.join('\n'))).toEqual(problem);
    expect(err.join('\n')).toContain('APPROVALS_NOT_PENDING');
  });

  it('removes nothing without its name or --yes', async () => {
    const { run, sent } = harness({}, 'something else');
    expect(await run('integrations', 'remove', 'shop')).toBe(EXIT.usage);
    expect(sent).toEqual([]);
  });

  it('shows control and invisible characters instead of sending them to the terminal', () => {
    expect(visible('a\u001b[2Jb\u202ec\u200bd\u{e0041}')).toBe('a\\u{1b}[2Jb\\u{202e}c\\u{200b}d\\u{e0041}');
    expect(visible('Grüße, 東京 🛒')).toBe('Grüße, 東京 🛒');
  });
});
