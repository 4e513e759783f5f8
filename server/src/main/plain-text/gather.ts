// Gathers what the picture is drawn from, of the running server and for one tenant.

import type { TenantId } from '#core';
import { inspectWire, listColumns, type StoredColumn, sampleSealed } from '#storage';
import { SEALED_FORM } from '#vault';
import type { OpenDatabase } from '../compose/database.ts';
import type { Rooms } from '../compose/rooms.ts';
import type { Folders } from '../folders.ts';
import { LOG_FIELDS } from '../logger.ts';
import type { Config } from '../settings.ts';
import { type ColumnKind, kindOf } from './columns.ts';
import type { BackupFacts, ColumnFacts, Facts, IntegrationFacts } from './facts.ts';
import { isPrivate, lookAtKeyFile, lookAtMachine } from './look.ts';

export interface GatherDeps {
  readonly rooms: Pick<Rooms, 'vault' | 'catalogue' | 'flows' | 'federated'>;
  readonly open: Pick<OpenDatabase, 'database' | 'embedded' | 'url'>;
  readonly config: Config;
  readonly folders: Folders;
  readonly clock: { now(): number };
  readonly backupsMade: () => Promise<number>;
}

const NOT_CLEAR: ReadonlySet<ColumnKind> = new Set(['sealed', 'wrapped', 'reference', 'unplaced']);
const nameOf = ({ table, column }: Pick<StoredColumn, 'table' | 'column'>): string => `${table}.${column}`;

async function columnsOf({ open }: GatherDeps, tenant: TenantId): Promise<ColumnFacts> {
  return open.database.inTenant(tenant, async (tx) => {
    const byKind = Map.groupBy(await listColumns(tx), kindOf);
    const of = (kind: ColumnKind): readonly StoredColumn[] => byKind.get(kind) ?? [];
    const sampled = await sampleSealed(
      tx,
      of('sealed').filter(({ isReadable }) => isReadable),
      SEALED_FORM,
    );
    return {
      sealed: of('sealed').length,
      tables: new Set(of('sealed').map(({ table }) => table)).size,
      wrapped: of('wrapped').length,
      references: of('reference').length,
      inClear: [...byKind].flatMap(([kind, columns]) => (NOT_CLEAR.has(kind) ? [] : [{ why: kind, columns: columns.map(nameOf) }])),
      unplaced: of('unplaced').map(nameOf),
      holding: sampled.filter(({ looked }) => looked > 0).length,
      unlike: sampled.filter(({ unlike }) => unlike > 0).map(nameOf),
    };
  });
}

/** What went out to each integration, by class and handling, over all operations. */
async function integrationsOf({ rooms }: GatherDeps, tenant: TenantId): Promise<readonly IntegrationFacts[]> {
  const out = (await rooms.flows.list(tenant)).filter(({ direction }) => direction === 'out');
  return rooms.catalogue.list(tenant).map(({ name, kind, origin, isSample }) => {
    const rows = Map.groupBy(
      out.filter(({ destination }) => destination === name),
      ({ dataClass, handling }) => `${dataClass} ${handling}`,
    );
    const classes = [...rows.values()].flatMap((same) => {
      const [first] = same;
      if (first === undefined) return [];
      return [{ dataClass: first.dataClass, handling: first.handling, count: same.reduce((sum, row) => sum + row.count, 0) }];
    });
    return { name, kind, origin, isSample, classes };
  });
}

async function backupsOf({ config, rooms, backupsMade }: GatherDeps): Promise<BackupFacts> {
  const { backupFolder, backupKeysFolder } = config;
  const copies = await rooms.vault.copies();
  return {
    isPrivate: backupFolder === null ? null : isPrivate(backupFolder),
    keysApart: backupKeysFolder !== null && backupKeysFolder !== backupFolder,
    made: backupFolder === null ? 0 : await backupsMade(),
    copyFault: copies.fault,
    otherCopies: copies.others,
  };
}

export async function gatherFacts(deps: GatherDeps, tenant: TenantId): Promise<Facts> {
  const { rooms, open, config, folders, clock } = deps;
  const status = await rooms.vault.keyStatus();
  const { oldestAt } = status.pending;
  return {
    config,
    keyFile: await lookAtKeyFile(config, folders),
    database: {
      isEmbedded: open.embedded,
      // Where it can not be asked, what is set stands alone.
      wire: await inspectWire(open.url).catch(() => null),
      columns: await columnsOf(deps, tenant),
    },
    keys: {
      status,
      own: await rooms.vault.keysOf(tenant),
      oldestWaitsMs: oldestAt === null ? null : clock.now() - Date.parse(oldestAt),
    },
    machine: lookAtMachine(),
    backups: await backupsOf(deps),
    integrations: await integrationsOf(deps, tenant),
    logins: (await rooms.federated.federation.providers.list(tenant)).map(({ name, issuer }) => ({ name, issuer })),
    logFields: LOG_FIELDS.length,
  };
}
