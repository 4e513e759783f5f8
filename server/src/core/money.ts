// Amounts of money: an integer count of the currency's minor unit. No floating point ever holds money.
// Exponents: ISO 4217. Rounding rule (the only one): half away from zero.

export interface Money {
  readonly amountMinor: bigint;
  /** ISO 4217 alphabetic code, upper case. */
  readonly currency: string;
}

const ZERO_DECIMALS = new Set('BIF CLP DJF GNF ISK JPY KMF KRW PYG RWF UGX UYI VND VUV XAF XOF XPF'.split(' '));
const THREE_DECIMALS = new Set('BHD IQD JOD KWD LYD OMR TND'.split(' '));
const FOUR_DECIMALS = new Set('CLF UYW'.split(' '));
const DECIMAL = /^(-?)(\d{1,15})(?:\.(\d{1,12}))?$/;
const CURRENCY = /^[A-Z]{3}$/;

/** Number of decimals of the currency's minor unit. */
export function minorDigits(currency: string): number {
  if (ZERO_DECIMALS.has(currency)) return 0;
  if (FOUR_DECIMALS.has(currency)) return 4;
  return THREE_DECIMALS.has(currency) ? 3 : 2;
}

/** Parses a decimal string such as `12.50`; null when it is not one. Extra decimals are rounded half away from zero. */
export function parseMoney(decimal: string, currency: string): Money | null {
  const match = DECIMAL.exec(decimal);
  if (match === null || !CURRENCY.test(currency)) return null;
  const [, sign, whole, fraction = ''] = match;
  const digits = minorDigits(currency);
  const kept = fraction.slice(0, digits).padEnd(digits, '0');
  let amount = BigInt(`${whole}${kept}`);
  const next = fraction[digits];
  if (next !== undefined && next >= '5') amount += 1n;
  return { amountMinor: sign === '-' ? -amount : amount, currency };
}

/** The decimal string of wires and JSON, e.g. `12.50`. */
export function formatDecimal(money: Money): string {
  const digits = minorDigits(money.currency);
  const negative = money.amountMinor < 0n;
  const text = (negative ? -money.amountMinor : money.amountMinor).toString().padStart(digits + 1, '0');
  const decimal = digits === 0 ? text : `${text.slice(0, -digits)}.${text.slice(-digits)}`;
  return negative ? `-${decimal}` : decimal;
}

/** For people: `12.50 EUR`. */
export function formatMoney(money: Money): string {
  return `${formatDecimal(money)} ${money.currency}`;
}
