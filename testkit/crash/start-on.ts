// Starts a server on a folder and a database that outlive it.

import { join } from 'node:path';
import process from 'node:process';
import { createLogger, foldersOf, loadConfig, type Seams, type Server, startServer } from '../../server/src/main/index.ts';

export interface ServerSettings {
  readonly folder: string;
  /** `null`: the embedded server, in the folder. */
  readonly databaseUrl: string | null;
  /** host:port of upstreams on this machine. */
  readonly allowPrivate: readonly string[];
  /** Parts of the server this process is; absent for all of it. */
  readonly serve?: readonly string[];
}

export type LogLine = (line: string) => void;

/** Dead is who is not this process: nothing else beats while a trial looks. */
export const RECOVER_AT_ONCE = { deadAfterMs: 1, beatMs: 3_600_000 } as const;
/** For the process that will die: it never takes another one for dead. */
const NEVER = { deadAfterMs: 3_600_000, beatMs: 3_600_000 } as const;

/** What `sallyport up` would make of these settings. */
export function configOn(settings: ServerSettings) {
  const flags = {
    '--data-dir': join(settings.folder, 'data'),
    '--secrets-dir': join(settings.folder, 'secrets'),
    '--gateway-port': '0',
    '--control-port': '0',
    '--allow-private': settings.allowPrivate.join(','),
    ...(settings.serve === undefined ? {} : { '--serve': settings.serve.join(',') }),
  };
  const config = loadConfig({ flags, env: settings.databaseUrl === null ? {} : { DATABASE_URL: settings.databaseUrl }, file: null });
  return { config, folders: foldersOf(config, { isRoot: process.getuid?.() === 0, home: settings.folder }) };
}

export async function startOn(settings: ServerSettings, seams: Seams = {}, onLog: LogLine = () => {}): Promise<Server> {
  const { config, folders } = configOn(settings);
  return startServer(config, folders, createLogger('info', onLog), { recovery: NEVER, ...seams });
}
