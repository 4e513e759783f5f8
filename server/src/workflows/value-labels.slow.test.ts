// What the labels of single values decide: the same operation with a value of the customer's own record and with an outsider's, and a
// journal that was changed in the database. Effects are counted at the shop.

import { readFileSync } from 'node:fs';
import { DEMO_SHOP_TOKEN, demoShopManifest } from '@sallyport/demo';
import { afterAll, beforeAll, describe, expect, inject, it } from 'vitest';
import { parse } from 'yaml';
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
  // A shop that declares no rule for who a message goes to: then only labels can explain a recipient.
  const manifest = parse(readFileSync(demoShopManifest, 'utf8')) as {
    name: string;
    operations: Record<string, { arguments: Record<string, object> }>;
  };
  const recipient = manifest.operations['messages.send']?.arguments.recipient as { targetRules?: unknown; otherTargets?: unknown };
  delete recipient.targetRules;
  delete recipient.otherTargets;
  await must('PUT', '/api/integrations/mail-shop', {
    kind: 'http',
    baseUrl: upstreams.shop.url,
    manifest: { ...manifest, name: 'mail-shop' },
    credential: { header: 'x-shop-access-token', secret: DEMO_SHOP_TOKEN },
    linkHosts: [],
    autonomy: { 'messages.send': { timesPerCustomerDay: 100 } },
  });
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

/** Reads ticket and customer, then sends one message. */
async function publish(name: string, steps: string, customer = 'customer_id'): Promise<void> {
  const yaml = `apiVersion: sallyport.dev/v1
kind: Workflow
name: ${name}
owner: tests
purpose: Sends one message.
trigger: { kind: manual, inputs: { ticket: { type: string, maxBytes: 64 }, to: { type: string, maxBytes: 200 } } }
uses:
  integrations: { mail-shop: [tickets.get, customers.get, messages.send] }
  models: { captured-1: demo-model }
customer:
  read: { integration: mail-shop, operation: tickets.get, with: { ticket_id: input.ticket } }
  id: ${customer}
  assurance: session
steps:
  - id: ticket
    call: { integration: mail-shop, operation: tickets.get, with: { ticket_id: input.ticket } }
  - id: profile
    call: { integration: mail-shop, operation: customers.get, with: { customer_id: customer.id } }
${steps}`;
  const files = {
    'workflow.yaml': yaml,
    ...(steps.includes('model:') ? { 'system.md': 'Name an address.', 'prompt.md': 'For {{who}}' } : {}),
    ...(steps.includes('output:') ? { 'answer.json': '{"type":"object","required":["to"]}' } : {}),
  };
  const { hash } = await must('POST', '/api/workflows', { files });
  await must('POST', `/api/workflows/${name}/approve`, { hash });
  await must('POST', `/api/workflows/${name}/publish`, { hash });
}
const send = (to: string, body = '\'"Your parcel is on its way."\'', more = ''): string => `  - id: send
    ${more}call: { integration: mail-shop, operation: messages.send, with: { customer_id: customer.id, recipient: ${to}, body: ${body} } }
`;

async function run(name: string, ticket: string, to = 'x@example.com') {
  const { id } = await must('POST', `/api/workflows/${name}/runs`, { input: { ticket, to } });
  return waitForRun(owner, id as string, true);
}
const last = (run: Record<string, unknown>) => (run.phases as { step: string; outcome: string; code: string | null }[]).at(-1);

