// Values sealed anew: killed in the middle, beside writers and erasures, with what does not open, and with what must stay.

import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { fileURLToPath } from 'node:url';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { isRefusal, newId, type RunId, type TenantId, type Tx } from '#core';
import { query, sql } from '#storage';
import { NOTES, PLACES, TABLES } from '../../../../testkit/crash/sealed-notes.ts';
import { encrypt } from '../envelope.ts';
import { readKeyFile } from '../key-file.ts';
import { holdKeys } from '../keys/held-keys.ts';
import { putBackKeys } from '../keys/put-back.ts';
import { epochWrapping, openTenantRow, unwrapSubjectKey } from '../keys/wrapping.ts';
import { waitForSealers } from '../store/generations.ts';
import { codeOf, type OpenedVault, openVault } from '../test/opened-vault.ts';
import { newTenant, nodeRandom } from '../test/ports.ts';
import type { Vault } from '../vault.ts';

let given: OpenedVault;
let vault: Vault;
beforeAll(async () => {
  given = await openVault();
  vault = given.vault;
  await given.database.admin(TABLES);
});
afterAll(() => given.close());

const { admin, inTenant } = {
  admin: (text: string, values?: unknown[]) => given.database.admin(text, values as never),
  inTenant: <T>(tenant: TenantId, work: (tx: Tx) => Promise<T>): Promise<T> => given.database.db.inTenant(tenant, work),
};

interface Whose {
  readonly subject?: string;
  readonly within?: string;
}

const sealNote = (tx: Tx, tenant: TenantId, nth: number, text: string, { subject = `customer:${nth % 7}`, within }: Whose) =>
  vault.seal(tx, {
    ...{ tenant, subject, purpose: NOTES.purpose({ nth: String(nth), name: 'a' }), plaintext: Buffer.from(text) },
    ...(within === undefined ? {} : { within }),
  });
const noteAll = (tenant: TenantId, count: number, of: (nth: number) => Whose & { readonly text: string }) =>
  inTenant(tenant, async (tx) => {
    for (let nth = 0; nth < count; nth += 1) {
      const sealed = Buffer.from(await sealNote(tx, tenant, nth, of(nth).text, of(nth)));
      await sql`insert into note values (${tenant}, ${nth}, 'a', ${sealed})`.execute(query(tx));
    }
  });
async function note(tenant: TenantId, nth: number, text: string, whose: Whose = {}) {
  const sealed = await inTenant(tenant, (tx) => sealNote(tx, tenant, nth, text, whose));
  await admin('insert into note values ($1, $2, $3, $4)', [tenant, nth, 'a', sealed]);
  return sealed;
}
const notesOf = async (tenant: TenantId): Promise<ReadonlyMap<number, Buffer>> =>
  new Map(
    (await admin('select nth, sealed from note where tenant = $1 order by nth', [tenant])).map((row) => [
      Number(row.nth),
      row.sealed as Buffer,
    ]),
  );
const read = async (tenant: TenantId, nth: number, by = vault): Promise<string> => {
  const sealed = (await notesOf(tenant)).get(nth) as Buffer;
  const plain = await inTenant(tenant, (tx) => by.open(tx, { tenant, purpose: NOTES.purpose({ nth: String(nth), name: 'a' }), sealed }));
  return Buffer.from(plain).toString();
};
const again = (by = vault) => by.reencryption(PLACES, given.database.db);
const keysOf = async (tenant: TenantId) =>
  (await admin('select id, generation from vault_subject_keys where tenant = $1', [tenant])) as { id: string; generation: number }[];
const start = async (tenant: TenantId): Promise<void> => expect(await again().begin(tenant, 'per_x')).toBe(null);
const finish = async (): Promise<object> => {
  const done = await again().run();
  if (isRefusal(done)) throw new Error(done.code);
  return done;
};

/** Until such a statement waits for the lock of somebody else. */
async function waits(statement: string): Promise<void> {
  const look = () =>
    admin("select from pg_stat_activity where datname = current_database() and wait_event_type = 'Lock' and strpos(query, $1) > 0", [
      statement,
    ]);
  while ((await look()).length === 0) await new Promise((resolve) => setImmediate(resolve));
}

