import { describe, expect, it } from 'vitest';
import type { BusinessFigure } from '../../api/business.ts';
import { groupsOf } from './month-rows.ts';

const figure = (over: Partial<BusinessFigure>): BusinessFigure => ({
  key: 'modelCalls',
  group: 'models',
  meaning: 'In the words of the server.',
  unit: 'tokens',
  value: 4,
  events: 4,
  totals: null,
  tokens: null,
  priced: 0,
  query: { type: 'enforcement.call.completed' },
  isComplete: true,
  ...over,
});
const lines = (over: Partial<BusinessFigure>) =>
  groupsOf([figure(over)]).flatMap(({ rows }) => rows.map(({ name, value, note }) => [name, value, note]));

describe('the lines of a month', () => {
  it('say what no event records, and of how many a sum is, and never a zero for it', () => {
    expect(lines({})).toEqual([
      ['Cost', 'not recorded', null],
      ['Calls answered', '4', 'tokens not recorded'],
    ]);
    const [cost, calls] = lines({
      totals: [{ currency: 'USD', amount: '0.000120' }],
      priced: 1,
      tokens: { input: 30, output: 4, recorded: 3 },
    });
    expect(cost?.[1]).toContain('0.00012');
    expect([cost?.[2], calls?.[2]]).toEqual(['recorded by 1 of 4 calls', 'tokens: 30 in, 4 out, recorded by 3 of 4']);
    expect(lines({ key: 'refundsPaid', group: 'refunds', unit: 'money' })).toEqual([['Paid', '4', 'sum not recorded']]);
  });

  it('say at least where not every event was looked at', () => {
    expect(lines({ key: 'degradedMinutes', group: 'service', unit: 'minutes', value: 2, isComplete: false })).toEqual([
      ['Degraded minutes', 'at least 2', 'from 4 failed calls'],
    ]);
  });

  it('take the words of the server for a figure and a group they do not know', () => {
    expect(groupsOf([figure({ key: 'another', group: 'others', unit: 'events' })])).toMatchObject([
      { name: 'others', rows: [{ name: 'In the words of the server.', value: '4' }] },
    ]);
  });
});
