import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import type { TenantId, Tx } from '#core';
import { codeOf, type OpenedVault, openVault } from './test/opened-vault.ts';
import { newTenant } from './test/ports.ts';
import type { Vault } from './vault.ts';

let given: OpenedVault;
let vault: Vault;
beforeAll(async () => {
  given = await openVault();
  vault = given.vault;
});
afterAll(() => given.close());

const inTenant = <T>(tenant: TenantId, work: (tx: Tx) => Promise<T>): Promise<T> => given.database.db.inTenant(tenant, work);
const seal = (
  tenant: TenantId,
  text: string,
  change: { subject?: string | null; purpose?: string; vault?: Vault } = {},
): Promise<Uint8Array> =>
  inTenant(tenant, (tx) =>
    (change.vault ?? vault).seal(tx, {
      tenant,
      subject: change.subject ?? null,
      purpose: change.purpose ?? 'note',
      plaintext: Buffer.from(text),
    }),
  );
const open = async (tenant: TenantId, sealed: Uint8Array, change: { purpose?: string; vault?: Vault } = {}): Promise<string> => {
  const plain = await inTenant(tenant, (tx) => (change.vault ?? vault).open(tx, { tenant, purpose: change.purpose ?? 'note', sealed }));
  return Buffer.from(plain).toString();
};

describe('sealed values', () => {
  test('open to what was sealed, in this process and in another with the same key file', async () => {
    const tenant = newTenant();
    const sealed = [await seal(tenant, 'plain'), await seal(tenant, 'about 42', { subject: 'customer:42' }), await seal(tenant, '')];
    const other = await given.reopen();
    for (const by of [vault, other]) {
      expect(await Promise.all(sealed.map((value) => open(tenant, value, { vault: by })))).toEqual(['plain', 'about 42', '']);
    }
    expect(Buffer.from(sealed[0] as Uint8Array).includes('plain')).toBe(false);
  });

  test('do not open for another tenant or purpose', async () => {
    const [mine, yours] = [newTenant(), newTenant()];
    const sealed = await seal(mine, 'mine', { subject: 'customer:1' });
    await seal(yours, 'yours', { subject: 'customer:1' });
    expect(await codeOf(open(mine, sealed, { purpose: 'other' }))).toBe('VAULT_SEALED_UNREADABLE');
    expect(await codeOf(open(yours, sealed))).toBe('VAULT_SUBJECT_ERASED');
  });

  test('do not open when the row of their key was moved, copied or relabelled in the database', async () => {
    const [mine, yours] = [newTenant(), newTenant()];
    const sealed = await seal(mine, 'mine', { subject: 'customer:1' });
    await seal(yours, 'yours', { subject: 'customer:2' });
    const { admin } = given.database;
    // The other tenant gets a copy of the key row: its id is found, its wrapping is not theirs.
    await admin(
      'insert into vault_subject_keys select $2, id, subject, tenant_key, wrapped, created_at from vault_subject_keys where tenant = $1',
      [mine, yours],
    );
    expect(await codeOf(open(yours, sealed))).toBe('VAULT_SEALED_UNREADABLE');
    // Even with the tenant key copied along.
    await admin('update vault_tenant_keys set wrapped = (select wrapped from vault_tenant_keys where tenant = $1) where tenant = $2', [
      mine,
      yours,
    ]);
    expect(await codeOf(open(yours, sealed, { vault: await given.reopen().catch(() => vault) }))).toBe('VAULT_SEALED_UNREADABLE');
    await admin('delete from vault_tenant_keys where tenant = $1', [yours]);
    // A relabelled subject, or a swapped key, of the same tenant.
    await seal(mine, 'other', { subject: 'customer:9' });
    await admin("update vault_subject_keys set subject = 'relabelled' where tenant = $1 and id = $2", [mine, idOf(sealed)]);
    expect(await codeOf(open(mine, sealed))).toBe('VAULT_SEALED_UNREADABLE');
  });

  test('do not open when any byte changed', async () => {
    const tenant = newTenant();
    const sealed = await seal(tenant, 'text');
    for (let index = 0; index < sealed.byteLength; index += 5) {
      const changed = Uint8Array.from(sealed, (byte, at) => (at === index ? byte ^ 1 : byte));
      expect(['VAULT_SEALED_UNREADABLE', 'VAULT_SUBJECT_ERASED']).toContain(await codeOf(open(tenant, changed)));
    }
    expect(await codeOf(open(tenant, new Uint8Array(3)))).toBe('VAULT_SEALED_UNREADABLE');
  });

  test('are refused without a purpose or with an empty subject', async () => {
    const tenant = newTenant();
    expect(await codeOf(seal(tenant, 'x', { purpose: '' }))).toBe('VAULT_INPUT_INVALID');
    expect(await codeOf(inTenant(tenant, (tx) => vault.seal(tx, { tenant, subject: '', purpose: 'p', plaintext: Buffer.of(1) })))).toBe(
      'VAULT_INPUT_INVALID',
    );
  });

  test('a tenant key of a transaction that was rolled back seals nothing later', async () => {
    const tenant = newTenant();
    const failed = inTenant(tenant, async (tx) => {
      await vault.seal(tx, { tenant, subject: 'customer:1', purpose: 'note', plaintext: Buffer.from('x') });
      await vault.seal(tx, { tenant, subject: 'customer:2', purpose: 'note', plaintext: Buffer.from('y') });
      throw new Error('rolled back');
    });
    await expect(failed).rejects.toThrow('rolled back');
    const sealed = await seal(tenant, 'kept');
    expect(await open(tenant, sealed, { vault: await given.reopen() })).toBe('kept');
  });

  test('first seals of one tenant at once agree on the keys', async () => {
    const tenant = newTenant();
    const other = await given.reopen();
    const sealed = await Promise.all(
      Array.from({ length: 12 }, (_, index) =>
        seal(tenant, `v${index}`, { subject: 'customer:7', vault: index % 2 === 0 ? vault : other }),
      ),
    );
    const fresh = await given.reopen();
    expect(await Promise.all(sealed.map((value) => open(tenant, value, { vault: fresh })))).toEqual(sealed.map((_, index) => `v${index}`));
  });
});

