// Packs that an attacker made and signed with a key of their own, to stop the verifier, to fill its memory, or to have it say what is not so.

import { generateKeyPairSync } from 'node:crypto';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { packBytes } from '../pack/pack-file.ts';
import { createNoteSigner, encodeVerifierKey, formatCheckpoint, formatNote, rawPublicKey, signatureLine } from '../signing/note.ts';
import { slowConsistency, slowRoot } from '../test/slow-tree.ts';
import { createWitnessKey, loadWitnessKey } from '../witness/index.ts';
import { report } from './sallyport-verify.ts';
import { type VerifyOptions, verifyPack } from './verify-pack.ts';

const atMs = 1_893_456_000_000;
const TENANT = 'ten_018f0000-0000-7000-8000-000000000001';
const { privateKey } = generateKeyPairSync('ed25519');
const publicKey = rawPublicKey(privateKey);
const ORIGIN = `sallyport.local/log/${publicKey.toString('hex').slice(0, 16)}`;
const signed = (text: string): string => formatNote(text, [signatureLine(ORIGIN, privateKey, text)]);

let folder: string;
beforeAll(() => {
  folder = mkdtempSync(join(tmpdir(), 'sallyport-hostile-'));
});
afterAll(() => rmSync(folder, { recursive: true }));

interface Hostile {
  readonly tenant?: string;
  /** The line of the one event, in place of a plain one. */
  readonly event?: string;
  readonly opening?: string;
  readonly readme?: Buffer;
  readonly manifest?: Record<string, unknown>;
  /** Leaves of the global tree before that of the tenant. */
  readonly before?: number;
  readonly consistency?: (leaves: readonly Buffer[]) => readonly string[];
  readonly witnessed?: string;
}

/** A whole log of one event, in every way as the log itself would have signed it. */
async function packOf(hostile: Hostile): Promise<string> {
  const { tenant = TENANT, before = 0 } = hostile;
  const event = hostile.event ?? JSON.stringify({ v: 1, seq: 0, tenant, commit: null });
  const root = slowRoot([Buffer.from(event)]);
  const said = formatCheckpoint({ origin: `${ORIGIN}/${tenant}`, size: 1, root });
  const leaves = [...Array.from({ length: before }, (_, at) => Buffer.from(`${at}`)), Buffer.from(said)];
  const note = signed(formatCheckpoint({ origin: ORIGIN, size: leaves.length, root: slowRoot(leaves) }));
  const path = before === 0 ? [] : [slowRoot(leaves.slice(0, before)).toString('base64')];
  const consistency = hostile.consistency?.(leaves) ?? [];
  const head = { size: 1, root: root.toString('base64'), index: before, path };
  const manifest = {
    format: 'sallyport-audit-pack',
    version: 2,
    tenant,
    epoch: 1,
    origin: ORIGIN,
    keys: [encodeVerifierKey(ORIGIN, publicKey)],
    rotations: [],
    createdAt: '2030-01-01T00:00:00.000Z',
    size: 1,
    events: 1,
    openings: hostile.opening === undefined ? null : 1,
    unsealed: 0,
    heads: 1,
    consistency: consistency.length,
    shows: 'whole',
    range: null,
    filter: null,
    ...hostile.manifest,
  };
  // Written by hand: what is nested too deep for JSON.stringify is given as its text.
  const manifestText = `${JSON.stringify(manifest, null, 2)}\n`.replace('"DEEP"', DEEP);
  const files: [string, Buffer][] = [
    ['README.txt', hostile.readme ?? Buffer.from('words')],
    ['sallyport-verify.mjs', Buffer.from('code')],
    ['checkpoint.note', Buffer.from(note)],
    ...(hostile.witnessed === undefined ? [] : ([['witnessed.note', Buffer.from(hostile.witnessed)]] as [string, Buffer][])),
    ['heads.ndjson', Buffer.from(`${JSON.stringify(head)}\n`)],
    ['consistency.ndjson', Buffer.from(consistency.map((line) => `${line}\n`).join(''))],
    ['tile/0/000.p/1', root],
    ['events.ndjson', Buffer.from(`${event}\n`)],
    ...(hostile.opening === undefined ? [] : ([['openings.ndjson', Buffer.from(`${hostile.opening}\n`)]] as [string, Buffer][])),
    ['manifest.json', Buffer.from(manifestText)],
  ];
  const log = createNoteSigner(ORIGIN, privateKey);
  const pieces: Uint8Array[] = [];
  for await (const piece of packBytes({ log, atMs }, async (into) => {
    for (const [name, bytes] of files) await into.add(name, [bytes], STORED.test(name) ? 'stored' : 'packed');
  })) {
    pieces.push(piece);
  }
  const file = join(folder, 'hostile.zip');
  writeFileSync(file, Buffer.concat(pieces));
  return file;
}

const STORED = /^(?:tile\/|manifest\.json$|checkpoint\.note$|witnessed\.note$)/;
const DEEP = `${'['.repeat(200_000)}${']'.repeat(200_000)}`;
const verdictOf = async (hostile: Hostile, options: VerifyOptions = {}) => verifyPack(await packOf(hostile), options);

