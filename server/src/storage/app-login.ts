// Gives the server's role a login: a random password that only this installation knows.
// INVARIANT: the role is made without any power of its own; the pool refuses to work as one that has gained some.

import pg from 'pg';
import type { Random, SallyportError } from '#core';
import { connectionSettings, DEFAULT_LIMITS } from './connection-settings.ts';
import { storageFault } from './errors.ts';
import { APP_ROLE } from './roles.ts';
import { isServerError, translateError } from './translate-error.ts';

const OLDEST_VERSION = 160_000;
const LOGIN_LOCK = 7_255_901_483;
const PASSWORD_FORM = /^[A-Za-z0-9_-]{20,128}$/;

export function randomPassword(random: Random): string {
  return Buffer.from(random.bytes(24)).toString('base64url');
}

export function appUrl(adminUrl: string, password: string): string {
  const url = new URL(adminUrl);
  url.username = APP_ROLE;
  url.password = password;
  return url.href;
}

function permission(error: unknown): SallyportError {
  const refused = isServerError(error) && error.code === '42501';
  return refused ? storageFault('STORAGE_ROLES_NOT_PERMITTED', undefined, translateError(error)) : translateError(error);
}

/** Passwords are of our own making; the form is checked because DDL takes no parameters. */
function literal(password: string): string {
  if (!PASSWORD_FORM.test(password)) throw storageFault('STORAGE_STATE_FILE_UNUSABLE', 'the stored password is not one of ours');
  return `'${password}'`;
}

/** A password kept beside the data, readable by the administrator only: every replica of an installation finds the same. */
async function storedPassword(client: pg.Client, random: Random): Promise<string> {
  await client.query('create table if not exists storage_app_login (role text primary key, password text not null)');
  const found = await client.query<{ password: string }>('select password from storage_app_login where role = $1', [APP_ROLE]);
  const stored = found.rows[0]?.password;
  if (stored !== undefined) return stored;
  const taken = await client.query('select 1 from pg_roles where rolname = $1 and rolcanlogin', [APP_ROLE]);
  if (taken.rows.length > 0) throw storageFault('STORAGE_ROLE_IN_USE');
  const fresh = randomPassword(random);
  await client.query('insert into storage_app_login (role, password) values ($1, $2)', [APP_ROLE, fresh]);
  return fresh;
}

async function provide(client: pg.Client, password: string | null, random: Random): Promise<string> {
  const version = await client.query<{ number: number }>("select current_setting('server_version_num')::int as number");
  if ((version.rows[0]?.number ?? 0) < OLDEST_VERSION) throw storageFault('STORAGE_SERVER_TOO_OLD');
  await client.query(`select pg_advisory_xact_lock(${LOGIN_LOCK})`);
  const chosen = password ?? (await storedPassword(client, random));
  const known = await client.query('select 1 from pg_roles where rolname = $1', [APP_ROLE]);
  const verb = known.rows.length === 0 ? 'create' : 'alter';
  await client.query(`${verb} role ${APP_ROLE} login noinherit password ${literal(chosen)}`);
  return chosen;
}

/** The URL of the server's role on the database of `adminUrl`. `password` null keeps one in the database itself. */
export async function provideAppLogin(options: { adminUrl: string; password: string | null; random: Random }): Promise<string> {
  const client = new pg.Client(connectionSettings(options.adminUrl, DEFAULT_LIMITS, 'sallyport-login'));
  client.on('error', () => undefined); // reported by the statement that was running
  try {
    await client.connect();
    await client.query('begin');
    const password = await provide(client, options.password, options.random);
    await client.query('commit');
    return appUrl(options.adminUrl, password);
  } catch (error) {
    throw permission(error);
  } finally {
    await client.end();
  }
}
