// The ledger on a real Postgres: order, walls, append-only, proofs, erasure, and what a restarted or rolled-back installation does.

import { readFileSync, writeFileSync } from 'node:fs';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { appendEvents, query, sql } from '#storage';
import { createFileAnchor } from './anchor.ts';
import { commitTo } from './leaf.ts';
import { hashLeaf } from './merkle.ts';
import { createSequencer } from './sequencer.ts';
import { createSigningKeyFile, loadSigningKey } from './signing/signing-key.ts';
import { testActorCipher } from './test/actor-cipher.ts';
import { type LedgerLab, openLab } from './test/ledger-lab.ts';
import { filesOfPack } from './test/pack-zip.ts';
import { slowRoot } from './test/slow-tree.ts';
import { includes } from './verifier/tree.ts';
import { verifyPack } from './verifier/verify-pack.ts';

let lab: LedgerLab;
beforeAll(async () => {
  lab = await openLab();
});
afterAll(() => lab.close());

const linesOf = (pack: string, file: string): string[] => {
  const text = filesOfPack(readFileSync(pack)).get(file)?.toString() ?? '';
  return text === '' ? [] : text.trimEnd().split('\n');
};
const leavesOf = (pack: string): Buffer[] => linesOf(pack, 'events.ndjson').map((line) => Buffer.from(line));

describe('the sequencer', () => {
  it('numbers each tenant from 0 without a gap, in order of arrival, whatever comes between', async () => {
    const [one, two] = [lab.newTenant(), lab.newTenant()];
    const ids: string[] = [];
    for (let at = 0; at < 5; at += 1) {
      ids.push(...(await lab.write(one, 3)));
      await lab.write(two, 2);
      if (at % 2 === 0) await lab.seal();
    }
    await lab.seal();
    const listed = (await lab.ledger.list(one, { limit: 500 })).toReversed();
    expect(listed.map((row) => row.seq)).toEqual(ids.map((_, index) => index));
    expect(listed.map((row) => row.entry.id)).toEqual(ids);
    expect(await lab.ledger.list(two)).toHaveLength(10);
    expect(await lab.database.admin('select * from event_inbox')).toEqual([]);
  });

  it('seals an event once, even when it is written again after it was sealed', async () => {
    const tenant = lab.newTenant();
    const event = lab.newEvent(tenant);
    for (let at = 0; at < 3; at += 1) {
      await lab.database.db.inTenant(tenant, (tx) => appendEvents(tx, [event]));
      await lab.seal();
    }
    expect(await lab.ledger.list(tenant)).toHaveLength(1);
  });

  it('writes pseudonyms into leaves, the same for one actor, another for another', async () => {
    const tenant = lab.newTenant();
    await lab.write(tenant, 2, { actor: 'person:per_ann' });
    await lab.seal();
    await lab.write(tenant, 1, { actor: 'person:per_ann' });
    await lab.write(tenant, 1, { actor: 'person:per_bob' });
    await lab.seal();
    const actors = (await lab.ledger.list(tenant)).map((row) => String(row.entry.actor)).toReversed();
    expect(new Set(actors.slice(0, 3)).size).toBe(1);
    expect(actors[3]).not.toBe(actors[0]);
    for (const actor of actors) expect(actor).toMatch(/^act_[0-9a-f]{32}$/);
  });

  it('shares the work between two processes without a gap or a duplicate', async () => {
    const tenant = lab.newTenant();
    const sequencers = [lab.sequencer, lab.another(), lab.another()];
    const written = Array.from({ length: 40 }, async () => {
      await lab.write(tenant, 5);
      await Promise.all(sequencers.map((sequencer) => sequencer.runOnce()));
    });
    await Promise.all(written);
    await lab.seal();
    const seqs = (await lab.ledger.list(tenant, { limit: 500 })).map((row) => row.seq).toReversed();
    expect(seqs).toEqual(Array.from({ length: 200 }, (_, index) => index));
  });

  it('seals a written event within its polls when it runs by itself', async () => {
    const tenant = lab.newTenant();
    lab.sequencer.start();
    await lab.write(tenant, 1);
    await expect.poll(() => lab.ledger.list(tenant), { timeout: 5_000, interval: 20 }).toHaveLength(1);
    await lab.sequencer.stop();
  });

  it('takes a large payload in a round of its own instead of holding many in memory', async () => {
    const tenant = lab.newTenant();
    await lab.write(tenant, 4, { sealed: Buffer.alloc(9 * 1024 * 1024, 1) });
    const moved: number[] = [];
    for (let at = 0; at < 3; at += 1) moved.push(await lab.sequencer.runOnce());
    expect(moved).toEqual([2, 2, 0]);
  });
});

