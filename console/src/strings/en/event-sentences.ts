// What an event says in one plain sentence, by its type. A type without one is told by its few words (`events` in audit.ts) and who did it.

type Sentence = (who: string, fact: (name: string) => string) => string;

export const sentenceOf: Sentence = (who, fact) => `${fact('headline')}. By: ${who}.`;

export const sentences: Readonly<Record<string, Sentence>> = {
  'approvals.call.approved': (who) => `${who} approved a call that waited for a person.`,
  'approvals.call.cancelled': (who) => `${who} called off an approved call before it ran.`,
  'approvals.call.capped': (who) => `${who} tried to approve alone more than one person may in a day; nothing was approved.`,
  'approvals.call.denied': (who) => `${who} denied a call; it will never run.`,
  'approvals.call.endorsed': (who) => `${who} said yes to a call that needs two people; it waits for the other one.`,
  'approvals.call.expired': () => 'Nobody decided in time; the call will never run.',
  'approvals.call.finished': () => 'The approved call ran.',
  'approvals.call.requested': (who) => `${who} asked for a call that a person must decide; it was stored and waits.`,
  'audit.actor.forgotten': (who) => `${who} had the link between somebody and their pseudonym erased.`,
  'audit.clock.jumped': () => 'The clock of a server jumped: entries may be dated out of order.',
  'audit.event.opened': (who, fact) => `${who} read the sealed details of event ${fact('seq')}.`,
  'audit.event.read': (who, fact) => `${who} looked at event ${fact('seq')} and its proof.`,
  'audit.health.changed': (_who, fact) => `The state of the log changed: ${fact('what')} went from ${fact('was')} to ${fact('state')}.`,
  'audit.key.rotated': (who, fact) => `${who} rotated the key that signs the log: ${fact('phase')}.`,
  'audit.ledger.verified': (who, fact) =>
    fact('ok') === 'false'
      ? `${who} had the log checked, and it did not hold: ${fact('code')}.`
      : `${who} had the log checked: ${fact('events')} events are intact and in place.`,
  'audit.log.exported': (who) => `${who} took events out of the log.`,
  'audit.log.read': (who) => `${who} searched the log.`,
  'audit.pack.exported': (who) => `${who} took out a pack of the log with its proofs.`,
  'audit.payload.erased': () => 'What an earlier event carried was erased; its proof stays valid.',
  'enforcement.call.completed': (who) => `A call of ${who} ended and its reply was handed back.`,
  'enforcement.call.intended': (who) => `A call of ${who} passed every check and was about to leave.`,
  'enforcement.call.refused': (who, fact) => `A call of ${who} was refused by the guard: ${fact('code')}.`,
  'enforcement.call.faulted': (who) => `A call of ${who} failed on its way.`,
  'enforcement.call.aborted': (who) => `${who} went away before the reply was complete.`,
  'enforcement.call.unresolved': (who) => `A call of ${who} was sent, and its outcome is unknown.`,
  'enforcement.effect.resolved': (who, fact) => `${who} looked at the shop and said what became of an effect: ${fact('outcome')}.`,
  'enforcement.integration.changed': (who, fact) => `${who} changed the integration ${fact('name')}: ${fact('change')}.`,
  'identity.key.created': (who) => `${who} made a key for a program.`,
  'identity.key.revoked': (who) => `${who} revoked a key; nobody is let in with it any more.`,
  'identity.link.created': (who) => `${who} made a sign-in link.`,
  'identity.hook.created': (who) => `${who} let an integration deliver signed events.`,
  'identity.hook.removed': (who) => `${who} ended the deliveries of an integration.`,
  'identity.hook.rotated': (who) => `${who} replaced the secret of an integration’s deliveries.`,
  'identity.person.added': (who) => `${who} added a person.`,
  'identity.person.removed': (who) => `${who} removed a person; their sessions ended.`,
  'identity.session.closed': (who) => `${who} signed out.`,
  'identity.session.opened': (who) => `${who} signed in.`,
  'identity.tenant.created': () => 'This tenant was created, with its owner.',
  'identity.workload.changed': (who) => `${who} changed what a program may reach.`,
  'identity.workload.created': (who) => `${who} added a program.`,
  'storage.backup.created': (who, fact) =>
    fact('ok') === 'false' ? `A backup of ${who} failed: ${fact('code')}.` : `${who} made a backup.`,
  'storage.backup.deleted': (who) => `${who} deleted a backup.`,
  'storage.backup.drilled': (who, fact) =>
    fact('ok') === 'false'
      ? `${who} restored a backup into a scratch database, and it did not hold: ${fact('code')}.`
      : `${who} restored a backup into a scratch database: everything is the same.`,
  'storage.backup.verified': (who, fact) =>
    fact('ok') === 'false' ? `${who} checked a backup, and it did not hold: ${fact('code')}.` : `${who} checked a backup: it is whole.`,
  'storage.restore.confirmed': (who) => `${who} said yes to going on from a restored database.`,
  'storage.restore.finished': () => 'The restore was carried through: what it ended, stopped and repeated is stated below.',
  'storage.restore.started': (who) => `${who} put the database back to an older state.`,
  'vault.credential.dropped': (who) => `${who} removed a credential; its key is destroyed.`,
  'vault.credential.stored': (who) => `${who} stored a credential, sealed.`,
  'vault.subject.erased': () => 'The key of a data subject was destroyed: what was sealed under it can never be read again.',
  'workflows.run.content_read': (who) => `${who} read what the steps of a run asked and were given.`,
  'workflows.run.emitted': (who) => `A run of ${who} stated a result.`,
  'workflows.run.finished': (who) => `A run of ${who} came to its end.`,
  'workflows.run.refused': (who, fact) => `A run of ${who} was refused: ${fact('code')}.`,
  'workflows.run.started': (who) => `A run was started by ${who}.`,
  'workflows.version.approved': (who) => `${who} approved a version of a workflow.`,
  'workflows.delivery.accepted': (who) => `A signed delivery of ${who} was accepted.`,
  'workflows.delivery.refused': (who, fact) => `A delivery of ${who} was refused: ${fact('code')}.`,
  'workflows.version.imported': (who) => `${who} brought in a version of a workflow as a draft.`,
  'workflows.version.published': (who) => `${who} made an approved version the one that runs.`,
  'workflows.version.retired': (who) => `${who} stopped a version from running.`,
  'workflows.workflow.paused': (who) => `${who} paused a workflow; its runs end at their next step.`,
  'workflows.workflow.resumed': (who) => `${who} let a workflow run again.`,
};
