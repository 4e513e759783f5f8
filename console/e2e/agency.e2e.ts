// Agencies and departments in a real browser: a client lets somebody in, the agency accepts, works there from one inbox, and is shown out.

import type { Browser, Page } from 'playwright-core';
import { afterAll, beforeAll, describe, expect } from 'vitest';
import type { PersonId, TenantId } from '../../server/src/core/index.ts';
import { startTestServer, type TestServer } from '../../testkit/test-server.ts';
import { storeWaitingCall } from '../../testkit/waiting-call.ts';
import { browse, browseOn, isHere } from './browse.ts';
import { axeFaults, launch, type SignedIn, signedIn, visit } from './world.ts';

const SENTENCE = 'Refund 12.50 EUR of order 1042';
let test: TestServer;
let browser: Browser;
let client: TenantId;
let agencyOwner: PersonId;

const asClient = async (): Promise<SignedIn> => signedIn(test, browser, {}, await test.server.rooms.identity.ownerLink(client));
const browseAgency = browseOn(() => signedIn(test, browser));

beforeAll(async () => {
  if (!isHere) return;
  test = await startTestServer({ allowPrivate: [] });
  const { rooms } = test.server;
  client = await rooms.agency.tenants.createTenantFor({ name: 'corner-shop', actor: 'installation' });
  agencyOwner = (await rooms.identity.listPeople(rooms.tenant))[0]?.id as PersonId;
  await storeWaitingCall(test.server, { tenant: client, name: 'shop', sentence: SENTENCE });
  browser = await launch();
});
afterAll(async () => {
  await browser?.close();
  await test?.close();
});

const switcher = (page: Page) => page.getByLabel('Tenant', { exact: true });

describe('departments', () => {
  browseAgency('are made, and something is put into one', async (page) => {
    await test.owner('POST', '/api/workloads', { name: 'newsletter', integrations: [] });
    await visit({ test }, page, '/workspaces');
    await page.getByRole('heading', { name: 'No departments yet' }).waitFor();
    await page.getByRole('button', { name: 'New workspace' }).click();
    await page.getByLabel('Name').fill('Marketing Team');
    await page.getByRole('button', { name: 'Make it' }).click();
    await page.getByText('lower case letters').first().waitFor();
    await page.getByLabel('Name').fill('marketing');
    await page.getByRole('button', { name: 'Make it' }).click();
    await page.getByRole('button', { name: 'Change what belongs to marketing' }).click();
    await page.getByLabel('newsletter').check();
    await page.getByRole('button', { name: 'Save' }).click();
    await page.getByText('0 workflows, 0 integrations, 1 programs').first().waitFor();
    await page.getByRole('dialog').waitFor({ state: 'detached' });
    expect(await axeFaults(page)).toEqual([]);
  });

  browseAgency('are given rules, tried first, and a budget, which refuses what it can not read', async (page) => {
    await visit({ test }, page, '/workspaces');
    await page.getByRole('button', { name: 'Rules of marketing' }).click();
    const rules = page.getByRole('dialog');
    await rules.getByRole('combobox', { name: 'Operations may' }).selectOption('only');
    await rules.getByLabel('Read', { exact: true }).check();
    await rules.getByRole('combobox', { name: 'Models' }).selectOption('only');
    await rules.getByLabel('Which ones').fill('small, large');
    await rules.getByRole('button', { name: 'Try on recent calls' }).click();
    await rules.getByText('0 of them would be refused').waitFor();
    expect(await axeFaults(page)).toEqual([]);
    await rules.getByRole('button', { name: 'Save' }).click();
    const row = page.getByRole('table', { name: 'Rules and budgets' }).getByRole('row').filter({ hasText: 'marketing' });
    await row.getByText('Operations may: Read').waitFor();
    await row.getByText('Models: large, small').waitFor();

    await row.getByRole('button', { name: 'Budget of marketing' }).click();
    const budget = page.getByRole('dialog');
    await budget.getByRole('button', { name: 'Add a limit' }).click();
    await budget.getByRole('button', { name: 'Save' }).click();
    await budget.getByRole('alert').waitFor();
    await budget.getByLabel('At most').fill('500.00');
    expect(await axeFaults(page)).toEqual([]);
    await budget.getByRole('button', { name: 'Save' }).click();
    await row.getByText(/Money paid per month: .*0\.00 of .*500\.00/).waitFor();
    expect(await axeFaults(page)).toEqual([]);
  });
});

describe('an agency', () => {
  browseAgency('sees its address and no switcher while nobody lets it in', async (page) => {
    await visit({ test }, page, '/fleet');
    await page.getByText('Only your own tenant lets you in').waitFor();
    expect(await page.locator('code').first().innerText()).toBe(`${test.server.rooms.tenant}/${agencyOwner}`);
    expect(await switcher(page).count()).toBe(0);
  });

  browse('is let in by the client, accepts, decides from one inbox, and is shown out', async () => {
    const owner = await asClient();
    await visit({ test }, owner.page, '/people/agencies');
    await owner.page.getByRole('heading', { name: 'Nobody from outside' }).waitFor();
    await owner.page.getByRole('button', { name: 'Let an agency in' }).click();
    await owner.page.getByLabel('Address of the person or group').fill(`${test.server.rooms.tenant}/${agencyOwner}`);
    await owner.page.getByLabel('Role').selectOption('approver');
    await owner.page.getByLabel('Why').fill('Decides while we sleep');
    await owner.page.getByRole('button', { name: 'Offer' }).click();
    await owner.page.getByText('Waits for the agency').waitFor();
    expect(await axeFaults(owner.page)).toEqual([]);

    const { page, violations } = await signedIn(test, browser);
    await visit({ test }, page, '/people/agencies');
    await page.getByRole('button', { name: 'Accept access to corner-shop' }).click();
    await page.getByRole('alertdialog').getByRole('button', { name: 'Accept' }).click();
    await page.getByText('They may enter corner-shop now.').waitFor();

    await visit({ test }, page, '/fleet');
    const inbox = page.getByRole('table', { name: 'Waiting for a person' });
    await inbox.getByText(SENTENCE).waitFor();
    expect(await axeFaults(page)).toEqual([]);
    await inbox.getByRole('button', { name: `Open in corner-shop: ${SENTENCE}` }).click();
    await page.getByText('You are in corner-shop.').waitFor();
    await page.getByText(SENTENCE).first().waitFor();
    expect(await switcher(page).inputValue()).toBe(client);

    await owner.page.reload();
    await owner.page.getByText('Active').waitFor();
    await owner.page.getByRole('button', { name: /^End the access of/ }).click();
    await owner.page.getByRole('alertdialog').getByRole('button', { name: 'End' }).click();
    await owner.page.getByText('Ended. They are out.').waitFor();

    await page.reload();
    await page.getByText('You have no access to that tenant').waitFor();
    await page.getByRole('button', { name: 'Back to yours' }).click();
    await page.getByRole('heading', { level: 1 }).first().waitFor();
    expect(await page.getByText('You are in corner-shop.').count()).toBe(0);
    expect([...violations, ...owner.violations]).toEqual([]);
    await page.context().close();
    await owner.page.context().close();
  });
});
