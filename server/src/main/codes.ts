// Every code of every room in one table, for HTTP statuses and the generated docs.

import { approvalsCodes } from '#approvals';
import { auditCodes } from '#audit';
import { connectorsCodes } from '#connectors';
import { controlCodes } from '#control';
import type { CodeTable } from '#core';
import { dlpCodes } from '#dlp';
import { egressCodes } from '#egress';
import { enforcementCodes } from '#enforcement';
import { gatewayCodes } from '#gateway';
import { governanceCodes } from '#governance';
import { guardrailsCodes } from '#guardrails';
import { identityCodes } from '#identity';
import { limitsCodes } from '#limits';
import { monitoringCodes } from '#monitoring';
import { policyCodes } from '#policy';
import { redteamCodes } from '#redteam';
import { storageCodes } from '#storage';
import { vaultCodes } from '#vault';
import { workflowsCodes } from '#workflows';
import { mainCodes } from './errors.ts';

export const codeTables: Readonly<Record<string, CodeTable>> = {
  approvals: approvalsCodes,
  audit: auditCodes,
  connectors: connectorsCodes,
  control: controlCodes,
  dlp: dlpCodes,
  egress: egressCodes,
  enforcement: enforcementCodes,
  gateway: gatewayCodes,
  governance: governanceCodes,
  guardrails: guardrailsCodes,
  identity: identityCodes,
  limits: limitsCodes,
  main: mainCodes,
  monitoring: monitoringCodes,
  policy: policyCodes,
  redteam: redteamCodes,
  storage: storageCodes,
  vault: vaultCodes,
  workflows: workflowsCodes,
};

export const allCodes: CodeTable = Object.freeze(Object.assign({}, ...Object.values(codeTables)));
