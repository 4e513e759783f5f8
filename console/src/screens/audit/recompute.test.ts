// The proof as a browser computes it: against published hashes, and against a ledger made here whose every part is bent once.

import { describe, expect, it } from 'vitest';
import { base64Of, climb, hashLeaf, hexOf, joined, type Sha256, siblingsOf } from './merkle.ts';
import { type ProvedEvent, parseNote, receiptOf, recompute, type Verify } from './recompute.ts';

const { subtle } = globalThis.crypto;
const sha256: Sha256 = async (bytes) => new Uint8Array(await subtle.digest('SHA-256', bytes));
const verify: Verify = async (key, signature, text) =>
  subtle.verify({ name: 'Ed25519' }, await subtle.importKey('raw', key, { name: 'Ed25519' }, false, ['verify']), signature, text);
type Bytes = Uint8Array<ArrayBuffer>;
const utf8 = (text: string): Bytes => joined(new TextEncoder().encode(text));
const hex = (text: string): Bytes => joined((text.match(/../g) ?? []).map((pair) => Number.parseInt(pair, 16)));

/** The tree by its definition, which is slow and plain. */
async function rootOf(leaves: readonly Bytes[]): Promise<Bytes> {
  if (leaves.length === 1) return sha256(joined([0], leaves[0] as Bytes));
  let middle = 1;
  while (middle * 2 < leaves.length) middle *= 2;
  return sha256(joined([1], await rootOf(leaves.slice(0, middle)), await rootOf(leaves.slice(middle))));
}
const pathOf = (index: number, leaves: readonly Bytes[]): Promise<readonly Bytes[]> =>
  Promise.all(siblingsOf(index, leaves.length).map(({ from, to }) => rootOf(leaves.slice(from, to + 1))));

const CT_LEAVES = ['', '00', '10', '2021', '3031', '40414243', '5051525354555657', '606162636465666768696a6b6c6d6e6f'];
const CT_PATH_5_OF_8 = [
  'bc1a0643b12e4d2d7c77918f44e0f4f79a838b6cf9ec5b5c283e1f4d88599e6b',
  'ca854ea128ed050b41b35ffc1b87b8eb2bde461e9e3b5596ece6b9d5975a0ae0',
  'd37ee418976dd95753c1c73862b9398fa2a2cf9b4ff0fdfe8b30cd95209614b7',
];

describe('the path of a leaf', () => {
  it('leads with the published hashes of the Certificate Transparency tree to its published root', async () => {
    const leaf = await hashLeaf(sha256, hex(CT_LEAVES[5] ?? ''));
    const rungs = await climb(sha256, leaf, { index: 5, size: 8, path: CT_PATH_5_OF_8.map(hex) });
    expect(hexOf(rungs?.at(-1)?.result ?? leaf)).toBe('5dc9da79a70659a9ad559cb701ded9a2ab9d823aad2f4960cfe370eff4604328');
    expect(siblingsOf(5, 8)).toEqual([
      { side: 'left', from: 4, to: 4 },
      { side: 'right', from: 6, to: 7 },
      { side: 'left', from: 0, to: 3 },
    ]);
  });

  it('is what the tree by its definition gives, for every leaf of every tree up to 20', async () => {
    for (let size = 1; size <= 20; size += 1) {
      const leaves = Array.from({ length: size }, (_, at) => utf8(`leaf ${at}`));
      const root = hexOf(await rootOf(leaves));
      for (let index = 0; index < size; index += 1) {
        const leaf = await hashLeaf(sha256, leaves[index] as Bytes);
        const rungs = await climb(sha256, leaf, { index, size, path: await pathOf(index, leaves) });
        expect(hexOf(rungs?.at(-1)?.result ?? leaf)).toBe(root);
      }
    }
  });

  it('is refused with a hash too many or too few, and for a leaf outside of the tree', async () => {
    const leaf = await hashLeaf(sha256, new Uint8Array());
    expect(await climb(sha256, leaf, { index: 0, size: 2, path: [] })).toBeNull();
    expect(await climb(sha256, leaf, { index: 0, size: 1, path: [leaf] })).toBeNull();
    expect(await climb(sha256, leaf, { index: 3, size: 2, path: [leaf] })).toBeNull();
  });
});

const ORIGIN = 'sallyport.local/log/0011223344556677';
const TENANT = 'ten_01';

