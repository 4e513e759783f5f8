// Where to kill: every step of a scenario before and after, upstream calls also while they answer; all of them, or the sharpest few.

import type { KillPoint } from './guard-steps.ts';

export function allKillPoints(steps: readonly string[]): readonly KillPoint[] {
  return steps.flatMap((name, step): KillPoint[] => [
    { step, moment: 'before' },
    ...(name === 'egress.request' ? [{ step, moment: 'during' } as const] : []),
    { step, moment: 'after' },
  ]);
}

/** First those around what was sent after an intent and around its settling, then others spread over the whole scenario. */
export function chosenKillPoints(steps: readonly string[], count: number): readonly KillPoint[] {
  const all = allKillPoints(steps);
  const sends = steps.flatMap((name, step) =>
    name === 'egress.request' && steps.slice(step - 3, step).includes('events.appendIn') ? [step] : [],
  );
  const settles = steps.flatMap((name, step) => (name === 'effects.settle' ? [step] : []));
  const sharp = all.filter(({ step }) => sends.includes(step) || settles.includes(step));
  const rest = all.filter((point) => !sharp.includes(point));
  const wanted = Math.max(0, count - sharp.length);
  const spread = Array.from({ length: wanted }, (_, nth) => rest[Math.floor(((nth + 0.5) * rest.length) / wanted)] as KillPoint);
  return [...sharp, ...spread];
}
