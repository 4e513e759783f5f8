// A person's decision inside a run: steps that ask, refunds whose object changed while they waited, and what was edited or played again.
// Effects are counted at the shop.

import { afterAll, beforeAll, describe, expect, inject, it } from 'vitest';
import { openWorkflowWorld, placeTicket, type WorkflowWorld, waitForRun } from '../../../testkit/workflow-world/index.ts';

let world: WorkflowWorld;
let upstreams: WorkflowWorld['upstreams'];
let db: WorkflowWorld['db'];
let owner: WorkflowWorld['owner'];
let must: WorkflowWorld['must'];
let made = 0;

beforeAll(async () => {
  world = await openWorkflowWorld(inject('testCluster'));
  ({ db, owner, upstreams, must } = world);
});
afterAll(() => world?.close());

function openTicket(body: string) {
  const customer = [...upstreams.shop.state.customers.values()][made] as { id: string; email: string };
  made += 1;
  const id = `T-${6000 + made}`;
  placeTicket(upstreams.shop, { id, customer: customer.id, body });
  return { id, customer, before: upstreams.shop.ledger.size };
}

const effects = (before: number) => upstreams.shop.ledger.after(before).map((entry) => entry.kind);

/** Reads the ticket, does the steps, and replies at the end whatever became of them. */
async function publish(name: string, steps: string): Promise<void> {
  const yaml = `apiVersion: sallyport.dev/v1
kind: Workflow
name: ${name}
owner: tests
purpose: Asks before it pays.
trigger: { kind: manual, inputs: { ticket: { type: string, maxBytes: 64 }, order: { type: string, maxBytes: 64 } } }
uses: { integrations: { demo-shop: [tickets.get, refunds.create, tickets.reply] } }
customer:
  read: { integration: demo-shop, operation: tickets.get, with: { ticket_id: input.ticket } }
  id: customer_id
  assurance: session
steps:
  - id: ticket
    call: { integration: demo-shop, operation: tickets.get, with: { ticket_id: input.ticket } }
${steps}`;
  const { hash } = await must('POST', '/api/workflows', { files: { 'workflow.yaml': yaml } });
  await must('POST', `/api/workflows/${name}/approve`, { hash });
  await must('POST', `/api/workflows/${name}/publish`, { hash });
}
const REFUND = `  - id: refund
    onRefusal: continue
    call: { integration: demo-shop, operation: refunds.create, with: { order_id: input.order, amount: '"60.00"' } }
`;
const REPLY = `  - id: reply
    call: { integration: demo-shop, operation: tickets.reply, with: { ticket_id: input.ticket, body: '"Thank you."' } }
`;
const ask = (onDenied: string): string => `  - id: ok
    approval:
      title: Close this ticket
      sentence: The ticket {subject} is answered and closed
      show: { subject: steps.ticket.value.subject, ticket: input.ticket }
      expiresAfter: 2h
      onDenied: ${onDenied}
`;

async function waiting(name: string, body = 'Hello') {
  const ticket = openTicket(body);
  const order = [...upstreams.shop.state.orders.values()].find(
    (one) => one.customer_id === ticket.customer.id && Number(one.refundable) > 60,
  );
  const { id } = await must('POST', `/api/workflows/${name}/runs`, { input: { ticket: ticket.id, order: order?.id ?? 'none' } });
  const run = await waitForRun(owner, id as string, true);
  const approval = (run.phases as { approval: string | null }[]).at(-1)?.approval as string;
  const { body: shown } = await owner('GET', `/api/approvals/${approval}`);
  return { ticket, order: order as NonNullable<typeof order>, run: id as string, approval, shown };
}
const approve = (approval: string, digest: unknown) => owner('POST', `/api/approvals/${approval}/approve`, { digest });
const phaseOf = (run: Record<string, unknown>, step: string) =>
  (run.phases as { step: string; outcome: string; code: string | null }[]).find((phase) => phase.step === step);

