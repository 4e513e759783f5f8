// A workflow's question as a stored approval: the same room, the same digest, the same people; only that a yes runs no call.

import { type ApprovalId, canonicalJson, isRefusal, newId, SallyportError, type Tx } from '#core';
import type { PersonQuestion } from '#workflows';
import type { Rooms } from './rooms.ts';

export async function askPerson(rooms: Rooms, tx: Tx, question: PersonQuestion): Promise<ApprovalId> {
  const { tenant, key, run, customer, workflow, step, title, sentence, digest, expiresAtMs } = question;
  const requestedBy = rooms.identity.reauthenticate(key);
  if (isRefusal(requestedBy))
    throw new SallyportError(requestedBy.code, 'The key of the workflow is not good; publish the workflow again.');
  const subject = customer?.id ?? null;
  const plaintext = Buffer.from(sentence);
  const context = Buffer.from(canonicalJson({ origins: [], classes: [], customer: subject }));
  const call = newId('call', rooms.guard.clock, rooms.guard.random);
  const within = `call:${call}`;
  return rooms.approvals.request(tx, {
    tenant,
    call,
    requestedBy,
    digest,
    sealedSentence: await rooms.vault.seal(tx, { tenant, subject, within, purpose: 'approval.sentence', plaintext }),
    sealedCall: null,
    sealedContext: await rooms.vault.seal(tx, { tenant, subject, within, purpose: 'approval.context', plaintext: context }),
    evidence: { tier: 'native', run, workflow, step, title, customerProven: customer !== null },
    expiresAtMs,
    integration: 'workflow',
    operation: 'approval',
    run,
    workflow,
    amount: null,
    needsTwo: false,
    soloPerDay: null,
  });
}
