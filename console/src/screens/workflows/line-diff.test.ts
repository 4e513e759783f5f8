// The difference of files that a person reads before approving: complete, in order, and folded without loss.

import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { diffTexts, foldLines, type Line } from './line-diff.ts';

const textOf = ({ pieces }: Line): string => pieces.map(({ text }) => text).join('');
const side = (lines: readonly Line[], kind: 'added' | 'removed'): string =>
  lines
    .filter((line) => line.kind === 'same' || line.kind === kind)
    .map((line) => `${textOf(line)}\n`)
    .join('');
const file = fc
  .array(fc.constantFrom('alpha', 'beta', 'gamma gamma', '', '  indented'))
  .map((lines) => lines.map((line) => `${line}\n`).join(''));

describe('the difference of two texts', () => {
  it('holds every line of both, whatever they are, with their numbers in order', () => {
    fc.assert(
      fc.property(file, file, (before, after) => {
        const lines = diffTexts(before, after);
        expect([side(lines, 'removed'), side(lines, 'added')]).toEqual([before, after]);
        const numbers = lines.flatMap((line) => (line.after === null ? [] : [line.after]));
        expect(numbers).toEqual(numbers.map((_, index) => index + 1));
      }),
    );
  });

  it('marks the words that changed, one space among them', () => {
    const [removed, added] = diffTexts('You are here\n', 'You  are here\n');
    expect([removed?.kind, added?.kind]).toEqual(['removed', 'added']);
    expect(added?.pieces.filter(({ isChanged }) => isChanged).length).toBeGreaterThan(0);
    expect([removed, added].map((line) => (line === undefined ? '' : textOf(line)))).toEqual(['You are here', 'You  are here']);
  });

  it('folds what is the same and far from a change, and loses nothing of it', () => {
    fc.assert(
      fc.property(fc.integer({ min: 0, max: 60 }), fc.integer({ min: 0, max: 60 }), (above, below) => {
        const around = (word: string): string => `${'same\n'.repeat(above)}${word}\n${'same\n'.repeat(below)}`;
        const lines = diffTexts(around('old'), around('new'));
        const parts = foldLines(lines);
        expect(parts.flatMap((part) => part.lines)).toEqual(lines);
        expect(
          parts
            .filter(({ isFolded }) => isFolded)
            .flatMap((part) => part.lines)
            .every(({ kind }) => kind === 'same'),
        ).toBe(true);
        expect(parts.filter(({ isFolded }) => !isFolded).flatMap((part) => part.lines).length).toBeLessThanOrEqual(2 + 6 + 6);
      }),
    );
  });
});
