// Every code the guard itself can answer with.

import type { CodeTable } from '#core';

export const enforcementCodes: CodeTable = {
  ENFORCEMENT_NOT_A_WORKLOAD: {
    kind: 'refusal',
    status: 403,
    sentence: 'Only a workload with an API key can call through the gateway; people use the control plane.',
  },
  ENFORCEMENT_INTEGRATION_UNKNOWN: {
    kind: 'refusal',
    status: 403,
    sentence: 'This key reaches no integration of that name; add the integration or widen the key.',
  },
  ENFORCEMENT_MODEL_UNKNOWN: {
    kind: 'refusal',
    status: 403,
    sentence: 'No integration this key may reach offers that model; `GET /v1/models` lists the ones it may use.',
  },
  ENFORCEMENT_WORKSPACES_UNAVAILABLE: {
    kind: 'refusal',
    status: 403,
    sentence: 'Which workspaces this call belongs to, and so what it may use, can not be told now; try again, and look at the database.',
  },
  ENFORCEMENT_OPTED_OUT: {
    kind: 'refusal',
    status: 403,
    sentence: 'The customer opted out of the use this workflow or destination is declared for; nothing of them goes there.',
  },
  ENFORCEMENT_OUTSIDE_SEGMENT: {
    kind: 'refusal',
    status: 403,
    sentence:
      'The approved version of the workflow this key is for does not reach that integration, operation or model; publish a version that does.',
  },
  ENFORCEMENT_TOOL_REMOVED: {
    kind: 'refusal',
    status: 403,
    sentence: 'That tool was taken off the workload\u2019s list because it was not used; undo the proposal that did it to offer it again.',
  },
  ENFORCEMENT_OPERATION_REMOVED: {
    kind: 'refusal',
    status: 403,
    sentence: 'That operation or model was taken away from the workload because it was not used; undo the proposal that did it.',
  },
  ENFORCEMENT_MODEL_UNPRICED: {
    kind: 'refusal',
    status: 403,
    sentence: 'The integration limits spending but has no price for this model; add one to its settings.',
  },
  ENDORSEMENT_REQUIRED: {
    kind: 'refusal',
    status: 403,
    sentence: 'A person must approve exactly this call; it is stored, and runs once when it is approved.',
  },
  ENFORCEMENT_ENDORSEMENT_STALE: {
    kind: 'refusal',
    status: 403,
    sentence: 'What was approved is no longer what would happen: the object, the arguments or the integration changed since. Ask again.',
  },
  ENFORCEMENT_DATA_PATTERNS_FULL: {
    kind: 'refusal',
    status: 409,
    sentence: 'The tenant has as many patterns of its own as one may have; remove one first.',
  },
  ENFORCEMENT_DATA_CLASS_UNSURE: {
    kind: 'refusal',
    status: 403,
    sentence:
      'The call may hold a class of data of which doubts are refused; nothing was sent. Leave it out, or set what happens when it is not sure.',
  },
  ENFORCEMENT_DATA_CLASS_ASKS: {
    kind: 'refusal',
    status: 403,
    sentence:
      'The call may hold a class of data of which a person decides when it is not sure; nothing was sent. A streamed answer can not wait for a person: ask again without streaming, and it is put before one.',
  },
  ENFORCEMENT_AS_IS_FORBIDDEN: {
    kind: 'refusal',
    status: 403,
    sentence:
      'What is in doubt may not be sent as it is: \u201cWho may see what\u201d does not allow it for this class and destination. Approve it masked, or deny it.',
  },
  ENFORCEMENT_PLACEHOLDER_IN_ARGUMENT: {
    kind: 'refusal',
    status: 403,
    sentence: 'An argument still holds a placeholder instead of a value; effects run on resolved values only.',
  },
  ENFORCEMENT_CONTENT_OTHER_SUBJECT: {
    kind: 'refusal',
    status: 403,
    sentence: 'The text holds personal data of somebody other than the customer of this run.',
  },
  ENFORCEMENT_CONTENT_LINK: {
    kind: 'refusal',
    status: 403,
    sentence: 'The text holds a link or image to a host that is not on the integration\u2019s list.',
  },
  ENFORCEMENT_DATA_CLASS_REFUSED: {
    kind: 'refusal',
    status: 403,
    sentence:
      'The call or the reply holds a class of data that its destination may not see; \u201cWho may see what\u201d in the console names the rule.',
  },
  ENFORCEMENT_DATA_RULE_LOCKED: {
    kind: 'refusal',
    status: 403,
    sentence: 'Card numbers and secrets are never shown to a model, a customer or the web; no rule can allow it.',
  },
  ENFORCEMENT_DATA_RULES_FULL: {
    kind: 'refusal',
    status: 409,
    sentence: 'The tenant has as many rules about who may see what as one may have.',
  },
  ENFORCEMENT_EFFECT_IN_PROGRESS: {
    kind: 'refusal',
    status: 403,
    sentence: 'The same effect is already under way; ask for its result later.',
  },
  ENFORCEMENT_OUTCOME_UNKNOWN: {
    kind: 'refusal',
    status: 403,
    sentence: 'The same effect was sent before and its outcome is unknown; a person must look before it may run again.',
  },
  ENFORCEMENT_RESULT_LOST: {
    kind: 'refusal',
    status: 403,
    sentence: 'The same effect was done before and its answer was lost; it will not run again. Read the object instead.',
  },
  ENFORCEMENT_IDEMPOTENCY_MISMATCH: {
    kind: 'refusal',
    status: 403,
    sentence: 'This idempotency key or tool call id was used for another call; use a new one.',
  },
  ENFORCEMENT_REMAINDER_TAKEN: {
    kind: 'refusal',
    status: 403,
    sentence: 'Another payment was made from the remainder this one was checked against; ask again when the shop shows the new one.',
  },
  ENFORCEMENT_UPSTREAM_SHAPE: {
    kind: 'refusal',
    status: 403,
    sentence: 'The upstream answered with something that is not what its manifest declares; it is withheld.',
  },
  ENFORCEMENT_UPSTREAM_REDIRECT: {
    kind: 'refusal',
    status: 403,
    sentence: 'The upstream answered with a redirect; redirects are never followed.',
  },
  ENFORCEMENT_UPSTREAM_TOO_LARGE: {
    kind: 'refusal',
    status: 403,
    sentence: 'The upstream reply is larger than this operation may return.',
  },
  ENFORCEMENT_REQUEST_SHAPE: {
    kind: 'refusal',
    status: 403,
    sentence: 'The request holds a part the gateway can not check; remove it or use a supported form.',
  },
  ENFORCEMENT_ACCESS_ENDED: {
    kind: 'refusal',
    status: 403,
    sentence: 'What let the caller in was taken away while the call was under way; it was ended.',
  },
  ENFORCEMENT_IDENTITY_INCOMPLETE: {
    kind: 'refusal',
    status: 403,
    sentence: 'An identity that this kind of caller must have is not known: its credential, version, run, or what the integration is.',
  },
  ENFORCEMENT_DATA_GUESSES_REQUIRED: {
    kind: 'refusal',
    status: 403,
    sentence: 'The operator requires that calls are read by the model of names (nerRequired), so guesses can not be switched off.',
  },
  ENFORCEMENT_NAMES_UNREAD: {
    kind: 'refusal',
    status: 403,
    sentence:
      'The operator’s model of names did not read the call in time, and such a call is refused; send shorter texts, try again, or look at nerRequired and nerDeadlineMs.',
  },
  ENFORCEMENT_STAGE_UNAVAILABLE: {
    kind: 'refusal',
    status: 403,
    sentence: 'A check could not run, so the call was refused; nothing was sent.',
  },
  ENFORCEMENT_UPSTREAM_FAULT: {
    kind: 'fault',
    status: 502,
    sentence: 'The upstream could not be reached or broke off; read the code of the cause.',
  },
};
