// Many data subjects whose payloads are in the ledger are erased through the API; then the files of Postgres are read byte by byte for
// what was theirs, and everything that was proved before is checked again.

import { createHash, randomBytes } from 'node:crypto';
import { chmodSync, mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import pg from 'pg';
import { type EventProof, verifyPack } from '../../server/src/audit/index.ts';
import { type EventId, newId } from '../../server/src/core/index.ts';
import type { Server } from '../../server/src/main/index.ts';
import { appendEvents, findRunningPostgres } from '../../server/src/storage/index.ts';
import { countFound, countText, filesUnder } from './raw-scan.ts';
import { startOn } from './start-on.ts';

export interface ErasureReport {
  readonly subjects: number;
  /** Sealed payloads found in the data files before the erasure: shows that the scan sees what is there. */
  readonly sealedBefore: number;
  /** The same after erasure and vacuum. */
  readonly sealedAfter: number;
  /** Files that hold a payload in clear, the write-ahead log and the server's own log included, before or after. */
  readonly clear: number;
  readonly proofsChecked: number;
  readonly proofsBroken: number;
  /** Of two packs, exported before and after, those that do not verify; the second must also continue the receipt of the first. */
  readonly packsRefused: number;
  /** Payloads the product could still open. */
  readonly stillReadable: number;
}

export interface ErasureOptions {
  readonly subjects: number;
  /** How many old proofs are checked. */
  readonly proofs: number;
  readonly log?: (line: string) => void;
}

const MARK = 'PLANTED-PAYLOAD-';
const PURPOSE = 'test.payload';
const BATCH = 200;
/** A piece of ciphertext: after the format byte and key id, which name the key, and the IV. */
const NEEDLE = { from: 17 + 12, to: 17 + 12 + 16 };

interface Planted {
  readonly subject: string;
  readonly sealed: Buffer;
  readonly seq: number;
}

export async function runErasure({ subjects, proofs, log = () => {} }: ErasureOptions): Promise<ErasureReport> {
  const folder = mkdtempSync(join(tmpdir(), 'sallyport-erasure-'));
  chmodSync(folder, 0o711);
  const server = await startOn({ folder, databaseUrl: null, allowPrivate: [] });
  const admin = await openAdmin(folder);
  try {
    const { rooms } = server;
    const planted = await plant(server, admin, subjects);
    log(`${planted.length} payloads are in the ledger`);
    const needles = planted.map(({ sealed }) => sealed.subarray(NEEDLE.from, NEEDLE.to));
    const sample = Array.from({ length: proofs }, (_, at) => planted[Math.floor((at * planted.length) / proofs)] as Planted);
    const proveAll = async (): Promise<readonly EventProof[]> => {
      const proved: EventProof[] = [];
      for (const { seq } of sample) proved.push(await rooms.ledger.prove(rooms.tenant, seq));
      return proved;
    };
    const exported = async (name: string): Promise<string> => {
      const path = join(folder, name);
      await rooms.ledger.exportPack({ tenant: rooms.tenant, path, actor: 'person:per_test' });
      return path;
    };
    const dataFiles = () => ['base', 'global'].flatMap((part) => filesUnder(join(folder, 'data/postgres', part)));
    const allFiles = () => filesUnder(join(folder, 'data'));

    const before = await proveAll();
    const firstPack = await exported('before.zip');
    await admin.query('checkpoint');
    const sealedBefore = countFound(dataFiles(), needles);
    const clearBefore = countText(allFiles(), MARK);

    for (const { subject } of planted) await erase(server, subject);
    log('they are erased');
    await sealAll(server, admin);
    // What a deleted row leaves in a page goes when the table is written anew.
    await admin.query('vacuum (full)');
    await admin.query('checkpoint');

    const after = await proveAll();
    const trustedKey = rooms.ledger.verifierKey;
    const first = await verifyPack(firstPack, { trustedKey });
    const second = await verifyPack(await exported('after.zip'), { trustedKey, savedCheckpoint: first.receipt ?? '' });
    return {
      subjects: planted.length,
      sealedBefore,
      sealedAfter: countFound(dataFiles(), needles),
      clear: clearBefore + countText(allFiles(), MARK),
      proofsChecked: before.length + after.length,
      proofsBroken: [...before, ...after].filter((proof) => !holds(proof)).length,
      packsRefused: [first, second].filter((verdict) => !verdict.ok).length,
      stillReadable: await countReadable(server, planted),
    };
  } finally {
    await admin.end();
    await server.close();
    rmSync(folder, { recursive: true, force: true });
  }
}

async function openAdmin(folder: string): Promise<pg.Pool> {
  const running = await findRunningPostgres({
    dataDir: join(folder, 'data/postgres'),
    stateDir: join(folder, 'data/state'),
    host: process,
  });
  if (running === null) throw new Error('the database does not run');
  return new pg.Pool({ connectionString: running.adminUrl, max: 1 });
}

async function plant({ rooms, database }: Server, admin: pg.Pool, subjects: number): Promise<readonly Planted[]> {
  const clock = { now: () => Date.now() };
  const random = { bytes: (count: number) => randomBytes(count) };
  const { tenant } = rooms;
  const sealedOf = new Map<string, { subject: string; sealed: Buffer }>();
  for (let from = 0; from < subjects; from += BATCH) {
    await database.database.inTenant(tenant, async (tx) => {
      const events = [];
      for (let nth = from; nth < Math.min(subjects, from + BATCH); nth += 1) {
        const subject = `customer:${nth}`;
        const plaintext = Buffer.from(`${MARK}${randomBytes(24).toString('hex')}`);
        const sealed = Buffer.from(await rooms.vault.seal(tx, { tenant, subject, purpose: PURPOSE, plaintext }));
        const id: EventId = newId('evt', clock, random);
        sealedOf.set(id, { subject, sealed });
        const type = 'identity.session.closed';
        events.push({ id, tenant, type, occurredAtMs: clock.now(), actor: 'system:test', subject: tenant, public: {}, sealed });
      }
      await appendEvents(tx, events);
    });
  }
  await sealAll({ rooms }, admin);
  const { rows } = await admin.query<{ event_id: string; seq: string }>('select event_id, seq from audit_log order by seq');
  return rows.flatMap(({ event_id: id, seq }) => {
    const known = sealedOf.get(id);
    return known === undefined ? [] : [{ ...known, seq: Number(seq) }];
  });
}

/** Until nothing waits, and what is sealed is signed. */
async function sealAll({ rooms }: Pick<Server, 'rooms'>, admin: pg.Pool): Promise<void> {
  do await rooms.sequencer.runOnce();
  while (((await admin.query('select 1 from event_inbox limit 1')).rowCount ?? 0) > 0);
  await rooms.sequencer.runOnce();
}

async function erase(server: Server, subject: string): Promise<void> {
  const response = await fetch(`http://127.0.0.1:${server.control.port}/api/erasures`, {
    method: 'POST',
    headers: { authorization: `Bearer ${server.ownerToken}`, 'content-type': 'application/json' },
    body: JSON.stringify({ subject, confirm: subject }),
  });
  const answer = (await response.json()) as { payloads?: number };
  if (response.status !== 200 || answer.payloads !== 1) throw new Error(`the erasure answers ${response.status} ${JSON.stringify(answer)}`);
}

async function countReadable({ rooms, database }: Server, planted: readonly Planted[]): Promise<number> {
  let readable = 0;
  for (let from = 0; from < planted.length; from += BATCH) {
    readable += await database.database.inTenant(rooms.tenant, async (tx) => {
      let opened = 0;
      for (const { sealed } of planted.slice(from, from + BATCH)) {
        const input = { tenant: rooms.tenant, purpose: PURPOSE, sealed };
        opened += await rooms.vault.open(tx, input).then(
          () => 1,
          () => 0,
        );
      }
      return opened;
    });
  }
  return readable;
}

const node = (left: Buffer, right: Buffer): Buffer =>
  createHash('sha256')
    .update(Buffer.concat([Buffer.of(1), left, right]))
    .digest();
const leafHash = (leaf: string): Buffer => createHash('sha256').update(`\0${leaf}`).digest();

/** RFC 9162 section 2.1.3.2. */
function rootOf(hash: Buffer, index: number, size: number, path: readonly string[]): Buffer {
  let [at, last, root] = [index, size - 1, hash];
  for (const step of path) {
    const sibling = Buffer.from(step, 'base64');
    if (at % 2 === 1 || at === last) {
      root = node(sibling, root);
      while (at % 2 === 0 && at !== 0) [at, last] = [Math.floor(at / 2), Math.floor(last / 2)];
    } else root = node(root, sibling);
    [at, last] = [Math.floor(at / 2), Math.floor(last / 2)];
  }
  return root;
}

/** From the leaf to the root of its tenant, and from there to the root that is signed. */
function holds({ tenant, seq, leaf, path, head, note }: EventProof): boolean {
  const [origin = '', size = '', root = ''] = note.split('\n');
  const tenantRoot = rootOf(leafHash(leaf), seq, head.size, path).toString('base64');
  const checkpoint = leafHash(`${origin}/${tenant}\n${head.size}\n${head.root}\n`);
  return tenantRoot === head.root && rootOf(checkpoint, head.index, Number(size), head.path).toString('base64') === root;
}