describe('a machine’s decision about a person', () => {
  const DECIDE = (outcome: string): string => `  - id: judge
    transform: { verdict: "'refuse'", why: steps.ticket.value.subject }
    decides: { kind: refuse_refund }
  - id: verdict
    approval:
      title: The refund of an order
      sentence: Decide about the refund of {order}
      show: { order: input.order }
      onDenied: continue
      confirms:
        step: judge
        options: { refuse: Refuse the refund, pay: Pay the refund }
        proposal: steps.judge.value.verdict
        because: steps.judge.value.why
        otherwise: pay
        contest: { by: reply, text: Reply to this message }
  - id: told
    when: steps.verdict.value.${outcome}
    do:
      - id: reply
        call: { integration: demo-shop, operation: tickets.reply, with: { ticket_id: input.ticket, body: steps.verdict.value.contest } }
`;
  const made = async (run: string): Promise<readonly Record<string, unknown>[]> =>
    (
      await db.query<{ facts: Record<string, unknown> }>(
        `select public::jsonb as facts from event_inbox where type = 'workflows.decision.made' and subject = $1
         union all select leaf::jsonb -> 'public' from audit_log where type = 'workflows.decision.made' and subject = $1`,
        [run],
      )
    ).rows.map(({ facts }) => facts);

  it('waits for one, who sees what is proposed and why, may decide otherwise, and is on record with how it is contested', async () => {
    await publish('decide', DECIDE("outcome == 'pay' && steps.verdict.value.changed"));
    const { ticket, run, approval, shown } = await waiting('decide');
    expect(shown.sentence).toContain('Proposed by a machine: “Refuse the refund”, because “My order”.');
    expect(shown.sentence).toContain('no decides “Pay the refund”. The customer may contest it: “Reply to this message”.');
    expect([await made(run), effects(ticket.before)]).toEqual([[], []]);
    await must('POST', `/api/approvals/${approval}/deny`, { reason: 'A loyal customer' });
    expect(await waitForRun(owner, run)).toMatchObject({ state: 'done', code: null });
    expect(effects(ticket.before)).toEqual(['ticket_replied']);
    expect(upstreams.shop.state.tickets.get(ticket.id)?.replies.at(-1)?.body).toBe('Reply to this message');
    expect(await made(run)).toMatchObject([
      {
        step: 'verdict',
        decision: 'refuse_refund',
        effect: 'legal',
        changed: true,
        by: expect.stringMatching(/^per_/),
        approval,
        contest: 'reply',
      },
    ]);
  });

  it('is as proposed after a yes, and is made by nobody when nobody answers', async () => {
    await publish('decide-yes', DECIDE("outcome == 'refuse' && !steps.verdict.value.changed"));
    const yes = await waiting('decide-yes');
    await approve(yes.approval, yes.shown.digest);
    expect(await waitForRun(owner, yes.run)).toMatchObject({ state: 'done' });
    expect(effects(yes.ticket.before)).toEqual(['ticket_replied']);
    expect(await made(yes.run)).toMatchObject([{ changed: false }]);
    const late = await waiting('decide-yes');
    await db.query(`update approvals set expires_at = now() - interval '1 minute' where id = $1`, [late.approval]);
    // There is no outcome to go by.
    expect(await waitForRun(owner, late.run)).toMatchObject({ state: 'stopped', step: 'told' });
    expect([await made(late.run), effects(late.ticket.before)]).toEqual([[], []]);
  });

  it('is no workflow when no person decides it', async () => {
    const draft = DECIDE('approved').replace(/ {2}- id: verdict[\s\S]*/, '');
    await expect(publish('decide-alone', draft)).rejects.toThrow(/no approval after it confirms that/);
  });
});

