// Every code this room can answer with.

import type { CodeTable } from '#core';

export const workflowsCodes: CodeTable = {
  WORKFLOWS_CASE_REQUIRED: {
    kind: 'refusal',
    status: 403,
    sentence: 'Name the ticket, case or order you read this for (`for=`); it is recorded with the read.',
  },
  WORKFLOWS_CASE_UNKNOWN: {
    kind: 'refusal',
    status: 403,
    sentence: 'That is not a ticket, case or order this run is about; look at the run for what it is bound to.',
  },
  WORKFLOWS_BUNDLE_INVALID: {
    kind: 'usage',
    status: 400,
    sentence: 'The files do not make a bundle: there are too many, too large ones, unplain paths or no workflow.yaml.',
  },
  WORKFLOWS_DEFINITION_INVALID: {
    kind: 'usage',
    status: 400,
    sentence: 'The workflow has a mistake; the message names the place. Nothing was stored.',
  },
  WORKFLOWS_SAMPLE_DATA: {
    kind: 'usage',
    status: 409,
    sentence: 'The name belongs to the workflow of the demo; remove the demo first, or choose another name.',
  },
  WORKFLOWS_NAME_TAKEN: {
    kind: 'usage',
    status: 409,
    sentence: 'The demo needs the name of a workflow of yours; it leaves yours as it is, so rename or remove that first.',
  },
  WORKFLOWS_TEST_INVALID: {
    kind: 'usage',
    status: 400,
    sentence: 'A file under tests/ is not a test of a workflow; the message names the place.',
  },
  WORKFLOWS_UNKNOWN: { kind: 'usage', status: 404, sentence: 'There is no such workflow, version or run; list them.' },
  WORKFLOWS_STATE_WRONG: {
    kind: 'usage',
    status: 409,
    sentence:
      'The version is in a state that does not allow this: a draft is approved, an approved or retired one published, a published one retired.',
  },
  WORKFLOWS_FOUR_EYES: {
    kind: 'refusal',
    status: 403,
    sentence: 'Whoever imported a version can not approve it while there is somebody else who can; ask them to look at it.',
  },
  WORKFLOWS_NOT_A_PERSON: { kind: 'refusal', status: 403, sentence: 'Only a signed-in person can import, approve, publish or pause.' },
  WORKFLOWS_INPUT_INVALID: { kind: 'usage', status: 400, sentence: 'An input of the run is missing, unknown or of another type or size.' },
  WORKFLOWS_DELIVERY_CHANGED: {
    kind: 'refusal',
    status: 409,
    sentence: 'A delivery of this id was accepted before with another body; a sender keeps the body of an id, or takes a new id.',
  },
  WORKFLOWS_NOT_PUBLISHED: { kind: 'refusal', status: 409, sentence: 'No version of this workflow is published; approve and publish one.' },
  WORKFLOWS_HASH_NOT_APPROVED: {
    kind: 'refusal',
    status: 403,
    sentence: 'The content of this run is not one a person approved and published; nothing more of it runs.',
  },
  WORKFLOWS_BUNDLE_TAMPERED: {
    kind: 'refusal',
    status: 403,
    sentence: 'The stored files no longer have the hash that was approved; nothing more of it runs. Find out who changed them.',
  },
  WORKFLOWS_SIGNATURE_INVALID: {
    kind: 'refusal',
    status: 403,
    sentence:
      'The approval of this version does not carry the signatures of this installation and of the passkey that gave it; nothing more of it runs. Retire it, find out who changed it, and approve it anew.',
  },
  WORKFLOWS_SIGNATURE_REQUIRED: {
    kind: 'refusal',
    status: 403,
    sentence: 'You have a passkey, so your approval is signed with it: approve the version on its page in the console.',
  },
  WORKFLOWS_APPROVAL_LAPSED: {
    kind: 'refusal',
    status: 409,
    sentence:
      'Before the version was published, whoever approved it left or lost the right to, or the passkey that signed it was removed; approve it anew.',
  },
  WORKFLOWS_PUBLICATION_INVALID: {
    kind: 'refusal',
    status: 403,
    sentence:
      'This is not the version that was published last: the database was changed, or restored from a copy. Retire it and publish the right one again.',
  },
  WORKFLOWS_PAUSED: { kind: 'refusal', status: 409, sentence: 'The workflow is paused: runs end at their next step and none starts.' },
  WORKFLOWS_DATASET_CHANGED: {
    kind: 'refusal',
    status: 409,
    sentence: 'A dataset the workflow pins has another digest now, or is gone: look at it, and approve a version that pins the new one.',
  },
  WORKFLOWS_CUSTOMER_UNKNOWN: {
    kind: 'refusal',
    status: 403,
    sentence: 'The record the run begins with names no customer; nothing was done for anybody.',
  },
  WORKFLOWS_CUSTOMER_UNTRUSTED: {
    kind: 'refusal',
    status: 403,
    sentence:
      'The field that should name the customer is one that outsiders may write, as its manifest says; nothing was done for anybody.',
  },
  WORKFLOWS_EXPRESSION_FAULT: {
    kind: 'refusal',
    status: 400,
    sentence: 'An expression of the workflow has no value here; the step is named.',
  },
  WORKFLOWS_ANSWER_INVALID: { kind: 'refusal', status: 502, sentence: 'The model’s answer does not fit the schema of its step.' },
  WORKFLOWS_OPERATION_UNKNOWN: {
    kind: 'refusal',
    status: 403,
    sentence: 'The integration or its operation is not there any more, or takes no such argument.',
  },
  WORKFLOWS_TOOL_UNKNOWN: {
    kind: 'refusal',
    status: 403,
    sentence: 'The model asked for a tool or an argument its step does not offer; it was told so and nothing was sent.',
  },
  WORKFLOWS_TOOL_BUDGET_SPENT: {
    kind: 'refusal',
    status: 403,
    sentence: 'The model asked for more calls than its step allows; it was told so and nothing was sent.',
  },
  WORKFLOWS_UPSTREAM_REFUSED: {
    kind: 'refusal',
    status: 502,
    sentence: 'The integration or the model provider answered a step with an error of its own; it was not done.',
  },
  WORKFLOWS_APPROVAL_DENIED: { kind: 'refusal', status: 403, sentence: 'A person denied the call of this step; it was not done.' },
  WORKFLOWS_APPROVAL_EXPIRED: {
    kind: 'refusal',
    status: 403,
    sentence: 'Nobody decided about the call of this step in time; it was not done.',
  },
  WORKFLOWS_APPROVAL_CHANGED: {
    kind: 'refusal',
    status: 403,
    sentence: 'What a person decided about is not what the step shows now; the decision does not count for it.',
  },
  WORKFLOWS_JOURNAL_TAMPERED: {
    kind: 'refusal',
    status: 403,
    sentence: 'Something this run wrote down was changed, moved or removed in the database; nothing more of it runs. Find out who did.',
  },
  WORKFLOWS_CUSTOMER_ERASED: {
    kind: 'refusal',
    status: 410,
    sentence: 'The customer of this run was erased, and what the run knew with the customer; it ended.',
  },
  WORKFLOWS_RUN_ERASED: {
    kind: 'refusal',
    status: 410,
    sentence: 'What this run knew was erased after the time set for it; its steps, codes and events stay.',
  },
  WORKFLOWS_RUN_RESTORED: {
    kind: 'refusal',
    status: 409,
    sentence:
      'The database was put back to an older state while the run was open, so it was stopped; look at what it did, then start it again.',
  },
  WORKFLOWS_INTERPRETER_CHANGED: {
    kind: 'refusal',
    status: 409,
    sentence: 'The run was begun by an older version of Sallyport that reads workflows differently, and was ended; start it again.',
  },
  WORKFLOWS_UPSTREAM_FAILED: {
    kind: 'fault',
    status: 502,
    sentence: 'A model or an integration failed again and again; the run ended at the named step.',
  },
  WORKFLOWS_VALUE_TOO_LARGE: { kind: 'refusal', status: 413, sentence: 'What a step gave is larger than a run may keep.' },
  WORKFLOWS_ENGINE_FAILED: { kind: 'fault', status: 500, sentence: 'The workflow engine failed; the log names the run.' },
  WORKFLOWS_ENGINE_BUSY: {
    kind: 'fault',
    status: 500,
    sentence: 'Another server in this process runs workflows; one process serves one installation.',
  },
};
