// The insider scenarios, in the order they are run. A new one is a file beside these and a line here.

import type { Scenario } from '../types.ts';
import { accomplice, otherPersonsSignIn, rightsBack, selfGrant } from './access.ts';
import { alertsOff, bulkExport, logDeletion, logSql } from './log.ts';
import { breakGlassAlone, caseReading, ownCall, ownVersion } from './own-work.ts';
import { agencyOutside, keyCopy, loosen } from './reach.ts';

export const INSIDER_SCENARIOS: readonly Scenario[] = [
  bulkExport,
  selfGrant,
  accomplice,
  otherPersonsSignIn,
  ownVersion,
  ownCall,
  caseReading,
  breakGlassAlone,
  loosen,
  keyCopy,
  agencyOutside,
  rightsBack,
  alertsOff,
  logDeletion,
  logSql,
];
