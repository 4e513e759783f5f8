// The console in a real browser against a real server: coming in, deciding, tracing, verifying. How every screen looks is in
// look.e2e.ts.

import { afterAll, beforeAll, describe, expect } from 'vitest';
import { browse, isHere } from './browse.ts';
import { EMAIL, openWorld, visit, type World } from './world.ts';

let world: World;

beforeAll(async () => {
  if (isHere) world = await openWorld();
});
afterAll(() => world?.close());

describe('coming in', () => {
  browse('by the link once; the secret leaves the address, and no script can read the session', async () => {
    const { test } = world;
    const secret = await test.server.rooms.identity.ownerLink(test.server.rooms.tenant);
    const context = await world.browser.newContext();
    const page = await context.newPage();
    const asked: string[] = [];
    page.on('request', (request) => asked.push(request.url()));
    await page.goto(`${test.controlUrl}/sign-in#${secret}`);
    await page.getByRole('button', { name: 'Sign in' }).click();
    await page.getByRole('heading', { level: 1, name: 'Overview' }).waitFor();
    expect(page.url()).toBe(`${test.controlUrl}/`);
    expect(asked.filter((url) => url.includes(secret) || !url.startsWith(test.controlUrl))).toEqual([]);
    expect(await page.evaluate('document.cookie')).toBe('');
    const [cookie] = await context.cookies();
    expect([cookie?.name, cookie?.httpOnly, cookie?.sameSite]).toEqual(['sallyport_session', true, 'Strict']);

    const other = await (await world.browser.newContext()).newPage();
    await other.goto(`${test.controlUrl}/sign-in#${secret}`);
    await other.getByRole('button', { name: 'Sign in' }).click();
    await other.getByRole('heading', { name: 'This link does not work' }).waitFor();

    await page.getByRole('button', { name: 'Settings' }).click();
    await page.getByRole('button', { name: 'Sign out' }).click();
    await page.getByRole('heading', { name: 'You are signed out' }).waitFor();
    expect((await context.cookies()).length).toBe(0);
    await page.goto(`${test.controlUrl}/inbox`);
    await page.getByRole('heading', { name: 'You are signed out' }).waitFor();
    await context.close();
  });
});

describe('deciding', () => {
  browse('deny is preselected and wants a reason; a denied call never runs', async () => {
    const { order, approval } = await world.ask('11.00');
    const { page, violations } = await world.signedIn();
    await visit(world, page, '/inbox');
    const card = page.getByRole('article').filter({ hasText: order });
    expect(await card.getByRole('radio', { name: /Deny/ }).isChecked()).toBe(true);
    await card.getByRole('button', { name: 'Deny this call' }).click();
    await card.getByRole('alert').filter({ hasText: 'Say in a few words' }).first().waitFor();
    await card.getByLabel(/Reason/).fill('not ours to refund');
    await card.getByRole('button', { name: 'Deny this call' }).click();
    await page.getByText('Denied. The call will never run.').waitFor();
    await card.waitFor({ state: 'detached' });
    expect((await world.test.owner('GET', `/api/approvals/${approval}`)).body).toMatchObject({
      state: 'denied',
      reason: 'not ours to refund',
    });
    expect(world.refunds(order)).toBe(0);
    expect(violations).toEqual([]);
    await page.context().close();
  });

  browse('a call that arrives shows by itself; with the keyboard alone it is approved, and runs once', async () => {
    const { page } = await world.signedIn();
    await visit(world, page, '/inbox');
    const { order, approval } = await world.ask('12.00');
    const card = page.getByRole('article').filter({ hasText: order });
    await card.waitFor({ timeout: 10_000 });
    await page
      .getByRole('status')
      .filter({ hasText: /waits? for you/ })
      .waitFor({ state: 'attached' });

    await page.locator('#content').focus();
    const isOnRadio = async (): Promise<boolean> =>
      (await card.getByRole('radio', { name: /Deny/ }).evaluate((element) => element === element.ownerDocument.activeElement)) as boolean;
    for (let press = 0; press < 40 && !(await isOnRadio()); press += 1) await page.keyboard.press('Tab');
    expect(await isOnRadio()).toBe(true);
    await page.keyboard.press('ArrowDown');
    await page.keyboard.press('Tab');
    await page.keyboard.press('Enter');
    await page.getByText('Approved. The call now runs once.').waitFor();
    await card.waitFor({ state: 'detached' });
    await expect
      .poll(async () => (await world.test.owner('GET', `/api/approvals/${approval}`)).body.state, { timeout: 15_000 })
      .toBe('done');
    expect(world.refunds(order)).toBe(1);
    await page.context().close();
  });
});

