// The self-check against OWASP ASVS names every requirement once, counts itself right, and points to tests that exist.

import { existsSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { expect, it } from 'vitest';

const root = join(import.meta.dirname, '../..');
const text = readFileSync(join(root, 'docs/asvs.md'), 'utf8');
const rows = [...text.matchAll(/^\| (\d+\.\d+\.\d+) \| ([^|]+) \| (met|not met|does not apply) \| ([^|]+) \|$/gm)].map(
  ([, id = '', subject = '', verdict = '', why = '']) => ({ id, subject, verdict, why }),
);
/** Requirements of levels 1 and 2 in version 5.0.0. */
const REQUIREMENTS = 253;

it('the self-check holds every requirement of level 2 once, each with a test or a reason', () => {
  expect(rows).toHaveLength(REQUIREMENTS);
  expect(new Set(rows.map(({ id }) => id)).size).toBe(REQUIREMENTS);
  expect(rows.filter(({ why }) => why.trim() === '')).toEqual([]);
});

it('the self-check points to tests that exist, and counts its verdicts right', () => {
  const named = rows.flatMap(({ id, why }) => [...why.matchAll(/`([\w/.-]+\.(?:test|e2e)\.ts)`/g)].map(([, path = '']) => ({ id, path })));
  expect(named.length).toBeGreaterThan(0);
  expect(named.filter(({ path }) => !existsSync(join(root, path)))).toEqual([]);
  const count = (verdict: string): number => rows.filter((row) => row.verdict === verdict).length;
  expect(text).toContain(
    `${REQUIREMENTS} requirements: ${count('met')} met, ${count('not met')} not met, ${count('does not apply')} do not apply.`,
  );
});
