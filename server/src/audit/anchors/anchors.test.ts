// The folder, the webhook and the client of witnesses, each against the real thing at the other end: a disk, a receiver, a witness.

import { createHmac, generateKeyPairSync } from 'node:crypto';
import { mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { createServer, type IncomingHttpHeaders } from 'node:http';
import type { AddressInfo } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fixedClock } from '@sallyport/testkit';
import { afterEach, describe, expect, it } from 'vitest';
import { createNoteSigner, formatCheckpoint, type NoteSigner } from '../signing/note.ts';
import { slowConsistency, slowRoot } from '../test/slow-tree.ts';
import { createWitnessKey, openWitness, parseVerifierKey, serveWitness, type VerifierKey } from '../witness/index.ts';
import type { AnchorPost, AnchorSource, SignedCheckpoint } from './anchor.ts';
import { createFolderAnchor, dropName } from './folder.ts';
import { createWebhookAnchor, webhookKey } from './webhook.ts';
import { createWitnessAnchor } from './witness-client.ts';

const ORIGIN = 'sallyport.local/log/0123456789abcdef';
const undo: (() => Promise<void> | void)[] = [];
afterEach(async () => {
  for (const step of undo.splice(0).reverse()) await step();
});

function folderOf(): string {
  const folder = mkdtempSync(join(tmpdir(), 'sallyport-anchor-'));
  undo.push(() => rmSync(folder, { recursive: true, force: true }));
  return folder;
}

const leaves = (count: number, history = 'a'): Buffer[] => Array.from({ length: count }, (_, at) => Buffer.from(`${history}${at}`));
const signer = (): NoteSigner => createNoteSigner(ORIGIN, generateKeyPairSync('ed25519').privateKey);
const signed = (by: NoteSigner, size: number, history = 'a'): SignedCheckpoint => ({
  epoch: 1,
  size,
  note: by.sign(formatCheckpoint({ origin: ORIGIN, size, root: slowRoot(leaves(size, history)) })),
  signedAtMs: 1_893_456_000_000,
});
const sourceOf = (size: number, history = 'a'): AnchorSource => ({ prove: async (from) => slowConsistency(from, leaves(size, history)) });
const NO_PROOF: AnchorSource = { prove: async () => [] };

const post: AnchorPost = async ({ url, headers, body }) => {
  const reply = await fetch(url, { method: 'POST', headers, body: body as unknown as string }).catch(() => {
    throw Object.assign(new Error('away'), { code: 'EGRESS_CONNECT_FAILED' });
  });
  return { status: reply.status, contentType: reply.headers.get('content-type') ?? '', body: new Uint8Array(await reply.arrayBuffer()) };
};

describe('the folder drop', () => {
  it('writes each checkpoint as a new file with the note in it, and the same one once', async () => {
    const folder = folderOf();
    const by = signer();
    const anchor = createFolderAnchor(folder);
    for (const size of [3, 4, 4]) expect(await anchor.push(signed(by, size), NO_PROOF)).toEqual({ kind: 'seen', cosignature: null });
    expect(readdirSync(folder).sort()).toEqual([dropName(signed(by, 3)), dropName(signed(by, 4))].sort());
    expect(dropName(signed(by, 3))).toMatch(/^3-[0-9a-f]{8}\.note$/);
    expect(readFileSync(join(folder, dropName(signed(by, 3))), 'utf8')).toBe(signed(by, 3).note);
  });

  it('never overwrites: another note of the same size and half a note of a crash stay as they are', async () => {
    const folder = folderOf();
    const by = signer();
    const first = signed(by, 5);
    await createFolderAnchor(folder).push(signed(by, 5, 'b'), NO_PROOF);
    writeFileSync(join(folder, dropName(first)), first.note.slice(0, 20));
    expect(await createFolderAnchor(folder).push(first, NO_PROOF)).toMatchObject({ kind: 'seen' });
    expect(readFileSync(join(folder, dropName(first)), 'utf8')).toBe(first.note.slice(0, 20));
    expect(readFileSync(join(folder, dropName(first, 2)), 'utf8')).toBe(first.note);
    expect(readFileSync(join(folder, dropName(signed(by, 5, 'b'))), 'utf8')).toBe(signed(by, 5, 'b').note);
  });

  it('says with a code that the folder is not there, and makes none in its place', async () => {
    const folder = join(folderOf(), 'not-mounted');
    const outcome = await createFolderAnchor(folder).push(signed(signer(), 1), NO_PROOF);
    expect(outcome).toEqual({ kind: 'fault', code: 'AUDIT_ANCHOR_FOLDER_UNUSABLE' });
  });
});

