// Reads amounts exactly: what the call asks to pay, and what the freshly read record says may still be paid.
// INVARIANT: no amount is ever rounded, guessed or read from a floating-point form.

import { type ArgumentSpec, isRefusal, type JsonValue, type Money, minorDigits, type Refusal, refuse } from '#core';
import { valueAt } from './field-path.ts';
import { entityNamed, idsOf, keyOf, type NamedObject, namedObjects, recordOf, type View } from './records.ts';

const CURRENCY = /^[A-Z]{3}$/;
const WHOLE = /^(?:0|[1-9]\d{0,14})$/;
const DECIMAL = /^(0|[1-9]\d{0,14})(?:\.(\d{1,3}))?$/;
/** Digits a JSON number carries for certain. */
const EXACT_DIGITS = 15;

/** The exact amount, zero included; null for exponents, signs, leading zeros, more decimals than the currency has, or imprecise numbers. */
export function parseExactAmount(value: JsonValue | undefined, currency: string, unit: 'decimal' | 'minor'): Money | null {
  if (typeof value !== 'string' && typeof value !== 'number') return null;
  const text = String(value);
  if (!CURRENCY.test(currency) || (typeof value === 'number' && text.replace('.', '').length > EXACT_DIGITS)) return null;
  if (unit === 'minor') return WHOLE.test(text) ? { amountMinor: BigInt(text), currency } : null;
  const match = DECIMAL.exec(text);
  if (match === null) return null;
  const digits = minorDigits(currency);
  const fraction = match[2] ?? '';
  return fraction.length > digits ? null : { amountMinor: BigInt(`${match[1]}${fraction.padEnd(digits, '0')}`), currency };
}

export function resolveAmount(view: View): { requested: Money; remainder: Money | null } | Refusal | null {
  const { operation, args } = view.matched;
  const argument = operation.arguments.find((each) => each.money !== null && Object.hasOwn(args, each.name));
  if (argument === undefined) return null;
  const remainder = remainderOf(view);
  if (isRefusal(remainder)) return remainder;
  const currency = currencyOf(view, argument, remainder);
  // The object that says the currency was not found: its ownership is unknown, and that decides.
  if (currency === null) return null;
  const requested = parseExactAmount(args[argument.name], currency, (argument.money as NonNullable<ArgumentSpec['money']>).unit);
  if (requested === null || requested.amountMinor === 0n) {
    return refuse('CONNECTORS_AMOUNT_INVALID', `The argument ${argument.name} is not an exact positive amount of the currency.`, {
      argument: argument.name,
    });
  }
  return { requested, remainder };
}

/** Within what the freshly read record still allows. Not applicable only where no amount is sent or no object of the call declares a remainder. */
export function isWithinRemainder(view: View, amount: { requested: Money; remainder: Money | null } | null): boolean | 'not_applicable' {
  const { operation, args } = view.matched;
  if (!operation.arguments.some((argument) => argument.money !== null && Object.hasOwn(args, argument.name))) return 'not_applicable';
  if (amount === null) return false;
  const { requested, remainder } = amount;
  if (remainder !== null) return remainder.currency === requested.currency && requested.amountMinor <= remainder.amountMinor;
  return holdersOf(view).size === 0 ? 'not_applicable' : false;
}

function holdersOf(view: View): ReadonlyMap<string, NamedObject> {
  const holders = namedObjects(view.matched).filter((object) => entityNamed(view.manifest, object.entity).remainder !== null);
  return new Map(holders.map((object) => [keyOf(object.entity, object.id), object]));
}

/** The one object whose remainder pays for the call, with what it lives within; null when there is none. */
export function paidFor(view: View): string | null {
  const [holder] = holdersOf(view).values();
  return holder === undefined ? null : keyWithin(view, holder.entity, holder.id);
}

/** Line items are numbered anew in every order, so a member is named together with its holders. */
function keyWithin(view: View, entity: string, id: string): string {
  const { within } = entityNamed(view.manifest, entity);
  if (within === null) return keyOf(entity, id);
  const holders = idsOf(view, within.entity).map((parent) => keyWithin(view, within.entity, parent));
  return `${holders.join(',')}/${keyOf(entity, id)}`;
}

function currencyOf(view: View, argument: ArgumentSpec, remainder: Money | null): string | null {
  const { currencyFrom, value } = argument.money as NonNullable<ArgumentSpec['money']>;
  switch (currencyFrom) {
    case 'fixed':
      return value;
    case 'argument':
      return String(view.matched.args[value]);
    case 'entity':
      return remainder?.currency ?? null;
    default:
      return currencyFrom satisfies never;
  }
}

/** What the one named object with a remainder still has; null when none is declared or the object was not found. */
function remainderOf(view: View): Money | Refusal | null {
  const holders = holdersOf(view);
  if (holders.size > 1) {
    return refuse('CONNECTORS_AMOUNT_INVALID', 'The amount must be for exactly one object, and the call names several.', {
      objects: holders.size,
    });
  }
  const [holder] = holders.values();
  const record = holder === undefined ? null : recordOf(view, holder.entity, holder.id);
  if (holder === undefined || record === null) return null;
  const spec = entityNamed(view.manifest, holder.entity).remainder;
  if (spec === null) return null;
  const currency = valueAt(record, spec.currency);
  const money = typeof currency === 'string' ? parseExactAmount(valueAt(record, spec.amount), currency, spec.unit) : null;
  return (
    money ??
    refuse('CONNECTORS_FACTS_UNAVAILABLE', 'The record does not say exactly how much may still be paid out.', { entity: holder.entity })
  );
}
