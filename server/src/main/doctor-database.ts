// The doctor's look at Postgres: does it answer, keep what it acknowledges, and hold the walls; and do the clocks agree.

import { type Clock, SallyportError } from '#core';
import {
  createDatabase,
  findLogin,
  findRunningPostgres,
  inspectRowSecurity,
  inspectServer,
  type Login,
  useExternalPostgres,
  usePartPostgres,
} from '#storage';
import { type EpochInspection, inspectEpochs } from '#vault';
import type { Check } from './command-io.ts';
import { CLOCK_TOLERANCE_MS, newestInLedger } from './compose/clock-watch.ts';
import { codeOf } from './compose/rooms.ts';
import { tablesWithoutTenant } from './compose/tables-without-tenant.ts';
import type { Folders } from './folders.ts';
import type { Config } from './settings.ts';
import { systemClock, systemRandom } from './world.ts';

/** Older than this, either nothing ran for a year or the clock is wrong. */
const LONG_AGO_MS = 366 * 24 * 60 * 60_000;
const HOUR_MS = 60 * 60_000;
const DAY_MS = 24 * HOUR_MS;
/** Said in full up to here; the rest is counted. */
const MAX_SENTENCES = 8;

type Look = () => Promise<string>;

async function check(name: string, look: Look): Promise<Check> {
  try {
    return { name, ok: true, detail: await look() };
  } catch (error) {
    return { name, ok: false, detail: `${codeOf(error)}: ${error instanceof Error ? error.message : 'failed'}` };
  }
}

function refuseAll(code: string, found: readonly string[]): void {
  if (found.length === 0) return;
  const rest = found.length - MAX_SENTENCES;
  const text = found.slice(0, MAX_SENTENCES).join('; ');
  throw new SallyportError(code, rest > 0 ? `${text}; and ${rest} more.` : `${text}.`);
}

/** `3 days`, `2.5 s`: close enough to act on. */
function span(ms: number): string {
  if (ms >= 2 * DAY_MS) return `${Math.round(ms / DAY_MS)} days`;
  if (ms >= 120_000) return `${Math.round(ms / 60_000)} minutes`;
  return `${(ms / 1000).toFixed(1)} s`;
}

function databaseClock({ aheadMs, uncertaintyMs }: { readonly aheadMs: number; readonly uncertaintyMs: number }): string {
  const apart = Math.abs(aheadMs) - uncertaintyMs;
  if (apart > CLOCK_TOLERANCE_MS) {
    const which = aheadMs > 0 ? 'ahead of' : 'behind';
    throw new SallyportError(
      'MAIN_CLOCKS_DIFFER',
      `The database's clock is ${span(Math.abs(aheadMs))} ${which} this machine's; let a time service set both.`,
    );
  }
  return `this machine's and the database's agree within ${span(Math.max(Math.abs(aheadMs), uncertaintyMs))}`;
}

function ledgerClock(nowMs: number, newestMs: number | null): string {
  if (newestMs === null) return 'the ledger is empty, so there is nothing to compare with';
  const agoMs = nowMs - newestMs;
  if (agoMs < -CLOCK_TOLERANCE_MS) {
    throw new SallyportError(
      'MAIN_CLOCK_SET_BACK',
      `The newest entry of the ledger is dated ${span(-agoMs)} after this machine's clock; set the clock, or the next entries are dated before it and an event will say so.`,
    );
  }
  if (agoMs > LONG_AGO_MS) {
    throw new SallyportError(
      'MAIN_CLOCK_SET_FORWARD',
      `The newest entry of the ledger is ${span(agoMs)} old; if Sallyport was used since, this machine's clock is wrong.`,
    );
  }
  return `the newest entry of the ledger is ${span(Math.max(0, agoMs))} old`;
}

/** An erasure that waits longer than it was promised is a fault: copies still open what somebody wanted gone. */
export function keyEpoch({ current, sinceMs, isOpen, pending, oldestMs }: EpochInspection, everyHours: number, nowMs: number): string {
  const age = sinceMs === null ? '' : `, ${span(Math.max(0, nowMs - sinceMs))} old`;
  const waits =
    pending === 0 ? 'no erasure waits' : `${pending} erasures wait for its end, the oldest for ${span(nowMs - (oldestMs ?? nowMs))}`;
  const isLate = everyHours > 0 && oldestMs !== null && nowMs - oldestMs > 2 * everyHours * HOUR_MS;
  if (isLate) throw new SallyportError('MAIN_ERASURES_WAIT', `${waits}; look at: sallyport keys status, then: sallyport keys epoch.`);
  return `epoch ${current}${age}; ${waits}${isOpen ? '; a round is under way' : ''}`;
}

export async function inspectDatabase(config: Config, folders: Folders, clock: Clock = systemClock): Promise<readonly Check[]> {
  const name = config.databaseUrl === null ? 'embedded Postgres' : 'external Postgres';
  let server: { readonly url: string; readonly address: { readonly port: number } } | null;
  let login: Login | null = null;
  try {
    if (config.databaseUrl !== null) login = await findLogin(config.databaseUrl);
    server =
      config.databaseUrl === null
        ? await findRunningPostgres({ dataDir: folders.postgres, stateDir: folders.state, host: process })
        : login === null
          ? await useExternalPostgres({ adminUrl: config.databaseUrl, random: systemRandom })
          : usePartPostgres(config.databaseUrl);
  } catch (error) {
    return [{ name, ok: false, detail: `${codeOf(error)}: ${error instanceof Error ? error.message : 'failed'}` }];
  }
  if (server === null) return [{ name, ok: true, detail: 'not running; it is started with the server' }];
  const { url, address } = server;
  const found = await inspectServer(url, clock).catch((error: unknown) => error as Error);
  if (found instanceof Error) return [{ name, ok: false, detail: `${codeOf(found)}: ${found.message}` }];
  const database = createDatabase({ url, login, poolSize: 1, onFault: () => {} });
  try {
    return [
      { name, ok: true, detail: `version ${found.version} answers on port ${address.port}` },
      await check('database durability', async () => {
        refuseAll('STORAGE_UNSAFE_SETTINGS', found.unsafeSettings);
        return 'what is acknowledged is on the disk';
      }),
      await check('database roles', async () => {
        refuseAll('STORAGE_ROLE_TOO_POWERFUL', found.rolePowers);
        return 'the server’s roles can neither pass the tenant walls nor take them down';
      }),
      await check('tenant walls', async () => {
        if (!found.isPrepared) return 'no tables yet; they are made by the first start';
        const { tenantTables, holes } = await inspectRowSecurity(database, tablesWithoutTenant);
        refuseAll('STORAGE_ROW_SECURITY_OPEN', holes);
        return `${tenantTables.length} tables, all walled off`;
      }),
      ...(login === 'gateway'
        ? []
        : [
            await check('key epoch', async () =>
              found.isPrepared
                ? keyEpoch(await inspectEpochs(database), config.keyEpochHours, clock.now())
                : 'none yet; the first start makes one',
            ),
          ]),
      await check('database clock', async () => databaseClock(found.clock)),
      await check('ledger clock', async () => ledgerClock(clock.now(), found.isPrepared ? await newestInLedger(database) : null)),
    ];
  } finally {
    await database.close();
  }
}
