import fc from 'fast-check';
import { describe, expect, it, vi } from 'vitest';
import { formatDecimal, formatMoney, minorDigits, parseMoney } from './index.ts';

// Many cases on a busy machine; nothing here waits.
vi.setConfig({ testTimeout: 60_000 });

const currencies = fc.constantFrom('EUR', 'USD', 'JPY', 'KWD', 'CLF', 'ISK', 'TND');

describe('money', () => {
  it.each([
    ['12.50', 'EUR', 1250n],
    ['0.005', 'EUR', 1n],
    ['0.004', 'EUR', 0n],
    ['-0.005', 'EUR', -1n],
    ['1.5', 'JPY', 2n],
    ['-1.5', 'JPY', -2n],
    ['1.2345', 'KWD', 1235n],
    ['7', 'EUR', 700n],
    ['0.1', 'CLF', 1000n],
    ['999999999999999.99', 'EUR', 99999999999999999n],
  ])('reads %s %s as %s minor units, rounding half away from zero', (decimal, currency, amountMinor) => {
    expect(parseMoney(decimal, currency)).toEqual({ amountMinor, currency });
  });

  it.each(['', '.5', '5.', '1,50', ' 1', '1 ', '+1', '1e3', '0x1', 'NaN', 'Infinity', '--1', '1\n', '١', '1234567890123456'])(
    'refuses %j as an amount',
    (decimal) => {
      expect(parseMoney(decimal, 'EUR')).toBeNull();
    },
  );

  it.each(['', 'eur', 'EURO', 'E1R', 'EUR\n'])('refuses %j as a currency', (currency) => {
    expect(parseMoney('1', currency)).toBeNull();
  });

  it('reads back what it writes, for every amount and currency', () => {
    fc.assert(
      fc.property(fc.bigInt({ min: -(10n ** 15n) + 1n, max: 10n ** 15n - 1n }), currencies, (amountMinor, currency) => {
        const text = formatDecimal({ amountMinor, currency });
        expect(parseMoney(text, currency)).toEqual({ amountMinor, currency });
        expect(text.split('.')[1]?.length ?? 0).toBe(minorDigits(currency));
      }),
      { numRuns: 2000 },
    );
  });

  it('never rounds by more than half a minor unit', () => {
    fc.assert(
      fc.property(fc.integer({ min: 0, max: 10 ** 6 }), fc.stringMatching(/^[0-9]{1,12}$/), currencies, (whole, fraction, currency) => {
        const amount = parseMoney(`${whole}.${fraction}`, currency)?.amountMinor as bigint;
        const scale = 10n ** BigInt(fraction.length);
        const exact = BigInt(`${whole}${fraction}`) * 10n ** BigInt(minorDigits(currency));
        const difference = amount * scale - exact;
        expect((difference < 0n ? -difference : difference) * 2n <= scale).toBe(true);
      }),
      { numRuns: 2000 },
    );
  });

  it('is written for people with its currency', () => {
    expect(formatMoney({ amountMinor: -5n, currency: 'EUR' })).toBe('-0.05 EUR');
    expect(formatMoney({ amountMinor: 1234n, currency: 'JPY' })).toBe('1234 JPY');
  });
});
