// Codes of the command line itself.

import type { CodeTable } from '#core';

export const cliCodes: CodeTable = {
  CLI_USAGE: {
    kind: 'usage',
    status: 400,
    sentence: 'The command or an option is not known or lacks a value; `sallyport help` lists them.',
  },
  CLI_OUTPUT_UNWRITABLE: { kind: 'usage', status: 400, sentence: 'A file named for output can not be written.' },
  CLI_INPUT_UNREADABLE: { kind: 'usage', status: 400, sentence: 'A file given as input can not be read or parsed; the message names it.' },
};