describe('a hostile pack', () => {
  it('that has nothing hostile in it verifies, so that the others fail for what is', async () => {
    expect(await verdictOf({})).toMatchObject({ ok: true, events: 1 });
  });

  it('gets a verdict however deep its texts are nested', async () => {
    expect(await verdictOf({ manifest: { shows: 'selection', filter: 'DEEP' } })).toMatchObject({ ok: false, code: 'PACK_MALFORMED' });
    expect(await verdictOf({ consistency: () => [`{"epoch":1,"from":0,"root":${DEEP},"path":[]}`] })).toMatchObject({
      ok: false,
      code: 'PACK_MALFORMED',
    });
    expect(await verdictOf({ event: `{"v":1,"seq":0,"tenant":"${TENANT}","commit":null,"public":${DEEP}}` })).toMatchObject({ ok: true });
  });

  it('can not have a line read that is longer than any such line', async () => {
    const many = `[${'{},'.repeat(2_000_000)}0]`;
    expect(await verdictOf({ event: `{"v":1,"seq":0,"tenant":"${TENANT}","commit":null,"public":${many}}` })).toMatchObject({
      ok: false,
      code: 'PACK_MALFORMED',
      badFile: 'events.ndjson',
    });
    expect(await verdictOf({ opening: `{"seq":0,"salt":"","payload":${many}}` })).toMatchObject({
      ok: false,
      code: 'PACK_MALFORMED',
      badFile: 'openings.ndjson',
    });
  });

  it('can not leave out an event by writing the time it asks for in another form', async () => {
    const at = '2030-01-01T00:00:00.000Z';
    const rangeFrom = (from: string): Hostile => ({
      event: JSON.stringify({ v: 1, seq: 0, tenant: TENANT, at, commit: null }),
      manifest: { shows: 'range', range: { from: 1, to: 1 }, filter: { from, to: null } },
    });
    expect(await verdictOf(rangeFrom('2030-01-01T00:00:00.001Z'))).toMatchObject({ ok: true, shows: 'range' });
    expect(await verdictOf(rangeFrom(at))).toMatchObject({ ok: false, code: 'RANGE_MISSTATED', firstBad: 0 });
    for (const from of ['2030-01-01T00:00:00Z', '2030-01-01T01:00:00.000+01:00', '3']) {
      expect(await verdictOf(rangeFrom(from)), from).toMatchObject({ ok: false, code: 'PACK_MALFORMED' });
    }
  });

  it('can not write to the terminal of its reader', async () => {
    const verdict = await verdictOf({ tenant: 'ten_1\u001b[8m' });
    expect(verdict).toMatchObject({ ok: false, code: 'PACK_MALFORMED' });
    expect(report(verdict)).not.toContain('\u001b');
  });

  it('can not carry words or a verifier that unpack without end', async () => {
    expect(await verdictOf({ readme: Buffer.alloc(20 * 1024 * 1024) })).toMatchObject({
      ok: false,
      code: 'PACK_MALFORMED',
      badFile: 'README.txt',
    });
  });
});

describe('a witness policy', () => {
  const policyOf = (key: string): string => `witness w ${key}\nquorum w\n`;

  it('is not met by a cosignature over the empty log', async () => {
    const dir = join(folder, 'witness');
    createWitnessKey(dir, 'witness.example.com/w');
    const cosigner = loadWitnessKey(dir);
    const text = formatCheckpoint({ origin: ORIGIN, size: 0, root: slowRoot([]) });
    const witnessed = signed(text) + cosigner.cosign(text, 1_893_456_000);
    const zero = JSON.stringify({ epoch: 1, from: 0, root: slowRoot([]).toString('base64'), path: [] });
    expect(await verdictOf({ witnessed, consistency: () => [zero] }, { policy: policyOf(cosigner.verifierKey) })).toMatchObject({
      ok: false,
    });
  });

  it('that an older checkpoint meets is reported with how far that one reaches', async () => {
    const dir = join(folder, 'older');
    createWitnessKey(dir, 'witness.example.com/w');
    const cosigner = loadWitnessKey(dir);
    const first = Array.from({ length: 2 }, (_, at) => Buffer.from(`${at}`));
    const text = formatCheckpoint({ origin: ORIGIN, size: 2, root: slowRoot(first) });
    const witnessed = signed(text) + cosigner.cosign(text, 1_893_456_000);
    const line = (leaves: readonly Buffer[]): string =>
      JSON.stringify({
        epoch: 1,
        from: 2,
        root: slowRoot(first).toString('base64'),
        path: slowConsistency(2, leaves).map((hash) => hash.toString('base64')),
      });
    const verdict = await verdictOf(
      { before: 4, witnessed, consistency: (leaves) => [line(leaves)] },
      { policy: policyOf(cosigner.verifierKey) },
    );
    expect(verdict).toMatchObject({ ok: true, globalSize: 5, witnessedSize: 2 });
    expect(report(verdict)).toContain('an older checkpoint, of size 2 of 5');
  });
});
