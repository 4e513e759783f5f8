// Temporary folders for tests, and the accounts they are handed to.

import { chmod, chown, mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';

export interface TemporaryFolder {
  readonly path: string;
  remove(): Promise<void>;
}

/** A folder that other accounts may pass through; `owner` makes it belong to another account (root only). */
export async function temporaryFolder(name: string, owner: number | null = null): Promise<TemporaryFolder> {
  const path = await mkdtemp(join(tmpdir(), name));
  await chmod(path, 0o711);
  if (owner !== null) await chown(path, owner, owner);
  return { path, remove: () => rm(path, { recursive: true, force: true }) };
}

export const isRoot = process.getuid?.() === 0;
/** The account `nobody`. */
export const NOBODY = 65_534;
