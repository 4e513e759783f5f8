// Which parts of the server this process is, from the settings and from the login it has in the database, and what follows from that.

import { SallyportError } from '#core';
import type { BackupPlan } from './backup/plan.ts';
import { type Config, SERVES } from './settings.ts';

export type Serves = ReadonlySet<(typeof SERVES)[number]>;

export const isWhole = (serves: Serves): boolean => SERVES.every((part) => serves.has(part));

/** INVARIANT: parts that run apart share a Postgres that is nobody's child. */
export function servesOf({ serve, databaseUrl }: Config): Serves {
  const serves: Serves = new Set(serve);
  if (!isWhole(serves) && databaseUrl === null) {
    throw new SallyportError(
      'MAIN_CONFIG_INVALID',
      'Setting serve names a part of the server only, which needs a Postgres that all parts share; set DATABASE_URL.',
    );
  }
  return serves;
}

/** INVARIANT: a schedule of backups that nobody keeps is no schedule: such a worker does not start. */
export function refuseUnkeptSchedule(login: string | null, serves: Serves, plan: BackupPlan | null): void {
  if (login === null || !serves.has('worker') || plan === null || plan.everyHours === 0) return;
  throw new SallyportError(
    'MAIN_CONFIG_INVALID',
    'Backups read every tenant, which the login of the worker may not; give the worker the login of the database’s owner, or set backupEveryHours to 0 and make backups elsewhere.',
  );
}

/** Configured places of the listeners this process does not have itself. */
export function elsewhere(config: Config, serves: Serves): readonly { readonly host: string; readonly port: number }[] {
  return [
    ...(serves.has('gateway') ? [] : [{ host: config.gatewayHost, port: config.gatewayPort }]),
    ...(serves.has('control') ? [] : [{ host: config.controlHost, port: config.controlPort }]),
  ].filter(({ port }) => port !== 0);
}
