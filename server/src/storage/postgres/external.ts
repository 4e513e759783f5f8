// A Postgres server somebody else runs, given by DATABASE_URL: provides the server's role on it, or says what is missing.
// INVARIANT: given the login of a part, it changes nothing and asks for nothing that this login may not.

import type { Random } from '#core';
import { provideAppLogin } from '../app-login.ts';
import { withServer } from '../ask-server.ts';
import { storageFault } from '../errors.ts';
import { type Login, loginOf } from '../logins.ts';
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

const addressOf = ({ hostname, port }: URL) => ({ host: hostname, port: port === '' ? DEFAULT_PORT : Number(port) });

/** Of which part of the server this URL is the login; null for any other, such as the owner of the database. */
export async function findLogin(url: string): Promise<Login | null> {
  parseUrl(url);
  return withServer(url, async (ask) => {
    const [row] = await ask<{ name: string }>('select session_user::text as name');
    return loginOf(row?.name ?? '');
  });
}

/** What a process has of the server that was given the login of its part: no more than that. */
export function usePartPostgres(url: string): Omit<PostgresServer, 'adminUrl'> {
  return { url, pid: null, address: addressOf(parseUrl(url)), obstacle: () => null, stop: async () => undefined };
}

export async function useExternalPostgres(options: ExternalOptions): Promise<PostgresServer> {
  const parsed = parseUrl(options.adminUrl);
  const url = await provideAppLogin({ adminUrl: options.adminUrl, password: null, random: options.random });
  return {
    url,
    adminUrl: options.adminUrl,
    pid: null,
    address: addressOf(parsed),
    obstacle: () => null,
    stop: async () => undefined,
  };
}
