// What the doctor wants to know of a database server: does it keep what it acknowledges, what could our roles do, what time is it there.

import type { Clock } from '#core';
import { withServer } from './ask-server.ts';
import { inspectServerSettings } from './check-server-settings.ts';
import { storageFault } from './errors.ts';
import { inspectRoles } from './inspect-roles.ts';

export interface ServerInspection {
  /** `18.4` */
  readonly version: string;
  /** False before the first start has made our tables. */
  readonly isPrepared: boolean;
  /** Ways in which acknowledged data could be lost; empty when there is none. */
  readonly unsafeSettings: readonly string[];
  /** Powers our roles must not have; empty when they have none. */
  readonly rolePowers: readonly string[];
  /** Clock of the server minus ours. The truth lies within `uncertaintyMs` of it: half of how long the answer took. */
  readonly clock: { readonly aheadMs: number; readonly uncertaintyMs: number };
}

/** Looks at the server as the role sallyport_app sees it. Changes nothing. */
export async function inspectServer(url: string, clock: Clock): Promise<ServerInspection> {
  return withServer(url, async (ask) => {
    const [server] = await ask<{ version: string; isPrepared: boolean }>(
      `select split_part(current_setting('server_version'), ' ', 1) as version, to_regclass('public.storage_replicas') is not null as "isPrepared"`,
    );
    const unsafeSettings = await inspectServerSettings(ask);
    const rolePowers = await inspectRoles(ask);
    const beforeMs = clock.now();
    const [answer] = await ask<{ ms: number }>('select (extract(epoch from clock_timestamp()) * 1000)::float8 as ms');
    const afterMs = clock.now();
    const aheadMs = Math.round((answer?.ms ?? 0) - (beforeMs + afterMs) / 2);
    const uncertaintyMs = (afterMs - beforeMs) / 2;
    return {
      version: server?.version ?? '',
      isPrepared: server?.isPrepared ?? false,
      unsafeSettings,
      rolePowers,
      clock: { aheadMs, uncertaintyMs },
    };
  });
}

/** Throws for a server on which the ledger's promise or the tenant walls would be void. */
export function assertServerSafe({ unsafeSettings, rolePowers }: ServerInspection): void {
  if (unsafeSettings.length > 0) throw storageFault('STORAGE_UNSAFE_SETTINGS', unsafeSettings.join('; '));
  if (rolePowers.length > 0) throw storageFault('STORAGE_ROLE_TOO_POWERFUL', rolePowers.join('; '));
}
