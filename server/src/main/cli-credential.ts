// The session of the local command line, in a file beside the keys. Each start replaces it; processes that share one database and one
// secrets folder share it instead, so that the later one does not sign the earlier one's command line out.

import { isObject, isRefusal } from '#core';
import type { Identity } from '#identity';
import { readPrivate, writePrivate } from './secret-file.ts';

const LABEL_BYTES = 6;

export interface CliCredentialOptions {
  readonly identity: Pick<Identity, 'authenticateSession' | 'createCliCredential'>;
  readonly path: string;
  readonly control: string;
  /** File with the certificate of the control plane, by which the command line knows it; null without TLS. */
  readonly certificate: string | null;
  /** Another process may serve the same database. */
  readonly isShared: boolean;
  readonly random: { bytes(count: number): Uint8Array };
}

/** The token, which the file now holds together with the address of this process. */
export async function provideCliCredential({
  identity,
  path,
  control,
  certificate,
  isShared,
  random,
}: CliCredentialOptions): Promise<string> {
  const kept = read(path);
  if (isShared && kept.token !== null && !isRefusal(identity.authenticateSession(kept.token))) {
    writePrivate(path, `${JSON.stringify({ ...kept, control, certificate })}\n`);
    return kept.token;
  }
  // A server of the same database on another machine has a secrets folder, and so a session, of its own.
  const label = isShared ? (kept.label ?? `local-${Buffer.from(random.bytes(LABEL_BYTES)).toString('hex')}`) : 'local';
  const token = await identity.createCliCredential({ label });
  writePrivate(path, `${JSON.stringify({ control, certificate, token, label })}\n`);
  return token;
}

function read(path: string): { readonly token: string | null; readonly label: string | null } {
  let value: unknown;
  try {
    value = JSON.parse(readPrivate(path));
  } catch {
    // Missing, not ours alone or broken: a new one takes its place.
    value = null;
  }
  const text = (name: string): string | null => (isObject(value) && typeof value[name] === 'string' ? (value[name] as string) : null);
  return { token: text('token'), label: text('label') };
}
