// People & access in a real browser against a real server: who may do what and why, grants and roles with their conflicts, groups, emergency
// access, a review decided by keyboard, an auditor who can look and not act, and "why can't I" beside everything that is refused.

import type { Browser, Page } from 'playwright-core';
import { afterAll, beforeAll, describe, expect } from 'vitest';
import { startTestServer, type TestServer } from '../../testkit/test-server.ts';
import { browse, browseOn, isHere } from './browse.ts';
import { axeFaults, launch, type SignedIn, signedIn, visit } from './world.ts';

let test: TestServer;
let browser: Browser;
/** Signed in, by the name they were invited with. */
const people = new Map<string, { readonly id: string; readonly page: SignedIn }>();

async function invite(name: string, more: object): Promise<{ readonly id: string; readonly secret: string }> {
  const { status, body } = await test.owner('POST', '/api/people', { name, ...more });
  if (status !== 200) throw new Error(`nobody was invited: ${JSON.stringify(body)}`);
  return { id: String(body.id), secret: String(body.link).split('#')[1] ?? '' };
}

/** A page of somebody else than the owner; the same one each time, because a link signs in once. */
async function as(name: string, more: object): Promise<{ readonly id: string; readonly page: SignedIn }> {
  const known = people.get(name);
  if (known !== undefined) return known;
  const { id, secret } = await invite(name, more);
  const page = await signedIn(test, browser, {}, secret);
  people.set(name, { id, page });
  return { id, page };
}

const go = (page: Page, path: string): Promise<void> => visit({ test }, page, path);
const onOwner = browseOn(() => signedIn(test, browser));
const said = (page: Page, text: string | RegExp): Promise<void> => page.getByRole('status').getByText(text).first().waitFor();

beforeAll(async () => {
  if (!isHere) return;
  test = await startTestServer({ allowPrivate: [] });
  browser = await launch();
});
afterAll(async () => {
  await browser?.close();
  await test?.close();
});

describe('one person alone', () => {
  onOwner('is told calmly what stands in for a second pair of eyes, and makes links on the machine without a passkey', async (page) => {
    await go(page, '/people');
    await page.getByText('You are alone here').waitFor();
    await page.getByRole('button', { name: 'Invite' }).click();
    const dialog = page.getByRole('dialog');
    await dialog.getByLabel('Name').fill('Amira Haddad');
    await dialog.getByLabel('Role').selectOption('auditor');
    await dialog.getByRole('button', { name: 'Make the link' }).click();
    await dialog.getByText('sallyport people add "Amira Haddad" --role auditor').waitFor();
    expect(await axeFaults(page)).toEqual([]);
    await page.keyboard.press('Escape');
    await go(page, '/people/emergency');
    await page.getByText('nobody could approve it').waitFor();
  });
});

describe('people', () => {
  onOwner('are filtered by the address, reached with j and Enter, and removed only after the consequences were read', async (page) => {
    await invite('Bastien Roux', { roles: ['approver'] });
    await invite('Chiara Longoni', { roles: ['auditor'], expiresAt: '2199-01-01T00:00:00Z' });
    await go(page, '/people?show=timed');
    await page.getByRole('row').filter({ hasText: 'Chiara Longoni' }).getByText('2199').waitFor();
    expect(await page.getByRole('row').count()).toBe(2);
    await page.getByLabel('Show').selectOption('');
    await page.getByLabel('Name').fill('bastien');
    await page.getByText('1 of 3 people').waitFor();
    expect(new URL(page.url()).searchParams.get('q')).toBe('bastien');
    await page.reload();
    await page.getByText('1 of 3 people').waitFor();
    await page.locator('#content').focus();
    await page.keyboard.press('j');
    await page.keyboard.press('Enter');
    await page.getByRole('heading', { level: 1, name: 'Bastien Roux' }).waitFor();

    await page.getByRole('button', { name: 'Remove' }).click();
    const dialog = page.getByRole('alertdialog');
    await dialog.getByText('signed out on every device').waitFor();
    await dialog.getByRole('button', { name: 'Remove' }).click();
    await said(page, 'Bastien Roux is removed.');
    await page.getByText('2 people').waitFor();
    expect(JSON.stringify((await test.owner('GET', '/api/people')).body)).not.toContain('Bastien');
  });
});