describe('[PROMISE-8] the sealed ledger', () => {
  it.each(['audit_log', 'audit_head', 'audit_node', 'audit_checkpoint', 'audit_global_leaf', 'audit_global_node'])(
    'refuses to change or remove a row of %s, even to the owner of the table',
    async (table) => {
      for (const statement of [`update ${table} set hash = hash`, `delete from ${table}`, `truncate ${table}`]) {
        const column = await lab.database.admin<{ name: string }>(
          `select column_name as name from information_schema.columns where table_name = '${table}' limit 1`,
        );
        const text = statement.replaceAll('hash', column[0]?.name as string);
        await expect(lab.database.admin(text)).rejects.toMatchObject({ code: 'SP050' });
      }
    },
  );

  it('can be changed by no role of the server', async () => {
    const tenant = lab.newTenant();
    await lab.write(tenant, 1);
    await lab.seal();
    const attempts = [
      'update audit_log set subject = subject',
      'delete from audit_log',
      'truncate audit_log',
      'update audit_payload set salt = salt',
    ];
    for (const text of attempts) {
      const statement = sql.raw(text);
      await expect(lab.database.db.inTenant(tenant, (tx) => statement.execute(query(tx)))).rejects.toMatchObject({
        code: 'STORAGE_NOT_ALLOWED',
      });
      await expect(lab.database.db.asSystem('sequencer', (tx) => statement.execute(query(tx)))).rejects.toMatchObject({
        code: 'STORAGE_NOT_ALLOWED',
      });
    }
    const forged = sql`insert into audit_log (tenant, seq, event_id, type, occurred_at, subject, leaf, leaf_hash)
      values (${tenant}, 99, 'evt', 't', now(), 's', '{}', ${Buffer.alloc(32)})`;
    await expect(lab.database.db.inTenant(tenant, (tx) => forged.execute(query(tx)))).rejects.toMatchObject({
      code: 'STORAGE_NOT_ALLOWED',
    });
  });

  it('shows a tenant no row of another', async () => {
    const [one, two] = [lab.newTenant(), lab.newTenant()];
    await lab.write(one, 3);
    await lab.seal();
    for (const table of ['audit_log', 'audit_tree', 'audit_head', 'audit_node', 'audit_actor', 'audit_payload', 'audit_handout']) {
      const { rows } = await lab.database.db.inTenant(two, (tx) => sql.raw(`select * from ${table}`).execute(query(tx)));
      expect(rows).toEqual([]);
    }
  });

  it('has the root of the leaves it shows, by the slow twin', async () => {
    const tenant = lab.newTenant();
    for (let at = 0; at < 7; at += 1) {
      await lab.write(tenant, 1 + at * 13);
      await lab.seal();
    }
    const pack = lab.path('twin.pack');
    await lab.ledger.exportPack({ tenant, path: pack, actor: 'person:per_test' });
    const head = JSON.parse((await verifyPack(pack)).receipt as string).head as { size: number; root: string };
    const leaves = leavesOf(pack);
    expect(leaves).toHaveLength(head.size);
    expect(slowRoot(leaves).toString('base64')).toBe(head.root);
  });

  it('proves one event up to the signed root in less than 4 KB', async () => {
    const tenant = lab.newTenant();
    await lab.write(tenant, 600);
    await lab.seal();
    for (const seq of [0, 255, 256, 599]) {
      const proof = await lab.ledger.prove(tenant, seq);
      const decode = (path: readonly string[]): Buffer[] => path.map((hash) => Buffer.from(hash, 'base64'));
      const root = Buffer.from(proof.head.root, 'base64');
      expect(includes(hashLeaf(Buffer.from(proof.leaf)), seq, { size: proof.head.size, root }, decode(proof.path))).toBe(true);
      expect(Buffer.byteLength(JSON.stringify(proof))).toBeLessThan(4_096);
    }
    await expect(lab.ledger.prove(tenant, 600)).rejects.toMatchObject({ code: 'AUDIT_EVENT_UNKNOWN' });
  });
});