describe('the webhook', () => {
  const SECRET = `whsec_${Buffer.alloc(32, 7).toString('base64')}`;
  interface Delivery {
    readonly headers: IncomingHttpHeaders;
    readonly body: string;
  }

  async function receiver(status = 204): Promise<{ url: string; deliveries: Delivery[] }> {
    const deliveries: Delivery[] = [];
    const server = createServer((request, response) => {
      const chunks: Buffer[] = [];
      request.on('data', (chunk: Buffer) => chunks.push(chunk));
      request.on('end', () => {
        deliveries.push({ headers: request.headers, body: Buffer.concat(chunks).toString() });
        response.writeHead(status).end();
      });
    });
    await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
    undo.push(() => void server.close());
    return { url: `http://127.0.0.1:${(server.address() as AddressInfo).port}/checkpoints`, deliveries };
  }

  it('posts the checkpoint under a Standard Webhooks signature that the receiver can check', async () => {
    const { url, deliveries } = await receiver();
    const key = webhookKey(SECRET);
    if (key === null) throw new Error('no key');
    const clock = fixedClock();
    const anchor = createWebhookAnchor({ url, key, post, clock });
    const checkpoint = signed(signer(), 9);
    for (const _ of [1, 2]) expect(await anchor.push(checkpoint, NO_PROOF)).toEqual({ kind: 'seen', cosignature: null });
    const [first, again] = deliveries as [Delivery, Delivery];
    const [id, timestamp] = [first.headers['webhook-id'], first.headers['webhook-timestamp']];
    const expected = createHmac('sha256', Buffer.alloc(32, 7)).update(`${id}.${timestamp}.${first.body}`).digest('base64');
    expect(first.headers['webhook-signature']).toBe(`v1,${expected}`);
    expect(Number(timestamp)).toBe(Math.floor(clock.now() / 1_000));
    expect(again.headers['webhook-id']).toBe(id);
    expect(JSON.parse(first.body)).toMatchObject({
      type: 'audit.checkpoint.signed',
      data: { origin: ORIGIN, epoch: 1, size: 9, root: slowRoot(leaves(9)).toString('base64'), note: checkpoint.note },
    });
  });

  it('says with a code that the receiver refused or is away, and takes only secrets of the standard’s form', async () => {
    const { url } = await receiver(500);
    const key = webhookKey(SECRET);
    if (key === null) throw new Error('no key');
    const push = (to: string) => createWebhookAnchor({ url: to, key, post, clock: fixedClock() }).push(signed(signer(), 1), NO_PROOF);
    expect(await push(url)).toEqual({ kind: 'fault', code: 'AUDIT_WEBHOOK_REFUSED' });
    expect(await push('http://127.0.0.1:9/away')).toEqual({ kind: 'fault', code: 'EGRESS_CONNECT_FAILED' });
    for (const bad of ['', 'whsec_', 'secret', `whsec_${Buffer.alloc(8).toString('base64')}`]) expect(webhookKey(bad)).toBeNull();
  });
});

