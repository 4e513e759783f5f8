// A vault on a test database, with its key file in a folder of its own.

import { mkdir, mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { type FixedClock, fixedClock, type TestDatabase, testDatabase } from '@sallyport/testkit';
import { migrations as storageMigrations } from '#storage';
import type { KeyFileLocation } from '../key-file.ts';
import type { MayHold } from '../leases.ts';
import { migrations } from '../migrations/index.ts';
import { createVault, type Vault } from '../vault.ts';
import { nodeRandom } from './ports.ts';

export interface OpenedVault {
  readonly vault: Vault;
  readonly database: TestDatabase;
  readonly keyFile: KeyFileLocation;
  readonly clock: FixedClock;
  /** Another process's vault on the same database and key file. */
  reopen(): Promise<Vault>;
  close(): Promise<void>;
}

export async function openVault(mayHold: MayHold = async () => null): Promise<OpenedVault> {
  const folder = await mkdtemp(join(tmpdir(), 'vault-'));
  await mkdir(join(folder, 'data'));
  const keyFile = { path: join(folder, 'secrets', 'vault.key'), dataDir: join(folder, 'data') };
  const database = await testDatabase([...storageMigrations, ...migrations]);
  const clock = fixedClock();
  const opened: Vault[] = [];
  const reopen = async (): Promise<Vault> => {
    const vault = await createVault({ db: database.db, keyFile, clock, random: nodeRandom, mayHold });
    opened.push(vault);
    return vault;
  };
  return {
    vault: await reopen(),
    database,
    keyFile,
    clock,
    reopen,
    close: async () => {
      for (const vault of opened) await vault.close();
      await database.close();
      await rm(folder, { recursive: true, force: true });
    },
  };
}

export const codeOf = (work: Promise<unknown>): Promise<unknown> =>
  work.then(
    (value) => (value as { code?: string } | null | undefined)?.code ?? 'done',
    (error: { code?: string }) => error.code ?? error,
  );
