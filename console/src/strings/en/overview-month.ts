// Words of the month in numbers.

const of = (recorded: string, all: string): string => `${recorded} of ${all}`;
const calls = (count: string, word = ''): string => `${count} ${word}${count === '1' ? 'call' : 'calls'}`;

export const month = {
  title: 'The month',
  lead: 'Counted from the sealed log. Each number opens the events it was counted from.',
  choose: 'Month (UTC)',
  soFar: (month: string) => `${month}, so far`,
  emptyNow: 'None of what is counted here has happened this month yet.',
  empty: (month: string) => `None of what is counted here happened in ${month}.`,
  see: (name: string, value: string) => `${name}: ${value}. See the events`,
  atLeast: (value: string) => `at least ${value}`,
  partial: 'There were too many events for one count: such numbers are counted from the newest ones.',
  same: 'The same report on the command line:',
  groups: {
    runs: 'Runs',
    leaks: 'Leaks prevented',
    replies: 'Replies held',
    refunds: 'Refunds',
    service: 'Service',
    models: 'Models',
  } as Readonly<Record<string, string>>,
  figures: {
    runsDone: 'Finished',
    runsFailed: 'Failed or stopped',
    ticketsAnswered: 'Tickets answered',
    leaksReplaced: 'Personal values replaced',
    leaksRefused: 'Calls refused',
    repliesHeld: 'By the screening of output',
    repliesDenied: 'Denied by a person',
    refundsPaid: 'Paid',
    refundsStopped: 'Stopped before money moved',
    effectsToldLater: 'Confirmed only later',
    degradedMinutes: 'Degraded minutes',
    modelCalls: 'Calls answered',
    modelCost: 'Cost',
  } as Readonly<Record<string, string>>,
  notRecorded: 'not recorded',
  inCalls: (events: string) => `in ${calls(events)}`,
  failedCalls: (events: string) => `from ${calls(events, 'failed ')}`,
  sum: (sum: string) => `${sum} in all`,
  sumNone: 'sum not recorded',
  sumPart: (sum: string, recorded: string, all: string) => `${sum} in all, from the ${of(recorded, all)} that record it`,
  costPart: (recorded: string, all: string) => `recorded by ${of(recorded, all)} calls`,
  tokens: (input: string, output: string) => `tokens: ${input} in, ${output} out`,
  tokensNone: 'tokens not recorded',
  tokensPart: (input: string, output: string, recorded: string, all: string) =>
    `tokens: ${input} in, ${output} out, recorded by ${of(recorded, all)}`,
} as const;
