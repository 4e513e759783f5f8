// A whole Sallyport with the demo shop and the captured model, real calls in its ledger, and a browser that is signed in by the link.

import { existsSync, readFileSync } from 'node:fs';
import { createRequire } from 'node:module';
import { ATTACK_CASES, CAPTURED_MODELS, runAttacks } from '@sallyport/demo';
import { type Browser, chromium, type Page } from 'playwright-core';
import { startDemo } from '../../server/src/main/index.ts';
import { startTestServer, type TestServer } from '../../testkit/test-server.ts';

export const CHROMIUM = ['/usr/bin/chromium', '/usr/bin/chromium-browser', '/usr/bin/google-chrome'].find((path) => existsSync(path));
/** Invented; must be in no page that tells about calls. */
export const EMAIL = 'nobody.at.all@example.com';

export function hasBrowser(): boolean {
  if (CHROMIUM !== undefined) return true;
  if (process.env.CI) throw new Error('no Chromium found; install the Debian package chromium');
  return false;
}

export interface PageOptions {
  readonly width?: number;
  readonly height?: number;
  readonly theme?: 'light' | 'dark';
  /** What the system asks for. */
  readonly contrast?: 'more';
  readonly forcedColors?: 'active';
  /** Where everything the browser sent and got is written when its context ends. */
  readonly har?: string;
}

export interface SignedIn {
  readonly page: Page;
  readonly violations: string[];
}

export interface World {
  readonly test: TestServer;
  /** Of the server's data and secrets. */
  readonly folder: string;
  readonly browser: Browser;
  /** Refunds the shop has made of an order. */
  refunds(order: string): number;
  /** Asks for a refund that needs a person; returns the order. */
  ask(amount: string): Promise<{ order: string; approval: string }>;
  /** A page with a fresh session, and everything its policy stopped. */
  signedIn(options?: PageOptions): Promise<SignedIn>;
  close(): Promise<void>;
}

export async function openWorld(): Promise<World> {
  const demo = await startDemo();
  const test = await startTestServer({ allowPrivate: [new URL(demo.shop.url).host, new URL(demo.model.url).host] });
  await demo.install(test.server);
  const { key, signer } = demo.key();
  const browser = await launch();
  const orders = [...demo.shop.state.orders.values()].map((order) => order.id);
  let used = 0;

  const send = async (path: string, body: object): Promise<{ status: number; body: Record<string, string> }> => {
    const reply = await fetch(`${test.gatewayUrl}${path}`, {
      method: 'POST',
      headers: { authorization: `Bearer ${key}`, 'content-type': 'application/json' },
      body: JSON.stringify(body),
    });
    return { status: reply.status, body: (await reply.json()) as Record<string, string> };
  };
  const ask = async (amount: string): Promise<{ order: string; approval: string }> => {
    const order = orders[used++] as string;
    const reply = await send(`/connect/demo-shop/orders/${order}/refunds`, { amount });
    if (reply.body.approval === undefined) throw new Error(`no approval was asked for: ${JSON.stringify(reply.body)}`);
    return { order, approval: reply.body.approval };
  };

  // Real traffic: a model call with personal data, and two attacks that the guard stops.
  await send('/v1/chat/completions', { model: CAPTURED_MODELS[0], messages: [{ role: 'user', content: `Please write to ${EMAIL}.` }] });
  await runAttacks({
    gatewayUrl: test.gatewayUrl,
    controlUrl: test.controlUrl,
    apiKey: key,
    signer,
    shop: { url: demo.shop.url, accessToken: demo.shop.accessToken },
    capturedModel: demo.model,
    cases: ATTACK_CASES.slice(0, 2),
    approve: async (id) => {
      const shown = await test.owner('GET', `/api/approvals/${id}`);
      await test.owner('POST', `/api/approvals/${id}/approve`, { digest: shown.body.digest });
    },
  });

  return {
    test,
    folder: test.folder,
    browser,
    refunds: (order) => demo.shop.ledger.after(0).filter((entry) => entry.kind === 'refund' && entry.object === order).length,
    ask,
    signedIn: (options) => signedIn(test, browser, options),
    close: async () => {
      await browser.close();
      await test.close();
      await demo.close();
    },
  };
}

export const launch = (): Promise<Browser> =>
  chromium.launch({ executablePath: CHROMIUM as string, args: ['--no-sandbox', '--disable-gpu'] });

/** A page that came in by a fresh link of the owner, or by this one, and everything its policy stopped. */
export async function signedIn(test: TestServer, browser: Browser, options: PageOptions = {}, link?: string): Promise<SignedIn> {
  const { width = 1280, height = 860, theme = 'light', contrast, forcedColors, har } = options;
  const context = await browser.newContext({
    viewport: { width, height },
    colorScheme: theme,
    locale: 'en-GB',
    reducedMotion: 'reduce',
    ...(contrast === undefined ? {} : { contrast }),
    ...(forcedColors === undefined ? {} : { forcedColors }),
    ...(har === undefined ? {} : { recordHar: { path: har, content: 'embed' } }),
  });
  const page = await context.newPage();
  const violations: string[] = [];
  page.on('console', (message) => {
    if (message.text().includes('Content Security Policy')) violations.push(message.text());
  });
  page.on('pageerror', (fault) => violations.push(`page error: ${fault.message}`));
  const secret = link ?? (await test.server.rooms.identity.ownerLink(test.server.rooms.tenant));
  await page.goto(`${test.controlUrl}/sign-in#${secret}`);
  await page.getByRole('button', { name: 'Sign in' }).click();
  await page.getByRole('navigation', { name: 'Main' }).waitFor();
  return { page, violations };
}

/** Rules that depend on colours alone: enough for another look of elements that were judged by all. */
export const COLOURS = ['color-contrast', 'link-in-text-block'] as const;

const axe = readFileSync(createRequire(import.meta.url).resolve('axe-core/axe.min.js'), 'utf8');

/**
 * What axe finds on a page, as `rule: selector`. Left out: the library's announcer, which for seconds names buttons that are gone, after
 * they were spoken.
 */
export async function axeFaults(page: Page, rules?: readonly string[]): Promise<readonly string[]> {
  await page.evaluate(`window.axe === undefined && (() => { ${axe} })()`);
  const tags = ['wcag2a', 'wcag2aa', 'wcag21a', 'wcag21aa', 'wcag22aa', 'best-practice'];
  const runOnly = rules === undefined ? { type: 'tag', values: tags } : { type: 'rule', values: rules };
  return page.evaluate(
    `axe.run({ include: [document], exclude: [['[data-live-announcer]']] }, { runOnly: ${JSON.stringify(runOnly)} }).then((found) => found.violations.flatMap((rule) => rule.nodes.map((node) => rule.id + ': ' + node.target.join(' ') + ' ' + (node.any[0]?.message ?? ''))))`,
  );
}

/** Opens a screen and waits until nothing on it is being loaded. */
export async function visit(world: Pick<World, 'test'>, page: Page, path: string): Promise<void> {
  await page.goto(`${world.test.controlUrl}${path}`);
  await page.getByRole('heading', { level: 1 }).first().waitFor();
  await page.locator('.skeleton').first().waitFor({ state: 'detached' });
}

/** Where the trace of the newest refused call is. */
export async function refusedCall(world: Pick<World, 'test'>): Promise<string> {
  const { body } = await world.test.owner('GET', '/api/calls?outcome=refused&limit=1');
  const [call] = body.calls as { call: string }[];
  if (call === undefined) throw new Error('no call was refused');
  return `/calls/${call.call}`;
}
