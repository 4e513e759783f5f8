// Rounds over the keys that are killed at every step: nothing that was kept is unreadable at any moment, and what is said to be done is done.

import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { existsSync } from 'node:fs';
import { readdir, readFile, rm, writeFile } from 'node:fs/promises';
import { dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { isRefusal, type TenantId, type Tx } from '#core';
import { codeOf, type OpenedVault, openVault } from '../test/opened-vault.ts';
import { newTenant } from '../test/ports.ts';
import type { Vault } from '../vault.ts';
import type { RoundStep } from './steps.ts';

let given: OpenedVault;
beforeAll(async () => {
  given = await openVault();
});
afterAll(() => given.close());

type Round = 'changeEpoch' | 'rotateTenants' | 'rotateFile';
const STEPS: Readonly<Record<Round, readonly RoundStep[]>> = {
  changeEpoch: [
    'epoch kept',
    'epoch prepared',
    'epoch current',
    'wrapping',
    'wrapped',
    'survivors written',
    'epoch destroyed',
    'epoch marked',
  ],
  rotateTenants: ['versions added', 'wrapping', 'wrapped', 'survivors written', 'versions dropped'],
  rotateFile: ['next key kept', 'tenant keys wrapped', 'survivors written', 'key file replaced', 'old key forgotten'],
};
const ROUNDS = Object.keys(STEPS) as Round[];

const inTenant = <T>(tenant: TenantId, work: (tx: Tx) => Promise<T>): Promise<T> => given.database.db.inTenant(tenant, work);
const seal = (vault: Vault, tenant: TenantId, subject: string, text: string): Promise<Uint8Array> =>
  inTenant(tenant, (tx) => vault.seal(tx, { tenant, subject, purpose: 'note', plaintext: Buffer.from(text) }));
const open = async (vault: Vault, tenant: TenantId, sealed: Uint8Array): Promise<string> =>
  Buffer.from(await inTenant(tenant, (tx) => vault.open(tx, { tenant, purpose: 'note', sealed }))).toString();
const secrets = (): string => dirname(given.keyFile.path);

interface World {
  readonly kept: readonly { tenant: TenantId; sealed: Uint8Array }[];
  readonly gone: { tenant: TenantId; sealed: Uint8Array };
  readonly derived: Uint8Array;
  readonly index: string;
}

async function fill(): Promise<World> {
  const tenants = [newTenant(), newTenant()];
  const kept = [];
  for (const tenant of tenants)
    for (const nth of [1, 2, 3]) kept.push({ tenant, sealed: await seal(given.vault, tenant, `customer:${nth}`, 'kept') });
  const tenant = tenants[0] as TenantId;
  const gone = { tenant, sealed: await seal(given.vault, tenant, 'customer:gone', 'gone') };
  await inTenant(tenant, (tx) => given.vault.eraseSubject(tx, { tenant, subject: 'customer:gone' }));
  return {
    kept,
    gone,
    derived: given.vault.derive('a use'),
    index: await inTenant(tenant, (tx) => given.vault.blindReference(tx, tenant, 'customer:1')),
  };
}

/** By this process and by one that starts now. */
async function everythingOpens({ kept, gone, derived, index }: World, by: readonly Vault[]): Promise<void> {
  for (const vault of by) {
    for (const { tenant, sealed } of kept) expect(await open(vault, tenant, sealed)).toBe('kept');
    expect(await codeOf(open(vault, gone.tenant, gone.sealed))).toBe('VAULT_SUBJECT_ERASED');
    const { tenant } = gone;
    expect(await open(vault, tenant, await seal(vault, tenant, `customer:new-${Math.floor(performance.now() * 1000)}`, 'new'))).toBe('new');
    // What stands on the keys besides: derived keys and references do not change with them.
    expect(vault.derive('a use')).toEqual(derived);
    expect(await inTenant(tenant, (tx) => vault.blindReference(tx, tenant, 'customer:1'))).toBe(index);
  }
}

/** What the next process does: it goes on; a round of which nothing is left to see is begun again by whoever asked for it. */
async function finish(round: Round, step: RoundStep, next: Vault): Promise<void> {
  if (step === 'epoch kept') expect(isRefusal(await next.rounds[round]())).toBe(false);
  expect(await next.rounds.resume(), step).toBe(null);
}

async function isDone(round: Round, vault: Vault): Promise<void> {
  expect(await vault.rounds.isOpen()).toBe(false);
  const status = await vault.keyStatus();
  expect(status.subjectKeys).toMatchObject({ underOtherEpoch: 0, underOlderKey: 0 });
  expect(status.tenantKeys).toMatchObject({ olderVersions: 0, underOtherFile: 0 });
  if (round === 'changeEpoch') expect(status).toMatchObject({ epoch: { ending: [] }, pending: { erasures: 0 } });
  expect((await readdir(secrets())).toSorted()).toEqual(['vault-epochs', 'vault-survivors', 'vault.key']);
}

describe('a round over the keys', () => {
  for (const round of ROUNDS) {
    test(`${round} that is broken off at any step leaves everything open, and is gone on with by the next process`, async () => {
      for (const step of STEPS[round]) {
        const world = await fill();
        const before = await given.vault.keyStatus();
        const stopped = given.vault.rounds[round]((progress) => {
          if (progress.step === step) throw new Error('stopped');
        });
        await expect(stopped, step).rejects.toThrow('stopped');
        const next = await given.reopen();
        await everythingOpens(world, [given.vault, next]);
        await finish(round, step, next);
        await everythingOpens(world, [given.vault, next]);
        await isDone(round, next);
        const after = await next.keyStatus();
        if (round === 'changeEpoch') expect(after.epoch.current).toBe(before.epoch.current + 1);
        if (round === 'rotateTenants') expect(after.tenantKeys.newestVersion).toBeGreaterThan(before.tenantKeys.newestVersion);
        if (round === 'rotateFile') expect((await given.reopen()).keyId).not.toBe(before.key.id);
      }
    }, 30_000);
  }

  test.each<[Round, RoundStep]>([
    ['changeEpoch', 'epoch kept'],
    ['changeEpoch', 'epoch destroyed'],
    ['rotateTenants', 'versions dropped'],
    ['rotateFile', 'key file replaced'],
  ])('%s, with its process killed at "%s"', async (round, step) => {
    const world = await fill();
    const order = JSON.stringify({ url: given.database.url, keyFile: given.keyFile, round, step });
    const child = spawn(process.execPath, [fileURLToPath(new URL('../../../../testkit/crash/round-child.ts', import.meta.url)), order], {
      stdio: 'ignore',
    });
    expect((await once(child, 'exit'))[1]).toBe('SIGKILL');
    const next = await given.reopen();
    await everythingOpens(world, [given.vault, next]);
    await finish(round, step, next);
    await everythingOpens(world, [given.vault, next]);
    await isDone(round, next);
  });

  test('goes on beside processes that seal and open all the time, of which none is refused', async () => {
    const world = await fill();
    const others = [await given.reopen(), await given.reopen()];
    let isOver = false;
    const sealed: { tenant: TenantId; value: Uint8Array }[] = [];
    const busy = others.map(async (vault, who) => {
      for (let nth = 0; !isOver || nth < 5; nth += 1) {
        const { tenant, sealed: old } = world.kept[nth % world.kept.length] as World['kept'][number];
        sealed.push({ tenant, value: await seal(vault, tenant, `customer:busy-${who}-${nth}`, 'busy') });
        expect(await open(vault, tenant, old)).toBe('kept');
      }
    });
    for (const round of [...ROUNDS, ...ROUNDS]) expect(isRefusal(await given.vault.rounds[round]()), round).toBe(false);
    isOver = true;
    await Promise.all(busy);
    expect(sealed.length).toBeGreaterThan(10);
    const fresh = await given.reopen();
    for (const { tenant, value } of sealed) expect(await open(fresh, tenant, value)).toBe('busy');
    await everythingOpens(world, [given.vault, ...others, fresh]);
  }, 30_000);

  test('is not begun by a process with other files, and that process is refused rather than sealing what nobody opens', async () => {
    const { kept } = await fill();
    const old = await readFile(join(secrets(), 'vault-epochs'), 'utf8');
    const other = await given.reopen();
    await given.vault.rounds.changeEpoch();
    const now = await readFile(join(secrets(), 'vault-epochs'), 'utf8');
    await writeFile(join(secrets(), 'vault-epochs'), old, { mode: 0o600 });
    expect(await codeOf(given.reopen())).toBe('VAULT_EPOCH_MISSING');
    expect(await codeOf(other.rounds.changeEpoch())).toBe('VAULT_EPOCH_MISSING');
    const { tenant, sealed } = kept[0] as World['kept'][number];
    expect(await codeOf(open(other, tenant, sealed))).toBe('VAULT_EPOCH_MISSING');
    expect(await codeOf(seal(other, tenant, 'customer:late', 'late'))).toBe('VAULT_EPOCH_MISSING');
    await rm(join(secrets(), 'vault-epochs'));
    expect(await codeOf(given.reopen())).toBe('VAULT_EPOCH_MISSING');
    await writeFile(join(secrets(), 'vault-epochs'), now, { mode: 0o600 });
    expect(await open(other, tenant, sealed)).toBe('kept');
  });

  test('writes over what it replaces, also what a killed replacement left', async () => {
    await fill();
    const left = join(secrets(), 'vault-epochs.old');
    await writeFile(left, 'an older box', { mode: 0o600 });
    await writeFile(join(secrets(), 'vault-epochs.new-00'), 'a draft', { mode: 0o600 });
    await given.vault.rounds.changeEpoch();
    expect(existsSync(left)).toBe(false);
    expect((await readdir(secrets())).toSorted()).toEqual(['vault-epochs', 'vault-survivors', 'vault.key']);
  });

  test('a box that was changed is refused, whatever was changed in it', async () => {
    await fill();
    await given.vault.rounds.changeEpoch();
    const path = join(secrets(), 'vault-epochs');
    const good = await readFile(path, 'utf8');
    for (const change of [
      good.replace('"closed":', '"closed":9'),
      good.replace('"epoch":', '"epoch":1'),
      good.slice(0, -9),
      '{}\n',
      good.replace('"count":', '"count":1'),
    ]) {
      expect(change).not.toBe(good);
      await writeFile(path, change, { mode: 0o600 });
      expect(['VAULT_KEY_BOX_UNUSABLE', 'VAULT_KEY_FILE_UNUSABLE']).toContain(await codeOf(given.reopen()));
    }
    await writeFile(path, good, { mode: 0o600 });
    expect(await codeOf(given.reopen())).toBe('done');
  });
});

test('a tenant whose key is destroyed can not be read by anybody, and no other tenant notices', async () => {
  const { kept } = await fill();
  const [mine, yours] = [kept[0], kept.at(-1)] as [World['kept'][number], World['kept'][number]];
  await given.database.admin('delete from vault_tenant_keys where tenant = $1', [mine.tenant]);
  const vault = await given.reopen();
  expect(await codeOf(open(vault, mine.tenant, mine.sealed))).toBe('VAULT_SEALED_UNREADABLE');
  expect(await open(vault, yours.tenant, yours.sealed)).toBe('kept');
});