describe('the client of witnesses', () => {
  async function witnessOf(by: NoteSigner) {
    const folder = folderOf();
    const { verifierKey } = createWitnessKey(folder, 'witness.example.com/w1');
    const witness = await openWitness({ folder, logs: [by.verifierKey], clock: fixedClock() });
    const server = await serveWitness(witness, { host: '127.0.0.1', port: 0, onFault: () => undefined });
    undo.push(server.close);
    return { url: `http://127.0.0.1:${server.port}`, key: parseVerifierKey(verifierKey) as VerifierKey };
  }
  const clientOf = (to: { url: string; key: VerifierKey }, known = 0) =>
    createWitnessAnchor({ name: 'w1', ...to, post, knownSize: async () => known });

  it('gets a cosignature for each checkpoint, also when it does not know what the witness saw last', async () => {
    const by = signer();
    const at = await witnessOf(by);
    for (const [size, known] of [
      [3, 0],
      [8, 3],
      [8, 3],
      [20, 0],
      [33, 32],
    ] as const) {
      const outcome = await clientOf(at, known).push(signed(by, size), sourceOf(size));
      expect(outcome, `${size} from ${known}`).toMatchObject({ kind: 'seen', cosignature: { atMs: 1_893_456_000_000 } });
    }
  });

  it('believes no cosignature that does not verify, or that is of another checkpoint', async () => {
    const by = signer();
    const { url, key } = await witnessOf(by);
    const kept: Uint8Array[] = [];
    const altered =
      (change: (body: Uint8Array) => Uint8Array): AnchorPost =>
      async (request) => {
        const reply = await post(request);
        kept.push(reply.body);
        return { ...reply, body: change(reply.body) };
      };
    const push = (size: number, change: (body: Uint8Array) => Uint8Array) =>
      createWitnessAnchor({ name: 'w1', key, url, post: altered(change), knownSize: async () => size - 1 }).push(
        signed(by, size),
        sourceOf(size),
      );
    expect(await push(1, (body) => body)).toMatchObject({ kind: 'seen' });
    const invalid = { kind: 'fault', code: 'AUDIT_WITNESS_REPLY_INVALID' };
    expect(await push(2, () => kept[0] as Uint8Array)).toEqual(invalid);
    expect(
      await push(3, (body) =>
        Buffer.from(
          Buffer.from(body)
            .toString()
            .replace(/.{8}\n$/, 'AAAAAAAA\n'),
        ),
      ),
    ).toEqual(invalid);
    expect(await push(4, () => Buffer.from(''))).toEqual(invalid);
    expect(await push(5, () => Buffer.from('<html>'))).toEqual(invalid);
  });

  it('names what stands in the way: a fork, an older copy, an unknown log or key, a wrong witness key, nobody there', async () => {
    const by = signer();
    const at = await witnessOf(by);
    await clientOf(at).push(signed(by, 10), NO_PROOF);
    const fault = async (client: ReturnType<typeof clientOf>, size: number, history = 'a', from = by) =>
      ((await client.push(signed(from, size, history), sourceOf(size, history))) as { code?: string }).code;
    expect(await fault(clientOf(at), 12, 'b')).toBe('AUDIT_WITNESS_FORK');
    expect(await fault(clientOf(at), 10, 'b')).toBe('AUDIT_WITNESS_FORK');
    expect(await fault(clientOf(at), 7)).toBe('AUDIT_WITNESS_AHEAD');
    expect(await fault(clientOf(at), 12, 'a', signer())).toBe('AUDIT_WITNESS_LOG_KEY_UNKNOWN');
    const elsewhere = await witnessOf(createNoteSigner('other.example.com', generateKeyPairSync('ed25519').privateKey));
    expect(await fault(clientOf(elsewhere), 12)).toBe('AUDIT_WITNESS_LOG_UNKNOWN');
    expect(await fault(clientOf({ url: at.url, key: elsewhere.key }), 12)).toBe('AUDIT_WITNESS_REPLY_INVALID');
    expect(await fault(clientOf({ url: 'http://127.0.0.1:9', key: at.key }), 12)).toBe('EGRESS_CONNECT_FAILED');
  });
});