/** As a server of a version without labels sealed it. */
async function sealInFirstForm(tenant: TenantId, subject: string, purpose: string, text: string): Promise<Buffer> {
  const id = Buffer.from(
    (await inTenant(tenant, (tx) => vault.seal(tx, { tenant, subject, purpose, plaintext: Buffer.from('x') }))).subarray(1, 17),
  ).toString('base64url');
  const master = await readKeyFile(given.keyFile);
  if (master === null) throw new Error('the key file is there');
  const held = await holdKeys(given.keyFile, master, nodeRandom);
  const [row] = await admin(
    'select subject, tenant_key, coalesce(wrap_key, tenant_key) as wrap_key, epoch, wrapped from vault_subject_keys where id = $1',
    [id],
  );
  const [owner] = await admin('select version, kek, wrapped from vault_tenant_keys where tenant = $1', [tenant]);
  const {
    subject: reference,
    tenant_key: tenantKey,
    wrap_key: wrapKey,
    epoch,
    wrapped,
  } = row as never as { subject: string; tenant_key: number; wrap_key: number; epoch: number; wrapped: Buffer };
  const wrapping = epochWrapping(openTenantRow(held, tenant, owner as never), held.epoch(epoch));
  const key = unwrapSubjectKey(wrapping, tenant, { id, subject: reference, tenantKey, wrapKey, epoch, wrapped });
  const context = ['value', tenant, purpose, reference, id, String(tenantKey)] as const;
  return Buffer.concat([Buffer.of(1), Buffer.from(id, 'base64url'), encrypt(key, Buffer.from(text), context, nodeRandom)]);
}

