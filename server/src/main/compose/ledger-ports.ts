// The ledger and the unresolved effects for the control plane.

import { countUnsigned, type LedgerHealth, proveContinuity, readKept } from '#audit';
import type { ControlPorts } from '#control';
import { formatTime, type JsonObject } from '#core';
import { resolveEffect } from '#enforcement';
import { systemClock, systemRandom } from '../world.ts';
import { sealFor } from './change-records.ts';
import type { OpenDatabase } from './database.ts';
import type { Rooms } from './rooms.ts';
import { whileWelcome } from './tenant-ports.ts';
import { verifyLedger } from './verify-ledger.ts';

export function ledgerPorts(rooms: Rooms, open: OpenDatabase, health: LedgerHealth): Pick<ControlPorts, 'effects' | 'ledger'> {
  return {
    effects: {
      unresolved: (tenant) =>
        open.database.inTenant(tenant, async (tx) =>
          (await rooms.effects.listUnresolved(tx, tenant)).map((effect) => ({
            effectKey: effect.effectKey,
            call: effect.call,
            integration: effect.integration,
            operation: effect.operation,
            sentAt: formatTime(effect.createdAtMs),
          })),
        ),
      resolve: (person, effectKey, outcome) =>
        open.database.inTenant(person.tenant, (tx) =>
          resolveEffect(
            {
              effects: rooms.effects,
              limits: rooms.guard.limits,
              execution: rooms.approvals,
              events: rooms.guard.events,
              clock: systemClock,
              random: systemRandom,
            },
            tx,
            { tenant: person.tenant, effectKey, outcome, actor: person.person, by: 'person', seal: sealFor(rooms, person) },
          ),
        ),
    },
    ledger: {
      status: async (tenant) => {
        const newest = (await rooms.ledger.list(tenant, { limit: 1 })).at(0)?.seq;
        const checkpoint = await rooms.ledger.checkpoint(tenant);
        const { verifierKey } = rooms.ledger;
        return {
          sealedEvents: newest === undefined ? 0 : newest + 1,
          unsealed: await open.database.inTenant(tenant, (tx) => countUnsigned(tx, tenant)),
          verifierKey,
          checkpoint,
          epoch: readKept(verifierKey.slice(0, verifierKey.indexOf('+')), checkpoint ?? '')?.epoch ?? 1,
          health: await health.report(tenant),
        };
      },
      handOut: (tenant, which) => rooms.ledger.handOut(tenant, which),
      continuity: (kept) => open.database.asSystem('sequencer', (tx) => proveContinuity(tx, kept)),
      event: async (tenant, seq) => {
        const head = (await rooms.ledger.list(tenant, { limit: 1 }))[0];
        if (head === undefined || seq > head.seq) return null;
        const proof = await rooms.ledger.prove(tenant, seq);
        const actor = String((JSON.parse(proof.leaf) as JsonObject).actor);
        const by = (await rooms.ledger.actorsBehind(tenant, [actor])).get(actor) ?? null;
        const { leaf, leafHash, path, head: tree, globalSize, globalRoot, epoch, note } = proof;
        return {
          seq,
          leaf,
          treeSize: tree.size,
          treeRoot: tree.root,
          by,
          proof: { leafHash, path, head: tree, globalSize, globalRoot, epoch, note },
          anchors: proof.anchors.map(({ name, kind, atMs }) => ({ name, kind, at: formatTime(atMs) })),
        };
      },
      verify: async (person) => {
        const { tenant } = person;
        const verdict = await verifyLedger(rooms, open, {
          tenant,
          actor: person.person,
          checkpointFile: rooms.checkpointFile,
          isScheduled: false,
        });
        const { ok, code, message, firstBad, events, unsealed, globalSize } = verdict;
        const { verifierKey } = rooms.ledger;
        return { ok, code, message, firstBad, events, unsealed, globalSize, verifierKey, verifiedAt: formatTime(systemClock.now()) };
      },
      export: async (person, { since, ...filter }) => {
        const { report, bytes } = await rooms.ledger.openPack({ tenant: person.tenant, actor: person.person, filter, since });
        return { events: report.events, size: report.size, shows: report.shows, bytes: whileWelcome(rooms, person, bytes) };
      },
    },
  };
}
