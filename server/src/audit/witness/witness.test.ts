// The witness protocol over real HTTP: every status of c2sp.org/tlog-witness, histories that must not both be cosigned, and what a kill leaves.

import { createHash, generateKeyPairSync, verify } from 'node:crypto';
import { mkdtempSync, readdirSync, readFileSync, rmSync, statSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fixedClock } from '@sallyport/testkit';
import { afterEach, describe, expect, it } from 'vitest';
import { createNoteSigner, formatCheckpoint, type NoteSigner } from '../signing/note.ts';
import { slowConsistency, slowRoot } from '../test/slow-tree.ts';
import {
  createWitnessKey,
  loadWitnessKey,
  openCosignature,
  openWitness,
  parseNote,
  parseVerifierKey,
  type SignedNote,
  serveWitness,
  type VerifierKey,
  type Witness,
  type WitnessServer,
} from './index.ts';
import { openWitnessState, originHash } from './state.ts';

const ORIGIN = 'log.example.com/shop';
const leaves = (count: number, history = 'a'): Buffer[] => Array.from({ length: count }, (_, at) => Buffer.from(`${history}${at}`));
const signerOf = (name = ORIGIN): NoteSigner => createNoteSigner(name, generateKeyPairSync('ed25519').privateKey);

interface Bench {
  readonly folder: string;
  readonly witness: Witness;
  readonly url: string;
  readonly signer: NoteSigner;
  readonly key: VerifierKey;
  readonly clock: ReturnType<typeof fixedClock>;
  /** Another witness process over the same folder. */
  again(): Promise<Witness>;
}

const undo: (() => Promise<void> | void)[] = [];
afterEach(async () => {
  for (const step of undo.splice(0).reverse()) await step();
});

async function open(logs?: readonly string[]): Promise<Bench> {
  const folder = mkdtempSync(join(tmpdir(), 'sallyport-witness-'));
  undo.push(() => rmSync(folder, { recursive: true, force: true }));
  const cosigner = createWitnessKey(folder, 'witness.example.com/w1');
  const signer = signerOf();
  const clock = fixedClock();
  const again = () => openWitness({ folder, logs: logs ?? [signer.verifierKey], clock });
  const witness = await again();
  const server: WitnessServer = await serveWitness(witness, {
    host: '127.0.0.1',
    port: 0,
    onFault: (fault) => {
      throw fault;
    },
  });
  undo.push(server.close);
  return {
    folder,
    witness,
    url: `http://${server.host}:${server.port}`,
    signer,
    key: parseVerifierKey(cosigner.verifierKey) as VerifierKey,
    clock,
    again,
  };
}

const noteOf = (signer: NoteSigner, of: readonly Buffer[], origin = ORIGIN): string =>
  signer.sign(formatCheckpoint({ origin, size: of.length, root: slowRoot(of) }));

function bodyOf(old: number | string, proof: readonly Buffer[], note: string): string {
  return `old ${old}\n${proof.map((hash) => `${hash.toString('base64')}\n`).join('')}\n${note}`;
}

function step(signer: NoteSigner, from: number, to: number, history = 'a'): string {
  const tree = leaves(to, history);
  return bodyOf(from, from === 0 ? [] : slowConsistency(from, tree), noteOf(signer, tree));
}

async function post(url: string, body: string | Uint8Array): Promise<{ status: number; type: string | null; body: string }> {
  const reply = await fetch(`${url}/add-checkpoint`, { method: 'POST', body: body as string });
  return { status: reply.status, type: reply.headers.get('content-type'), body: await reply.text() };
}

