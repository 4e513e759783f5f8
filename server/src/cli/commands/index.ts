// The one table of commands. Help and docs/cli.md are made from it.

import type { Command, MainCommands } from '../command.ts';
import { accessCommands } from './access.ts';
import { accessGrantCommands } from './access-grants.ts';
import { accessReviewCommands } from './access-review.ts';
import { alertCommands } from './alerts.ts';
import { approvalCommands } from './approvals.ts';
import { assessmentCommands } from './assessments.ts';
import { auditCommands } from './audit.ts';
import { auditKeyCommands } from './audit-keys.ts';
import { auditStatusCommands } from './audit-status.ts';
import { authzCommands } from './authz.ts';
import { backupCommands } from './backup.ts';
import { breachCommands } from './breach.ts';
import { canaryCommands } from './canaries.ts';
import { classifyCommands } from './classify.ts';
import { clientCommands } from './clients.ts';
import { conditionCommands } from './conditions.ts';
import { customerCommands } from './customers.ts';
import { dataMatrixCommands } from './data-matrix.ts';
import { datasetCommands } from './datasets.ts';
import { delegationCommands } from './delegation.ts';
import { demoCommands } from './demo.ts';
import { dsarCommands } from './dsar.ts';
import { effectCommands } from './effects.ts';
import { eraseCommands } from './erase.ts';
import { eventQueryCommands } from './event.ts';
import { eventShowCommands } from './event-show.ts';
import { flowCommands } from './flows.ts';
import { hookCommands } from './hooks.ts';
import { keyCommands } from './keys.ts';
import { patternCommands } from './patterns.ts';
import { peopleCommands } from './people.ts';
import { policyCommands } from './policy.ts';
import { redteamCommands } from './redteam.ts';
import { reportCommands } from './report.ts';
import { retentionCommands } from './retention.ts';
import { runCommands } from './runs.ts';
import { scanCommands } from './scan.ts';
import { scimCommands } from './scim.ts';
import { secretsCommands } from './secrets.ts';
import { serverCommands } from './server.ts';
import { sessionCommands } from './sessions.ts';
import { ssoCommands } from './sso.ts';
import { tenantCommands } from './tenants.ts';
import { tokenizeCommands } from './tokenize.ts';
import { tokenCommands } from './tokens.ts';
import { witnessCommands } from './witness.ts';
import { workflowCommands } from './workflows.ts';
import { workspaceCommands } from './workspaces.ts';

export function commandTable(main: MainCommands): readonly Command[] {
  return [
    ...serverCommands(main),
    ...demoCommands(main),
    ...backupCommands(main),
    ...approvalCommands,
    ...peopleCommands,
    ...sessionCommands,
    ...ssoCommands,
    ...scimCommands,
    ...tenantCommands,
    ...workspaceCommands,
    ...delegationCommands,
    ...eraseCommands,
    ...keyCommands(main),
    ...dsarCommands,
    ...retentionCommands,
    ...workflowCommands,
    ...runCommands,
    ...accessCommands,
    ...conditionCommands,
    ...dataMatrixCommands,
    ...patternCommands,
    ...flowCommands,
    ...breachCommands,
    ...assessmentCommands,
    ...datasetCommands,
    ...alertCommands,
    ...clientCommands,
    ...customerCommands,
    ...accessGrantCommands,
    ...accessReviewCommands,
    ...authzCommands,
    ...redteamCommands(main),
    ...hookCommands,
    ...auditStatusCommands,
    ...eventShowCommands,
    ...eventQueryCommands,
    ...reportCommands,
    ...effectCommands,
    ...auditCommands,
    ...auditKeyCommands,
    ...witnessCommands(main),
    ...scanCommands,
    ...canaryCommands,
    ...classifyCommands,
    ...policyCommands,
    ...secretsCommands(main),
    ...tokenizeCommands,
    ...tokenCommands,
  ];
}
