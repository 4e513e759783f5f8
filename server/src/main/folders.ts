// Where the server keeps things: the data folder, and the key files outside it. Both are made private and tried before anything starts.

import { accessSync, chmodSync, constants, mkdirSync, statSync } from 'node:fs';
import { homedir } from 'node:os';
import { join, relative, resolve } from 'node:path';
import { SallyportError } from '#core';
import type { Config } from './settings.ts';

export interface Folders {
  readonly data: string;
  /** Cluster of the embedded Postgres. */
  readonly postgres: string;
  readonly state: string;
  readonly secrets: string;
  readonly kekFile: string;
  readonly auditKeyFile: string;
  /** Signs the workflows that people approved. */
  readonly workflowKeyFile: string;
  /** The highest publication of each workflow, so that a database that was put back can be told from the newest one. */
  readonly workflowHeightsFile: string;
  /** What the command line presents to the control plane; for the user who runs the server only. */
  readonly cliCredentialFile: string;
  /** Last checkpoint of the ledger, beside the keys so that a restored database can be told from the newest one. */
  readonly anchorFile: string;
  /** What was erased, so that a database that is put back forgets it again. */
  readonly erasuresFile: string;
  /** Who and what was let in no longer. */
  readonly departuresFile: string;
}

const PRIVATE = 0o700;

export interface User {
  readonly isRoot: boolean;
  readonly home: string;
}

export function currentUser(): User {
  return { isRoot: process.getuid?.() === 0, home: homedir() };
}

export function foldersOf(config: Pick<Config, 'dataDir' | 'secretsDir'>, user: User): Folders {
  // Root's home is closed to the unprivileged user Postgres runs as, so root's default lies outside it.
  const data = resolve(config.dataDir ?? (user.isRoot ? '/var/lib/sallyport' : join(user.home, '.local/share/sallyport')));
  const secrets = resolve(config.secretsDir ?? (user.isRoot ? '/etc/sallyport' : join(user.home, '.config/sallyport')));
  return {
    data,
    postgres: join(data, 'postgres'),
    state: join(data, 'state'),
    secrets,
    kekFile: join(secrets, 'kek'),
    auditKeyFile: join(secrets, 'audit-key.pem'),
    workflowKeyFile: join(secrets, 'workflow-key.pem'),
    workflowHeightsFile: join(secrets, 'workflow-publications.json'),
    cliCredentialFile: join(secrets, 'cli-credential.json'),
    anchorFile: join(secrets, 'ledger-checkpoint'),
    erasuresFile: join(secrets, 'erasures.ndjson'),
    departuresFile: join(secrets, 'departures.ndjson'),
  };
}

/** Creates what is missing; refuses what can not be used. */
export function prepareFolders(folders: Folders): void {
  if (!relative(folders.data, folders.secrets).startsWith('..')) {
    throw new SallyportError(
      'MAIN_FOLDER_UNUSABLE',
      `The secrets folder ${folders.secrets} lies inside the data folder; a copy of the data would carry its keys. Choose another --secrets-dir.`,
    );
  }
  // Postgres runs as another user when we are root, so the data folder itself stays traversable; its parts are closed one by one.
  usable(folders.data, 0o755);
  usable(folders.state, PRIVATE);
  usable(folders.secrets, PRIVATE);
}

function usable(path: string, mode: number): void {
  try {
    mkdirSync(path, { recursive: true, mode });
    if ((statSync(path).mode & 0o777) !== mode) chmodSync(path, mode);
    accessSync(path, constants.W_OK | constants.X_OK);
  } catch (cause) {
    throw new SallyportError(
      'MAIN_FOLDER_UNUSABLE',
      `The folder ${path} can not be created or written; choose another with --data-dir or --secrets-dir.`,
      { cause },
    );
  }
}
