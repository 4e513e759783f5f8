// What this process can open the key file with: a passphrase from a file, a descriptor or the terminal, and the KMSs by the one outbound door.
// INVARIANT: no secret of these is kept in a setting, only where it is read from.

import { readdirSync, readFileSync, readlinkSync } from 'node:fs';
import { SallyportError } from '#core';
import { createEgress, systemResolve } from '#egress';
import { createKeySealer, type KeyFileLocation, type KeySealer, type KeyServiceCall } from '#vault';
import { planOf } from './backup/plan.ts';
import type { Folders } from './folders.ts';
import { askHidden } from './hidden-prompt.ts';
import { readPrivate } from './secret-file.ts';
import type { Config } from './settings.ts';
import { systemClock, systemRandom } from './world.ts';

interface Settings {
  readonly passphraseFile: string | null;
  readonly transitTokenFile: string | null;
  readonly allowPrivate: readonly string[];
  readonly extraCaFile: string | null;
}

/** An answer of a KMS is a few kilobytes. */
const LIMITS = { connectMs: 5_000, headersMs: 10_000, idleMs: 10_000, totalMs: 15_000, maxResponseBytes: 64 * 1024 };
const DESCRIPTOR = /^fd:(\d{1,3})$/;

/** A pipe of which this process holds both ends is its own: nobody handed it on, and reading it would wait for ever. */
function isOwnPipe(descriptor: number): boolean {
  const target = (name: string): string | null => {
    try {
      return readlinkSync(`/proc/self/fd/${name}`);
    } catch {
      return null; // not this system's way, or closed meanwhile
    }
  };
  const pipe = target(String(descriptor));
  if (pipe === null || !pipe.startsWith('pipe:')) return false;
  return readdirSync('/proc/self/fd').some((name) => name !== String(descriptor) && target(name) === pipe);
}

function readDescriptor(descriptor: number): string {
  try {
    if (!isOwnPipe(descriptor)) return readFileSync(descriptor, 'utf8');
  } catch (cause) {
    throw notHandedOn(descriptor, cause);
  }
  throw notHandedOn(descriptor, null);
}

const notHandedOn = (descriptor: number, cause: unknown): SallyportError =>
  new SallyportError(
    'MAIN_SECRET_FILE_UNUSABLE',
    `Nothing can be read from descriptor ${descriptor}: npm hands on none, and the launcher those that stand on the command line or in the environment. Start it as: node bin/sallyport.js up --passphrase-file fd:${descriptor} ${descriptor}<FILE`,
    { cause },
  );

/** `fd:3`: what stands at that descriptor, up to its end. */
function readSecret(place: string): string {
  const descriptor = DESCRIPTOR.exec(place)?.[1];
  let text: string;
  try {
    text = descriptor === undefined ? readPrivate(place) : readDescriptor(Number(descriptor));
  } catch (cause) {
    if (cause instanceof SallyportError) throw cause;
    throw new SallyportError('MAIN_SECRET_FILE_UNUSABLE', `Nothing can be read from ${place}.`, { cause });
  }
  return text.replace(/\r?\n$/, '');
}

function keyServiceCall(config: Settings): KeyServiceCall {
  const egress = createEgress({
    resolve: systemResolve,
    clock: systemClock,
    ownAddresses: () => [],
    allowPrivate: config.allowPrivate,
    extraAuthorities: config.extraCaFile === null ? [] : [readFileSync(config.extraCaFile, 'utf8')],
  });
  return async ({ url, headers, body }) => {
    const { origin, pathname } = new URL(url);
    const { status, body: answer } = await egress.requestJson({
      destination: { origin, pathPrefix: pathname, methods: ['POST'] },
      method: 'POST',
      path: pathname,
      headers: { ...headers },
      body: Buffer.from(body, 'utf8'),
      signal: AbortSignal.timeout(LIMITS.totalMs),
      limits: LIMITS,
    });
    return { status, body: Buffer.from(answer).toString('utf8') };
  };
}

export function keySealer(config: Settings, env: NodeJS.ProcessEnv = process.env): KeySealer {
  let typed: string | null = null;
  const call = keyServiceCall(config);
  return createKeySealer({
    random: systemRandom,
    passphrase: async (isNew) => {
      if (typed !== null) return typed;
      typed = config.passphraseFile === null ? await askHidden(isNew) : readSecret(config.passphraseFile);
      return typed;
    },
    awsKms: {
      call,
      clock: systemClock,
      credentials: () => {
        const { AWS_ACCESS_KEY_ID: accessKeyId, AWS_SECRET_ACCESS_KEY: secretAccessKey, AWS_SESSION_TOKEN: sessionToken } = env;
        if (accessKeyId === undefined || secretAccessKey === undefined) return null;
        return { accessKeyId, secretAccessKey, sessionToken: sessionToken ?? null };
      },
    },
    transit: { call, token: () => (config.transitTokenFile === null ? (env.VAULT_TOKEN ?? null) : readSecret(config.transitTokenFile)) },
  });
}

/** Where the key file is and what opens it; and where a copy of the key box is kept. */
export function keyFileOf(config: Config, folders: Folders, copyAt?: string | null): KeyFileLocation {
  return {
    path: folders.kekFile,
    dataDir: folders.data,
    sealer: keySealer(config),
    copyAt: copyAt === undefined ? (planOf(config, folders)?.folders.keysFolder ?? null) : copyAt,
  };
}
