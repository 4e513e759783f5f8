import { expect, it } from 'vitest';
import { MAX_PASSED, visiblePage } from './visible-page.ts';

interface Row {
  readonly seq: number;
  readonly isMine: boolean;
}

/** A log of `size` rows, newest first, of which every `nth` is the viewer's. */
function log(size: number, isMine: (seq: number) => boolean, step = 100) {
  let asked = 0;
  return {
    asked: () => asked,
    page: (before: number | null, limit: number) =>
      visiblePage<Row, number>({
        before,
        limit,
        fetch: async (from) => {
          asked += 1;
          const top = from ?? size;
          const rows = Array.from({ length: Math.min(step, top) }, (_, at) => ({ seq: top - 1 - at, isMine: isMine(top - 1 - at) }));
          const last = rows.at(-1)?.seq ?? 0;
          return { rows, next: last === 0 ? null : last };
        },
        sees: (row) => row.isMine,
        cursorAt: ({ seq }) => seq,
      }),
  };
}

it('answers alike whether rows of others match or not', async () => {
  const mine = (seq: number): boolean => seq >= 900 && seq % 10 === 0;
  const crowded = await log(1_000, mine).page(null, 50);
  const alone = await log(1_000, mine, 7).page(null, 50);
  expect(crowded).toEqual(alone);
  expect(crowded.next).toBeNull();
  expect(await log(1_000, () => false).page(null, 50)).toEqual({ rows: [], next: null });
});

it('gives a cursor at a row it shows, and only when there is another one to show', async () => {
  const given = log(1_000, (seq) => seq % 100 === 0);
  const first = await given.page(null, 4);
  expect([first.rows.map(({ seq }) => seq), first.next]).toEqual([[900, 800, 700, 600], 600]);
  const second = await given.page(first.next, 4);
  expect([second.rows.map(({ seq }) => seq), second.next]).toEqual([[500, 400, 300, 200], 200]);
  const last = await given.page(second.next, 4);
  expect([last.rows.map(({ seq }) => seq), last.next]).toEqual([[100, 0], null]);
});

it('keeps together what stands at the same place, which the next page would begin after', async () => {
  const rows = [9, 8, 8, 8, 7].map((seq, nth) => ({ seq, nth }));
  const page = await visiblePage({
    ...{ before: null as number | null, limit: 2, sees: () => true, cursorAt: ({ seq }: { seq: number }) => seq },
    fetch: async () => ({ rows, next: null }),
  });
  expect([page.rows.map(({ nth }) => nth), page.next]).toEqual([[0, 1, 2, 3], 8]);
});

it('passes over no more than so many at once, and goes on from there', async () => {
  const given = log(MAX_PASSED * 2, (seq) => seq === 5);
  const first = await given.page(null, 10);
  expect(first.rows).toEqual([]);
  expect(first.next).not.toBeNull();
  expect(given.asked()).toBe(MAX_PASSED / 100);
  expect((await given.page(first.next, 10)).rows).toEqual([{ seq: 5, isMine: true }]);
});