/** `origin`: of an epoch after a restore; the key is named under the first one. */
async function ledger(origin = ORIGIN): Promise<{ event: ProvedEvent; verifierKey: string }> {
  const pair = (await subtle.generateKey({ name: 'Ed25519' }, true, ['sign', 'verify'])) as CryptoKeyPair;
  const raw = new Uint8Array(await subtle.exportKey('raw', pair.publicKey));
  const keyHash = (await sha256(joined(utf8(origin), [0x0a, 1], raw))).slice(0, 4);
  const leaves = Array.from({ length: 11 }, (_, seq) => utf8(JSON.stringify({ seq, tenant: TENANT, type: 'a.b.c' })));
  const root = base64Of(await rootOf(leaves));
  const heads = [3, 7, 11].map((size) => utf8(`${origin}/${TENANT}\n${size}\n${size === 11 ? root : ORIGIN}\n`));
  const globalRoot = base64Of(await rootOf(heads));
  const text = `${origin}\n3\n${globalRoot}\n`;
  const signature = new Uint8Array(await subtle.sign({ name: 'Ed25519' }, pair.privateKey, utf8(text)));
  const witness = base64Of(joined([9, 9, 9, 9], [0, 0, 0, 0, 0x6a, 0, 0, 0], new Uint8Array(64)));
  const note = `${text}\n\u2014 ${origin} ${base64Of(joined(keyHash, signature))}\n\u2014 witness.example.com ${witness}\n`;
  const seq = 6;
  const leaf = leaves[seq] as Bytes;
  return {
    verifierKey: `${ORIGIN}+${hexOf(keyHash)}+${base64Of(joined([1], raw))}`,
    event: {
      seq,
      leaf: new TextDecoder().decode(leaf),
      treeSize: 11,
      treeRoot: root,
      by: null,
      proof: {
        leafHash: base64Of(await hashLeaf(sha256, leaf)),
        path: (await pathOf(seq, leaves)).map(base64Of),
        head: { size: 11, root, index: 2, path: (await pathOf(2, heads)).map(base64Of) },
        globalSize: 3,
        globalRoot,
        epoch: 1,
        note,
      },
      anchors: [],
      details: null,
      isErased: false,
      detailsWithheld: false,
    },
  };
}

describe('the proof of an event', () => {
  it('holds from its bytes to the signature, and says what a witness says', async () => {
    const { event, verifierKey } = await ledger();
    const found = await recompute(event, verifierKey, { sha256, verify });
    expect([found.broken, found.tenant.length, found.global.length]).toEqual([null, 4, 1]);
    expect(found.signatures).toEqual([
      { name: ORIGIN, by: 'log', isValid: true, seenAt: null },
      { name: 'witness.example.com', by: 'other', isValid: null, seenAt: new Date(0x6a000000 * 1_000).toISOString() },
    ]);
  });

  it('holds in an epoch after a restore, whose name the same key signs under, and under no name that only looks like one', async () => {
    const later = await ledger(`${ORIGIN}.2`);
    expect((await recompute(later.event, later.verifierKey, { sha256, verify })).broken).toBeNull();
    const strange = await ledger(`${ORIGIN}.x`);
    expect((await recompute(strange.event, strange.verifierKey, { sha256, verify })).broken).toBe('signature');
  });

  const other = base64Of(new Uint8Array(32));
  const bent: Readonly<Record<string, [(event: ProvedEvent) => ProvedEvent, string]>> = {
    'a byte of the event': [(event) => ({ ...event, leaf: event.leaf.replace('a.b.c', 'a.b.d') }), 'leaf'],
    'the number of the event': [(event) => ({ ...event, seq: 5 }), 'leaf'],
    'the hash of the event': [(event) => ({ ...event, proof: { ...event.proof, leafHash: other } }), 'leaf'],
    'a hash of its path': [(event) => ({ ...event, proof: { ...event.proof, path: event.proof.path.toSpliced(1, 1, other) } }), 'tenant'],
    'a hash that is none': [(event) => ({ ...event, proof: { ...event.proof, path: event.proof.path.toSpliced(1, 1, 'AAAA') } }), 'tenant'],
    'the root of its tree': [(event) => ({ ...event, proof: { ...event.proof, head: { ...event.proof.head, root: other } } }), 'tenant'],
    'the place in the tree of the installation': [
      (event) => ({ ...event, proof: { ...event.proof, head: { ...event.proof.head, index: 1 } } }),
      'global',
    ],
    'the root of the tree of the installation': [(event) => ({ ...event, proof: { ...event.proof, globalRoot: other } }), 'global'],
    'a checkpoint of another size': [
      (event) => ({ ...event, proof: { ...event.proof, note: event.proof.note.replace('\n3\n', '\n4\n') } }),
      'checkpoint',
    ],
    'a signature of somebody else': [
      (event) => ({
        ...event,
        proof: { ...event.proof, note: event.proof.note.replace(`\u2014 ${ORIGIN} `, '\u2014 another.example.com ') },
      }),
      'signature',
    ],
    'a byte of the signature': [
      (event) => ({
        ...event,
        proof: {
          ...event.proof,
          note: event.proof.note.replace(/(\u2014 \S+ \S{30})(.)/, (_, all, one) => `${all}${one === 'A' ? 'B' : 'A'}`),
        },
      }),
      'signature',
    ],
  };
  for (const [what, [bend, step]] of Object.entries(bent)) {
    it(`names the step that does not fit: ${what}`, async () => {
      const { event, verifierKey } = await ledger();
      expect((await recompute(bend(event), verifierKey, { sha256, verify })).broken).toBe(step);
    });
  }

  it('without a way to check signatures says so and claims nothing', async () => {
    const { event, verifierKey } = await ledger();
    const found = await recompute(event, verifierKey, { sha256, verify: async () => null });
    expect([found.broken, found.signatures[0]?.isValid]).toEqual([null, null]);
  });

  it('gives the receipt in the form of the ledger, and no note for what is none', async () => {
    const { event } = await ledger();
    expect(receiptOf(event)).toMatch(/^\{"format":"sallyport-audit-receipt","version":1,"tenant":"ten_01","note":.*,"head":\{"size":11,/);
    expect(parseNote('nothing')).toBeNull();
  });
});
