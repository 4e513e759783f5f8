// What the command line says of a pack that it compares with what its user saw, without a server.

import { createHash, generateKeyPairSync, sign } from 'node:crypto';
import { describe, expect, it } from 'vitest';
import type { Context, SeenLedger } from './command.ts';
import { comparePack, followLedger, needSameHistory, takeCheckpoint } from './seen-ledger.ts';

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

const KEY = `${ORIGIN}+00000000+AAAA`;

/** A command's context before a server that answers so. */
function before(kept: SeenLedger | null, answers: Readonly<Record<string, { status: number; body: unknown }>>): Context {
  const call = async (method: string, path: string) => answers[`${method} ${path}`] ?? { status: 404, body: {} };
  const seenLedgers = { load: async (origin: string) => (origin === ORIGIN ? kept : null), save: async () => undefined };
  return { control: async () => ({ call }), main: { seenLedgers } } as unknown as Context;
}

describe('a server', () => {
  const empty = { 'GET /api/ledger': { status: 200, body: { verifierKey: KEY, checkpoint: null } } };

  it('that shows a ledger in which nothing was ever signed, where something was, has been put back', async () => {
    await expect(followLedger(before(seenAt(5), empty))).rejects.toMatchObject({ code: 'AUDIT_ROLLED_BACK' });
    expect(await followLedger(before(null, empty))).toMatchObject({ following: 'nothing' });
    expect(await followLedger(before(seenAt(5), empty), { forget: true })).toMatchObject({ following: 'nothing' });
  });

  it('can not prove an event under a checkpoint of another history than the one that is seen', async () => {
    const { privateKey, publicKey } = generateKeyPairSync('ed25519');
    const raw = publicKey.export({ format: 'der', type: 'spki' }).subarray(-32);
    const sha = (...parts: Uint8Array[]): Buffer => createHash('sha256').update(Buffer.concat(parts)).digest();
    const keyHash = sha(Buffer.from(`${ORIGIN}\n\u0001`), raw).subarray(0, 4);
    const verifierKey = `${ORIGIN}+${keyHash.toString('hex')}+${Buffer.concat([Buffer.of(1), raw]).toString('base64')}`;
    const leaf = (history: string, at: number): Buffer => sha(Buffer.from(`\0${history}${at}`));
    const signed = (history: string, size: 1 | 2): string => {
      const root = size === 1 ? leaf(history, 0) : sha(Buffer.of(1), leaf(history, 0), leaf(history, 1));
      const said = `${ORIGIN}\n${size}\n${root.toString('base64')}\n`;
      return `${said}\n\u2014 ${ORIGIN} ${Buffer.concat([keyHash, sign(null, Buffer.from(said), privateKey)]).toString('base64')}\n`;
    };
    const seen: SeenLedger = { verifierKey, epoch: 1, note: signed('a', 2), seenAt: '' };
    /** How size 1 of a history leads to size 2 of it. */
    const leading = (history: string) => {
      const proof = [leaf(history, 1).toString('base64')];
      return { status: 200, body: { epoch: 1, note: signed(history, 2), keys: [{ verifierKey }], proof, epochs: [], firstLeaf: [] } };
    };
    const asking = (history: string) =>
      before(seen, {
        'GET /api/ledger/consistency?epoch=1&from=1': leading(history),
        'GET /api/ledger/consistency?epoch=1&from=2': { status: 200, body: { ...leading('a').body, proof: [] } },
        'GET /api/ledger': { status: 200, body: { verifierKey, checkpoint: seen.note } },
      });
    await needSameHistory(asking('a'), seen, signed('a', 1));
    await expect(needSameHistory(asking('b'), seen, signed('b', 1))).rejects.toMatchObject({ code: 'AUDIT_FORKED' });
    await expect(needSameHistory(asking('a'), seen, signed('b', 1))).rejects.toMatchObject({ code: 'AUDIT_FORKED' });
  });

  it('can not hand out another checkpoint than the one that was compared', async () => {
    const handing = (body: object, status = 200) => before(null, { 'POST /api/ledger/checkpoint': { status, body } });
    const cosigned = `${noteOf(5)}\u2014 witness.example.com ${Buffer.alloc(76, 3).toString('base64')}\n`;
    expect(await takeCheckpoint(handing({ checkpoint: cosigned }), seenAt(5))).toBe(cosigned);
    for (const other of [noteOf(6), noteOf(5).replace(ROOT, Buffer.alloc(32, 7).toString('base64')), '']) {
      await expect(takeCheckpoint(handing({ checkpoint: other }), seenAt(5))).rejects.toMatchObject({ code: 'AUDIT_FORKED' });
    }
    await expect(takeCheckpoint(handing({ code: 'CONTROL_NOT_FOUND' }, 404), seenAt(5))).rejects.toMatchObject({ code: 'AUDIT_FORKED' });
  });
});

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
