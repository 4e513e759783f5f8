// Codes of monitoring. Nothing here can switch a rule off or take an alert away, so there is no code for it.

import { type CodeTable, type Evidence, type Refusal, refuse } from '#core';

export const monitoringCodes = {
  MONITORING_ALERT_UNKNOWN: { kind: 'usage', status: 404, sentence: 'There is no such alert.' },
  MONITORING_ALERT_ACKNOWLEDGED: {
    kind: 'usage',
    status: 409,
    sentence: 'The alert was acknowledged before; who did it and when stands with it.',
  },
  MONITORING_ALERT_OWN: {
    kind: 'refusal',
    status: 403,
    sentence: 'The alert is about what you did yourself; somebody else must acknowledge it.',
  },
  MONITORING_WEBHOOK_REFUSED: {
    kind: 'fault',
    status: 502,
    sentence: 'The receiver of alerts did not answer with a status of success; the alert is sent again.',
  },
} as const satisfies CodeTable;

export type MonitoringCode = keyof typeof monitoringCodes;

export function refusal(code: MonitoringCode, evidence: Evidence = {}): Refusal {
  return refuse(code, monitoringCodes[code].sentence, evidence);
}
