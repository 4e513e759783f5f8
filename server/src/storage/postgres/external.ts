// A Postgres server somebody else runs, given by DATABASE_URL: provides the server's role on it, or says what is missing.

import type { Random } from '#core';
import { provideAppLogin } from '../app-login.ts';
import { storageFault } from '../errors.ts';
import type { PostgresServer } from './start.ts';

export interface ExternalOptions {
  /** A login that owns the database and may create roles. */
  readonly adminUrl: string;
  readonly random: Random;
}

function parseUrl(text: string): URL {
  const url = URL.canParse(text) ? new URL(text) : null;
  if (url === null || (url.protocol !== 'postgresql:' && url.protocol !== 'postgres:') || url.hostname === '') {
    throw storageFault('STORAGE_LOGIN_REFUSED', 'it is not of the form postgresql://user:password@host:port/database');
  }
  return url;
}

const DEFAULT_PORT = 5432;

export async function useExternalPostgres(options: ExternalOptions): Promise<PostgresServer> {
  const parsed = parseUrl(options.adminUrl);
  const url = await provideAppLogin({ adminUrl: options.adminUrl, password: null, random: options.random });
  return {
    url,
    adminUrl: options.adminUrl,
    pid: null,
    address: { host: parsed.hostname, port: parsed.port === '' ? DEFAULT_PORT : Number(parsed.port) },
    obstacle: () => null,
    stop: async () => undefined,
  };
}