describe('erasing a subject', () => {
  test('makes all that was sealed for it unreadable at once, in every process, and nothing else', async () => {
    const tenant = newTenant();
    const other = await given.reopen();
    const gone = [
      await seal(tenant, 'a', { subject: 'customer:42' }),
      await seal(tenant, 'b', { subject: 'customer:42', purpose: 'other' }),
    ];
    const kept = await seal(tenant, 'kept', { subject: 'customer:43' });
    expect(await open(tenant, gone[0] as Uint8Array, { vault: other })).toBe('a');
    expect(await inTenant(tenant, (tx) => vault.eraseSubject(tx, { tenant, subject: 'customer:42' }))).toBe(true);
    for (const by of [vault, other]) {
      expect(await codeOf(open(tenant, gone[0] as Uint8Array, { vault: by }))).toBe('VAULT_SUBJECT_ERASED');
      expect(await codeOf(open(tenant, gone[1] as Uint8Array, { vault: by, purpose: 'other' }))).toBe('VAULT_SUBJECT_ERASED');
      expect(await open(tenant, kept, { vault: by })).toBe('kept');
    }
    const again = await seal(tenant, 'new life', { subject: 'customer:42' });
    expect(await open(tenant, again)).toBe('new life');
    expect(await codeOf(open(tenant, gone[0] as Uint8Array))).toBe('VAULT_SUBJECT_ERASED');
  });

  test('takes what belongs to one thing and leaves the rest of the person; erasing the person takes it too', async () => {
    const tenant = newTenant();
    const sealIn = (within: string, text: string) =>
      inTenant(tenant, (tx) => vault.seal(tx, { tenant, subject: 'customer:42', within, purpose: 'test', plaintext: Buffer.from(text) }));
    const values = [await sealIn('run:1', 'first'), await sealIn('run:2', 'second'), await sealIn('run:3', 'third')];
    const openAll = () =>
      inTenant(tenant, async (tx) =>
        (await vault.openMany(tx, { tenant, purpose: 'test', sealed: values })).map((one) => one && Buffer.from(one).toString()),
      );
    expect(await openAll()).toEqual(['first', 'second', 'third']);
    expect(await inTenant(tenant, (tx) => vault.eraseSubjects(tx, { tenant, subjects: ['run:1', 'run:none'] }))).toHaveLength(1);
    expect(await openAll()).toEqual([null, 'second', 'third']);
    expect(await codeOf(open(tenant, values[0] as Uint8Array, { purpose: 'test' }))).toBe('VAULT_SUBJECT_ERASED');
    await inTenant(tenant, (tx) => vault.eraseSubject(tx, { tenant, subject: 'customer:42' }));
    expect(await openAll()).toEqual([null, null, null]);
    expect(await codeOf(open(tenant, values[1] as Uint8Array, { purpose: 'test' }))).toBe('VAULT_SUBJECT_ERASED');
  });

  test('is recorded without the subject in clear, and erasing nobody is no event', async () => {
    const tenant = newTenant();
    await seal(tenant, 'a', { subject: 'customer:jane@example.com' });
    await inTenant(tenant, (tx) => vault.eraseSubject(tx, { tenant, subject: 'customer:jane@example.com', actor: 'person:per_1' }));
    expect(await inTenant(tenant, (tx) => vault.eraseSubject(tx, { tenant, subject: 'customer:jane@example.com' }))).toBe(false);
    const events = await given.database.admin('select type, actor, subject, public from event_inbox where tenant = $1', [tenant]);
    expect(events).toEqual([
      { type: 'vault.subject.erased', actor: 'person:per_1', subject: expect.stringMatching(/^subject:/), public: {} },
    ]);
    expect(JSON.stringify(events)).not.toContain('jane');
  });

  test('of one tenant does not touch the same subject of another', async () => {
    const [mine, yours] = [newTenant(), newTenant()];
    await seal(mine, 'a', { subject: 'customer:1' });
    const sealed = await seal(yours, 'b', { subject: 'customer:1' });
    await inTenant(mine, (tx) => vault.eraseSubject(tx, { tenant: mine, subject: 'customer:1' }));
    expect(await open(yours, sealed)).toBe('b');
  });
});

test('the database holds neither the subject nor the value in clear', async () => {
  const tenant = newTenant();
  await seal(tenant, 'canary-value', { subject: 'canary-subject' });
  const rows = await given.database.admin(
    'select t::text as t, s::text as s from vault_tenant_keys t join vault_subject_keys s on s.tenant = t.tenant where t.tenant = $1',
    [tenant],
  );
  expect(rows.length).toBeGreaterThan(0);
  expect(JSON.stringify(rows)).not.toContain('canary');
});

function idOf(sealed: Uint8Array): string {
  return Buffer.from(sealed.subarray(1, 17)).toString('base64url');
}