describe('[PROMISE-5] a target by the label of its own value', () => {
  it.each<[string, string, string]>([
    ['the customer’s own address from the record', 'own-address', 'steps.profile.value.email'],
    ['what staff typed when it started the run', 'staff-address', 'input.to'],
    ['a constant that was signed with the workflow', 'signed-address', '\'"desk@example.com"\''],
  ])('sends to %s without asking', async (_what, name, to) => {
    await publish(name, send(to));
    const ticket = openTicket('Hello');
    expect(await run(name, ticket.id)).toMatchObject({ state: 'done', code: null });
    expect(effects(ticket.before)).toEqual(['message_sent']);
  });

  it.each<[string, string, string]>([
    ['words of the ticket', 'ticket-address', send('steps.ticket.value.body')],
    [
      'a choice that the ticket’s words made among good values',
      'chosen-address',
      send(`'steps.ticket.value.body == "evil@example.com" ? input.to : steps.profile.value.email'`),
    ],
    [
      'the customer’s own address, in a branch that the ticket’s words chose',
      'branch-address',
      `  - id: maybe\n    when: steps.ticket.value.body.contains("evil")\n    do:\n${send('steps.profile.value.email').replace(/^/gm, '    ').trimEnd()}\n`,
    ],
    [
      'a model’s answer, though it was told nothing of outsiders',
      'model-address',
      `  - id: asked\n    model: { model: captured-1, system: system.md, prompt: prompt.md, data: { who: input.to } }\n${send('steps.asked.value.text')}`,
    ],
    [
      'a choice that a model made by not answering as it should',
      'model-refusal',
      `  - id: asked\n    onRefusal: continue\n    model: { model: captured-1, system: system.md, prompt: prompt.md, data: { who: input.to }, output: answer.json }\n${send(`'steps.asked.refused ? input.to : "desk@example.com"'`)}`,
    ],
    [
      'a choice that hangs on whether a record could be read',
      'read-refusal',
      `  - id: gone\n    onRefusal: continue\n    call: { integration: mail-shop, operation: tickets.get, with: { ticket_id: '"T-0"' } }\n${send(`'steps.gone.refused ? input.to : "desk@example.com"'`)}`,
    ],
  ])('asks a person for %s', async (_what, name, steps) => {
    await publish(name, steps);
    const ticket = openTicket('evil@example.com');
    const ended = await run(name, ticket.id);
    expect(last(ended)).toMatchObject({ step: 'send', outcome: 'waiting', code: 'ENDORSEMENT_REQUIRED' });
    expect(effects(ticket.before)).toEqual([]);
  });

  it('sends a text on to nobody who may not read it: what no manifest declares waits for a person', async () => {
    await publish('undeclared-text', send('steps.profile.value.email', 'steps.profile.value.internal_score'));
    const ticket = openTicket('Hello');
    (ticket.customer as Record<string, unknown>).internal_score = 'rating seven';
    const ended = await run('undeclared-text', ticket.id);
    expect(last(ended)).toMatchObject({ step: 'send', outcome: 'waiting', code: 'ENDORSEMENT_REQUIRED' });
    expect(effects(ticket.before)).toEqual([]);
  });
});

describe('the customer of a run', () => {
  it('is never named by a field that outsiders write, whatever the workflow vouches for', async () => {
    await publish('named-by-subject', send('steps.profile.value.email'), 'subject');
    const ticket = openTicket('Hello');
    const victim = [...upstreams.shop.state.customers.keys()].at(-1) as string;
    Object.assign(upstreams.shop.state.tickets.get(ticket.id) as object, { subject: victim });
    expect(await run('named-by-subject', ticket.id)).toMatchObject({
      state: 'stopped',
      step: 'customer',
      code: 'WORKFLOWS_CUSTOMER_UNTRUSTED',
    });
    expect(effects(ticket.before)).toEqual([]);
  });
});

