// Every code guardrails can refuse with. Sentences name no input.

import type { CodeTable } from '#core';

export const guardrailsCodes = {
  GUARDRAILS_INPUT_TOO_LARGE: {
    kind: 'refusal',
    status: 413,
    sentence: 'The request holds more text than one call may carry; send less at a time.',
  },
  GUARDRAILS_TOO_MANY_PARTS: {
    kind: 'refusal',
    status: 413,
    sentence: 'The request holds more pieces of text than one call may carry; send fewer messages at a time.',
  },
  GUARDRAILS_DETECTOR_UNAVAILABLE: {
    kind: 'refusal',
    status: 403,
    sentence: 'The injection detector that is configured could not judge the text; repair or remove the detector.',
  },
  GUARDRAILS_LINK_CARRIES_DATA: {
    kind: 'refusal',
    status: 403,
    sentence: 'The reply was withheld because a link in it carries personal data or a secret.',
  },
  GUARDRAILS_OUTPUT_SECRET: {
    kind: 'refusal',
    status: 403,
    sentence: 'The reply was withheld because it holds an API key, a token or a private key.',
  },
  GUARDRAILS_TOOL_UNDECLARED: {
    kind: 'refusal',
    status: 403,
    sentence: 'The model called a tool that the request does not declare.',
  },
  GUARDRAILS_TOO_MANY_TOOL_CALLS: {
    kind: 'refusal',
    status: 403,
    sentence: 'The model made more tool calls in one reply than is allowed.',
  },
  GUARDRAILS_TOOL_ARGUMENTS_TOO_LARGE: {
    kind: 'refusal',
    status: 403,
    sentence: 'The arguments of a tool call are larger than is allowed.',
  },
  GUARDRAILS_TOOL_ARGUMENTS_NOT_JSON: {
    kind: 'refusal',
    status: 403,
    sentence: 'The arguments of a tool call are not a JSON object that can be read in only one way.',
  },
  GUARDRAILS_TOOL_ARGUMENTS_INVALID: {
    kind: 'refusal',
    status: 403,
    sentence: 'The arguments of a tool call do not match the schema that the request declares for the tool.',
  },
} as const satisfies CodeTable;
