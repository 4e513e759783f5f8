// A newcomer's first minutes, as somebody has them: the program is started as `npm start` starts it, its printed link is opened in a
// browser, and from there on only what the pages offer is pressed. Prints how many presses and how long it took.

import { type ChildProcess, spawn } from 'node:child_process';
import { chmodSync, mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { Browser, Locator, Page } from 'playwright-core';
import { afterAll, beforeAll, expect, it } from 'vitest';
import { hasBrowser, launch } from './world.ts';

const PROGRAM = join(import.meta.dirname, '../../bin/sallyport.js');
const MAX_MS = 5 * 60_000;
/** The demo plays at the pace of a reader; its last ticket comes after all others. */
const PLAY = { timeout: 150_000 } as const;

const isHere = hasBrowser();
const folder = mkdtempSync(join(tmpdir(), 'sallyport-newcomer-'));
let program: ChildProcess;
let link = '';
let browser: Browser;

beforeAll(async () => {
  if (!isHere) return;
  // The database runs under an account of its own when the test runs as root.
  chmodSync(folder, 0o711);
  program = spawn(process.execPath, [PROGRAM, 'up', '--gateway-port', '0', '--control-port', '0'], {
    env: {
      PATH: process.env.PATH ?? '',
      SALLYPORT_DATA_DIR: join(folder, 'data'),
      SALLYPORT_SECRETS_DIR: join(folder, 'secrets'),
    },
    stdio: ['ignore', 'pipe', 'pipe'],
  });
  link = await printedLink(program);
  browser = await launch();
});
afterAll(async () => {
  await browser?.close();
  if (program !== undefined && program.exitCode === null) {
    const ended = new Promise((resolve) => program.once('close', resolve));
    program.kill('SIGTERM');
    await ended;
  }
  rmSync(folder, { recursive: true, force: true });
});

function printedLink(child: ChildProcess): Promise<string> {
  const { promise, resolve, reject } = Promise.withResolvers<string>();
  let out = '';
  let err = '';
  child.stdout?.setEncoding('utf8').on('data', (text: string) => {
    out += text;
    const found = /http:\/\/\S+\/sign-in#\S+/.exec(out);
    if (found !== null && out.includes('Ctrl-C stops')) resolve(found[0]);
  });
  child.stderr?.setEncoding('utf8').on('data', (text: string) => {
    err += text;
  });
  child.once('close', (code) => reject(new Error(`the program ended with ${code}: ${err.slice(-2_000)}`)));
  return promise;
}

interface Visitor {
  readonly page: Page;
  readonly presses: () => number;
  press(target: Locator): Promise<void>;
}

function visitor(page: Page): Visitor {
  let count = 0;
  return {
    page,
    presses: () => count,
    press: async (target) => {
      await target.click();
      count += 1;
    },
  };
}

interface Told {
  readonly stolen: number;
  readonly tickets: readonly { readonly subject: string; readonly state: string; readonly refunded: string | null }[];
}

/** What the server says, to the command line of the machine. */
async function asked(path: string): Promise<Record<string, unknown>> {
  const { control, token } = JSON.parse(readFileSync(join(folder, 'secrets', 'cli-credential.json'), 'utf8')) as Record<string, string>;
  const reply = await fetch(`${control}${path}`, { headers: { authorization: `Bearer ${token}` } });
  return (await reply.json()) as Record<string, unknown>;
}
/** What the shop's own books say. */
const booksOf = async (): Promise<Told> => (await asked('/api/demo')) as unknown as Told;
const listOf = async (path: string, name: string) => (await asked(path))[name] as readonly Record<string, unknown>[];

it(
  '[J1] from the printed link to a blocked theft with its reason, an approved refund that is paid once, and an installation without sample data',
  async (context) => {
    if (!isHere) context.skip('no Chromium on this machine');
    const tab = await browser.newContext({ viewport: { width: 1280, height: 860 }, locale: 'en-GB' });
    const page = await tab.newPage();
    const faults: string[] = [];
    page.on('pageerror', (fault) => faults.push(fault.message));
    page.on('console', (message) => message.text().includes('Content Security Policy') && faults.push(message.text()));
    page.on('request', (request) => new URL(request.url()).origin === new URL(link).origin || faults.push(request.url()));
    const { press, presses } = visitor(page);
    const begun = performance.now();
    const seconds = (): string => ((performance.now() - begun) / 1000).toFixed(1);

    await page.goto(link);
    await press(page.getByRole('button', { name: 'Sign in' }));
    // A passkey can wait until somebody has seen what it is for.
    await press(page.getByRole('button', { name: 'Later' }));
    await page.getByRole('heading', { level: 1, name: /AI that works in your shop/ }).waitFor();
    await press(page.getByRole('region', { name: 'How to begin' }).getByRole('link', { name: 'See it work' }));
    await press(page.getByRole('button', { name: 'Start the demo' }));

    // A theft dies, with its reason.
    const blocked = page.getByRole('article').filter({ hasText: 'Why it was blocked' }).first();
    await blocked.waitFor(PLAY);
    expect(await blocked.innerText()).toMatch(/Written by the thief/);
    const [code = ''] = (await blocked.locator('.reasons code').first().innerText()).match(/^[A-Z][A-Z0-9_]+$/) ?? [];
    expect(code).not.toBe('');
    console.log(`a blocked theft with its reason: ${presses()} presses, ${seconds()} s`);
    await press(blocked.getByRole('link', { name: /Open the trace/ }));
    await page.waitForURL(/\/runs\/run_/);
    await page.getByText(code).first().waitFor();
    console.log(`its trace: ${presses()} presses, ${seconds()} s`);

    // A refund above the limit waits for the visitor.
    await press(page.getByRole('navigation', { name: 'Main' }).getByRole('link', { name: /Inbox/ }));
    const ask = page
      .getByRole('article')
      .filter({ hasText: /refund/i })
      .first();
    await ask.waitFor(PLAY);
    await press(ask.getByText(/^Approve exactly this/));
    await press(ask.getByRole('button', { name: /Approve/ }));
    await page.getByText('Approved. The call now runs once.').waitFor();
    console.log(`approved: ${presses()} presses, ${seconds()} s`);

    await press(page.getByRole('navigation', { name: 'Main' }).getByRole('link', { name: 'Get started' }));
    await press(page.getByRole('link', { name: 'Back to the demo' }));
    await page.getByRole('heading', { name: 'What to do next' }).waitFor(PLAY);
    await page.getByRole('region', { name: 'So far' }).waitFor();
    const approved = page.getByRole('article').filter({ hasText: 'went back to where the money came from' });
    await approved.first().waitFor(PLAY);
    const books = await booksOf();
    expect(books.stolen).toBe(0);
    expect(books.tickets.filter(({ state }) => state === 'waiting' || state === 'failed')).toEqual([]);
    const paid = (await listOf('/api/calls?effect=money&outcome=completed', 'calls')).filter(({ approval }) => approval !== null);
    expect(paid).toHaveLength(1);
    console.log(`paid once, nothing stolen: ${presses()} presses, ${seconds()} s`);

    await press(page.getByRole('button', { name: 'Remove all sample data' }));
    await press(page.getByRole('alertdialog').getByRole('button', { name: 'Remove sample data' }));
    await page.getByText('The sample data is removed.').waitFor({ timeout: 60_000 });
    await page.getByRole('button', { name: 'Start the demo' }).waitFor();
    for (const [path, name] of [
      ['/api/integrations', 'integrations'],
      ['/api/runs', 'runs'],
      ['/api/workflows', 'workflows'],
      ['/api/approvals?state=pending', 'approvals'],
    ] as const) {
      expect([path, await listOf(path, name)]).toEqual([path, []]);
    }
    expect((await listOf('/api/events?limit=5', 'events')).length).toBe(5);
    expect(faults).toEqual([]);
    console.log(`sample data removed: ${presses()} presses, ${seconds()} s`);
    await tab.close();
  },
  MAX_MS,
);
