// Databases that live as long as one drill: made under a random name on the same server, dropped at its end, or at the next start.

import { hash } from 'node:crypto';
import type { Random } from '#core';
import { storageFault } from '../errors.ts';
import { isServerError, translateError } from '../translate-error.ts';
import { withSession } from './session.ts';

const PREFIX = 'sallyport_drill_';
const NAME = /^sallyport_drill_[0-9a-f]{16}$/;
const OWN_DIGITS = 8;
const NAME_BYTES = 4;

/** How the scratch databases of a database begin: the server may hold several installations, and the lock of backups is of one database. */
export const scratchPrefix = (database: string): string => `${PREFIX}${hash('sha256', database, 'hex').slice(0, OWN_DIGITS)}`;

const prefixAt = (adminUrl: string): string => scratchPrefix(decodeURIComponent(new URL(adminUrl).pathname.slice(1)));

function on(adminUrl: string, database: string): string {
  const url = new URL(adminUrl);
  url.pathname = `/${database}`;
  return url.href;
}

/** Gives `work` the address of an empty database that is gone afterwards. */
export async function withScratch<T>(adminUrl: string, random: Random, work: (adminUrl: string) => Promise<T>): Promise<T> {
  const name = `${prefixAt(adminUrl)}${Buffer.from(random.bytes(NAME_BYTES)).toString('hex')}`;
  await withSession(adminUrl, 'sallyport-drill', async (client) => {
    try {
      await client.query(`create database ${name} template template0`);
    } catch (error) {
      const refused = isServerError(error) && error.code === '42501';
      throw refused ? storageFault('STORAGE_DRILL_NOT_PERMITTED', undefined, translateError(error)) : error;
    }
  });
  try {
    return await work(on(adminUrl, name));
  } finally {
    await withSession(adminUrl, 'sallyport-drill', (client) => client.query(`drop database if exists ${name} with (force)`));
  }
}

/** Drops what drills that were killed left behind. Only for whoever holds the lock of backups. */
export async function dropScratches(adminUrl: string): Promise<number> {
  return withSession(adminUrl, 'sallyport-drill', async (client) => {
    const { rows } = await client.query<{ name: string }>('select datname as name from pg_database where datname like $1', [
      `${prefixAt(adminUrl).replaceAll('_', String.raw`\_`)}%`,
    ]);
    const left = rows.map(({ name }) => name).filter((name) => NAME.test(name));
    for (const name of left) await client.query(`drop database if exists ${name} with (force)`);
    return left.length;
  });
}
