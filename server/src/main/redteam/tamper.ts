// The administrator of the database as an insider: edits the sealed log of a throw-away tenant, has the offline verifier look at what an
// export then says, and takes everything back. INVARIANT: each trial is one transaction that never commits.

import { createLedger, openSigningKeys } from '#audit';
import { createInOrder, parseId, SallyportError, type TenantId, type Tx } from '#core';
import { TAMPERS, type Tamper, type TamperName, type TamperTrial, tamperWith } from '#redteam';
import { type Database, findRunningPostgres, tryAsAdministrator, useExternalPostgres } from '#storage';
import { allEvents } from '../compose/event-catalogue.ts';
import { codeOf } from '../compose/rooms.ts';
import { verifyLedger } from '../compose/verify-ledger.ts';
import type { Folders } from '../folders.ts';
import type { Config } from '../settings.ts';
import { systemRandom, systemWorld } from '../world.ts';

/** Null when this is not the machine of the running installation, or its database is not ours to administer. */
export async function openTamper(config: Pick<Config, 'databaseUrl'>, folders: Folders): Promise<Tamper | null> {
  const adminUrl = await adminUrlOf(config, folders);
  if (adminUrl === null) return null;
  return async (named) => {
    const tenant = parseId('ten', named);
    if (tenant === null) return [];
    const names = Object.keys(TAMPERS) as TamperName[];
    // Where nothing is changed the verifier agrees, or its findings would show nothing.
    const untouched = await tryOne(adminUrl, folders, { tenant, name: null });
    if (untouched.isFound !== true) return [{ ...untouched, isFound: null }];
    const trials: TamperTrial[] = [];
    for (const name of names) trials.push(await tryOne(adminUrl, folders, { tenant, name }));
    return trials;
  };
}

async function adminUrlOf({ databaseUrl }: Pick<Config, 'databaseUrl'>, folders: Folders): Promise<string | null> {
  const server =
    databaseUrl === null
      ? await findRunningPostgres({ dataDir: folders.postgres, stateDir: folders.state, host: process })
      : await useExternalPostgres({ adminUrl: databaseUrl, random: systemRandom }).catch(() => null);
  return server?.adminUrl ?? null;
}

async function tryOne(
  adminUrl: string,
  folders: Folders,
  { tenant, name }: { readonly tenant: TenantId; readonly name: TamperName | null },
): Promise<TamperTrial> {
  const tried = name ?? 'the log verifies before anything is changed';
  try {
    return await tryAsAdministrator({ adminUrl, tenant, events: allEvents }, async (tx) => {
      if (name !== null && !(await tamperWith(tx, tenant, name))) return { tried, isFound: null, told: 'there was nothing to change' };
      const verdict = await verify(tx, folders, tenant);
      const told = verdict.ok ? 'verified' : `${verdict.code ?? ''}${verdict.firstBad === null ? '' : ` at ${verdict.firstBad}`}`;
      return { tried, isFound: verdict.ok === (name === null), told };
    });
  } catch (fault) {
    return { tried, isFound: null, told: codeOf(fault) };
  }
}

/** Everything the verifier needs is read in the transaction that tampered. */
function verify(tx: Tx, folders: Folders, tenant: TenantId) {
  const inOrder = createInOrder();
  const inside = { inTenant: <T>(_tenant: TenantId, work: (within: Tx) => Promise<T>): Promise<T> => inOrder.run(() => work(tx)) };
  const ledger = createLedger({ db: inside as Database, actors: NO_ACTORS, signer: openSigningKeys(folders.auditKeyFile), ...systemWorld });
  const request = { tenant, actor: 'system:redteam', checkpointFile: folders.anchorFile, isScheduled: false } as const;
  return verifyLedger({ ledger } as VerifyRooms, { database: inside } as VerifyOpen, request);
}
type VerifyRooms = Parameters<typeof verifyLedger>[0];
type VerifyOpen = Parameters<typeof verifyLedger>[1];

const unused = (): never => {
  throw new SallyportError('REDTEAM_SCENE_FAILED', 'An export of the whole log asks for nobody behind it.');
};
const NO_ACTORS = { index: unused, seal: unused, open: unused };
