// Insiders who approve what is theirs: a version they wrote, a call they asked for, emergency access they want.

import { SallyportError } from '#core';
import { rowsOf } from '../trial.ts';
import type { Insider, Scenario, Trial } from '../types.ts';

const FORBIDDEN = ['CONTROL_ROLE_FORBIDDEN'];

/** Asks a person, and reaches nothing: there is nothing it could do harm to. */
const questionnaire = (name: string, words: string): { readonly files: Readonly<Record<string, string>> } => ({
  files: {
    'workflow.yaml': `apiVersion: sallyport.dev/v1
kind: Workflow
name: ${name}
owner: insider test
purpose: ${words}
trigger: { kind: manual, inputs: { ticket: { type: string, maxBytes: 64 } } }
uses: { integrations: {} }
steps:
  - id: ok
    approval:
      title: Pay this out
      sentence: The case {ticket} is settled and paid
      show: { ticket: input.ticket }
      expiresAfter: 1h
      onDenied: stop
`,
  },
});

const WORKFLOW = 'insider-question';

export const ownVersion: Scenario = {
  name: 'own-version',
  title: 'Approves a version of a workflow they wrote',
  async run({ owner, insider, refused, mark }) {
    const name = `insider-version-${mark}`;
    const author = await insider('an author', 'workflow_author');
    const { hash } = await author.must('POST', '/api/workflows', questionnaire(name, 'Written by an insider.'));
    const path = `/api/workflows/${name}`;
    await refused('the author approves it', author, author.ask('POST', `${path}/approve`, { hash }), FORBIDDEN);
    await refused('the author publishes it', author, author.ask('POST', `${path}/publish`, { hash }), FORBIDDEN);
    const approver = { subject: author.id, role: 'approver', reason: 'insider test' };
    await refused('the author gets the role of approver beside', author, owner.ask('POST', '/api/access/grants', approver), [
      'IDENTITY_GRANT_CONFLICT',
    ]);
    const mighty = await insider('a second owner', 'owner');
    const other = `insider-owned-${mark}`;
    const own = await mighty.must('POST', '/api/workflows', questionnaire(other, 'Written by an owner.'));
    await refused(
      'an owner approves their own version',
      mighty,
      mighty.ask('POST', `/api/workflows/${other}/approve`, { hash: own.hash }),
      ['WORKFLOWS_FOUR_EYES'],
    );
    await refused(
      'an owner publishes it without anybody’s yes',
      mighty,
      mighty.ask('POST', `/api/workflows/${other}/publish`, { hash: own.hash }),
      ['WORKFLOWS_STATE_WRONG'],
    );
  },
};

/** A run that waits for a person's yes, and who started it. */
async function waitingRun({ insider, owner, after, mark }: Trial, starter: Insider) {
  const [author, approver, publisher] = [
    await insider('the author', 'workflow_author'),
    await insider('the approver', 'approver'),
    await insider('the publisher', 'operator'),
  ];
  // A version of this run: who approved an earlier one has left since.
  const { hash, state } = await author.must('POST', '/api/workflows', questionnaire(WORKFLOW, `Asks before anything is paid (${mark}).`));
  const path = `/api/workflows/${WORKFLOW}`;
  if (state === 'draft') await approver.must('POST', `${path}/approve`, { hash });
  if (state !== 'published') await publisher.must('POST', `${path}/publish`, { hash });
  after(() => owner.ask('POST', `${path}/retire`, { hash }));
  const run = await starter.must('POST', `${path}/runs`, { input: { ticket: 'T-1001' } });
  const id = String(run.id);
  const found = async () => rowsOf((await owner.must('GET', '/api/approvals?state=pending')).approvals).find((one) => one.run === id);
  return { run: id, approver, found };
}

export const ownCall: Scenario = {
  name: 'own-call',
  title: 'Approves what they asked for themselves',
  async run(trial) {
    const { owner, insider, refused, wait, after } = trial;
    const operator = await insider('an operator', 'operator');
    const { found } = await waitingRun(trial, operator);
    const waiting = await waitFor(found, wait);
    const [id, digest] = [String(waiting.id), waiting.digest];
    after(() => owner.ask('POST', `/api/approvals/${id}/deny`, { reason: 'insider test' }));
    const approve = () => operator.ask('POST', `/api/approvals/${id}/approve`, { digest });
    await refused('the operator who started it says yes', operator, approve(), FORBIDDEN);
    const { grants } = await owner.must('GET', `/api/access/grants?subject=${operator.id}`);
    for (const { id: grant } of rowsOf(grants)) await owner.must('DELETE', `/api/access/grants/${String(grant)}`);
    await owner.must('POST', '/api/access/grants', { subject: operator.id, role: 'approver', reason: 'insider test' });
    await refused('they change to approver, and say yes to their own', operator, approve(), ['APPROVALS_ASKER']);
    const other = await insider('an approver', 'approver');
    const forged = '0'.repeat(64);
    await refused(
      'an accomplice says yes to something else',
      other,
      other.ask('POST', `/api/approvals/${id}/approve`, { digest: forged }),
      ['APPROVALS_DIGEST_MISMATCH'],
    );
  },
};

