// Codes of this room. It refuses nothing by itself; it only stops when a bound is crossed, because masking less would leak.

import type { CodeTable } from '#core';

export const dlpCodes: CodeTable = Object.freeze({
  DLP_TOO_MANY_VALUES: {
    kind: 'fault',
    status: 403,
    sentence: 'The conversation holds more different personal values than can be numbered; send it in smaller parts.',
  },
  DLP_TOO_MANY_KNOWN_VALUES: {
    kind: 'fault',
    status: 403,
    sentence: 'More personal values are known for this run than can be matched at once; start a new run.',
  },
});
