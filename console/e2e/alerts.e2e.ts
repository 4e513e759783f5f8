// Alerts and conditions of access in a real browser against a real server: an alert is found, read with what changed, and acknowledged by
// keyboard; conditions are switched on and told back; a freeze is declared and lifted with a reason.

import type { Browser, Page } from 'playwright-core';
import { afterAll, beforeAll, describe, expect } from 'vitest';
import { startTestServer, type TestServer } from '../../testkit/test-server.ts';
import { browseOn, isHere } from './browse.ts';
import { axeFaults, launch, signedIn, visit } from './world.ts';

let test: TestServer;
let browser: Browser;
const go = (page: Page, path: string): Promise<void> => visit({ test }, page, path);
const onOwner = browseOn(() => signedIn(test, browser));

async function consider(): Promise<void> {
  await test.server.rooms.sequencer.runOnce();
  await test.server.alerting.runOnce();
}

beforeAll(async () => {
  if (!isHere) return;
  test = await startTestServer({ allowPrivate: [] });
  browser = await launch();
});
afterAll(async () => {
  await browser?.close();
  await test?.close();
});

describe('alerts', () => {
  onOwner('put whoever stands out above the list and beside their name', async (page) => {
    await test.owner('PUT', '/api/integrations/provider', { kind: 'model', baseUrl: 'https://models.example.com', models: ['m1'] });
    const bot = (await test.owner('POST', '/api/workloads', { name: 'newsletter', integrations: ['provider'] })).body;
    const { key } = (await test.owner('POST', '/api/keys', { workload: bot.id })).body;
    await test.owner('POST', '/api/workspaces', { name: 'marketing' });
    await test.owner('PUT', '/api/workspaces/marketing/members', { members: [{ kind: 'workload', name: bot.id }] });
    await test.owner('PUT', '/api/workspaces/marketing/rules', { models: [] });
    const request = { method: 'POST', headers: { authorization: `Bearer ${key}`, 'content-type': 'application/json' } };
    const body = JSON.stringify({ model: 'm1', messages: [{ role: 'user', content: 'Hello' }] });
    for (let nth = 0; nth < 30; nth += 1)
      expect((await fetch(`${test.gatewayUrl}/v1/chat/completions`, { ...request, body })).status).toBe(403);
    await consider();
    await go(page, '/alerts');
    const flagged = page.getByRole('table', { name: 'Stands out now' });
    await flagged.getByRole('row').filter({ hasText: 'newsletter' }).getByText('Program').waitFor();
    expect(await axeFaults(page)).toEqual([]);
    await flagged.getByRole('link', { name: 'Many refused calls' }).click();
    await page.getByRole('heading', { level: 1, name: 'Many refused calls' }).waitFor();
    const [alert] = ((await test.owner('GET', '/api/alerts?rule=denied_burst')).body.alerts ?? []) as readonly { readonly id: string }[];
    expect((await test.owner('POST', `/api/alerts/${alert?.id}/acknowledge`, {})).status).toBe(200);
    for (const { id } of ((await test.owner('GET', '/api/alerts')).body.alerts ?? []) as readonly { readonly id: string }[])
      await test.owner('POST', `/api/alerts/${id}/acknowledge`, {});
    await page.goto('about:blank');
    await go(page, '/alerts');
    await page.getByRole('heading', { name: 'No alert is open' }).waitFor();
    expect(await flagged.count()).toBe(0);
  });

  onOwner('say calmly that there are none, and then show one with what changed; it is acknowledged by keyboard', async (page) => {
    await go(page, '/alerts');
    await page.getByRole('heading', { name: 'No alert is open' }).waitFor();
    const invited = await test.owner('POST', '/api/people', { name: 'Noor Haddad', roles: ['security'] });
    expect(invited.status).toBe(200);
    for (const cases of ['everybody', 'support']) {
      const settings = { hours: null, networks: null, countries: null, posture: null, training: null, cases };
      expect((await test.owner('PUT', '/api/conditions', settings)).status).toBe(200);
    }
    await consider();
    await go(page, '/alerts');
    const row = page.getByRole('row').filter({ hasText: 'Something was loosened' });
    await row.getByText('Warning').waitFor();
    expect(await axeFaults(page)).toEqual([]);
    await page.locator('#content').focus();
    await page.keyboard.press('j');
    await page.keyboard.press('Enter');
    await page.getByRole('heading', { level: 1, name: 'Something was loosened' }).waitFor();
    await page.getByText('everybody').first().waitFor();
    // It is about the owner's own act, and there is somebody else.
    await page.getByText('somebody else acknowledges it').waitFor();
    expect(await axeFaults(page)).toEqual([]);

    expect((await test.owner('DELETE', `/api/people/${String(invited.body.id)}`)).status).toBe(200);
    await page.reload();
    await page.getByRole('button', { name: 'Acknowledge' }).focus();
    await page.keyboard.press('Enter');
    const dialog = page.getByRole('alertdialog');
    await dialog.getByLabel('What did you find out?').fill('It was me, for a test.');
    await dialog.getByRole('button', { name: 'Acknowledge' }).focus();
    await page.keyboard.press('Enter');
    await page.getByText('It was me, for a test.').waitFor();
    await page.getByText('nobody else was there to do it').waitFor();
    await go(page, '/alerts?severity=critical');
    await page.getByRole('button', { name: 'Clear filters' }).waitFor();
  });
});