describe('add-checkpoint', () => {
  it('cosigns the first checkpoint and each that continues it, in the form of cosignature/v1', async () => {
    const { url, signer, key, clock } = await open();
    for (const [from, to] of [
      [0, 1],
      [1, 2],
      [2, 7],
      [7, 8],
      [8, 8],
      [8, 700],
    ] as const) {
      clock.advance(1_500);
      const request = step(signer, from, to);
      const reply = await post(url, request);
      expect(reply.status, `${from} to ${to}: ${reply.body}`).toBe(200);
      expect(reply.body).toMatch(/^\u2014 witness\.example\.com\/w1 [A-Za-z0-9+/]+=*\n$/);
      const note = noteOf(signer, leaves(to));
      const opened = parseNote(note + reply.body) as SignedNote;
      const seconds = Math.floor(clock.now() / 1_000);
      expect(openCosignature(opened, key)).toBe(seconds);
      // The message of tlog-cosignature, written down here once more.
      const bytes = Buffer.from(reply.body.split(' ')[2] as string, 'base64');
      const message = `cosignature/v1\ntime ${seconds}\n${note.slice(0, note.lastIndexOf('\n\n') + 1)}`;
      expect(bytes.length).toBe(4 + 8 + 64);
      expect(verify(null, Buffer.from(message), key.key, bytes.subarray(12))).toBe(true);
    }
  });

  it('cosigns an empty log, and refuses one whose root is not that of nothing', async () => {
    const { url, signer } = await open();
    expect((await post(url, bodyOf(0, [], noteOf(signer, [])))).status).toBe(200);
    const wrong = signer.sign(formatCheckpoint({ origin: ORIGIN, size: 0, root: Buffer.alloc(32) }));
    expect((await post(url, bodyOf(0, [], wrong))).status).toBe(422);
  });

  it('answers 409 with the size it knows when the old size is another one', async () => {
    const { url, signer } = await open();
    expect((await post(url, step(signer, 3, 5))).body).toBe('0\n');
    await post(url, step(signer, 0, 5));
    for (const from of [0, 3]) {
      const reply = await post(url, step(signer, from, 9));
      expect([reply.status, reply.type, reply.body]).toEqual([409, 'text/x.tlog.size', '5\n']);
    }
  });

  it('answers 404 for a log it does not know, whoever signed', async () => {
    const { url, signer } = await open();
    const stranger = signerOf('other.example.com/log');
    const tree = leaves(2);
    for (const by of [stranger, signer]) {
      expect((await post(url, bodyOf(0, [], noteOf(by, tree, 'other.example.com/log')))).status).toBe(404);
    }
  });

  it('answers 403 without a good signature of a known key, and when a known key’s line is bad beside a good one', async () => {
    const { url, signer } = await open();
    const note = noteOf(signer, leaves(3));
    expect((await post(url, bodyOf(0, [], noteOf(signerOf(), leaves(3))))).status).toBe(403);
    const other = noteOf(signer, leaves(4));
    const borrowed = `${note.slice(0, note.lastIndexOf('\n\n') + 2)}${other.slice(other.lastIndexOf('\n\n') + 2)}`;
    expect((await post(url, bodyOf(0, [], borrowed))).status).toBe(403);
    expect((await post(url, bodyOf(0, [], note + borrowed.slice(borrowed.lastIndexOf('\n\n') + 2)))).status).toBe(403);
    // A line of somebody unknown is passed over.
    const unknown = noteOf(signerOf('x.example.com'), leaves(3)).split('\n').at(-2);
    expect((await post(url, bodyOf(0, [], `${note}${unknown}\n`))).status).toBe(200);
  });

  it('accepts either key of a log that changes its key', async () => {
    const [before, after] = [signerOf(), signerOf()];
    const { url } = await open([before.verifierKey, after.verifierKey]);
    expect((await post(url, step(before, 0, 2))).status).toBe(200);
    expect((await post(url, step(after, 2, 5))).status).toBe(200);
  });

  it('answers 422 to a wrong proof, a superfluous one, a missing one and another root of the same size', async () => {
    const { url, signer, folder } = await open();
    const tree = leaves(9);
    const proof = slowConsistency(4, tree);
    expect((await post(url, bodyOf(0, [Buffer.alloc(32)], noteOf(signer, leaves(4))))).status).toBe(422);
    expect((await post(url, step(signer, 0, 4))).status).toBe(200);
    expect((await post(url, bodyOf(4, proof.slice(1), noteOf(signer, tree)))).status).toBe(422);
    expect((await post(url, bodyOf(4, [...proof, Buffer.alloc(32)], noteOf(signer, tree)))).status).toBe(422);
    expect((await post(url, bodyOf(4, [], noteOf(signer, tree)))).status).toBe(422);
    expect((await post(url, bodyOf(4, [Buffer.alloc(32)], noteOf(signer, leaves(4))))).status).toBe(422);
    const fork = step(signer, 4, 4, 'b');
    expect((await post(url, fork)).status).toBe(422);
    // The signed fork is proof against the log, and is kept.
    const kept = readdirSync(join(folder, 'evidence')).map((name) => readFileSync(join(folder, 'evidence', name), 'utf8'));
    expect(kept).toContain(noteOf(signer, leaves(4, 'b')));
    expect((await post(url, bodyOf(4, proof, noteOf(signer, tree)))).status).toBe(200);
  });

  it('keeps room for what proves a fork, whatever strangers send', async () => {
    const { url, signer, folder } = await open();
    await post(url, step(signer, 0, 4));
    // One checkpoint of the log that the witness has not seen, with lines of strangers that differ, is one piece of evidence.
    const note = noteOf(signer, leaves(9));
    for (let at = 0; at < 103; at += 1) {
      const stray = noteOf(signerOf(`x${at}.example.com`), leaves(9))
        .split('\n')
        .at(-2);
      expect((await post(url, bodyOf(4, [], `${note}${stray}\n`))).status).toBe(422);
    }
    const evidence = () => readdirSync(join(folder, 'evidence')).map((name) => readFileSync(join(folder, 'evidence', name), 'utf8'));
    expect(evidence().filter((text) => text.startsWith(note)).length).toBe(1);
    // Both sides of a fork stay, though the witness goes on and forgets what it cosigned.
    expect((await post(url, step(signer, 4, 4, 'b'))).status).toBe(422);
    for (const size of [5, 6, 7]) expect((await post(url, step(signer, size - 1, size))).status).toBe(200);
    for (const side of [noteOf(signer, leaves(4)), noteOf(signer, leaves(4, 'b'))]) {
      expect(evidence().some((text) => text.startsWith(side))).toBe(true);
    }
  });

  it('answers 400 to everything that is not of the form', async () => {
    const { url, signer } = await open();
    const note = noteOf(signer, leaves(5));
    const hash = Buffer.alloc(32).toString('base64');
    const bad: readonly (string | Uint8Array)[] = [
      '',
      'old 0\n',
      note,
      `old 0\n${note}`,
      `old  0\n\n${note}`,
      `old 00\n\n${note}`,
      `old 05\n\n${note}`,
      `old -1\n\n${note}`,
      `old +1\n\n${note}`,
      `old 9223372036854775808\n\n${note}`,
      `old 0\r\n\r\n${note}`,
      `OLD 0\n\n${note}`,
      `old 6\n\n${note}`,
      `old 0\n${hash.slice(0, -1)}\n\n${note}`,
      `old 0\n${hash.slice(0, -2)}B=\n\n${note}`,
      `old 0\n${Buffer.alloc(31).toString('base64')}\n\n${note}`,
      `old 0\n ${hash}\n\n${note}`,
      bodyOf(
        1,
        Array.from({ length: 64 }, () => Buffer.alloc(32)),
        note,
      ),
      bodyOf(0, [], note.slice(0, -1)),
      bodyOf(0, [], note.replace('\n5\n', '\n05\n')),
      bodyOf(0, [], note.replace('\n5\n', '\n5 \n')),
      bodyOf(0, [], note.replace('\u2014', '-')),
      bodyOf(0, [], note.replace('\n\n', '\n')),
      bodyOf(0, [], `${note.slice(0, note.indexOf('\n'))}\n5\n\n${note.split('\n').at(-2)}\n`),
      bodyOf(0, [], note.replace('\n5', '\t\n5')),
      Buffer.concat([Buffer.from(bodyOf(0, [], note)), Buffer.from([0xff, 0x0a])]),
    ];
    for (const body of bad) expect((await post(url, body)).status, JSON.stringify(body.toString())).toBe(400);
    expect((await post(url, bodyOf(0, [], note))).status).toBe(200);
  });

  it('answers other methods, other paths and bodies without end', async () => {
    const { url } = await open();
    const get = await fetch(`${url}/add-checkpoint`);
    expect([get.status, get.headers.get('allow')]).toEqual([405, 'POST']);
    expect((await fetch(`${url}/`)).status).toBe(404);
    const large = await post(url, 'x'.repeat(200 * 1024)).catch(() => ({ status: 413 }));
    expect(large.status).toBe(413);
  });

  it('hands monitors the newest checkpoint with the log’s signature and its own', async () => {
    const { url, signer, key } = await open();
    const path = `${url}/${createHash('sha256').update(ORIGIN).digest('hex')}/checkpoint`;
    expect((await fetch(path)).status).toBe(404);
    const stray = noteOf(signerOf('x.example.com'), leaves(4)).split('\n').at(-2);
    const note = noteOf(signer, leaves(4));
    await post(url, bodyOf(0, [], `${note}${stray}\n`));
    const reply = await fetch(path);
    const text = await reply.text();
    expect(text.startsWith(note)).toBe(true);
    expect(openCosignature(parseNote(text) as SignedNote, key)).not.toBeNull();
    expect(text).not.toContain('x.example.com');
  });
});

