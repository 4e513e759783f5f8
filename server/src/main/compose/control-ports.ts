// Everything the control plane is handed.

import type { LedgerHealth } from '#audit';
import type { BackupPorts, ControlPorts } from '#control';
import { loadConsoleFiles } from '../console-files.ts';
import type { Demo } from '../demo/demo.ts';
import type { Logger } from '../logger.ts';
import { systemClock } from '../world.ts';
import { accessGrantPorts } from './access-grant-ports.ts';
import { accessPorts } from './access-ports.ts';
import type { Accountability } from './accountability.ts';
import { alertPorts } from './alert-ports.ts';
import type { Alerting } from './alerting.ts';
import { approvalPorts } from './approval-ports.ts';
import type { Executor } from './approve.ts';
import { assessmentPorts } from './assessment-ports.ts';
import { createAuthorizer } from './authorize-ports.ts';
import { breachPorts } from './breach-ports.ts';
import { callPorts } from './call-ports.ts';
import { canaryPorts } from './canary-ports.ts';
import { sealFor } from './change-records.ts';
import { conditionPorts } from './condition-ports.ts';
import { customerPorts } from './customer-ports.ts';
import { dataGuessesPorts } from './data-guesses-ports.ts';
import { dataMatrixPorts } from './data-matrix-ports.ts';
import { dataPatternPorts } from './data-pattern-ports.ts';
import type { OpenDatabase } from './database.ts';
import { datasetPorts } from './dataset-ports.ts';
import { delegationPorts } from './delegation-ports.ts';
import { demoPorts } from './demo-ports.ts';
import { erasurePorts } from './erasure-ports.ts';
import { eventDetailsPorts } from './event-details-ports.ts';
import { eventPorts } from './event-ports.ts';
import { federationPorts } from './federation-ports.ts';
import { fleetPorts } from './fleet-ports.ts';
import { hookPorts } from './hook-ports.ts';
import { integrationPorts } from './integration-ports.ts';
import type { LeakSearch } from './leak-search.ts';
import { countingUse, leastPorts } from './least-ports.ts';
import { ledgerKeyPorts } from './ledger-key-ports.ts';
import { ledgerPorts } from './ledger-ports.ts';
import { oauthPorts } from './oauth-ports.ts';
import { overviewPorts } from './overview-ports.ts';
import { peoplePorts } from './people-ports.ts';
import { loadAccess } from './policy.ts';
import { privacyPorts } from './privacy-ports.ts';
import { recordPorts } from './record-ports.ts';
import type { OpenRights } from './rights.ts';
import type { Rooms } from './rooms.ts';
import { runPorts } from './run-ports.ts';
import { signInPorts } from './sign-in-ports.ts';
import { tenantPorts, visitPorts } from './tenant-ports.ts';
import { tokenPorts } from './token-ports.ts';
import { workflowPorts } from './workflow-ports.ts';
import type { Workflows } from './workflows.ts';
import { workspacePorts } from './workspace-ports.ts';

export interface ControlParts {
  readonly executor: Executor;
  readonly workflows: Workflows;
  readonly demo: Demo;
  readonly health: LedgerHealth;
  readonly alerting: Alerting;
  readonly rights: OpenRights;
  readonly accountability: Accountability;
  readonly leakSearch: Pick<LeakSearch, 'last'>;
  /** Backups, the restore, and whether the installation may serve. */
  readonly backup: BackupPorts & { closed(): string | null };
  readonly dataKeys: ControlPorts['dataKeys'];
  readonly plainText: ControlPorts['plainText'];
  /** Known once the gateway listens. */
  readonly gatewayUrl: () => string;
}

export function controlPorts(
  rooms: Rooms,
  open: OpenDatabase,
  {
    executor,
    workflows,
    demo,
    health,
    alerting,
    rights,
    leakSearch,
    accountability,
    gatewayUrl,
    backup,
    dataKeys,
    plainText,
  }: ControlParts,
  logger: Logger,
): ControlPorts {
  const authorizer = createAuthorizer({
    ...{ rooms, access: loadAccess(), circumstances: rooms.surroundings.circumstances },
    onAllowed: ({ tenant, person }, grant) => rooms.usage.note(tenant, person, 'grant', grant.id),
  });
  const calls = callPorts(rooms);
  const approvals = approvalPorts(rooms, open, executor, workflows.runs);
  const authorize = countingUse(rooms.usage, authorizer.authorize);
  return {
    authenticateSession: rooms.identity.authenticateSession,
    authorize,
    sees: authorizer.sees,
    ...accessGrantPorts(rooms, authorizer),
    surroundings: rooms.surroundings.ports,
    signOut: rooms.identity.signOut,
    signInLink: (person) => rooms.identity.ownLink(person, sealFor(rooms, person)),
    ...signInPorts(rooms, logger),
    approvals,
    visits: visitPorts(rooms),
    tenants: tenantPorts(rooms),
    workspaces: workspacePorts(rooms, { authorize, sees: authorizer.sees }),
    delegations: delegationPorts(rooms),
    fleet: fleetPorts(rooms, { approvals, health, authorizer: { authorize, sees: authorizer.sees } }),
    integrations: integrationPorts(rooms, open),
    customers: customerPorts(rooms, open),
    workflows: workflowPorts(workflows, rooms),
    people: peoplePorts(rooms),
    ...alertPorts(rooms, alerting, authorize),
    ...conditionPorts(rooms),
    ...dataMatrixPorts(rooms, open),
    ...dataGuessesPorts(rooms, open),
    ...dataPatternPorts(rooms, open),
    ...tokenPorts(rooms, open),
    ...recordPorts(rooms),
    ...breachPorts(rooms, accountability, alerting.alerts),
    ...assessmentPorts(rooms, accountability, workflows),
    ...datasetPorts(rooms, rights),
    ...canaryPorts(rooms, leakSearch),
    ...leastPorts(rooms, workflows.registry),
    erasures: erasurePorts(rooms, open, rights),
    ...privacyPorts(rooms, rights),
    ...federationPorts(rooms),
    hooks: hookPorts(rooms, open, workflows),
    ...accessPorts(rooms),
    ...oauthPorts(rooms, open),
    ...eventPorts(rooms),
    ...eventDetailsPorts(rooms, open, authorize),
    ...ledgerPorts(rooms, open, health),
    ...ledgerKeyPorts(rooms),
    dataKeys,
    plainText,
    ...calls,
    runs: runPorts(rooms, workflows.runs, calls.calls),
    ...overviewPorts(rooms),
    backups: backup.backups,
    restore: backup.restore,
    ...demoPorts({ rooms, demo, gatewayUrl }),
    consoleFiles: loadConsoleFiles(),
    clock: systemClock,
    closed: backup.closed,
    unready: async () => {
      try {
        await open.database.ping();
        return backup.closed() === null ? [] : ['restore'];
      } catch {
        return ['database'];
      }
    },
    onFault: (code) => logger.error({ event: 'control.fault', code }),
  };
}