describe('what somebody may do', () => {
  onOwner('is given with its conflicts named before it is saved, explained with its rule, and ended with a way back', async (page) => {
    const { id } = await invite('Dov Shapira', { roles: ['analyst'] });
    await go(page, `/people/${id}`);
    await page.getByRole('button', { name: 'Add a grant' }).click();
    const dialog = page.getByRole('dialog');
    await dialog.getByLabel('Role').selectOption('approver');
    await dialog.getByText(/Would newly be allowed/).waitFor();
    await dialog.getByLabel('Reason').fill('Stands in for Amira');
    await dialog.getByRole('button', { name: 'Give it' }).click();
    await said(page, 'Dov Shapira now has Approver.');
    await page.getByRole('row').filter({ hasText: 'Stands in for Amira' }).waitFor();

    // What may not be held together is said before it is tried, and refused when it is.
    await page.getByRole('button', { name: 'Add a grant' }).click();
    await dialog.getByLabel('Role').selectOption('admin');
    await dialog.getByText('May give and end grants, and may approve or deny a call.').waitFor();
    await dialog.getByLabel('Reason').fill('To see it refused');
    await dialog.getByRole('button', { name: 'Give it' }).click();
    await dialog.getByRole('alert').waitFor();
    await page.keyboard.press('Escape');

    await page.getByRole('tab', { name: 'What they may do' }).click();
    await page.getByRole('row').filter({ hasText: 'approve or deny a call' }).getByText('Approver').waitFor();
    await page.getByLabel('Action', { exact: true }).selectOption('approvals.decide');
    await page.getByText('Allowed', { exact: true }).waitFor();
    await page.getByLabel('Action', { exact: true }).selectOption('access.grant');
    await page.getByText('Not allowed', { exact: true }).waitFor();
    await page.getByText('Roles that would allow it').waitFor();
    expect(page.url()).toContain('action=access.grant');
    expect(await axeFaults(page)).toEqual([]);

    await page.getByRole('tab', { name: 'Grants' }).click();
    await page.getByRole('button', { name: 'End the grant of Approver' }).click();
    const ending = page.getByRole('alertdialog');
    await ending.getByText(/Would no longer be allowed/).waitFor();
    await ending.getByRole('button', { name: 'End' }).click();
    await said(page, 'Approver is ended.');
    await page.getByRole('row').filter({ hasText: 'Stands in for Amira' }).waitFor({ state: 'detached' });
    await page.getByRole('button', { name: 'Undo' }).click();
    await said(page, 'The grant is given again.');
    await page.getByRole('row').filter({ hasText: 'Stands in for Amira' }).waitFor();
  });

  onOwner('and where they are signed in, is ended from here: their next request is refused', async (page) => {
    const { id, page: theirs } = await as('Elif Demir', { roles: ['operator'] });
    await go(theirs.page, '/workflows');
    await go(page, `/people/${id}?tab=sessions`);
    await page.getByRole('button', { name: 'End this session' }).click();
    await page.getByRole('alertdialog').getByRole('button', { name: 'End' }).click();
    await said(page, 'The session is ended.');
    await theirs.page.reload();
    await theirs.page.getByRole('heading', { level: 1, name: /sign/i }).waitFor();
    expect(await theirs.page.getByRole('navigation', { name: 'Main' }).count()).toBe(0);
    people.delete('Elif Demir');
  });
});

