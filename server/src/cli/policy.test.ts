// `policy print data`: the tenant’s own rules where a server answers, the defaults where none does, and which of the two is said.

import { describe, expect, it } from 'vitest';
import type { MatrixView, RetentionOut } from '#control';
import { type DataClass, dataClassSpec, SallyportError } from '#core';
import type { Command, Context, Control } from './command.ts';
import { policyCommands } from './commands/policy.ts';

type Answer = { readonly status: number; readonly body: object } | SallyportError;

const RETENTION: Pick<RetentionOut, 'rules' | 'places'> = {
  rules: [
    { dataClass: 'person_name', place: 'runs', purpose: 'support', minutes: 90, setAt: '', setBy: '' },
    { dataClass: null, place: null, purpose: null, minutes: 2_880, setAt: '', setBy: '' },
  ],
  places: { calls: 30 },
};

async function print(answer: Answer, options: Record<string, boolean> = {}, kept: Answer = { status: 200, body: RETENTION }) {
  const out: string[] = [];
  const asked: string[] = [];
  const context = {
    json: options['--json'] === true,
    parsed: { words: ['policy', 'print', 'data'], options },
    io: {
      out: (text: string) => out.push(text),
      err: (text: string) => out.push(text),
      write: async (text: string) => void out.push(text),
    },
    control: async () => {
      if (answer instanceof SallyportError) throw answer;
      return {
        call: async (method: string, path: string) => {
          asked.push(`${method} ${path}`);
          return path === '/api/retention' ? kept : answer;
        },
      } as unknown as Control;
    },
  } as unknown as Context;
  const code = await (policyCommands[0] as Command).run(context);
  return { code, out: out.join('\n'), asked };
}

const NOWHERE = new SallyportError('MAIN_NOT_SIGNED_IN', 'There is no server.');

function cell(name: DataClass, destination: string, change: Partial<MatrixView['cells'][number]>): MatrixView['cells'][number] {
  const handling = dataClassSpec(name).handling.model;
  const same = { class: name, destination, handling, default: handling, from: 'default', trial: null };
  return { ...same, choices: [], asIs: false, isLocked: false, hits: 0, trialHits: 0, ...change };
}

const VIEW: MatrixView = {
  destinations: [{ name: 'model', kind: 'model', integration: null }],
  others: [],
  classes: [{ class: 'person_name', meaning: '', sensitivity: '', unsure: 'refuse', unsureDefault: 'mask', isFound: true }],
  cells: [
    cell('person_name', 'model', { handling: 'mask', from: 'kind' }),
    cell('person_name', 'integration:gpt', { handling: 'refuse', from: 'integration', trial: 'mask' }),
    cell('person_name', 'integration:other', { handling: 'mask', from: 'kind' }),
  ],
  hitDays: 30,
};

describe('policy print data', () => {
  it('prints what this tenant enforces: rules of a kind, of one integration, on trial, and for guesses [D0]', async () => {
    const { out, code, asked } = await print({ status: 200, body: VIEW });
    expect([code, asked]).toEqual([0, ['GET /api/data/matrix', 'GET /api/retention']]);
    const name = out.slice(out.indexOf('person_name:'), out.indexOf('email_address:'));
    expect(out).toContain('as this installation enforces it now');
    expect(name).toContain('to a model: removed for good (changed here)');
    expect(name).toContain('to integration:gpt: refused (changed here)');
    expect(name).toContain('on trial, not followed yet: to integration:gpt: removed for good');
    expect(name).toContain('when it is not sure that it is one: the call is refused (changed here)');
    expect(name).not.toContain('integration:other');
    expect(name).toContain('kept in runs, for support: 90 minutes (set here)');
    expect(out).toMatch(/Whatever it holds\n {2}kept everywhere: 2 days \(set here\)\n {2}kept in calls: 30 days at most/);
  });

  it('without a server prints the defaults and says so; --defaults asks none', async () => {
    const [without, asked] = [await print(NOWHERE), await print({ status: 200, body: VIEW }, { '--defaults': true })];
    expect(without.out).toContain('the defaults of the product (no server was asked)');
    expect([without.code, asked.asked, asked.out === without.out]).toEqual([0, [], true]);
  });

  it('with --json is one document with its source', async () => {
    const { out } = await print({ status: 200, body: VIEW }, { '--json': true });
    expect(JSON.parse(out)).toMatchObject({
      source: 'server',
      classes: expect.arrayContaining([expect.objectContaining({ class: 'person_name', unsure: 'refuse' })]),
    });
    expect(JSON.parse((await print(NOWHERE, { '--json': true })).out)).toMatchObject({ source: 'defaults' });
  });

  it('says so where the rules of retention may not be seen', async () => {
    const { code, out } = await print({ status: 200, body: VIEW }, {}, { status: 403, body: {} });
    expect([code, out]).toEqual([0, expect.stringContaining('The rules of retention can not be shown to you')]);
  });

  it('a refusal by the server is a refusal, and never printed as the defaults', async () => {
    const { code, out } = await print({ status: 403, body: { code: 'CONTROL_ROLE_FORBIDDEN', detail: 'no' } });
    expect([code, out]).toEqual([4, 'CONTROL_ROLE_FORBIDDEN: no']);
  });
});
