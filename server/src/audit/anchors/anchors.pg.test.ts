// Pushing and health on a real ledger: anchors that hang, fail and come back, a quorum on one checkpoint, states that are kept, and rows that
// nobody changes.

import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { endLease, lastSeen, takeLease } from '../store/anchors.ts';
import { newestCosigned, noteWithCosignatures } from '../store/cosignatures.ts';
import { countUnsigned, insertVerification } from '../store/health.ts';
import { type LedgerLab, openLab } from '../test/ledger-lab.ts';
import { createLedgerHealth, type LedgerHealth } from '../watch-health.ts';
import {
  createWitnessKey,
  openCosignature,
  openWitness,
  parseNote,
  parseVerifierKey,
  type SignedNote,
  type VerifierKey,
  type Witness,
} from '../witness/index.ts';
import type { Anchor, AnchorOutcome, AnchorPost } from './anchor.ts';
import { isPolicyFault, parseWitnessPolicy, type WitnessPolicy } from './policy.ts';
import { createAnchorPusher, QUORUM } from './pusher.ts';
import { createWitnessAnchor } from './witness-client.ts';

let lab: LedgerLab;
let folder: string;
beforeEach(async () => {
  lab = await openLab();
  folder = mkdtempSync(join(tmpdir(), 'sallyport-anchors-'));
});
afterEach(async () => {
  await lab.close();
  rmSync(folder, { recursive: true, force: true });
});

/** An anchor that does what it is told to. */
function told(name: string, isRequired = true) {
  const pushed: number[] = [];
  const state: { answer: AnchorOutcome | Promise<AnchorOutcome> } = { answer: { kind: 'seen', cosignature: null } };
  const anchor: Anchor = {
    name,
    kind: 'folder',
    isRequired,
    push: async (checkpoint) => {
      pushed.push(checkpoint.size);
      return state.answer;
    },
  };
  return { anchor, pushed, state };
}

const pusherOf = (anchors: readonly Anchor[], policy: WitnessPolicy | null = null) =>
  createAnchorPusher({ db: lab.database.db, anchors, policy, clock: lab.clock, random: lab.random });
const sealSome = async (count = 1): Promise<number> => {
  await lab.write(lab.newTenant(), count);
  await lab.seal();
  return (await lab.ledger.head(lab.newTenant()))?.size ?? 0;
};
const seen = (anchor: string) => lab.database.db.asSystem('sequencer', (tx) => lastSeen(tx, anchor));

describe('pushing checkpoints', () => {
  it('is done once for each anchor and checkpoint, the newest when an anchor is behind', async () => {
    const [a, b] = [told('a'), told('b')];
    const pusher = pusherOf([a.anchor, b.anchor]);
    const first = await sealSome();
    await pusher.runOnce();
    await pusher.runOnce();
    expect([a.pushed, b.pushed]).toEqual([[first], [first]]);
    await sealSome();
    const third = await sealSome();
    await pusher.runOnce();
    expect(a.pushed).toEqual([first, third]);
    // Another process goes on from what was seen.
    await pusherOf([a.anchor]).runOnce();
    expect(a.pushed).toEqual([first, third]);
  });

  it('is not held up by an anchor that hangs, nor by one that fails, which is tried again with growing pauses', async () => {
    const [good, hanging, failing] = [told('good'), told('hanging'), told('failing')];
    let answer: (outcome: AnchorOutcome) => void = () => undefined;
    hanging.state.answer = new Promise((resolve) => {
      answer = resolve;
    });
    failing.state.answer = { kind: 'fault', code: 'EGRESS_CONNECT_FAILED' };
    const pusher = pusherOf([hanging.anchor, failing.anchor, good.anchor]);
    const first = await sealSome();
    const hung = pusher.runOnce();
    while ((await seen('good'))?.size !== first) await new Promise((resolve) => setImmediate(resolve));
    const second = await sealSome();
    lab.clock.advance(100);
    await pusher.runOnce();
    expect([good.pushed, hanging.pushed, failing.pushed]).toEqual([[first, second], [first], [first]]);
    for (const [afterMs, tries] of [
      [1_300, 2],
      [700, 2],
      [2_000, 3],
      [5_500, 4],
    ] as const) {
      lab.clock.advance(afterMs);
      await pusher.runOnce();
      expect(failing.pushed.length, `after ${afterMs} more`).toBe(tries);
    }
    failing.state.answer = { kind: 'seen', cosignature: null };
    lab.clock.advance(60_000);
    await pusher.runOnce();
    expect((await seen('failing'))?.size).toBe(second);
    answer({ kind: 'seen', cosignature: null });
    await hung;
    expect((await seen('hanging'))?.size).toBe(first);
    const states = await lab.database.admin<{ anchor: string; fault: string | null }>('select anchor, fault from audit_anchor_state');
    expect(states.every((row) => row.fault === null)).toBe(true);
  });

  it('goes on when the clock is put back by a year, as if no time had passed', async () => {
    const year = 365 * 24 * 60 * 60_000;
    const failing = told('failing');
    failing.state.answer = { kind: 'fault', code: 'EGRESS_CONNECT_FAILED' };
    const pusher = pusherOf([failing.anchor]);
    lab.clock.advance(year);
    await sealSome();
    await pusher.runOnce();
    const lease = { job: 'clock', forMs: 15_000 };
    const take = (holder: string) => lab.database.db.asSystem('sequencer', (tx) => takeLease(tx, { ...lease, holder }));
    expect(await take('dead')).toBe(true);
    await lab.database.admin("update audit_lease set until = until + interval '1 year' where job = 'clock'");
    lab.clock.advance(-year);
    await pusher.runOnce();
    expect(failing.pushed.length).toBe(2);
    expect(await take('living')).toBe(true);
    expect(await take('dead')).toBe(false);
  });

  it('belongs to one process at a time, which gives it back or loses it', async () => {
    const take = (holder: string, forMs = 60_000): Promise<boolean> =>
      lab.database.db.asSystem('sequencer', (tx) => takeLease(tx, { job: 'keeper', holder, forMs }));
    expect([await take('one'), await take('two'), await take('one')]).toEqual([true, false, true]);
    await lab.database.db.asSystem('sequencer', (tx) => endLease(tx, { job: 'keeper', holder: 'one' }));
    expect([await take('two', 0), await take('one')]).toEqual([true, true]);
  });
});

