// Codes of the command line itself.

import type { CodeTable } from '#core';

export const cliCodes: CodeTable = {
  CLI_USAGE: {
    kind: 'usage',
    status: 400,
    sentence: 'The command or an option is not known or lacks a value; `sallyport help` lists them.',
  },
  CLI_OUTPUT_EXISTS: { kind: 'usage', status: 400, sentence: 'The file named for output exists; give --force to replace it.' },
  CLI_OUTPUT_UNWRITABLE: { kind: 'usage', status: 400, sentence: 'A file named for output can not be written.' },
  CLI_EXPORT_CUT: {
    kind: 'fault',
    status: 502,
    sentence: 'An export broke off before its end; what was written is not complete, so ask again.',
  },
  CLI_INPUT_UNREADABLE: { kind: 'usage', status: 400, sentence: 'A file given as input can not be read or parsed; the message names it.' },
};
