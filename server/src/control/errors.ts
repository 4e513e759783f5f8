// Codes of the control plane's own edge.

import type { CodeTable } from '#core';

export const controlCodes: CodeTable = {
  CONTROL_NOT_FOUND: { kind: 'usage', status: 404, sentence: 'There is nothing of that name or id for this tenant.' },
  CONTROL_REQUEST_INVALID: {
    kind: 'usage',
    status: 400,
    sentence: 'A field of the request is missing, unknown or not valid; the message names it.',
  },
  CONTROL_SESSION_REQUIRED: { kind: 'refusal', status: 401, sentence: 'Sign in first: this route needs a person’s session.' },
  CONTROL_ROLE_FORBIDDEN: {
    kind: 'refusal',
    status: 403,
    sentence: 'Your role does not allow this; ask the owner of this installation.',
  },
  CONTROL_STEP_UP_REQUIRED: {
    kind: 'refusal',
    status: 403,
    sentence: 'Confirm with your passkey first; the confirmation counts for 5 minutes.',
  },
  CONTROL_FROZEN: {
    kind: 'refusal',
    status: 403,
    sentence: 'A change freeze stops this now; the owner can lift it, with a reason.',
  },
  CONTROL_OUTSIDE_HOURS: {
    kind: 'refusal',
    status: 403,
    sentence: 'This is for working hours; come back then, or ask for emergency access.',
  },
  CONTROL_OUTSIDE_NETWORK: {
    kind: 'refusal',
    status: 403,
    sentence: 'This is for the networks your organisation named; connect from one of them.',
  },
  CONTROL_OUTSIDE_COUNTRY: {
    kind: 'refusal',
    status: 403,
    sentence: 'This is for the countries your organisation named, and where you are is not one of them or not known.',
  },
  CONTROL_DEVICE_UNMANAGED: {
    kind: 'refusal',
    status: 403,
    sentence: 'This is for devices your organisation manages; sign in from one through the company login.',
  },
  CONTROL_TRAINING_MISSING: {
    kind: 'refusal',
    status: 403,
    sentence: 'A training or policy your organisation asks for is not recorded for you, or has run out.',
  },
  CONTROL_SECOND_FACTOR_REQUIRED: {
    kind: 'refusal',
    status: 403,
    sentence: 'Your company login confirmed a password only; add a passkey on your account page, or sign in there with a second factor.',
  },
  CONTROL_RISK_HIGH: {
    kind: 'refusal',
    status: 403,
    sentence: 'Something about this session is very unusual; somebody else must clear it first, or sign in anew with a passkey.',
  },
  CONTROL_CROSS_SITE: {
    kind: 'refusal',
    status: 403,
    sentence: 'Changes are taken from this server’s own pages and from the command line only.',
  },
  CONTROL_INSTALLATION_ONLY: {
    kind: 'refusal',
    status: 403,
    sentence: 'This concerns every tenant of the installation: only people of the tenant it began with may.',
  },
  CONTROL_DEMO_NEEDS_HTTP: {
    kind: 'usage',
    status: 409,
    sentence: 'The demo’s own callers speak plain HTTP: try it on an installation without TLS on its listeners.',
  },
  CONTROL_DEMO_ELSEWHERE: {
    kind: 'usage',
    status: 409,
    sentence: 'The demo of this installation runs for another tenant; try again once it was removed there.',
  },
  CONTROL_ENROLMENT_REQUIRED: {
    kind: 'refusal',
    status: 403,
    sentence: 'You came in with a recovery code: make a passkey first, then everything is open again.',
  },
  CONTROL_LINK_FROM_TERMINAL: {
    kind: 'refusal',
    status: 403,
    sentence: 'Sign-in links are made on the command line, not by a page.',
  },
  CONTROL_SAMPLE_DATA: {
    kind: 'usage',
    status: 409,
    sentence: 'The name belongs to sample data; remove the demo first, or choose another name.',
  },
  CONTROL_NAME_TAKEN: {
    kind: 'usage',
    status: 409,
    sentence: 'The demo needs a name that something of yours has; it leaves yours as it is, so rename or remove that first.',
  },
  CONTROL_RUN_CONTENT_NOT_KEPT: {
    kind: 'usage',
    status: 404,
    sentence: 'The run runs elsewhere and its content is not kept here; its calls are.',
  },
  CONTROL_FAULT: { kind: 'fault', status: 500, sentence: 'The control plane failed; the log has the code.' },
  CONTROL_NOT_READY: { kind: 'fault', status: 503, sentence: 'A part the server needs is not available.' },
};