describe('witnesses by a policy', () => {
  interface Watching {
    readonly witness: Witness;
    readonly key: VerifierKey;
    isDown: boolean;
  }

  async function watched(names: readonly string[], quorum: string) {
    const witnesses = new Map<string, Watching>();
    for (const name of names) {
      const own = join(folder, name);
      const { verifierKey } = createWitnessKey(own, `${name}.example.com`);
      const witness = await openWitness({ folder: own, logs: [lab.signer.verifierKey], clock: lab.clock });
      witnesses.set(name, { witness, key: parseVerifierKey(verifierKey) as VerifierKey, isDown: false });
    }
    const lines = names.map((name) => `witness ${name} ${witnesses.get(name)?.witness.verifierKey} https://${name}.example.com`);
    const policy = parseWitnessPolicy(Buffer.from(`${lines.join('\n')}\n${quorum}\n`));
    if (isPolicyFault(policy)) throw new Error(policy.message);
    const post: AnchorPost = async ({ url, body }) => {
      const at = witnesses.get(new URL(url).hostname.split('.')[0] as string) as Watching;
      if (at.isDown) throw Object.assign(new Error('down'), { code: 'EGRESS_CONNECT_FAILED' });
      const answer = await at.witness.addCheckpoint(body);
      return { status: answer.status, contentType: answer.type, body: Buffer.from(answer.body) };
    };
    const anchors = policy.witnesses.map(({ name, key, url }) =>
      createWitnessAnchor({ name, key, url: url as string, post, knownSize: async () => 0 }),
    );
    return { witnesses, policy, pusher: pusherOf(anchors, policy) };
  }
  const noteOf = (size: number) => lab.database.db.inTenant(lab.newTenant(), (tx) => noteWithCosignatures(tx, 1, size));

  it('put their lines below the note, each of which verifies, and make up the quorum on one and the same checkpoint', async () => {
    const { witnesses, pusher } = await watched(['w1', 'w2', 'w3'], 'group g 2 w1 w2 w3\nquorum g');
    const size = await sealSome(3);
    (witnesses.get('w3') as Watching).isDown = true;
    await pusher.runOnce();
    const note = parseNote((await noteOf(size)) as string) as SignedNote;
    expect(note.signatures.map((line) => line.name)).toEqual([lab.signer.name, 'w1.example.com', 'w2.example.com']);
    for (const name of ['w1', 'w2']) expect(openCosignature(note, (witnesses.get(name) as Watching).key)).not.toBeNull();
    expect(await seen(QUORUM)).toEqual({ epoch: 1, size });
    expect(await lab.database.db.asSystem('sequencer', (tx) => newestCosigned(tx, 2))).toEqual({ epoch: 1, size });
    expect(await noteOf(size + 1_000)).toBeNull();
  });

  it('gather on one checkpoint while the quorum waits for a late one, and go on to the newest when it never comes', async () => {
    const { witnesses, pusher } = await watched(['w1', 'w2'], 'group g all w1 w2\nquorum g');
    const first = await sealSome();
    (witnesses.get('w2') as Watching).isDown = true;
    await pusher.runOnce();
    await sealSome();
    lab.clock.advance(2_000);
    (witnesses.get('w2') as Watching).isDown = false;
    await pusher.runOnce();
    expect([await seen('w1'), await seen('w2'), await seen(QUORUM)]).toEqual(Array(3).fill({ epoch: 1, size: first }));
    (witnesses.get('w2') as Watching).isDown = true;
    await pusher.runOnce();
    const third = await sealSome();
    lab.clock.advance(11_000);
    await pusher.runOnce();
    expect(await seen('w1')).toEqual({ epoch: 1, size: third });
    expect(await seen(QUORUM)).toEqual({ epoch: 1, size: first });
  });
});