describe('a step that asks a person', () => {
  it('waits with its own words, quotes what it shows, and goes on after a yes', async () => {
    await publish('ask-yes', ask('stop') + REPLY);
    const { ticket, run, approval, shown } = await waiting('ask-yes');
    expect(effects(ticket.before)).toEqual([]);
    expect(shown).toMatchObject({ state: 'pending', operation: 'approval', workflow: 'ask-yes', run });
    expect(shown.sentence).toBe(`Close this ticket. The ticket “My order” is answered and closed Shown: ticket “${ticket.id}”.`);
    expect(shown.origins).toContainEqual({
      argument: 'subject',
      from: { step: 'ticket', phase: 'call', field: 'subject' },
      integrity: 'third_party',
      sources: expect.arrayContaining(['outsider:demo-shop']),
      how: 'label',
    });
    expect(await approve(approval, 'f'.repeat(64))).toMatchObject({ status: 409 });
    expect((await approve(approval, shown.digest)).status).toBe(200);
    expect(await waitForRun(owner, run)).toMatchObject({ state: 'done', code: null });
    expect(effects(ticket.before)).toEqual(['ticket_replied']);
    expect((await approve(approval, shown.digest)).status).toBe(409);
  });

  it('a text with tricks in it can not pass for our words', async () => {
    const { ticket, shown } = await waiting('ask-yes');
    const trick = await (async () => {
      const other = openTicket('Hello');
      const state = upstreams.shop.state.tickets;
      state.set(other.id, { ...(state.get(other.id) as never as object), subject: 'x” is fine. Approve \u202enow' } as never);
      const { id } = await must('POST', '/api/workflows/ask-yes/runs', { input: { ticket: other.id, order: 'none' } });
      const run = await waitForRun(owner, id as string, true);
      return (await owner('GET', `/api/approvals/${(run.phases as { approval: string }[]).at(-1)?.approval}`)).body;
    })();
    expect(shown.sentence).toContain(ticket.id);
    expect(trick.sentence).toContain('“x› is fine. Approve ⟨U+202E⟩now”');
    expect(trick.digest).not.toBe(shown.digest);
  });

  it('ends at a no, or goes on and tells later steps, as the workflow says', async () => {
    await publish('ask-no', ask('stop') + REPLY);
    await publish(
      'ask-go-on',
      `${ask('continue')}  - id: said\n    when: steps.ok.refused && !steps.ok.value.approved && steps.ok.value.by != ""\n    do:\n${REPLY.replace(/^/gm, '    ').trimEnd()}\n`,
    );
    for (const [name, ending, count] of [
      ['ask-no', { state: 'stopped', step: 'ok', code: 'WORKFLOWS_APPROVAL_DENIED' }, 0],
      ['ask-go-on', { state: 'done' }, 1],
    ] as const) {
      const { ticket, run, approval } = await waiting(name);
      await must('POST', `/api/approvals/${approval}/deny`, { reason: 'not now' });
      expect(await waitForRun(owner, run)).toMatchObject(ending);
      expect(effects(ticket.before)).toHaveLength(count);
    }
  });

  it('nobody answered in time, the question was edited, or another yes was put in its place: nothing goes on', async () => {
    const expired = await waiting('ask-no');
    await db.query(`update approvals set expires_at = now() - interval '1 minute' where id = $1`, [expired.approval]);
    expect(await waitForRun(owner, expired.run)).toMatchObject({ state: 'stopped', code: 'WORKFLOWS_APPROVAL_EXPIRED' });

    const edited = await waiting('ask-no');
    await db.query('update approvals set digest = $2 where id = $1', [edited.approval, 'e'.repeat(64)]);
    await approve(edited.approval, 'e'.repeat(64));
    expect(await waitForRun(owner, edited.run)).toMatchObject({ state: 'stopped', code: 'APPROVALS_NOT_PROVEN' });

    const [first, second] = [await waiting('ask-no'), await waiting('ask-no')];
    await db.query('update workflow_steps set approval = $2 where run = $1 and approval is not null', [second.run, first.approval]);
    await approve(first.approval, first.shown.digest);
    expect(await waitForRun(owner, second.run)).toMatchObject({ state: 'refused', code: 'WORKFLOWS_JOURNAL_TAMPERED' });
    for (const { ticket } of [expired, edited, second]) expect(upstreams.shop.state.tickets.get(ticket.id)?.replies).toEqual([]);
  });
});

describe('a refund that waits inside a run', () => {
  beforeAll(() => publish('asks-to-pay', REFUND + REPLY));

  it('is refused when its order changed at the shop in between, and the run goes on', async () => {
    const { ticket, order, run, approval, shown } = await waiting('asks-to-pay');
    const { state } = upstreams.shop;
    state.orders.set(order.id, { ...order, notes: 'gift', updated_at: new Date(1).toISOString() } as never);
    await approve(approval, shown.digest);
    const ended = await waitForRun(owner, run);
    expect(ended).toMatchObject({ state: 'done' });
    expect(phaseOf(ended, 'refund')).toMatchObject({ outcome: 'refused', code: 'ENFORCEMENT_ENDORSEMENT_STALE' });
    expect(effects(ticket.before)).toEqual(['ticket_replied']);
  });

  it('is not another call that was put under the same yes', async () => {
    const [mine, theirs] = [await waiting('asks-to-pay'), await waiting('asks-to-pay')];
    await db.query('update approvals set sealed_call = (select sealed_call from approvals other where other.id = $2) where id = $1', [
      mine.approval,
      theirs.approval,
    ]);
    await approve(mine.approval, mine.shown.digest);
    const ended = await waitForRun(owner, mine.run);
    expect(phaseOf(ended, 'refund')).toMatchObject({ outcome: 'refused', code: 'APPROVALS_NOT_PROVEN' });
    expect(effects(mine.ticket.before)).toEqual(['ticket_replied']);
    await must('POST', `/api/approvals/${theirs.approval}/deny`, { reason: 'done' });
    await waitForRun(owner, theirs.run);
  });

  it('is paid once, also when its yes is played again', async () => {
    const { ticket, run, approval, shown } = await waiting('asks-to-pay');
    await approve(approval, shown.digest);
    expect(await waitForRun(owner, run)).toMatchObject({ state: 'done' });
    const again = `update approvals set state = 'approved', claimed_at = null, consumed_at = null, finished_at = null where id = $1`;
    expect((await db.query(again, [approval])).rowCount).toBe(1);
    for (;;) {
      const { rows } = await db.query<{ state: string }>('select state from approvals where id = $1', [approval]);
      if (rows[0]?.state !== 'approved' && rows[0]?.state !== 'executing') break;
      await new Promise((resolve) => setTimeout(resolve, 50));
    }
    expect(effects(ticket.before)).toEqual(['refund', 'ticket_replied']);
  });
});
