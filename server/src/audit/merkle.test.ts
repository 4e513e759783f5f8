// The tree and its proofs against published vectors (the Certificate Transparency test tree) and against the slow twin.

import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { createFrontier, EMPTY_ROOT, hashLeaf } from './merkle.ts';
import { consistencyRanges, inclusionRanges, type NodeReader, rangeHash, readProof } from './proofs.ts';
import { slowConsistency, slowPath, slowRoot } from './test/slow-tree.ts';
import { continues, includes } from './verifier/tree.ts';

const CT_LEAVES = ['', '00', '10', '2021', '3031', '40414243', '5051525354555657', '606162636465666768696a6b6c6d6e6f'].map((hex) =>
  Buffer.from(hex, 'hex'),
);
/** Roots of the first n leaves, n from 0 to 8. */
const CT_ROOTS = [
  'e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855',
  '6e340b9cffb37a989ca544e6bb780a2c78901d3fb33738768511a30617afa01d',
  'fac54203e7cc696cf0dfcb42c92a1d9dbaf70ad9e621f4bd8d98662f00e3c125',
  'aeb6bcfe274b70a14fb067a5e5578264db0fa9b51af5e0ba159158f329e06e77',
  'd37ee418976dd95753c1c73862b9398fa2a2cf9b4ff0fdfe8b30cd95209614b7',
  '4e3bbb1f7b478dcfe71fb631631519a3bca12c9aefca1612bfce4c13a86264d4',
  '76e67dadbcdf1e10e1b74ddc608abd2f98dfb16fbce75277b5232a127f2087ef',
  'ddb89be403809e325750d3d263cd78929c2942b7942a34b77e122c9594a74c8c',
  '5dc9da79a70659a9ad559cb701ded9a2ab9d823aad2f4960cfe370eff4604328',
];
const CT_PATH_5_OF_8 = [
  'bc1a0643b12e4d2d7c77918f44e0f4f79a838b6cf9ec5b5c283e1f4d88599e6b',
  'ca854ea128ed050b41b35ffc1b87b8eb2bde461e9e3b5596ece6b9d5975a0ae0',
  'd37ee418976dd95753c1c73862b9398fa2a2cf9b4ff0fdfe8b30cd95209614b7',
];
const CT_CONSISTENCY_6_TO_8 = [
  '0ebc5d3437fbe2db158b9f126a1d118e308181031d0a949f8dededebc558ef6a',
  'ca854ea128ed050b41b35ffc1b87b8eb2bde461e9e3b5596ece6b9d5975a0ae0',
  'd37ee418976dd95753c1c73862b9398fa2a2cf9b4ff0fdfe8b30cd95209614b7',
];
const CT_CONSISTENCY_2_TO_5 = [
  '5f083f0a1a33ca076a95279832580db3e0ef4584bdff1f54c8a360f50de3031e',
  'bc1a0643b12e4d2d7c77918f44e0f4f79a838b6cf9ec5b5c283e1f4d88599e6b',
];

function treeOf(leaves: readonly Uint8Array[]): { root: Buffer; read: NodeReader } {
  const frontier = createFrontier();
  const hashes = leaves.map((leaf) => hashLeaf(leaf));
  for (const hash of hashes) frontier.append(hash);
  const read: NodeReader = async (level, from, count) => {
    if (level === 0) return hashes.slice(from, from + count);
    const nodes = frontier.completed.filter((node) => node.level === level && node.index >= from && node.index < from + count);
    return nodes.map((node) => node.hash);
  };
  return { root: frontier.root(), read };
}

const hex = (hashes: readonly Buffer[]): string[] => hashes.map((hash) => hash.toString('hex'));
const numbered = (count: number): Buffer[] => Array.from({ length: count }, (_, index) => Buffer.from(`leaf ${index}`));

