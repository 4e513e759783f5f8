// Codes of the red team: why a scenario could not be set, never what it found.

import type { CodeTable } from '#core';

export const redteamCodes = {
  REDTEAM_SCENE_FAILED: {
    kind: 'fault',
    status: 500,
    sentence: 'A scene for a scenario could not be set; the refusal stands beside it.',
  },
  REDTEAM_ALERT_MISSING: {
    kind: 'fault',
    status: 500,
    sentence: 'An alert that had to come did not come in time; is the server that computes alerts running?',
  },
  REDTEAM_SCENARIO_UNKNOWN: { kind: 'usage', status: 400, sentence: 'There is no scenario of that name; the help lists them.' },
} as const satisfies CodeTable;
