// A page for somebody whose access is narrowed: what they may not see is passed over and told of by nothing, neither a count nor where the
// page ends. INVARIANT: a page that is not full ends the list, or was cut after `MAX_PASSED` rows; its cursor stands at a row it shows.

export interface Fetched<Row, Cursor> {
  readonly rows: readonly Row[];
  /** Where the next rows begin; null when there are none. */
  readonly next: Cursor | null;
}

export interface VisiblePageOptions<Row, Cursor> {
  readonly limit: number;
  readonly before: Cursor | null;
  readonly fetch: (before: Cursor | null) => Promise<Fetched<Row, Cursor>>;
  readonly sees: (row: Row) => boolean;
  /** Where what comes after this row begins. */
  readonly cursorAt: (row: Row) => Cursor;
}

/** Rows passed over for one page: more than anybody waits for. That so many are there is all that can be learnt of them. */
export const MAX_PASSED = 20_000;

export async function visiblePage<Row, Cursor>(options: VisiblePageOptions<Row, Cursor>): Promise<Fetched<Row, Cursor>> {
  const { limit, fetch, sees, cursorAt } = options;
  const shown: Row[] = [];
  let before = options.before;
  for (let passed = 0; passed < MAX_PASSED; ) {
    const { rows, next } = await fetch(before);
    for (const row of rows) {
      if (!sees(row)) continue;
      const last = shown.at(-1);
      // One more than fits says that there is another page; what stands at the same place as the last one stays with it.
      if (last !== undefined && shown.length >= limit && cursorAt(row) !== cursorAt(last)) return { rows: shown, next: cursorAt(last) };
      shown.push(row);
    }
    if (next === null) return { rows: shown, next: null };
    passed += Math.max(rows.length, 1);
    before = next;
  }
  return { rows: shown, next: before };
}