export const caseReading: Scenario = {
  name: 'case-reading',
  title: 'Reads customers’ cases out of curiosity',
  async run(trial) {
    const { owner, insider, refused, wait, after } = trial;
    const support = await insider('somebody of support', 'support');
    const { run, found } = await waitingRun(trial, support);
    const waiting = await waitFor(found, wait);
    after(() => owner.ask('POST', `/api/approvals/${String(waiting.id)}/deny`, { reason: 'insider test' }));
    const content = `/api/runs/${run}/content`;
    for (const role of ['marketer', 'admin', 'auditor', 'analyst']) {
      const curious = await insider(`the role ${role}`, role);
      await refused(`${role} reads what the run was about`, curious, curious.ask('GET', content), FORBIDDEN);
    }
    const customer = (of: string) => ({ for: `ticket:${of}`, classes: ['address'], reason: 'curious' });
    const marketer = await insider('a marketer', 'marketer');
    const at = '/api/integrations/shop/customer';
    await refused('a marketer reads a customer’s address', marketer, marketer.ask('POST', at, customer('T-1')), FORBIDDEN);
    await refused('support reads one for a ticket they made up', support, support.ask('POST', at, customer('T-9999')), [
      'CONNECTORS_CASE_KIND',
      'CONNECTORS_CASE_UNKNOWN',
    ]);
    const words = `/api/approvals/${String(waiting.id)}/words`;
    await refused('support reads the exact words of a call that waits', support, support.ask('POST', words, {}), FORBIDDEN);
    await refused('support reads it without naming a case', support, support.ask('GET', content), ['WORKFLOWS_CASE_REQUIRED']);
    await refused('support reads it for a case that is not this one', support, support.ask('GET', `${content}?for=ticket:T-9999`), [
      'WORKFLOWS_CASE_UNKNOWN',
    ]);
  },
};

const LOOKS = 120;
async function waitFor<T>(look: () => Promise<T | undefined>, wait: (ms: number) => Promise<void>): Promise<T> {
  for (let nth = 0; nth < LOOKS; nth += 1) {
    const seen = await look();
    if (seen !== undefined) return seen;
    await wait(250);
  }
  throw new SallyportError('REDTEAM_SCENE_FAILED', 'The run did not ask anybody within its time.', { retryable: true });
}

export const breakGlassAlone: Scenario = {
  name: 'break-glass-alone',
  title: 'Takes emergency access without a second person',
  async run({ insider, refused, alerted }) {
    const support = await insider('somebody of support', 'support');
    const asked = await alerted(
      'support asks for the rights of an operator',
      support,
      support.ask('POST', '/api/access/break-glass', { role: 'operator', reason: 'insider test' }),
      'break_glass',
    );
    const idOf = (body: unknown): string => String((body as { id?: unknown } | null)?.id);
    const path = `/api/access/break-glass/${idOf(asked.body)}`;
    await refused('support agrees to it', support, support.ask('POST', `${path}/approve`, {}), FORBIDDEN);
    await refused('support uses it before anybody agreed', support, support.ask('POST', '/api/effects/resolve', {}), FORBIDDEN);
    const security = await insider('a security officer', 'security');
    const own = await alerted(
      'a security officer, who may agree, asks for themselves',
      security,
      security.ask('POST', '/api/access/break-glass', { role: 'operator', reason: 'insider test' }),
      'break_glass',
    );
    await refused('and agrees to their own', security, security.ask('POST', `/api/access/break-glass/${idOf(own.body)}/approve`, {}), [
      'IDENTITY_BREAK_GLASS_OWN',
    ]);
    await refused(
      'asks for the rights of an owner',
      security,
      security.ask('POST', '/api/access/break-glass', { role: 'owner', reason: 'x' }),
      ['IDENTITY_ROLE_UNKNOWN'],
    );
    for (const [who, at] of [
      [support, path],
      [security, `/api/access/break-glass/${idOf(own.body)}`],
    ] as const)
      await who.must('POST', `${at}/end`, {});
  },
};
