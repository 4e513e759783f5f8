import { expect, it } from 'vitest';
import type { Autonomy, Integration } from '#enforcement';
import { loosenedLimits } from './loosened-limits.ts';

const usd = (amountMinor: bigint) => ({ amountMinor, currency: 'USD' });
const LIMITS: Autonomy = {
  perCall: usd(5_000n),
  perCustomerDay: usd(10_000n),
  perDay: usd(50_000n),
  timesPerCustomerDay: 3,
  fourEyesAbove: usd(20_000n),
  soloPerDay: usd(30_000n),
};
const SPENDING = { currency: 'USD', perWorkloadDayMicros: 5_000_000n, prices: new Map([['m', { inputMicros: 2n, outputMicros: 4n }]]) };
const base = {
  ...{ name: 'shop', kind: 'http', origin: 'https://shop.example.com', pathPrefix: '/', credential: null, isSample: false },
  ...{ manifest: { digest: 'a' }, models: new Set(['m']), linkHosts: new Set(['example.com']), prompts: new Set(['p']) },
  autonomy: new Map([['refunds.create', LIMITS]]),
  spending: SPENDING,
} as unknown as Integration;
const withLimits = (change: Partial<Autonomy>): Integration => ({
  ...base,
  autonomy: new Map([['refunds.create', { ...LIMITS, ...change }]]),
});
const of = (change: Partial<Integration>): readonly string[] => loosenedLimits(base, { ...base, ...change });

it.each<[string, Integration, readonly string[]]>([
  ['nothing', base, []],
  ['a higher amount of one call', withLimits({ perCall: usd(5_001n) }), ['perCall']],
  ['a lower one', withLimits({ perCall: usd(4_999n) }), []],
  ['a limit taken away', withLimits({ perDay: null }), ['perDay']],
  ['an amount in another currency', withLimits({ perCustomerDay: { amountMinor: 1n, currency: 'EUR' } }), ['perCustomerDay']],
  ['a customer served oftener', withLimits({ timesPerCustomerDay: 4 }), ['timesPerCustomerDay']],
  ['a second person asked later, or never', withLimits({ fourEyesAbove: null }), ['fourEyesAbove']],
  ['a higher cap of somebody alone', withLimits({ soloPerDay: usd(40_000n) }), ['soloPerDay']],
])('names what was loosened: %s', (_what, after, expected) => {
  expect(loosenedLimits(base, after)).toEqual(expected);
});

it('names what runs without a person now, and not what asks for one again', () => {
  const more = new Map([...base.autonomy, ['orders.cancel', { ...LIMITS, perCall: null }]]);
  expect(of({ autonomy: more })).toEqual(['autonomy']);
  expect(of({ autonomy: new Map() })).toEqual([]);
});

it('names what a model may cost, where calls go, and what else stands where a limit would', () => {
  expect(of({ spending: { ...SPENDING, perWorkloadDayMicros: 5_000_001n } })).toEqual(['perWorkloadDay']);
  expect(of({ spending: null })).toEqual(['perWorkloadDay']);
  expect(of({ spending: { ...SPENDING, prices: new Map([['m', { inputMicros: 1n, outputMicros: 4n }]]) } })).toEqual(['prices']);
  expect(of({ origin: 'https://elsewhere.example.com' })).toEqual(['destination']);
  expect(of({ manifest: { digest: 'b' } as never })).toEqual(['manifest']);
  expect(of({ models: new Set(['m', 'n']), linkHosts: new Set(), prompts: new Set(['p', 'q']) })).toEqual(['models', 'prompts']);
});

it('names nothing of an integration that is new or gone', () => {
  expect([loosenedLimits(null, base), loosenedLimits(base, null)]).toEqual([[], []]);
});
