// The journal of erasures: what was appended is read again, a line that a kill cut takes no other with it, and nobody else may read it.

import { appendFile, chmod, mkdtemp, readFile, rm, stat } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, expect, it } from 'vitest';
import { createErasureJournal, readErasureJournal } from './erasure-journal.ts';
import { newTenant } from './test/ports.ts';

let folder: string;
beforeEach(async () => {
  folder = await mkdtemp(join(tmpdir(), 'journal-'));
});
afterEach(() => rm(folder, { recursive: true, force: true }));

const erasure = (key: string) => ({ tenant: newTenant(), key, atMs: 1_764_000_000_000 });

it('gives back what was appended, in a file for its owner alone that names no person', async () => {
  const path = join(folder, 'erasures.ndjson');
  const journal = createErasureJournal(path);
  const [one, two, three] = [erasure('keyAAAAAAAA'), erasure('keyBBBBBBBB'), erasure('keyCCCCCCCC')];
  await Promise.all([journal.append([one, two]), journal.append([three])]);
  expect(await readErasureJournal(path)).toEqual({ erasures: [one, two, three], unreadable: 0 });
  expect((await stat(path)).mode & 0o777).toBe(0o600);
  expect(Object.keys(JSON.parse((await readFile(path, 'utf8')).split('\n')[0] ?? ''))).toEqual(['v', 'tenant', 'key', 'at']);
});

it('begins a new line after one that a kill cut, and counts the cut one', async () => {
  const path = join(folder, 'erasures.ndjson');
  const journal = createErasureJournal(path);
  const [one, two] = [erasure('keyAAAAAAAA'), erasure('keyBBBBBBBB')];
  await journal.append([one]);
  await appendFile(path, '{"v":1,"tenant":"ten_');
  await journal.append([two]);
  expect(await readErasureJournal(path)).toEqual({ erasures: [one, two], unreadable: 1 });
});

it('refuses to write where others may read, and is empty where nothing was ever erased', async () => {
  const path = join(folder, 'erasures.ndjson');
  expect(await readErasureJournal(path)).toEqual({ erasures: [], unreadable: 0 });
  await appendFile(path, '');
  await chmod(path, 0o644);
  await expect(createErasureJournal(path).append([erasure('keyAAAAAAAA')])).rejects.toMatchObject({
    code: 'VAULT_ERASURE_JOURNAL_UNUSABLE',
  });
  await expect(createErasureJournal(join(folder, 'none', 'file')).append([erasure('keyAAAAAAAA')])).rejects.toMatchObject({
    code: 'VAULT_ERASURE_JOURNAL_UNUSABLE',
  });
});
