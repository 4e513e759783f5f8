// A passphrase typed at the terminal, without showing it. Where there is no terminal nobody can be asked.

import { createInterface } from 'node:readline/promises';
import { Writable } from 'node:stream';
import { SallyportError } from '#core';

async function askOnce(question: string): Promise<string> {
  process.stderr.write(question);
  // What readline would show of what is typed goes nowhere.
  const nowhere = new Writable({ write: (_chunk, _encoding, done) => done() });
  const lines = createInterface({ input: process.stdin, output: nowhere, terminal: true });
  try {
    return await lines.question('');
  } finally {
    lines.close();
    process.stderr.write('\n');
  }
}

/** Null when there is no terminal. A new passphrase is typed twice. */
export async function askHidden(isNew: boolean): Promise<string | null> {
  if (process.stdin.isTTY !== true) return null;
  const first = await askOnce(isNew ? 'New passphrase for the key file: ' : 'Passphrase of the key file: ');
  if (isNew && (await askOnce('Once more: ')) !== first)
    throw new SallyportError('VAULT_PASSPHRASE_WRONG', 'The two are not the same; nothing was changed.');
  return first;
}