describe('finding', () => {
  it('lists the events of one actor, by pseudonym or by who is behind it, and those that count replaced values', async () => {
    const tenant = lab.newTenant();
    await lab.write(tenant, 2, { actor: 'person:per_one', public: { tokenised: { EMAIL: 2 } } });
    await lab.write(tenant, 1, { actor: 'person:per_two', public: { tokenised: {} } });
    await lab.seal();
    const all = await lab.ledger.list(tenant);
    const pseudonym = String(all[0]?.entry.actor);
    const seqs = async (filter: Parameters<typeof lab.ledger.list>[1]): Promise<number[]> =>
      (await lab.ledger.list(tenant, filter)).map(({ seq }) => seq);
    expect(await seqs({ actor: 'person:per_two' })).toEqual([2]);
    expect(await seqs({ actor: pseudonym })).toEqual([2]);
    expect(await seqs({ actor: 'person:per_one' })).toEqual([1, 0]);
    expect(await seqs({ actor: 'person:per_none' })).toEqual([]);
    expect(await seqs({ tokenised: true })).toEqual([1, 0]);
    expect(await seqs({ tokenised: false, actor: 'person:per_two' })).toEqual([2]);
    await lab.database.db.inTenant(tenant, (tx) =>
      lab.ledger.forgetActor(tx, { tenant, forgotten: 'person:per_two', actor: 'person:per_one' }),
    );
    expect(await seqs({ actor: 'person:per_two' })).toEqual([]);
    expect(await seqs({ actor: pseudonym })).toEqual([2]);
  });
});

describe('erasure', () => {
  it('removes payload and salt, and every proof and earlier pack stays valid', async () => {
    const tenant = lab.newTenant();
    const payload = Buffer.from('canary-payload-of-somebody');
    await lab.write(tenant, 5, { sealed: payload });
    await lab.seal();
    const [before, after] = [lab.path('before.pack'), lab.path('after.pack')];
    await lab.ledger.exportPack({ tenant, path: before, actor: 'person:per_test', withPayloads: true });
    const receipt = (await verifyPack(before)).receipt as string;
    const opening = JSON.parse(linesOf(before, 'openings.ndjson')[0] as string);
    const leaf = JSON.parse((leavesOf(before)[0] as Buffer).toString());
    expect(commitTo(Buffer.from(opening.salt, 'base64'), payload)).toBe(leaf.commit);

    const erase = (seq: number) =>
      lab.database.db.inTenant(tenant, (tx) => lab.ledger.erasePayload(tx, { tenant, seq, actor: 'person:per_test' }));
    for (let seq = 0; seq < 5; seq += 1) expect(await erase(seq)).toBe(true);
    expect(await erase(0)).toBe(false);
    await lab.seal();
    await lab.ledger.exportPack({ tenant, path: after, actor: 'person:per_test', withPayloads: true });
    expect(linesOf(after, 'openings.ndjson')).toEqual([]);
    expect(await verifyPack(after, { trustedKey: lab.signer.verifierKey, savedCheckpoint: receipt })).toMatchObject({
      ok: true,
      continuesSaved: true,
    });
    expect(leavesOf(after).slice(0, 5)).toEqual(leavesOf(before).slice(0, 5));
    expect(await lab.database.admin('select * from audit_payload where tenant = $1', [tenant])).toEqual([]);
    const types = (await lab.ledger.list(tenant)).map((row) => row.entry.type);
    expect(types.filter((type) => type === 'audit.payload.erased')).toHaveLength(5);
  });

  it('forgets who a pseudonym was, and gives the same actor another one later', async () => {
    const tenant = lab.newTenant();
    const actor = 'person:per_forgotten';
    await lab.write(tenant, 1, { actor });
    await lab.seal();
    const pseudonym = String((await lab.ledger.list(tenant))[0]?.entry.actor);
    expect([...(await lab.ledger.actorsBehind(tenant, [pseudonym, 'act_none']))]).toEqual([[pseudonym, actor]]);
    expect((await lab.ledger.actorsBehind(lab.newTenant(), [pseudonym])).size).toBe(0);
    await lab.database.db.inTenant(tenant, (tx) => lab.ledger.forgetActor(tx, { tenant, forgotten: actor, actor: 'person:per_test' }));
    await lab.write(tenant, 1, { actor });
    await lab.seal();
    expect((await lab.ledger.actorsBehind(tenant, [pseudonym])).size).toBe(0);
    const listed = (await lab.ledger.list(tenant)).toReversed();
    expect(listed[0]?.entry.actor).not.toBe(listed.at(-1)?.entry.actor);
    expect(JSON.stringify(listed)).not.toContain('per_forgotten');
  });
});

