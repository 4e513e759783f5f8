// How a change of a workflow's versions is told, and the refusals that every change has.

import { type Change, type JsonObject, makeEvent, type PersonPrincipal, type Refusal, refuse, type Tx } from '#core';
import type { RegistryDeps } from './ports.ts';

export interface Told {
  readonly type: string;
  readonly name: string;
  readonly facts: JsonObject;
  readonly change: Change;
}

/** Writes the event of a change, in its transaction. */
export function recordOf(deps: Pick<RegistryDeps, 'events' | 'sealChange' | 'clock' | 'random'>) {
  return async (tx: Tx, by: PersonPrincipal, { type, name, facts, change }: Told): Promise<void> =>
    deps.events.appendIn(tx, [
      makeEvent(deps, {
        tenant: by.tenant,
        type: `workflows.${type}`,
        actor: by.person,
        subject: `workflow:${name}`,
        public: facts,
        sealed: await deps.sealChange(tx, by, change),
      }),
    ]);
}

export const unknown = (): Refusal => refuse('WORKFLOWS_UNKNOWN', 'There is no such workflow or version.');
export const notAPerson = (): Refusal => refuse('WORKFLOWS_NOT_A_PERSON', 'Only a signed-in person can do this.');
export const wrongState = (state: string): Refusal =>
  refuse('WORKFLOWS_STATE_WRONG', `The version is ${state}; this step does not follow from it.`, { state });