describe('conditions of access', () => {
  onOwner('are switched on, told back, and kept; a freeze is declared and lifted with a reason', async (page) => {
    await go(page, '/settings/conditions');
    await page.getByText('127.0.0.1').waitFor();
    await page.getByRole('switch', { name: 'Ask for it: Networks' }).click();
    await page.getByLabel('Ranges').fill('203.0.113.0/24\nnot a range');
    await page.getByRole('button', { name: 'Save' }).click();
    await page.getByText('CONTROL_REQUEST_INVALID').waitFor();
    await page.getByLabel('Ranges').fill('203.0.113.0/24');
    await page.getByRole('button', { name: 'Save' }).click();
    await page.getByText('Saved. It holds').waitFor();
    await page.reload();
    await page.getByText('one of yours').waitFor();
    expect(await page.getByLabel('Ranges').inputValue()).toBe('203.0.113.0/24');
    expect(await axeFaults(page)).toEqual([]);

    await page.getByRole('button', { name: 'Declare a freeze' }).click();
    const dialog = page.getByRole('dialog');
    await dialog.getByLabel('To', { exact: true }).fill('2199-01-01T00:00');
    await dialog.getByLabel('Reason').fill('Black Friday');
    await dialog.getByRole('button', { name: 'Declare a freeze' }).click();
    // At most a year.
    await dialog.getByText('CONTROL_REQUEST_INVALID').waitFor();
    const soon = new Date(Date.now() + 24 * 3_600_000).toISOString().slice(0, 16);
    await dialog.getByLabel('To', { exact: true }).fill(soon);
    await dialog.getByRole('button', { name: 'Declare a freeze' }).click();
    await page.getByRole('row').filter({ hasText: 'Black Friday' }).getByText('Now').waitFor();
    await page.getByRole('button', { name: 'Lift the freeze “Black Friday”' }).click();
    const confirm = page.getByRole('alertdialog');
    await confirm.getByRole('textbox').fill('The sale is over.');
    await confirm.getByRole('button', { name: 'Lift' }).click();
    await page.getByText('Lifted by').waitFor();
  });
});

describe('on a phone, in the dark', () => {
  const onPhone = browseOn(() => signedIn(test, browser, { width: 320, height: 700, theme: 'dark' }));
  onPhone('nothing scrolls sideways and axe finds nothing', async (page) => {
    await consider();
    for (const path of ['/alerts?state=all', '/settings/conditions']) {
      await go(page, path);
      await page.getByRole('heading', { level: 1 }).waitFor();
      expect([path, await page.evaluate<number>('document.documentElement.scrollWidth')]).toEqual([path, 320]);
      expect([path, await axeFaults(page)]).toEqual([path, []]);
    }
  });
});