describe('the Merkle tree', () => {
  it('has the published roots of the Certificate Transparency test tree', () => {
    expect(EMPTY_ROOT.toString('hex')).toBe(CT_ROOTS[0]);
    expect(CT_ROOTS.map((_, size) => treeOf(CT_LEAVES.slice(0, size)).root.toString('hex'))).toEqual(CT_ROOTS);
  });

  it('gives the published inclusion and consistency proofs', async () => {
    const { read } = treeOf(CT_LEAVES);
    expect(hex(await readProof(inclusionRanges(5, 8), read))).toEqual(CT_PATH_5_OF_8);
    expect(hex(await readProof(consistencyRanges(6, 8), read))).toEqual(CT_CONSISTENCY_6_TO_8);
    expect(hex(await readProof(consistencyRanges(2, 5), read))).toEqual(CT_CONSISTENCY_2_TO_5);
    expect(consistencyRanges(8, 8)).toEqual([]);
    expect(consistencyRanges(0, 8)).toEqual([]);
  });

  it('hashes a text as its UTF-8 bytes', () => {
    for (const text of ['', '{"a":1}', 'größer \u{1f600}', '\u0000\u0001']) expect(hashLeaf(text)).toEqual(hashLeaf(Buffer.from(text)));
  });

  it('agrees with the slow twin on every root, inclusion proof and consistency proof up to 65 leaves', async () => {
    for (let size = 1; size <= 65; size += 1) {
      const leaves = numbered(size);
      const { root, read } = treeOf(leaves);
      expect(root).toEqual(slowRoot(leaves));
      for (let at = 0; at < size; at += 1) {
        expect(hex(await readProof(inclusionRanges(at, size), read))).toEqual(hex(slowPath(at, leaves)));
        expect(hex(await readProof(consistencyRanges(at + 1, size), read))).toEqual(hex(slowConsistency(at + 1, leaves)));
      }
    }
  });

  it('proves over stored levels: more than 256 and more than 65,536 leaves', async () => {
    for (const size of [255, 256, 257, 700, 65_536, 66_000]) {
      const leaves = numbered(size);
      const { root, read } = treeOf(leaves);
      expect(await rangeHash({ start: 0, end: size }, read)).toEqual(root);
      for (const at of [0, 1, Math.floor(size / 2), 255 % size, size - 1]) {
        const path = await readProof(inclusionRanges(at, size), read);
        expect(includes(hashLeaf(leaves[at] as Buffer), at, { size, root }, path)).toBe(true);
        const from = { size: at + 1, root: await rangeHash({ start: 0, end: at + 1 }, read) };
        expect(continues(from, { size, root }, await readProof(consistencyRanges(at + 1, size), read))).toBe(true);
      }
    }
  });

  it('continues from an encoded frontier as if it had never stopped', () => {
    fc.assert(
      fc.property(fc.nat(600), fc.nat(300), (before, after) => {
        const leaves = numbered(before + after).map((leaf) => hashLeaf(leaf));
        const whole = createFrontier();
        for (const leaf of leaves) whole.append(leaf);
        const first = createFrontier();
        for (const leaf of leaves.slice(0, before)) first.append(leaf);
        const second = createFrontier(before, first.encode());
        for (const leaf of leaves.slice(before)) second.append(leaf);
        expect(second.root()).toEqual(whole.root());
        expect([...first.completed, ...second.completed]).toEqual(whole.completed);
      }),
      { numRuns: 60 },
    );
  });

  it('refuses a frontier that does not fit its size', () => {
    expect(() => createFrontier(3, Buffer.alloc(32))).toThrow();
    expect(() => createFrontier(1, Buffer.alloc(31))).toThrow();
  });
});

describe('the verifier of proofs', () => {
  it('accepts every true proof and no proof with one thing changed', () => {
    fc.assert(
      fc.property(fc.integer({ min: 2, max: 80 }), fc.nat(), fc.nat(), fc.nat(255), (size, pick, flip, bit) => {
        const leaves = numbered(size);
        const at = pick % size;
        const leaf = hashLeaf(leaves[at] as Buffer);
        const path = slowPath(at, leaves);
        const root = slowRoot(leaves);
        expect(includes(leaf, at, { size, root }, path)).toBe(true);
        const bent = path.map((hash, index) =>
          index === flip % path.length ? hash.map((byte, n) => (n === bit % 32 ? byte ^ 1 : byte)) : hash,
        );
        expect(includes(leaf, at, { size, root }, bent as Buffer[])).toBe(false);
        expect(includes(leaf, (at + 1) % size, { size, root }, path)).toBe(false);
        expect(includes(leaf, at, { size, root }, path.slice(1))).toBe(false);
        expect(includes(leaf, at, { size, root }, [...path, leaf])).toBe(false);
        expect(includes(leaf, size, { size, root }, path)).toBe(false);
      }),
      { numRuns: 200 },
    );
  });

  it('accepts every true consistency proof and no fork', () => {
    fc.assert(
      fc.property(fc.integer({ min: 2, max: 80 }), fc.nat(), fc.nat(), (size, pick, change) => {
        const leaves = numbered(size);
        const from = 1 + (pick % (size - 1));
        const old = { size: from, root: slowRoot(leaves.slice(0, from)) };
        const now = { size, root: slowRoot(leaves) };
        const path = slowConsistency(from, leaves);
        expect(continues(old, now, path)).toBe(true);
        const forked = leaves.map((leaf, index) => (index === change % from ? Buffer.from('another') : leaf));
        expect(continues(old, { size, root: slowRoot(forked) }, slowConsistency(from, forked))).toBe(false);
        expect(continues(now, old, path)).toBe(false);
        expect(continues(old, { ...now, root: old.root }, path)).toBe(false);
        expect(continues(old, now, path.slice(1))).toBe(false);
        expect(continues(old, now, [...path, now.root])).toBe(false);
      }),
      { numRuns: 200 },
    );
  });
});
