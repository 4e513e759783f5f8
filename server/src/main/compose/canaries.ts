// Planted values over the rooms they need: sealed by the vault, watched for in every process, counted under rights of their own.

import { makeEvent, type TenantId } from '#core';
import { type Canaries, type CanaryWatch, createCanaries, createNotes, type Notes, openCanaryWatch } from '#governance';
import type { Database, EventWriter } from '#storage';
import type { Vault } from '#vault';
import { systemWorld } from '../world.ts';

export interface OpenCanaries {
  readonly canaries: Canaries;
  readonly watch: CanaryWatch;
  readonly notes: Notes;
  stop(): Promise<void>;
}

export interface CanariesOptions {
  readonly database: Database;
  readonly vault: Pick<Vault, 'seal' | 'open'>;
  readonly events: Pick<EventWriter, 'append'>;
  /** The tenant the installation began with: its people run it. */
  readonly tenant: TenantId;
  readonly onFault: (fault: unknown) => void;
}

export async function openCanaries({ database, vault, events, tenant: installation, onFault }: CanariesOptions): Promise<OpenCanaries> {
  const notes = createNotes({
    counting: database.forRoom('usage'),
    ...systemWorld,
    onFault,
    crossed: (owner, by, { canary, value, way }) =>
      events.append(
        makeEvent(systemWorld, {
          tenant: installation,
          type: 'governance.canary.crossed',
          actor: 'system:canaries',
          subject: canary,
          public: { canary, owner, by, value, way },
        }),
      ),
  });
  const gateway = database.forRoom('gateway');
  const watch = await openCanaryWatch({
    db: { asSystem: database.asSystem, listen: database.listen, inTenant: gateway.inTenant },
    open: (tx, value) => vault.open(tx, value),
    sink: notes,
    clock: systemWorld.clock,
    onFault,
  });
  return {
    canaries: createCanaries({ db: database, vault, watch, notes, ...systemWorld }),
    watch,
    notes,
    stop: async () => {
      await watch.close();
      await notes.stop();
    },
  };
}