describe('what a witness remembers', () => {
  it('cosigns one of two histories that race for the same size, also from two processes', async () => {
    const bench = await open();
    const other = await bench.again();
    const body = (history: string): Buffer => Buffer.from(step(bench.signer, 0, 6, history));
    const answers = await Promise.all(
      Array.from({ length: 16 }, (_, at) => (at % 2 === 0 ? bench.witness : other).addCheckpoint(body(`h${at % 4}`))),
    );
    const histories = new Set(answers.flatMap((answer, at) => (answer.status === 200 ? [at % 4] : [])));
    expect(histories.size).toBe(1);
    expect(answers.every((answer) => answer.status === 200 || answer.status === 409 || answer.status === 422)).toBe(true);
  });

  it('stores nothing for somebody who looked long ago, though the number it wants is free again', async () => {
    const { folder, signer, key } = await open();
    const [slow, quick] = [openWitnessState(folder, key), openWitnessState(folder, key)];
    const hash = originHash(ORIGIN);
    const cosigner = loadWitnessKey(folder);
    const noteAt = (size: number): string => {
      const note = noteOf(signer, leaves(size));
      return note + cosigner.cosign(note.slice(0, note.lastIndexOf('\n\n') + 1), 1);
    };
    const seen = await slow.load(hash);
    for (let size = 1; size <= 4; size += 1) expect(await quick.store(hash, await quick.load(hash), noteAt(size))).toBe(true);
    expect(readdirSync(join(folder, 'logs', hash)).sort()).toEqual(['3.note', '4.note']);
    expect(await slow.store(hash, seen, noteAt(9))).toBe(false);
    expect((await slow.load(hash)).checkpoint?.size).toBe(4n);
  });

  it('refuses a log that was rolled back, after a restart too', async () => {
    const { url, signer, again } = await open();
    await post(url, step(signer, 0, 20));
    const restarted = await again();
    for (const target of [async (body: string) => post(url, body), async (body: string) => restarted.addCheckpoint(Buffer.from(body))]) {
      expect((await target(step(signer, 0, 10))).body).toBe('20\n');
      expect((await target(bodyOf(20, [], noteOf(signer, leaves(10))))).status).toBe(400);
    }
    expect((await restarted.addCheckpoint(Buffer.from(step(signer, 20, 21)))).status).toBe(200);
  });

  it('believes neither the memory of another log in the place of one, nor an older copy that is put under it', async () => {
    const [one, two] = [signerOf(), signerOf('other.example.com/log')];
    const { url, folder, witness, again } = await open([one.verifierKey, two.verifierKey]);
    const logOf = (origin: string): string => join(folder, 'logs', originHash(origin));
    const send = (signer: NoteSigner, from: number, to: number) =>
      post(url, bodyOf(from, from === 0 ? [] : slowConsistency(from, leaves(to)), noteOf(signer, leaves(to), signer.name)));
    expect((await send(one, 0, 9)).status).toBe(200);
    expect((await send(two, 0, 2)).status).toBe(200);
    const older = readFileSync(join(logOf(ORIGIN), '1.note'));
    expect((await send(one, 9, 12)).status).toBe(200);
    rmSync(join(logOf(ORIGIN), '2.note'));
    await expect(witness.addCheckpoint(Buffer.from(step(one, 9, 11)))).rejects.toMatchObject({ code: 'AUDIT_WITNESS_STATE_UNUSABLE' });
    writeFileSync(join(logOf(ORIGIN), '2.note'), older, { mode: 0o600 });
    writeFileSync(join(logOf(ORIGIN), '3.note'), readFileSync(join(logOf(two.name), '1.note')), { mode: 0o600 });
    await expect(witness.addCheckpoint(Buffer.from(step(one, 2, 5)))).rejects.toMatchObject({ code: 'AUDIT_WITNESS_STATE_UNUSABLE' });
    await expect(again()).rejects.toMatchObject({ code: 'AUDIT_WITNESS_STATE_UNUSABLE' });
  });

  it('starts with no memory that it did not sign itself, and keeps its files to itself', async () => {
    const { url, signer, folder, again } = await open();
    await post(url, step(signer, 0, 3));
    await post(url, step(signer, 3, 4));
    const log = join(folder, 'logs', createHash('sha256').update(ORIGIN).digest('hex'));
    expect(readdirSync(log).sort()).toEqual(['1.note', '2.note']);
    for (const path of [join(log, '2.note'), join(folder, 'witness-key')]) expect(statSync(path).mode & 0o777).toBe(0o600);
    writeFileSync(join(log, '3.note'), noteOf(signer, leaves(2)), { mode: 0o600 });
    await expect(again()).rejects.toMatchObject({ code: 'AUDIT_WITNESS_STATE_UNUSABLE' });
    expect(() => createWitnessKey(folder, 'witness.example.com/w2')).toThrow(expect.objectContaining({ code: 'AUDIT_WITNESS_EXISTS' }));
    await expect(openWitness({ folder, logs: ['nonsense'], clock: fixedClock() })).rejects.toMatchObject({
      code: 'AUDIT_WITNESS_LOG_KEY_INVALID',
    });
  });
});
