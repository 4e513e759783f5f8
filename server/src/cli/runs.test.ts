// The commands of runs: what they ask for, and that nothing of a run can move the terminal.

import { describe, expect, it } from 'vitest';
import { EXIT, type MainCommands, runCommandLine } from './index.ts';
import { idleIo } from './test/idle.ts';

const RUN = 'run_0190a0a0-0000-7000-8000-000000000001';
const ANSWERS: Readonly<Record<string, object>> = {
  '/api/runs': { runs: [{ id: RUN, kind: 'workflow', workflow: 'support-reply', state: 'done', calls: 4, refused: 1 }], next: 17 },
  [`/api/runs/${RUN}`]: {
    id: RUN,
    state: 'done',
    phases: [
      {
        step: 'desk',
        phase: 't0.c0',
        kind: 'tool',
        outcome: 'refused',
        code: 'POLICY_FOREIGN_OBJECT',
        origins: [
          {
            argument: 'order_id',
            from: { step: 'ticket', phase: 'call', field: 'body' },
            integrity: 'third_party',
            sources: ['outsider:demo-shop'],
            how: 'verbatim',
          },
        ],
      },
    ],
  },
  [`/api/runs/${RUN}/content`]: { contents: [{ step: 'ticket', phase: 'call', asked: 'a', gave: 'Hello\u202e', truncated: true }] },
};

function harness() {
  const out: string[] = [];
  const paths: string[] = [];
  const io = idleIo({
    out: (text) => out.push(text),
  });
  const main = {
    configOptions: [],
    connect: async () => ({
      origin: 'http://127.0.0.1:4810',
      call: async (_method: string, path: string) => {
        paths.push(path);
        return { status: 200, body: ANSWERS[path.split('?')[0] as string] ?? {} };
      },
    }),
  } as unknown as MainCommands;
  return { text: () => out.join('\n'), paths, run: (...argv: string[]) => runCommandLine(['runs', ...argv], io, main) };
}

describe('sallyport runs', () => {
  it('lists runs by what is asked for, and says where the next page begins', async () => {
    const { run, paths, text } = harness();
    expect(await run('list', '--state', 'waiting', '--workflow', 'support-reply', '--limit', '5')).toBe(EXIT.done);
    expect(paths).toEqual(['/api/runs?workflow=support-reply&state=waiting&limit=5']);
    expect(text()).toContain(RUN);
    expect(text()).toContain('--before 17');
  });

  it('shows what became of each step, and from where the argument of a refused call came', async () => {
    const { run, text } = harness();
    expect(await run('show', RUN)).toBe(EXIT.done);
    expect(text()).toContain('POLICY_FOREIGN_OBJECT');
    expect(text()).toMatch(/order_id.*third_party.*ticket\/call body.*verbatim/);
  });

  it('shows content with hidden characters made visible, says what is cut, and gives one JSON document when asked', async () => {
    const plain = harness();
    expect(await plain.run('content', RUN)).toBe(EXIT.done);
    expect(plain.text()).toContain('Hello\\u{202e}');
    expect(plain.text()).toContain('(cut)');
    const json = harness();
    expect(await json.run('content', RUN, '--json')).toBe(EXIT.done);
    expect(JSON.parse(json.text())).toEqual(ANSWERS[`/api/runs/${RUN}/content`]);
  });
});
