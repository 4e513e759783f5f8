// What is in doubt in a stored request to a model, as its approver sees it: masked in lists, exact on request, and whether it may go as it is.

import type { ApprovalRow } from '#approvals';
import type { ApprovalDoubts, ApprovalExcerpt, SendDoubts } from '#control';
import { type ApprovalId, type DataClass, dataClassOfType, type PersonPrincipal, type Refusal, refuse } from '#core';
import { type ApprovalContext, classesNotAsIs } from '#enforcement';
import type { Rooms } from './rooms.ts';

type Excerpts = NonNullable<ApprovalContext['excerpts']>;

const classesOf = (types: readonly string[]): readonly DataClass[] => [
  ...new Set(types.map((type) => dataClassOfType(type) ?? ('credential' as const))),
];

/** Null of everything but a request to a model that was stored for its doubts. */
export function doubtsOf(rooms: Pick<Rooms, 'dataMatrix'>, row: ApprovalRow, context: ApprovalContext): ApprovalDoubts | null {
  const { excerpts, doubts, left = 0 } = context;
  if (excerpts === undefined || doubts === undefined) return null;
  const towards = rooms.dataMatrix.of(row.tenant).towards('model', row.integration);
  const notAsIs = classesNotAsIs(towards, doubts);
  const { model } = row.evidence;
  return {
    model: typeof model === 'string' ? model : '',
    classes: classesOf(doubts.flatMap(({ types }) => types)),
    excerpts: masked(excerpts),
    left,
    mayGoAsIs: notAsIs.length === 0,
    notAsIs,
  };
}

export function exactExcerpts({ excerpts = [] }: ApprovalContext): readonly ApprovalExcerpt[] {
  return excerpts.map(({ role, pieces }) => ({
    role,
    pieces: pieces.map(({ kind, text, types }) => ({ kind, text, classes: classesOf(types) })),
  }));
}

/** The same value has the same placeholder in all of them. */
function masked(excerpts: Excerpts): readonly ApprovalExcerpt[] {
  const given = new Map<string, string>();
  const counts = new Map<string, number>();
  const placeholder = (type: string, text: string): string => {
    const key = `${type} ${text}`;
    const known = given.get(key);
    if (known !== undefined) return known;
    const number = (counts.get(type) ?? 0) + 1;
    counts.set(type, number);
    const made = `<${type}_${number}>`;
    given.set(key, made);
    return made;
  };
  return excerpts.map(({ role, pieces }) => ({
    role,
    pieces: pieces.map(({ kind, text, types: [type, ...others] }) => ({
      kind,
      text: type === undefined ? text : placeholder(type, text),
      classes: type === undefined ? [] : classesOf([type, ...others]),
    })),
  }));
}

/** How many places are replaced in what is shown. */
export function markedIn({ excerpts }: Pick<ApprovalDoubts, 'excerpts'>): number {
  return excerpts.reduce((sum, { pieces }) => sum + pieces.filter(({ kind }) => kind === 'doubt' || kind === 'found').length, 0);
}

/** Why a yes can not say this about what is in doubt; looked at again when the request is sent. */
export async function sendFault(
  rooms: Rooms,
  contextOf: (row: ApprovalRow) => Promise<ApprovalContext>,
  { person, id, send }: { readonly person: PersonPrincipal; readonly id: ApprovalId; readonly send: SendDoubts | undefined },
): Promise<Refusal | null> {
  if (send === undefined) return null;
  const row = await rooms.approvals.show(person.tenant, id);
  if (row === null) return null;
  const doubts = doubtsOf(rooms, row, await contextOf(row));
  if (doubts === null)
    return refuse('CONTROL_REQUEST_INVALID', 'Nothing is in doubt in this call; approve it without saying how doubts are sent.', {
      field: 'send',
    });
  if (send === 'masked' || doubts.mayGoAsIs) return null;
  return refuse('ENFORCEMENT_AS_IS_FORBIDDEN', 'What is in doubt may not be sent as it is to this destination.', {
    approval: id,
    class: doubts.notAsIs[0] as DataClass,
    integration: row.integration,
  });
}
