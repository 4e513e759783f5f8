import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { newId, type RunId, type TenantId } from '#core';
import { type KnownValue, MAX_VALUES_PER_RUN } from './known-values.ts';
import { codeOf, type OpenedVault, openVault } from './test/opened-vault.ts';
import { newTenant, nodeRandom } from './test/ports.ts';

let given: OpenedVault;
beforeAll(async () => {
  given = await openVault();
});
afterAll(() => given.close());

const newRun = (): RunId => newId('run', given.clock, nodeRandom);
const remember = (tenant: TenantId, run: RunId, values: readonly KnownValue[]): Promise<void> =>
  given.database.db.inTenant(tenant, (tx) => given.vault.knownValues.remember(tx, tenant, run, values));
const load = (tenant: TenantId, run: RunId): Promise<readonly KnownValue[]> => given.vault.knownValues.load(tenant, run);

const EMAIL: KnownValue = { type: 'EMAIL', value: 'jane@example.com', subject: 'customer:1' };
const PHONE: KnownValue = { type: 'PHONE', value: '+1 202 555 0143', subject: 'customer:1' };
const OTHER: KnownValue = { type: 'EMAIL', value: 'joe@example.com', subject: 'customer:2' };
const NOBODY: KnownValue = { type: 'CITY', value: 'Springfield', subject: null };

describe('known values of a run', () => {
  test('come back each once, whatever order and however often they were met', async () => {
    const [tenant, run] = [newTenant(), newRun()];
    await remember(tenant, run, [EMAIL, PHONE, OTHER, NOBODY]);
    await remember(tenant, run, [PHONE, EMAIL]);
    await remember(tenant, run, [EMAIL, EMAIL]);
    await remember(tenant, run, []);
    expect(new Set((await load(tenant, run)).map((value) => JSON.stringify(value)))).toEqual(
      new Set([EMAIL, PHONE, OTHER, NOBODY].map((value) => JSON.stringify(value))),
    );
    expect(await load(tenant, run)).toHaveLength(4);
    const [rows] = await given.database.admin('select count(*)::int as rows from vault_known_values where tenant = $1', [tenant]);
    expect(rows).toEqual({ rows: 4 });
  });

  test('belong to one tenant and one run', async () => {
    const [mine, yours, run] = [newTenant(), newTenant(), newRun()];
    await remember(mine, run, [EMAIL]);
    expect(await load(yours, run)).toEqual([]);
    expect(await load(mine, newRun())).toEqual([]);
  });

  test('are sealed in the database and bound to their run', async () => {
    const [tenant, run, other] = [newTenant(), newRun(), newRun()];
    await remember(tenant, run, [EMAIL]);
    const rows = await given.database.admin('select v::text as row from vault_known_values v where tenant = $1', [tenant]);
    expect(JSON.stringify(rows)).not.toContain('jane');
    expect(JSON.stringify(rows)).not.toContain(Buffer.from('jane').toString('hex'));
    await given.database.admin('update vault_known_values set run = $2 where tenant = $1', [tenant, other]);
    expect(await codeOf(load(tenant, other))).toBe('VAULT_SEALED_UNREADABLE');
  });

  test('of an erased subject are gone, the others stay', async () => {
    const [tenant, run] = [newTenant(), newRun()];
    await remember(tenant, run, [EMAIL, PHONE, OTHER, NOBODY]);
    await given.database.db.inTenant(tenant, (tx) => given.vault.eraseSubject(tx, { tenant, subject: 'customer:1' }));
    expect(new Set((await load(tenant, run)).map((value) => value.value))).toEqual(new Set([OTHER.value, NOBODY.value]));
  });

  test('are never dropped silently: a run that meets too many is stopped, and keeps what it has', async () => {
    const [tenant, run] = [newTenant(), newRun()];
    const many = Array.from({ length: MAX_VALUES_PER_RUN }, (_, index) => ({ ...EMAIL, value: `user${index}@example.com` }));
    await remember(tenant, run, many);
    expect(await codeOf(remember(tenant, run, [PHONE]))).toBe('VAULT_KNOWN_VALUES_FULL');
    expect(await codeOf(remember(tenant, run, many))).toBe('done');
    expect(await load(tenant, run)).toHaveLength(MAX_VALUES_PER_RUN);
    expect(await codeOf(remember(tenant, newRun(), [{ ...EMAIL, value: '' }]))).toBe('VAULT_INPUT_INVALID');
  });

  test('can be forgotten with their run', async () => {
    const [tenant, run] = [newTenant(), newRun()];
    await remember(tenant, run, [EMAIL]);
    await given.database.db.inTenant(tenant, (tx) => given.vault.knownValues.forget(tx, tenant, run));
    expect(await load(tenant, run)).toEqual([]);
  });
});