describe('roles', () => {
  onOwner(
    'of one’s own warn of a conflict while it is ticked, can not be saved with it, and stay while somebody holds them',
    async (page) => {
      await go(page, '/people/roles');
      await page.getByRole('button', { name: 'Make a role' }).click();
      const dialog = page.getByRole('dialog');
      await dialog.getByLabel('Name').fill('night_shift');
      await dialog.getByLabel('What it is for').fill('Watches runs at night and pauses what looks wrong.');
      for (const action of ['see runs', 'pause and resume a workflow', 'bring in versions of workflows', 'approve a version of a workflow'])
        await dialog.getByRole('checkbox', { name: action }).check();
      await dialog.getByText('These do not go together').waitFor();
      await dialog.getByText('May bring in versions of workflows, and may approve a version of a workflow.').waitFor();
      expect(await dialog.getByRole('button', { name: 'Save the role' }).isDisabled()).toBe(true);
      expect(await axeFaults(page)).toEqual([]);
      for (const action of ['bring in versions of workflows', 'approve a version of a workflow'])
        await dialog.getByRole('checkbox', { name: action }).uncheck();
      await dialog.getByRole('button', { name: 'Save the role' }).click();
      await said(page, 'night_shift is saved.');

      const { id } = await invite('Femi Okoro', { roles: ['custom:night_shift'] });
      await page.reload();
      await page.getByRole('link', { name: '1 grant uses it' }).last().waitFor();
      await page.getByRole('button', { name: 'Delete the role night_shift' }).click();
      const ending = page.getByRole('alertdialog');
      await ending.getByRole('button', { name: 'Delete' }).click();
      await ending.getByRole('alert').waitFor();
      await ending.getByRole('button', { name: 'Cancel' }).click();
      await test.owner('DELETE', `/api/people/${id}`);
      await page.reload();
      await page.getByRole('button', { name: 'Delete the role night_shift' }).click();
      await ending.getByRole('button', { name: 'Delete' }).click();
      await said(page, 'night_shift is deleted.');
    },
  );
});

describe('groups', () => {
  onOwner('give their roles to everybody in them, and somebody taken out is put back by one press', async (page) => {
    const { id } = await invite('Gaia Ricci', { roles: ['analyst'] });
    await go(page, '/people/groups');
    await page.getByText('No group yet').waitFor();
    await page.getByRole('button', { name: 'Add a group' }).click();
    await page.getByRole('dialog').getByLabel('Name').fill('Support');
    await page.getByRole('dialog').getByRole('button', { name: 'Add', exact: true }).click();
    const group = page.getByRole('article').filter({ hasText: 'Made here' });
    await group.getByRole('button', { name: 'Add a grant' }).click();
    await page.getByRole('dialog').getByLabel('Role').selectOption('support');
    await page.getByRole('dialog').getByLabel('Reason').fill('Their daily work');
    await page.getByRole('dialog').getByRole('button', { name: 'Give it' }).click();
    await group.getByRole('row').filter({ hasText: 'Their daily work' }).waitFor();
    await group.getByRole('button', { name: 'Add somebody' }).click();
    await page.getByRole('dialog').getByLabel('Person').selectOption(id);
    await page.getByRole('dialog').getByRole('button', { name: 'Add', exact: true }).click();
    await group.getByRole('link', { name: 'Gaia Ricci' }).waitFor();
    expect(await axeFaults(page)).toEqual([]);
    await group.getByRole('button', { name: 'Take out Gaia Ricci: Support' }).click();
    await group.getByText('Nobody is in it yet.').waitFor();
    await page.getByRole('button', { name: 'Undo' }).click();
    await group.getByRole('link', { name: 'Gaia Ricci' }).click();
    await page.getByRole('row').filter({ hasText: 'Group Support' }).waitFor();
    await page.getByRole('tab', { name: 'What they may do' }).click();
    await page.getByRole('row').filter({ hasText: 'start a workflow' }).getByText('Support, Group Support').waitFor();
  });
});

