// What the command line says of a pack that it compares with what its user saw, without a server.

import { describe, expect, it } from 'vitest';
import type { SeenLedger } from './command.ts';
import { comparePack } from './seen-ledger.ts';

const ORIGIN = 'sallyport.local/log/0123456789abcdef';
const ROOT = Buffer.alloc(32, 1).toString('base64');
const noteOf = (size: number, origin = ORIGIN): string =>
  `${origin}\n${size}\n${ROOT}\n\n\u2014 ${origin} ${Buffer.alloc(68, 2).toString('base64')}\n`;
const seenAt = (size: number): SeenLedger => ({ verifierKey: `${ORIGIN}+00000000+AAAA`, epoch: 1, note: noteOf(size), seenAt: '' });

function verdictOf(note: string, over: { ok?: boolean; code?: string } = {}) {
  return { ok: true, code: 'VERIFIED', keyTrusted: false, receipt: JSON.stringify({ format: 'x', note }), ...over };
}

function memory(first: SeenLedger | null) {
  let kept = first;
  const asked: SeenLedger[] = [];
  const seenLedgers = {
    load: async (origin: string) => (origin === ORIGIN ? kept : null),
    save: async (_origin: string, seen: SeenLedger) => {
      kept = seen;
    },
  };
  return {
    kept: () => kept,
    asked,
    compare: (note: string, second = verdictOf(note)) =>
      comparePack({ seenLedgers }, verdictOf(note), async (seen) => {
        asked.push(seen);
        return second;
      }),
  };
}

describe('a pack compared with what was seen', () => {
  it('that is newer must continue it, and is what was seen from then on', async () => {
    const { compare, kept, asked } = memory(seenAt(5));
    expect(await compare(noteOf(9))).toMatchObject({ verdict: { ok: true }, words: expect.stringContaining('continues') });
    expect(asked.map((seen) => seen.note)).toEqual([noteOf(5)]);
    expect(kept()?.note).toBe(noteOf(9));
  });

  it('that does not continue it fails, and nothing is forgotten', async () => {
    const { compare, kept } = memory(seenAt(5));
    const fork = verdictOf(noteOf(9), { ok: false, code: 'CONSISTENCY_INVALID' });
    expect(await compare(noteOf(9), fork)).toMatchObject({ verdict: { ok: false, code: 'CONSISTENCY_INVALID' } });
    expect(kept()?.note).toBe(noteOf(5));
  });

  it('that is older, or has no proof, is said to be so; what was seen stays', async () => {
    const { compare, kept, asked } = memory(seenAt(5));
    expect((await compare(noteOf(4))).words).toContain('older');
    expect(asked).toEqual([]);
    const missing = verdictOf(noteOf(9), { ok: false, code: 'CONSISTENCY_MISSING' });
    expect(await compare(noteOf(9), missing)).toMatchObject({ verdict: { ok: true }, words: expect.stringContaining('no proof') });
    expect(await memory(seenAt(5)).compare(noteOf(1, `${ORIGIN}.2`))).toMatchObject({ words: expect.stringContaining('continues') });
    expect(kept()?.note).toBe(noteOf(5));
  });

  it('of a ledger that was never seen is taken as it verifies', async () => {
    expect(await memory(null).compare(noteOf(9))).toMatchObject({ verdict: { ok: true }, words: null });
    expect(await memory(seenAt(5)).compare(noteOf(9, 'other.example.com/log'))).toMatchObject({ words: null });
  });
});
