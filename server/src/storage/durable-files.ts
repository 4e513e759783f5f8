// Files that must survive a crash of the machine: written whole, flushed, and their names flushed with the folder they stand in.

import { open } from 'node:fs/promises';
import { platform } from 'node:os';

/** Creates the file; fails when the name is taken. What it holds is on the disk when this resolves, its name once the folder is synced. */
export async function writeNewFile(path: string, content: Uint8Array | string, mode: number): Promise<void> {
  const file = await open(path, 'wx', mode);
  try {
    await file.writeFile(content);
    await file.sync();
  } finally {
    await file.close();
  }
}

/** Flushes the names in a folder. Does nothing on Windows, where folders can not be opened. */
export async function syncFolder(path: string): Promise<void> {
  if (platform() === 'win32') return;
  const folder = await open(path, 'r');
  try {
    await folder.sync();
  } finally {
    await folder.close();
  }
}