describe('emergency access', () => {
  onOwner('[R3] is asked for by one, approved by another, counts down, and ends on one press', async (page) => {
    const { page: theirs } = await as('Hana Sato', { roles: ['analyst'] });
    await go(theirs.page, '/people/emergency');
    await theirs.page.getByRole('button', { name: 'Ask for emergency access' }).click();
    const asking = theirs.page.getByRole('dialog');
    await asking.getByLabel('What you need').selectOption('operator');
    await asking.getByLabel('What happened').fill('Orders are stuck and nobody of operations answers.');
    await asking.getByRole('button', { name: 'Ask' }).click();
    await theirs.page.getByText('You asked for it: somebody else must approve it.').waitFor();
    expect(await theirs.page.getByRole('button', { name: 'Approve' }).count()).toBe(0);

    await go(page, '/people/emergency');
    await page.getByText('Orders are stuck and nobody of operations answers.').waitFor();
    await page.getByRole('button', { name: 'Approve' }).click();
    await page.getByRole('alertdialog').getByRole('button', { name: 'Approve' }).click();
    await page
      .getByRole('timer')
      .getByText(/^(?:30:00|29:\d\d) left$/)
      .waitFor();
    expect(await axeFaults(page)).toEqual([]);
    await theirs.page.getByRole('timer').waitFor();
    await theirs.page.getByRole('button', { name: 'End it now' }).click();
    await theirs.page.getByRole('alertdialog').getByRole('button', { name: 'End it now' }).click();
    await said(theirs.page, 'The emergency access is ended.');
    await page.getByRole('timer').waitFor({ state: 'detached' });
  });
});

describe('a review', () => {
  onOwner('is started, and decided item by item with the keyboard alone', async (page) => {
    await invite('Ines Moreau', { roles: ['support'] });
    await go(page, '/people/reviews?tab=reviews');
    await page.getByRole('button', { name: 'Start a review' }).click();
    const dialog = page.getByRole('dialog');
    await dialog.getByLabel('Name').fill('Spring review');
    await dialog.getByLabel('Only this role (optional)').selectOption('support');
    await dialog.getByLabel('The owner').check();
    await dialog.getByRole('button', { name: 'Start' }).click();
    await page.getByRole('heading', { level: 1, name: 'Spring review' }).waitFor();
    const row = page.getByRole('row').filter({ hasText: 'Ines Moreau' });
    await row.waitFor();
    expect(await axeFaults(page)).toEqual([]);
    const isHer = (): Promise<unknown> => row.evaluate((element) => element.contains(element.ownerDocument.activeElement));
    await page.locator('#content').focus();
    for (let press = 0; press < 10 && !(await isHer()); press += 1) await page.keyboard.press('j');
    await page.keyboard.press('2');
    await page.getByRole('dialog').getByText('Take away Support: Ines Moreau').waitFor();
    await page.keyboard.press('Enter');
    await row.getByText('Taken away').waitFor();
    await row.getByText('Not used any more.').waitFor();
    await go(page, '/people?q=ines');
    await page.getByRole('row').filter({ hasText: 'Ines Moreau' }).getByText('No role').waitFor();
  });
});

describe('an auditor', () => {
  onOwner('sees a home with the day their access ends, may look, and is told why nothing acts', async () => {
    const { page: theirs } = await as('Jun Park', { roles: ['auditor'], expiresAt: '2199-06-01T00:00:00Z' });
    const { page } = theirs;
    const refused: string[] = [];
    page.on('response', (answer) => void (answer.status() === 403 && refused.push(answer.url())));
    await go(page, '/');
    await page.getByRole('heading', { level: 1, name: 'Welcome, Jun Park' }).waitFor();
    await page.getByText('2199').waitFor();
    expect(await axeFaults(page)).toEqual([]);
    await page.getByRole('link', { name: 'Verify the log' }).click();
    await page.getByRole('button', { name: 'Verify now' }).click();
    await page.getByRole('status').getByText('Verified', { exact: true }).waitFor({ timeout: 30_000 });

    // Every screen they may open: no button acts as if it worked, and nothing is asked for that is refused.
    for (const path of [
      '/people',
      '/people/roles',
      '/access',
      '/settings/backups',
      '/workflows',
      '/audit',
      '/inbox',
      '/runs',
      '/people/reviews',
    ])
      await go(page, path);
    expect(refused).toEqual([]);
    await go(page, '/people');
    const off = page.getByRole('button', { name: 'Invite', exact: true });
    expect(await off.getAttribute('aria-disabled')).toBe('true');
    await off.focus();
    await page.keyboard.press('Enter');
    const why = page.getByRole('dialog', { name: 'Why can' });
    await why.getByText('people.manage').waitFor();
    await why.getByText('Roles that may').waitFor();
    await why.getByText('Owner').first().waitFor();
    expect(await axeFaults(page)).toEqual([]);
    await why.getByRole('link', { name: 'See all I may do' }).click();
    await page.getByRole('tab', { name: 'What they may do', selected: true }).waitFor();
    expect(theirs.violations).toEqual([]);
  });
});

