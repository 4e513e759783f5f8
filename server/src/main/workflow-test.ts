// `sallyport workflows test`: runs the tests of a bundle in a throw-away installation with the demo shop and the captured model, through the
// same guard, signature and approval as everywhere. What happened is read from the shop's books. It touches no existing data.

import { chmodSync, mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setTimeout as pause } from 'node:timers/promises';
import type { DemoShop } from '@sallyport/demo';
import { isRefusal, type PersonPrincipal, type Refusal, SallyportError } from '#core';
import { openBundle, readTests, type WorkflowTest } from '#workflows';
import { approvalPorts } from './compose/approval-ports.ts';
import { createExecutor } from './compose/approve.ts';
import { startDemo } from './demo-parts.ts';
import { currentUser, foldersOf } from './folders.ts';
import { loadConfig } from './load-config.ts';
import { createLogger, type Logger } from './logger.ts';
import { type Server, startServer } from './server.ts';

export interface TestResult {
  readonly path: string;
  readonly case: string;
  readonly ok: boolean;
  /** What was expected and did not come, or came and was not expected. */
  readonly differences: readonly string[];
}

export interface TestReport {
  readonly workflow: string;
  /** Of exactly this content. */
  readonly hash: string;
  readonly passed: number;
  readonly failed: number;
  readonly results: readonly TestResult[];
}

const LOOK_EVERY_MS = 20;
/** A run that moves no more is a failure of its test. */
const PATIENCE_MS = 60_000;
/** An order a test can be paid back from. */
const LEAST_REFUNDABLE = 100;

export async function testWorkflow(files: Readonly<Record<string, string>>, progress: (line: string) => void): Promise<TestReport> {
  const tests = must(readTests(must(openBundle(files))));
  if (tests.length === 0) throw new SallyportError('MAIN_USAGE', 'The workflow has no tests: write them as tests/<name>.yaml.');
  const folder = mkdtempSync(join(tmpdir(), 'sallyport-test-'));
  chmodSync(folder, 0o711);
  const demo = await startDemo();
  try {
    const dirs = { '--data-dir': join(folder, 'data'), '--secrets-dir': join(folder, 'secrets') };
    const config = demo.configure(loadConfig({ flags: { ...dirs, '--gateway-port': '0', '--control-port': '0' }, env: {}, file: null }));
    const logger = createLogger('error', progress);
    progress('Starting a throw-away installation with its own Postgres ...');
    const server = await startServer(config, foldersOf(config, currentUser()), logger);
    try {
      await demo.install(server);
      return await runTests({ server, shop: demo.shop, logger }, files, tests);
    } finally {
      await server.close();
    }
  } finally {
    await demo.close();
    rmSync(folder, { recursive: true, force: true });
  }
}

interface World {
  readonly server: Server;
  readonly shop: DemoShop;
  readonly logger: Logger;
}

async function runTests(world: World, files: Readonly<Record<string, string>>, tests: readonly WorkflowTest[]): Promise<TestReport> {
  const { rooms, workflows, ownerToken } = world.server;
  const owner = must(rooms.identity.authenticateSession(ownerToken)) as PersonPrincipal;
  const { name, hash } = must(await workflows.registry.importBundle(owner, files));
  must(await workflows.registry.approve(owner, name, hash));
  must(await workflows.registry.publish(owner, name, hash));
  const customers = customersOf(world.shop);
  const results: TestResult[] = [];
  for (const [nth, test] of tests.entries()) {
    const who = customers[nth];
    if (who === undefined) throw new SallyportError('MAIN_USAGE', `The demo shop has customers for ${customers.length} tests, no more.`);
    const differences = await runTest(world, owner, { name, test, who });
    results.push({ path: test.path, case: test.case, ok: differences.length === 0, differences });
  }
  const passed = results.filter(({ ok }) => ok).length;
  return { workflow: name, hash, passed, failed: results.length - passed, results };
}

interface Who {
  readonly customer: string;
  readonly order: string;
  readonly foreign: string;
}