describe('checkpoints', () => {
  it('are signed over what is committed and continue each other', async () => {
    await lab.write(lab.newTenant(), 1);
    await lab.seal();
    const rows = await lab.database.admin<{ size: string; note: string; leaves: string }>(
      'select c.size, c.note, (select count(*) from audit_global_leaf) as leaves from audit_checkpoint c order by c.size desc limit 1',
    );
    expect(rows[0]?.size).toBe(rows[0]?.leaves);
    expect(rows[0]?.note).toBe(readFileSync(lab.anchorPath, 'utf8'));
  });

  it('are not signed, and nothing is moved, over a database that was put back to an older state', async () => {
    const own = await openLab();
    const tenant = own.newTenant();
    await own.write(tenant, 3);
    await own.seal();
    const anchor = readFileSync(own.anchorPath, 'utf8');
    // What a restored older copy looks like: the same ledger without its newest part.
    for (const table of ['audit_log', 'audit_head', 'audit_global_leaf', 'audit_checkpoint']) {
      await own.database.admin(`alter table ${table} disable trigger all`);
      await own.database.admin(`delete from ${table}`);
    }
    await own.database.admin("update audit_global set size = 0, frontier = ''");
    await own.database.admin('delete from audit_tree');
    await own.write(tenant, 1);
    await expect(own.another().runOnce()).rejects.toMatchObject({ code: 'AUDIT_LEDGER_ROLLED_BACK' });
    expect(await own.database.admin('select * from event_inbox')).toHaveLength(1);
    await expect(own.sequencer.runOnce()).rejects.toMatchObject({ code: 'AUDIT_LEDGER_INCONSISTENT' });
    expect(await own.ledger.checkpoint(tenant)).toBeNull();
    expect(readFileSync(own.anchorPath, 'utf8')).toBe(anchor);
    await own.close();
  });

  it('are not signed over another history of the same length', async () => {
    const own = await openLab();
    await own.write(own.newTenant(), 2);
    await own.seal();
    await own.write(own.newTenant(), 2);
    await own.seal();
    await own.database.admin('alter table audit_global_leaf disable trigger all');
    await own.database.admin("update audit_global_leaf set hash = decode(repeat('00', 32), 'hex') where idx = 0");
    await own.write(own.newTenant(), 1);
    await expect(own.another().runOnce()).rejects.toMatchObject({ code: 'AUDIT_LEDGER_ROLLED_BACK' });
    await own.close();
  });

  it('are not signed with the key of another ledger, nor when the memory of the last one was edited', async () => {
    const own = await openLab();
    const tenant = own.newTenant();
    await own.write(tenant, 1);
    await own.seal();
    createSigningKeyFile(own.path('other.key'));
    const ports = {
      db: own.database.db,
      actors: testActorCipher().actors,
      clock: { now: () => 0 },
      random: { bytes: (count: number) => new Uint8Array(count) },
      onFault: () => undefined,
    };
    const signer = loadSigningKey(own.path('other.key'));
    const foreign = createSequencer({ ...ports, signer, anchor: createFileAnchor(own.path('other'), signer) });
    await expect(foreign.runOnce()).rejects.toMatchObject({ code: 'AUDIT_KEY_FOREIGN' });
    writeFileSync(own.anchorPath, readFileSync(own.anchorPath, 'utf8').replace('\n1\n', '\n0\n'));
    await expect(own.another().runOnce()).rejects.toMatchObject({ code: 'AUDIT_ANCHOR_UNUSABLE' });
    await own.close();
  });
});