describe('somebody with one small role', () => {
  browse('is shown what is for them, told why the rest is not, and never asks the server for what it refuses', async () => {
    const { page: theirs } = await as('Lena Vogt', { roles: ['analyst'] });
    const { page } = theirs;
    const refused: string[] = [];
    page.on('response', (answer) => void (answer.status() === 403 && refused.push(answer.url())));
    const paths = [
      '/',
      '/inbox',
      '/runs',
      '/workflows',
      '/calls',
      '/audit',
      '/audit/integrity',
      '/settings/backups',
      '/access',
      '/connect',
    ];
    for (const path of [
      ...paths,
      '/people',
      '/people/groups',
      '/people/roles',
      '/people/reviews',
      '/people/emergency',
      '/demo',
      '/welcome',
    ])
      await go(page, path);
    expect(refused).toEqual([]);
    const nav = page.getByRole('navigation', { name: 'Main' });
    await nav.getByRole('link', { name: 'Runs' }).waitFor();
    expect(await nav.getByRole('link', { name: 'Backups' }).count()).toBe(0);
    await go(page, '/settings/backups');
    await page.getByRole('heading', { name: 'Your access does not let you see backups.' }).waitFor();
    await page.getByRole('button', { name: /Why can/ }).click();
    const why = page.getByRole('dialog', { name: 'Why can' });
    await why.getByText('backups.view').waitFor();
    await why.getByText('Operator').waitFor();
    expect(await axeFaults(page)).toEqual([]);
  });
});

describe('an owner with a passkey', () => {
  browse('who has just confirmed with it makes the link in the console', async () => {
    const context = await browser.newContext({ locale: 'en-GB' });
    const page = await context.newPage();
    const cdp = await context.newCDPSession(page);
    await cdp.send('WebAuthn.enable');
    const options = {
      protocol: 'ctap2',
      transport: 'internal',
      hasResidentKey: true,
      hasUserVerification: true,
      isUserVerified: true,
    } as const;
    await cdp.send('WebAuthn.addVirtualAuthenticator', { options: { ...options, automaticPresenceSimulation: true } });
    const secret = await test.server.rooms.identity.ownerLink(test.server.rooms.tenant);
    const origin = test.controlUrl.replace('//127.0.0.1:', '//localhost:');
    await page.goto(`${origin}/sign-in#${secret}`);
    await page.getByRole('button', { name: 'Sign in', exact: true }).click();
    await page.getByRole('button', { name: 'Create passkey' }).click();
    await page.getByRole('heading', { name: 'Keep these recovery codes' }).waitFor();
    await page.goto(`${origin}/people`);
    await page.getByRole('button', { name: 'Invite', exact: true }).click();
    const dialog = page.getByRole('dialog');
    await dialog.getByLabel('Name').fill('Kaya Lindqvist');
    await dialog.getByLabel('Role').selectOption('analyst');
    await dialog.getByRole('button', { name: 'Make the link' }).click();
    const link = page.getByTestId('invitation');
    await link.waitFor();
    expect(await link.innerText()).toMatch(/^http:\/\/localhost:\d+\/sign-in#spl_/);
    await page.getByRole('button', { name: 'I have handed it on' }).click();
    await page.getByRole('link', { name: 'Kaya Lindqvist' }).waitFor();
    await context.close();
  });
});
