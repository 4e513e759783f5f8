// Decimal strings to whole cents and back, as lenient as a careless shop: whatever JavaScript's Number() takes is an amount.
// That leniency is on purpose (the demo shop is no protection) and must not be copied anywhere else.

export function formatMinor(minor: number): string {
  return (minor / 100).toFixed(2);
}

/** Cents, or null when even `Number()` gives up. Accepts `1e3`, full-width digits and one-element arrays. */
export function lenientMinor(value: unknown): number | null {
  const folded = typeof value === 'string' ? value.normalize('NFKC') : value;
  const amount = Number(folded);
  return Number.isFinite(amount) && amount > 0 ? Math.round(amount * 100) : null;
}