describe('health', () => {
  let health: LedgerHealth;
  const start = (anchors: readonly { name: string; kind: string; isRequired: boolean }[] = []): void => {
    health = createLedgerHealth({ db: lab.database.db, clock: lab.clock, anchors, verifyEveryMs: 24 * 60 * 60_000 });
  };
  const stateNow = async (): Promise<readonly [string, readonly string[]]> => {
    const report = await health.report(lab.newTenant());
    return [report.state, report.problems.map((one) => one.code)];
  };

  it('turns late and failed while nothing is signed, and back, and says each change once', async () => {
    start();
    expect(await stateNow()).toEqual(['ok', []]);
    await sealSome();
    expect(await health.watch()).toEqual([]);
    lab.clock.advance(91_000);
    const late = { what: 'sealing', was: 'ok', state: 'late', code: 'AUDIT_SIGNING_LATE' };
    // One look may have met a busy moment.
    expect(await health.watch()).toEqual([]);
    expect(await health.watch()).toEqual([late]);
    expect(await health.watch()).toEqual([]);
    const since = (await health.report(lab.newTenant())).problems[0]?.since;
    lab.clock.advance(300_000);
    expect(await health.watch()).toEqual([{ ...late, was: 'late', state: 'failed' }]);
    // Since it is not in order, not since it failed.
    expect((await health.report(lab.newTenant())).problems[0]?.since).toBe(since);
    expect((await stateNow())[0]).toBe('failed');
    await sealSome();
    expect(await health.watch()).toEqual([{ what: 'sealing', was: 'failed', state: 'ok', code: null }]);
    expect(await stateNow()).toEqual(['ok', []]);
  });

  it('is late when a required anchor misses checkpoints, with its fault named, and in order again when it has caught up', async () => {
    const folderDrop = told('folder');
    folderDrop.state.answer = { kind: 'fault', code: 'AUDIT_ANCHOR_FOLDER_UNUSABLE' };
    const pusher = pusherOf([folderDrop.anchor]);
    start([folderDrop.anchor]);
    await pusher.declare();
    const size = await sealSome();
    await pusher.runOnce();
    for (const [afterMs, state] of [
      [60_000, 'ok'],
      [61_000, 'late'],
      [14 * 60_000, 'failed'],
    ] as const) {
      lab.clock.advance(afterMs);
      // Kept alive, so that only the anchor is behind.
      await sealSome();
      expect((await stateNow())[0], `after ${afterMs} more`).toBe(state);
    }
    const { anchors } = await health.report(lab.newTenant());
    expect(anchors.find((one) => one.name === 'folder')).toMatchObject({
      required: true,
      seenSize: null,
      fault: 'AUDIT_ANCHOR_FOLDER_UNUSABLE',
    });
    expect(anchors[0]).toMatchObject({ name: 'file', kind: 'file', required: true });
    folderDrop.state.answer = { kind: 'seen', cosignature: null };
    await pusher.runOnce();
    expect((await seen('folder'))?.size).toBeGreaterThan(size);
    expect(await stateNow()).toEqual(['ok', []]);
  });

  it('fails while the last verification of any tenant found a change', async () => {
    start();
    const tenant = lab.newTenant();
    await lab.write(tenant, 2);
    expect(await lab.database.db.inTenant(tenant, (tx) => countUnsigned(tx, tenant))).toBe(2);
    await lab.seal();
    expect(await lab.database.db.inTenant(tenant, (tx) => countUnsigned(tx, tenant))).toBe(0);
    const verified = (ok: boolean): Promise<void> =>
      lab.database.db.inTenant(tenant, (tx) =>
        insertVerification(tx, {
          tenant,
          atMs: lab.clock.now(),
          ok,
          code: ok ? 'VERIFIED' : 'LEAF_CHANGED',
          firstBad: ok ? null : 1,
          events: 2,
        }),
      );
    await verified(false);
    expect(await stateNow()).toEqual(['failed', ['AUDIT_VERIFICATION_FAILED']]);
    expect((await health.report(tenant)).verification).toMatchObject({ ok: false, code: 'LEAF_CHANGED' });
    lab.clock.advance(1_000);
    await verified(true);
    expect(await stateNow()).toEqual(['ok', []]);
  });
});

it('keeps what was seen, cosigned and verified where nobody can change it', async () => {
  for (const table of ['audit_anchor_seen', 'audit_cosignature', 'audit_verification']) {
    for (const statement of [`delete from ${table}`, `truncate ${table}`]) {
      await expect(lab.database.admin(statement), statement).rejects.toThrow('append-only');
    }
    const granted = await lab.database.admin<{ privilege: string }>(
      `select privilege_type as privilege from information_schema.role_table_grants where table_name = '${table}' and grantee in ('sallyport_app', 'sallyport_sequencer')`,
    );
    expect(new Set(granted.map((row) => row.privilege))).toEqual(new Set(['SELECT', 'INSERT']));
  }
});
