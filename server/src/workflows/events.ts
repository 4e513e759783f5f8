// Events of workflows and their runs. Public parts are names, hashes, references and codes.

import type { EventCatalogue } from '#core';

export const workflowsEvents: EventCatalogue = [
  { type: 'workflows.version.imported', meaning: 'A version of a workflow was imported as a draft; its hash is named.' },
  { type: 'workflows.version.approved', meaning: 'A person approved exactly this hash; `solo` when the same person imported it.' },
  { type: 'workflows.version.published', meaning: 'An approved version became the one that runs.' },
  { type: 'workflows.version.retired', meaning: 'A version stopped being the one that runs.' },
  { type: 'workflows.workflow.paused', meaning: 'A person paused the workflow: its runs end at their next step.' },
  { type: 'workflows.workflow.resumed', meaning: 'A person let the workflow run again.' },
  {
    type: 'workflows.delivery.accepted',
    meaning: 'A signed delivery of an integration was accepted; the runs it started and the paused workflows it did not start are named.',
  },
  { type: 'workflows.delivery.repeated', meaning: 'A delivery that was accepted before came again; nothing was started.' },
  {
    type: 'workflows.delivery.refused',
    meaning: 'A delivery was refused, with the code; `unrecorded` counts those before it that were too many to record one by one.',
  },
  {
    type: 'workflows.workflow.removed',
    meaning: 'A workflow of sample data was removed with its versions and runs; how many runs is named, and their events stay.',
  },
  {
    type: 'workflows.run.started',
    meaning: 'A run began; its workflow and hash are named, and whether a person or a signed delivery began it.',
  },
  { type: 'workflows.run.refused', meaning: 'A run was refused at its start or at a step, with the code.' },
  { type: 'workflows.run.finished', meaning: 'A run came to its end, or stopped at a step with a code.' },
  { type: 'workflows.run.content_read', meaning: 'A person read what the steps of a run asked and were given, redacted.' },
  {
    type: 'workflows.runs.erased',
    meaning: 'What runs knew that finished before the named time was erased; how many is named. Their steps, codes and events stay.',
  },
  { type: 'workflows.run.emitted', meaning: 'A step of a run stated facts: numbers, and true or false.' },
];