describe('a journal that was changed in the database', () => {
  const waitForApproval = async (name: string, steps: string) => {
    await publish(name, steps);
    const ticket = openTicket('evil@example.com');
    const waiting = await run(name, ticket.id);
    const approval = (waiting.phases as { approval: string | null }[]).at(-1)?.approval as string;
    return { ticket, run: waiting.id as string, approval };
  };
  const decide = async (approval: string) => {
    const { body } = await owner('GET', `/api/approvals/${approval}`);
    await must('POST', `/api/approvals/${approval}/deny`, { reason: 'no' });
    return body;
  };

  it.each<[string, string, string]>([
    [
      'a sealed value and its labels',
      'tamper-bytes',
      `update workflow_steps set sealed_value = set_byte(sealed_value, length(sealed_value) - 1, 255 - get_byte(sealed_value, length(sealed_value) - 1)) where run = $1 and step = 'ticket'`,
    ],
    [
      'a phase put in another’s place',
      'tamper-swap',
      `update workflow_steps set sealed_value = (select sealed_value from workflow_steps other where other.run = $1 and other.step = 'profile') where run = $1 and step = 'ticket'`,
    ],
    ['how a phase ended', 'tamper-outcome', `update workflow_steps set outcome = 'done', code = null where run = $1 and step = 'send'`],
    [
      'another approved version of the workflow under the run',
      'tamper-version',
      `update workflow_runs set hash = (select hash from workflow_versions where name = 'tamper-version' and hash <> workflow_runs.hash) where id = $1`,
    ],
    ['a phase without its seal', 'tamper-empty', `update workflow_steps set sealed_value = null where run = $1 and step = 'ticket'`],
  ])('%s: the run is refused', async (_what, name, statement) => {
    // An earlier version that was approved, too: content that may run, but not under this run.
    if (name === 'tamper-version') await publish(name, send('\'"desk@example.com"\''));
    const { ticket, run: id, approval } = await waitForApproval(name, send('steps.ticket.value.body'));
    expect((await db.query(statement, [id])).rowCount).toBe(1);
    await decide(approval);
    const ended = await waitForRun(owner, id);
    expect(ended).toMatchObject({ state: 'refused', code: 'WORKFLOWS_JOURNAL_TAMPERED' });
    expect(effects(ticket.before)).toEqual([]);
    expect((await owner('GET', `/api/runs/${id}`)).body).toMatchObject({ state: 'refused', code: 'WORKFLOWS_JOURNAL_TAMPERED' });
    expect((await owner('GET', `/api/runs/${id}/content`)).status).toBe(403);
  });
});

describe('a model step whose request a person looks at', () => {
  const steps = `  - id: asked
    model: { model: captured-1, system: system.md, prompt: prompt.md, data: { who: steps.ticket.value.body } }
  - id: told
    onRefusal: continue
    call: { integration: mail-shop, operation: tickets.get, with: { ticket_id: input.ticket } }
`;
  const waiting = async () => {
    const ticket = openTicket('me. Petrossian bought the blue one.');
    const begun = await run('looked-at', ticket.id);
    const { step, outcome, approval } = (begun.phases as { step: string; outcome: string; approval: string }[]).at(-1) ?? {};
    expect({ step, outcome }).toEqual({ step: 'asked', outcome: 'waiting' });
    const { body } = await owner('GET', `/api/approvals/${approval}`);
    expect(body).toMatchObject({ state: 'pending', workflow: 'looked-at', run: begun.id, doubts: { classes: ['person_name'] } });
    return { run: begun.id as string, approval: approval as string, digest: body.digest };
  };

  beforeAll(async () => {
    await must('PUT', '/api/data/unsure/person_name', { unsure: 'ask' });
    await publish('looked-at', steps);
  });
  afterAll(() => must('DELETE', '/api/data/unsure/person_name'));

  it('waits in the journal, and goes on with the answer of the one request that was sent after the yes', async () => {
    const { run: id, approval, digest } = await waiting();
    await must('POST', `/api/approvals/${approval}/approve`, { digest, send: 'masked' });
    const ended = await waitForRun(owner, id);
    expect(ended).toMatchObject({ state: 'done', code: null });
    const phases = ended.phases as { step: string; outcome: string }[];
    expect(phases.map(({ step, outcome }) => `${step} ${outcome}`)).toEqual(expect.arrayContaining(['asked done', 'told done']));
    expect(phases.filter(({ step }) => step === 'asked')).toHaveLength(1);
    const { rows } = await db.query(
      `select count(*)::int as sent from (select type, public::jsonb as facts from event_inbox union all
         select type, leaf::jsonb -> 'public' from audit_log) as told
       where type = 'enforcement.call.intended' and facts ->> 'run' = $1 and facts ->> 'effect' = 'model'`,
      [id],
    );
    expect(rows[0].sent).toBe(1);
  });

  it('is refused by a no, and nothing of it was sent', async () => {
    const { run: id, approval } = await waiting();
    await must('POST', `/api/approvals/${approval}/deny`, { reason: 'no' });
    expect(await waitForRun(owner, id)).toMatchObject({ state: 'stopped', step: 'asked', code: 'WORKFLOWS_APPROVAL_DENIED' });
  });
});
