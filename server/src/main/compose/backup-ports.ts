// Backups and the state of a restored database for the control plane.

import type { BackupPorts, BackupsView, RestoreView } from '#control';
import { formatTime, isObject, isRefusal, type JsonObject, type PersonPrincipal } from '#core';
import type { Identity } from '#identity';
import type { RestoreState } from '#storage';
import type { Backups } from '../backup/backups.ts';
import type { RestoreGate } from '../backup/gate.ts';
import type { BackupPlan } from '../backup/plan.ts';

const timeOf = (ms: number | null): string | null => (ms === null ? null : formatTime(ms));

async function view(backups: Backups, plan: BackupPlan | null): Promise<BackupsView> {
  const entries = await backups.list();
  const last = backups.last();
  const newest = await backups.lastDrill();
  const drillOf = (drill: typeof newest) => (drill === null ? null : { at: formatTime(drill.atMs), ok: drill.ok, code: drill.code });
  return {
    backups: entries.map((entry) => ({
      id: entry.id,
      createdAt: formatTime(entry.createdAtMs),
      bytes: entry.bytes,
      rows: entry.rows,
      events: entry.events,
      state: entry.state,
      code: entry.code,
      hasKeys: entry.hasKeys,
      verifiedAt: timeOf(entry.verifiedAtMs),
      drill: drillOf(entry.drill),
    })),
    running: backups.running(),
    last: last === null ? null : { ...last, at: formatTime(last.atMs) },
    schedule:
      plan === null
        ? null
        : { everyHours: plan.everyHours, keep: plan.keep, folder: plan.folders.folder, drillEveryHours: plan.drillEveryHours },
    lastDrill: drillOf(newest),
  };
}

const part = (value: unknown): JsonObject => (isObject(value as never) ? (value as JsonObject) : {});

/** Numbers by name: what concerns the whole ledger, and what was done to this tenant. */
function reportOf(report: JsonObject, tenant: string): JsonObject {
  const ledger = part(report.ledger);
  const lost = Array.isArray(ledger.lost) ? ledger.lost.map((one) => Number(part(one).sealings)) : null;
  const erasures = part(report.erasures);
  const departures = part(report.departures);
  return {
    restoredSize: part(ledger.restored).size ?? null,
    witnessedSize: part(ledger.witnessed).size ?? null,
    restoredEpoch: part(ledger.restored).epoch ?? null,
    witnessedEpoch: part(ledger.witnessed).epoch ?? null,
    lostSealings: lost === null ? null : lost.reduce((sum, one) => sum + one, 0),
    erasuresKnown: erasures.known ?? 0,
    erasuresUnreadable: erasures.unreadable ?? 0,
    departuresKnown: departures.known ?? 0,
    departuresUnreadable: departures.unreadable ?? 0,
    ...part(part(report.tenants)[tenant]),
  };
}

function restoreView(state: RestoreState | null, tenant: string, fault: string | null): RestoreView {
  const none = {
    backup: null,
    restoredAt: null,
    confirmedAt: null,
    confirmedBy: [],
    needed: 2,
    runsAt: null,
    fault: null,
    report: null,
  } as const;
  if (state === null || state.state === 'loading') return { state: 'none', ...none };
  return {
    state: state.state,
    backup: state.backup,
    restoredAt: timeOf(state.restoredAtMs),
    confirmedAt: timeOf(state.confirmedAtMs),
    confirmedBy: state.yes.map(({ person, atMs, endorsed }) => ({ by: person, at: formatTime(atMs), passkey: endorsed?.passkey ?? null })),
    needed: state.needed,
    runsAt: timeOf(state.runsAtMs),
    fault,
    report: reportOf(state.report, tenant),
  };
}

export function backupPorts(
  backups: Backups,
  gate: RestoreGate,
  { plan, endorseOptions }: { readonly plan: BackupPlan | null } & Pick<Identity, 'endorseOptions'>,
): BackupPorts {
  return {
    backups: {
      list: () => view(backups, plan),
      begin: async ({ person }: PersonPrincipal, action, id) => {
        const begun = await backups.begin(action, { id, actor: person });
        return isRefusal(begun) ? begun : { id: begun };
      },
      settled: backups.settled,
    },
    restore: {
      show: async ({ tenant }) => {
        const shown = restoreView(await gate.state(), tenant, gate.fault());
        // Who decided for the installation is nobody of this tenant.
        return tenant === gate.tenant ? shown : { ...shown, confirmedBy: [] };
      },
      signOptions: async (person) => {
        const endorsable = await gate.confirmable(person);
        return isRefusal(endorsable) ? endorsable : { options: await endorseOptions(person, endorsable) };
      },
      confirm: async (person, assertion) => {
        const state = await gate.confirm(person, assertion);
        return isRefusal(state) ? state : restoreView(state, person.tenant, gate.fault());
      },
    },
  };
}