/** One customer a test: limits count by customer. */
function customersOf({ state }: DemoShop): readonly Who[] {
  const orders = [...state.orders.values()];
  return [...state.customers.keys()].flatMap((customer): Who[] => {
    const own = orders.find((order) => order.customer_id === customer && Number(order.refundable) >= LEAST_REFUNDABLE);
    const foreign = orders.find((order) => order.customer_id !== customer);
    return own === undefined || foreign === undefined ? [] : [{ customer, order: own.id, foreign: foreign.id }];
  });
}

async function runTest(
  { server, shop, logger }: World,
  owner: PersonPrincipal,
  { name, test, who }: { readonly name: string; readonly test: WorkflowTest; readonly who: Who },
): Promise<readonly string[]> {
  const { workflows } = server;
  const before = shop.ledger.size;
  const filled = (text: string, ticket = ''): string =>
    text.replaceAll('{ticket}', ticket).replaceAll('{order}', who.order).replaceAll('{foreign}', who.foreign);
  const { ticket } = shop.openTicket({ customerId: who.customer, subject: filled(test.ticket.subject), body: filled(test.ticket.body) });
  const input = Object.fromEntries(
    Object.entries(test.input).map(([key, value]) => [key, typeof value === 'string' ? filled(value, ticket.id) : value]),
  );
  const started = await workflows.run(owner, name, input);
  if (isRefusal(started)) return [`the run did not start: ${started.code}`];
  const approvals = approvalPorts(server.rooms, server.database, createExecutor(server.rooms, logger), null);
  const decided = new Set<string>();
  const deadline = performance.now() + PATIENCE_MS;
  for (;;) {
    const shown = must(await workflows.runs.show(owner.tenant, started.id));
    if (shown.run.state !== 'running') {
      const refused = shown.phases.flatMap(({ outcome, code }) => (outcome === 'refused' && code !== null ? [code] : []));
      const effects = shop.ledger
        .after(before)
        .map(({ kind, fields }) => (fields.amount === undefined ? kind : `${kind} ${fields.amount}`));
      const reply =
        shop.state.tickets
          .get(ticket.id)
          ?.replies.map(({ body }) => body)
          .join('\n') ?? '';
      return differencesOf(
        test,
        { state: shown.run.state, refused: [...new Set(refused)], effects, waited: decided.size > 0, reply },
        filled,
      );
    }
    const asked = shown.phases.find(
      ({ outcome, approval }) => outcome === 'waiting' && approval !== null && !decided.has(approval),
    )?.approval;
    if (asked != null) {
      decided.add(asked);
      const view = await approvals.show(owner, asked);
      must(
        test.decide === 'approve' && view !== null
          ? await approvals.approve(owner, asked, view.digest)
          : await approvals.deny(owner, asked, 'the test says no'),
      );
    }
    if (performance.now() > deadline) return [`the run did not end; it stands at ${shown.phases.at(-1)?.step ?? 'its beginning'}`];
    await pause(LOOK_EVERY_MS);
  }
}

interface Happened {
  readonly state: string;
  readonly refused: readonly string[];
  readonly effects: readonly string[];
  readonly waited: boolean;
  readonly reply: string;
}

function differencesOf({ expect }: WorkflowTest, happened: Happened, filled: (text: string) => string): readonly string[] {
  const differ = (what: string, wanted: unknown, got: unknown): readonly string[] =>
    JSON.stringify(wanted) === JSON.stringify(got) ? [] : [`${what}: expected ${JSON.stringify(wanted)}, got ${JSON.stringify(got)}`];
  const missing = (expect.reply?.contains ?? []).map(filled).filter((words) => !happened.reply.includes(words));
  const unwanted = (expect.reply?.lacks ?? []).map(filled).filter((words) => happened.reply.includes(words));
  return [
    ...differ('state', expect.state, happened.state),
    ...differ('effects at the shop', expect.effects, happened.effects),
    ...differ('codes of refused steps', [...expect.refused].sort(), [...happened.refused].sort()),
    ...differ('a person was asked', expect.waited, happened.waited),
    ...missing.map((words) => `the reply lacks ${JSON.stringify(words)}`),
    ...unwanted.map((words) => `the reply holds ${JSON.stringify(words)}`),
  ];
}

function must<T>(result: T | Refusal): T {
  if (isRefusal(result)) throw new SallyportError(result.code, result.reason);
  return result as T;
}