describe('values sealed anew', () => {
  test('killed in the middle, gone on with by the next process: no ciphertext is the one before, and everything opens', async () => {
    const tenant = newTenant();
    const run = newId('run', given.clock, nodeRandom) as RunId;
    await noteAll(tenant, 450, (nth) => ({ text: `text ${nth}`, ...(nth % 3 === 0 ? { within: `run:${nth % 20}` } : {}) }));
    await inTenant(tenant, (tx) =>
      vault.knownValues.remember(tx, tenant, run, [{ type: 'NAME', value: 'Ada Example', subject: 'customer:1' }]),
    );
    const before = await notesOf(tenant);
    await start(tenant);
    const order = JSON.stringify({ url: given.database.url, keyFile: given.keyFile, round: 'reencrypt', step: 'sealing' });
    const child = spawn(process.execPath, [fileURLToPath(new URL('../../../../testkit/crash/round-child.ts', import.meta.url)), order], {
      stdio: 'ignore',
    });
    expect((await once(child, 'exit'))[1]).toBe('SIGKILL');
    const between = await notesOf(tenant);
    const moved = [...between].filter(([nth, sealed]) => !sealed.equals(before.get(nth) as Buffer)).length;
    expect(moved).toBeGreaterThan(0);
    expect(moved).toBeLessThan(450);
    expect([await read(tenant, 0), await read(tenant, 449)]).toEqual(['text 0', 'text 449']);
    expect(await again().isOpen()).toBe(true);

    const next = await given.reopen();
    expect(await again(next).run()).toMatchObject({ tenants: 1, sealed: 450 - moved + 1, erased: 0, unreadable: 0 });
    const after = await notesOf(tenant);
    for (const [nth, sealed] of after) expect(sealed.equals(before.get(nth) as Buffer)).toBe(false);
    for (let nth = 0; nth < 450; nth += 37) expect(await read(tenant, nth, next)).toBe(`text ${nth}`);
    expect(await vault.knownValues.load(tenant, run)).toEqual([{ type: 'NAME', value: 'Ada Example', subject: 'customer:1' }]);
    const [row] = (await again().status()).tenants.filter((one) => one.tenant === tenant);
    expect(row).toMatchObject({ generation: 2, state: 'done', sealed: 451 });
    expect(await again().isOpen()).toBe(false);
  }, 30_000);

  test('older keys are kept until they are asked to go, and then only those under which nothing is left', async () => {
    const tenant = newTenant();
    const kept = await note(tenant, 1, 'kept');
    const payload = await inTenant(tenant, (tx) =>
      vault.seal(tx, { tenant, subject: 'person:1', purpose: 'event.change', plaintext: Buffer.from('changed') }),
    );
    await admin('insert into payload values ($1, 1, $2)', [tenant, payload]);
    expect(await again().destroyOlder(tenant)).toMatchObject({ destroyed: 0 });
    await start(tenant);
    expect(await again().destroyOlder(tenant)).toMatchObject({ code: 'VAULT_REENCRYPTION_RUNNING' });
    await finish();
    // An older backup has this one, and its key.
    const purpose = NOTES.purpose({ nth: '1', name: 'a' });
    expect(Buffer.from(await inTenant(tenant, (tx) => vault.open(tx, { tenant, purpose, sealed: kept }))).toString()).toBe('kept');
    expect(await again().destroyOlder(tenant)).toEqual({ destroyed: 1, kept: 1 });
    expect(await codeOf(inTenant(tenant, (tx) => vault.open(tx, { tenant, purpose, sealed: kept })))).toBe('VAULT_SUBJECT_ERASED');
    expect(await read(tenant, 1)).toBe('kept');
    // What the ledger has a hash of is byte for byte what it was, and opens.
    const [stored] = await admin('select sealed from payload where tenant = $1', [tenant]);
    expect(Buffer.from(stored?.sealed as Buffer).equals(Buffer.from(payload))).toBe(true);
    expect(
      Buffer.from(await inTenant(tenant, (tx) => vault.open(tx, { tenant, purpose: 'event.change', sealed: payload }))).toString(),
    ).toBe('changed');
  });

  test('what does not open is named and left with its key, what was erased is counted', async () => {
    const tenant = newTenant();
    const bad = Buffer.from(await note(tenant, 1, 'bad', { subject: 'customer:bad' }));
    bad[bad.byteLength - 1] = (bad[bad.byteLength - 1] as number) ^ 1;
    await admin('update note set sealed = $2 where tenant = $1 and nth = 1', [tenant, bad]);
    await note(tenant, 2, 'erased', { subject: 'customer:erased' });
    await note(tenant, 3, 'half', { subject: 'customer:erased', within: 'run:3' });
    await note(tenant, 4, 'good');
    await admin(`insert into note values ($1, 5, 'a', '\\x1234')`, [tenant]);
    await inTenant(tenant, (tx) => vault.eraseSubject(tx, { tenant, subject: 'customer:erased' }));
    await start(tenant);
    expect(await finish()).toMatchObject({ sealed: 2, erased: 1, unreadable: 2 });
    expect((await again().status()).faults.filter((one) => one.tenant === tenant)).toEqual([
      { tenant, place: 'note.sealed', ref: '1/a', code: 'VAULT_SEALED_UNREADABLE' },
      { tenant, place: 'note.sealed', ref: '5/a', code: 'VAULT_SEALED_UNREADABLE' },
    ]);
    const left = await keysOf(tenant);
    await again().destroyOlder(tenant);
    const badKey = bad.subarray(1, 17).toString('base64url');
    const now = await keysOf(tenant);
    expect(now.filter(({ generation }) => generation === 1).map(({ id }) => id)).toEqual([badKey]);
    expect(left.length).toBeGreaterThan(now.length);
    expect((await notesOf(tenant)).get(1)?.equals(bad)).toBe(true);
    expect(await codeOf(read(tenant, 3))).toBe('VAULT_SUBJECT_ERASED');
  });

  test('beside writers that replace values all the time nothing is lost and nothing is stale', async () => {
    const tenant = newTenant();
    const latest = new Map<number, string>();
    for (let nth = 0; nth < 40; nth += 1) latest.set(nth, 'first');
    await noteAll(tenant, 40, () => ({ text: 'first' }));
    const other = await given.reopen();
    let isOver = false;
    const writing = (async () => {
      for (let round = 0; !isOver; round += 1) {
        const nth = (round * 7) % 40;
        const purpose = NOTES.purpose({ nth: String(nth), name: 'a' });
        await inTenant(tenant, async (tx) => {
          const sealed = await other.seal(tx, {
            tenant,
            subject: `customer:${nth % 7}`,
            purpose,
            plaintext: Buffer.from(`round ${round}`),
          });
          await new Promise((resolve) => setImmediate(resolve));
          await sql`update note set sealed = ${Buffer.from(sealed)} where tenant = ${tenant} and nth = ${nth}`.execute(query(tx));
        });
        latest.set(nth, `round ${round}`);
      }
    })();
    for (const _ of [1, 2, 3]) {
      await start(tenant);
      await finish();
      expect(await again().destroyOlder(tenant)).toMatchObject({ destroyed: 7, kept: 0 });
    }
    isOver = true;
    await writing;
    for (const [nth, text] of latest) expect(await read(tenant, nth)).toBe(text);
    expect(new Set((await keysOf(tenant)).map(({ generation }) => generation))).toEqual(new Set([4]));
  }, 30_000);

  test('an erasure that waits for it takes the key that was made meanwhile as well', async () => {
    const tenant = newTenant();
    await note(tenant, 1, 'mine', { subject: 'customer:one' });
    await start(tenant);
    const isMoved = Promise.withResolvers<void>();
    const mayCommit = Promise.withResolvers<void>();
    const follow = async (): Promise<void> => {
      isMoved.resolve();
      await mayCommit.promise;
    };
    const running = vault.reencryption({ ...PLACES, follow: { ...PLACES.follow, 'note.sealed': follow } }, given.database.db).run();
    await isMoved.promise;
    const erasing = inTenant(tenant, (tx) => vault.eraseSubject(tx, { tenant, subject: 'customer:one' }));
    await waits('delete from vault_subject_keys');
    mayCommit.resolve();
    expect(await running).toMatchObject({ sealed: 1 });
    expect(await erasing).toBe(true);
    expect(await keysOf(tenant)).toEqual([]);
    expect(await codeOf(read(tenant, 1))).toBe('VAULT_SUBJECT_ERASED');
  });

  test('whoever waited to seal seals under the generation that began meanwhile', async () => {
    const tenant = newTenant();
    await note(tenant, 1, 'one');
    const isHeld = Promise.withResolvers<void>();
    const mayEnd = Promise.withResolvers<void>();
    const holding = inTenant(tenant, async (tx) => {
      await waitForSealers(tx, tenant);
      isHeld.resolve();
      await mayEnd.promise;
    });
    await isHeld.promise;
    const sealing = note(tenant, 2, 'two');
    await waits('vault_sealing_keys');
    await start(tenant);
    mayEnd.resolve();
    await Promise.all([holding, sealing]);
    const under = (await notesOf(tenant)).get(2)?.subarray(1, 17).toString('base64url');
    expect((await keysOf(tenant)).find(({ id }) => id === under)).toMatchObject({ generation: 2 });
    await finish();
  });

  test('brings the first form to the newest, which can then be asked of everything', async () => {
    const tenant = newTenant();
    const purpose = NOTES.purpose({ nth: '1', name: 'a' });
    const old = await sealInFirstForm(tenant, 'customer:1', purpose, 'from before');
    await admin('insert into note values ($1, 1, $2, $3)', [tenant, 'a', old]);
    expect(await read(tenant, 1)).toBe('from before');
    expect(await again().setMinimum(2)).toMatchObject({ code: 'VAULT_OLDER_FORMS_LEFT', evidence: { place: 'note.sealed' } });
    await start(tenant);
    await finish();
    expect((await notesOf(tenant)).get(1)?.[0]).toBe(0x24);
    expect(await again().setMinimum(2)).toEqual({ before: 1, after: 2 });
    const other = await given.reopen();
    for (const by of [vault, other]) {
      expect(await read(tenant, 1, by)).toBe('from before');
      expect(await codeOf(inTenant(tenant, (tx) => by.open(tx, { tenant, purpose, sealed: old })))).toBe('VAULT_FORM_TOO_OLD');
      expect(await codeOf(inTenant(tenant, (tx) => by.openMany(tx, { tenant, purpose, sealed: [old] })))).toBe('VAULT_FORM_TOO_OLD');
    }
    expect(await again().setMinimum(1)).toEqual({ before: 2, after: 1 });
    expect(Buffer.from(await inTenant(tenant, (tx) => vault.open(tx, { tenant, purpose, sealed: old }))).toString()).toBe('from before');
  });

  test('what was erased stays in the first form, and keeps nothing else from opening when a newer one is asked for', async () => {
    const tenant = newTenant();
    const purpose = NOTES.purpose({ nth: '1', name: 'a' });
    const erased = await sealInFirstForm(tenant, 'customer:erased', purpose, 'from before');
    await admin('insert into note values ($1, 1, $2, $3)', [tenant, 'a', erased]);
    await inTenant(tenant, (tx) => vault.eraseSubject(tx, { tenant, subject: 'customer:erased' }));
    await start(tenant);
    await finish();
    const live = await inTenant(tenant, (tx) => vault.seal(tx, { tenant, subject: 'customer:2', purpose, plaintext: Buffer.from('live') }));
    expect(await again().setMinimum(2)).toEqual({ before: 1, after: 2 });
    try {
      const opened = await inTenant(tenant, (tx) => vault.openMany(tx, { tenant, purpose, sealed: [erased, live] }));
      expect(opened.map((bytes) => (bytes === null ? null : Buffer.from(bytes).toString()))).toEqual([null, 'live']);
      expect(await codeOf(inTenant(tenant, (tx) => vault.open(tx, { tenant, purpose, sealed: erased })))).toBe('VAULT_SUBJECT_ERASED');
    } finally {
      await again().setMinimum(1);
    }
  });

  test('a tenant that is not there is refused, and one that runs is not begun twice', async () => {
    const tenant = newTenant();
    expect(await again().begin(tenant, 'per_x')).toMatchObject({ code: 'VAULT_NOTHING_SEALED' });
    await note(tenant, 1, 'one');
    await start(tenant);
    await start(tenant);
    expect((await again().status()).tenants.find((one) => one.tenant === tenant)).toMatchObject({ generation: 2, state: 'running' });
    await finish();
  });

  test('an older backup still opens, after rounds over the keys and with an older form refused since', async () => {
    const tenant = newTenant();
    const purpose = NOTES.purpose({ nth: '1', name: 'a' });
    const old = await sealInFirstForm(tenant, 'customer:1', purpose, 'from before');
    await admin('insert into note values ($1, 1, $2, $3)', [tenant, 'a', old]);
    const tables = ['vault_tenant_keys', 'vault_subject_keys', 'vault_epochs', 'vault_reencryptions'];
    const backup = new Map<string, string>();
    for (const table of tables)
      backup.set(table, String((await admin(`select coalesce(json_agg(t), '[]')::text as rows from ${table} t`))[0]?.rows));
    await start(tenant);
    await finish();
    expect(await again().setMinimum(2)).toEqual({ before: 1, after: 2 });
    for (const round of ['changeEpoch', 'rotateTenants'] as const) expect(isRefusal(await vault.rounds[round]())).toBe(false);
    for (const table of tables) {
      await admin(`delete from ${table}`);
      await admin(`insert into ${table} select * from json_populate_recordset(null::${table}, $1::json)`, [backup.get(table)]);
    }
    await admin('update note set sealed = $2 where tenant = $1', [tenant, old]);
    const putBack = await putBackKeys({ db: given.database.db, keyFile: given.keyFile, clock: given.clock, random: nodeRandom });
    expect(putBack.erased.filter((one) => one.tenant === tenant)).toEqual([]);
    const restored = await given.reopen();
    expect(await read(tenant, 1, restored)).toBe('from before');
    expect(await again(restored).begin(tenant, 'per_x')).toBe(null);
    expect(isRefusal(await again(restored).run())).toBe(false);
    expect(await read(tenant, 1, restored)).toBe('from before');
  });
});