describe('tracing and proving', () => {
  browse('the trace of a stopped attack says where, by which code and why, and holds no value', async () => {
    const { page } = await world.signedIn();
    await visit(world, page, '/calls?outcome=refused');
    await page.getByRole('table').getByRole('link').first().click();
    await page.getByRole('heading', { name: 'Checks of the guard, in order' }).waitFor();
    const decision = await page.getByRole('region', { name: 'Details' }).innerText();
    expect(decision).toMatch(/Stopped at “[^”]+”[\s\S]*[A-Z]+_[A-Z_]+/);
    expect(decision).toContain('Refused here');
    expect(decision).toContain('Not reached');
    expect(await page.getByRole('region', { name: 'Timeline' }).innerText()).toContain('Refused');
    await page.context().close();
  });

  browse('no personal value is in the pages of Calls and Audit log', async () => {
    const { page } = await world.signedIn();
    const { body } = await world.test.owner('GET', '/api/calls?tokenised=yes');
    const tokenised = (body.calls as { call: string }[]).map(({ call }) => `/calls/${call}`);
    expect(tokenised.length).toBeGreaterThan(0);
    for (const path of ['/calls', '/audit', ...tokenised.slice(0, 4)]) {
      await visit(world, page, path);
      const text = await page.content();
      expect(text).not.toContain(EMAIL);
      expect(text.match(/[\w.+-]+@[\w-]+\.[a-z]{2,}/g)).toBeNull();
    }
    await page.context().close();
  });

  browse('verify exports, checks and shows the verdict with the key', async () => {
    const { page } = await world.signedIn();
    await visit(world, page, '/audit/integrity');
    await page.getByRole('button', { name: 'Verify now' }).click();
    await page.getByRole('status').getByText('Verified', { exact: true }).waitFor({ timeout: 30_000 });
    expect(await page.content()).toContain('sallyport');
    await page.context().close();
  });

  browse('filters are in the address, and an empty answer says so and leads back', async () => {
    const { page } = await world.signedIn();
    await visit(world, page, '/calls');
    await page.getByLabel('Outcome').selectOption('aborted');
    await page.getByRole('heading', { name: 'Nothing matches' }).waitFor();
    expect(page.url()).toContain('outcome=aborted');
    await page.reload();
    await page.getByRole('heading', { name: 'Nothing matches' }).waitFor();
    await page.getByRole('button', { name: 'Clear filters' }).last().click();
    await page.getByRole('table').waitFor();
    await page.context().close();
  });

  browse('a key is shown once, and revoking asks first', async () => {
    const { page } = await world.signedIn();
    await visit(world, page, '/access');
    await page.getByRole('button', { name: 'Add a program' }).click();
    await page.getByRole('dialog').getByLabel('Name').fill('browser-made');
    await page.getByRole('dialog').getByRole('button', { name: 'Create' }).click();
    await page.getByRole('button', { name: 'New key for browser-made' }).click();
    await page.getByRole('dialog').getByRole('button', { name: 'Create' }).click();
    const key = await page.getByRole('alertdialog').locator('code').innerText();
    expect(key).toMatch(/^sp_/);
    await page.getByRole('button', { name: 'I have copied it' }).click();
    expect(await page.content()).not.toContain(key);
    await page.getByRole('button', { name: /^Revoke: browser-made/ }).click();
    await page.getByRole('alertdialog').getByRole('button', { name: 'Revoke' }).click();
    await page.getByText('Revoked.').waitFor();
    const models = await fetch(`${world.test.gatewayUrl}/v1/models`, { headers: { authorization: `Bearer ${key}` } });
    expect(models.status).toBe(401);
    await page.context().close();
  });
});

describe('getting about', () => {
  browse('the command menu goes where its words say, without a mouse', async () => {
    const { page } = await world.signedIn();
    await page.keyboard.press('Control+k');
    await page.getByRole('menuitem', { name: 'Inbox' }).waitFor();
    await page.keyboard.type('audit');
    await page.locator('[role=menuitem][data-focused]').filter({ hasText: 'Audit log' }).waitFor();
    await page.keyboard.press('Enter');
    await page.getByRole('heading', { level: 1, name: 'Audit log' }).waitFor();
    await page.context().close();
  });

  browse('a fault, and a denial, are each said in words, and trying again works', async () => {
    const { page } = await world.signedIn();
    let status = 500;
    await page.route('**/api/calls?*', (route) => route.fulfill({ status, json: { code: 'CONTROL_FAULT', detail: 'Not for you.' } }));
    await page.route('**/api/calls', (route) => route.fulfill({ status, json: { code: 'CONTROL_FAULT', detail: 'Not for you.' } }));
    await page.goto(`${world.test.controlUrl}/calls`);
    await page.getByRole('heading', { name: 'This could not be loaded' }).waitFor({ timeout: 15_000 });
    status = 403;
    await page.getByRole('button', { name: 'Try again' }).click();
    await page.getByRole('heading', { name: 'You may not see this' }).waitFor({ timeout: 15_000 });
    await page.context().close();
  });
});
