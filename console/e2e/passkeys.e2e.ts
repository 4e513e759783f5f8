// Passkeys in a real browser with its virtual authenticator: the first minutes, coming back, confirming, approving, and the account screen.

import type { BrowserContext, CDPSession, Page } from 'playwright-core';
import { afterAll, beforeAll, describe, expect } from 'vitest';
import { readTemplate } from '../../testkit/workflow-world/index.ts';
import { browse, isHere } from './browse.ts';
import { openWorkflowWorld, type WorkflowWorld } from './workflow-world.ts';
import { axeFaults, type PageOptions } from './world.ts';

let world: WorkflowWorld;
let origin = '';
beforeAll(async () => {
  if (!isHere) return;
  world = await openWorkflowWorld();
  origin = `http://localhost:${world.test.server.control.port}`;
});
afterAll(() => world?.close());

interface Visitor {
  readonly context: BrowserContext;
  readonly page: Page;
  readonly authenticator: Authenticator;
  readonly violations: readonly string[];
}

interface Shown {
  readonly state: string;
  readonly signature: { readonly state: string; readonly passkey: { readonly thumbprint: string; readonly removed: boolean } | null };
}

interface Authenticator {
  readonly cdp: CDPSession;
  readonly id: string;
  /** Whether whoever holds it can show who they are. */
  verifies(isVerified: boolean): Promise<void>;
}

async function addAuthenticator(page: Page): Promise<Authenticator> {
  const cdp = await page.context().newCDPSession(page);
  await cdp.send('WebAuthn.enable');
  const { authenticatorId: id } = await cdp.send('WebAuthn.addVirtualAuthenticator', {
    options: {
      protocol: 'ctap2',
      transport: 'internal',
      hasResidentKey: true,
      hasUserVerification: true,
      isUserVerified: true,
      automaticPresenceSimulation: true,
    },
  });
  const verifies = (isUserVerified: boolean) =>
    cdp.send('WebAuthn.setUserVerified', { authenticatorId: id, isUserVerified }).then(() => undefined);
  return { cdp, id, verifies };
}

async function visitor({ width = 1280, height = 860, theme = 'light' }: PageOptions = {}): Promise<Visitor> {
  const context = await world.browser.newContext({
    viewport: { width, height },
    colorScheme: theme,
    locale: 'en-GB',
    reducedMotion: 'reduce',
  });
  const page = await context.newPage();
  const violations: string[] = [];
  page.on('console', (message) => message.text().includes('Content Security Policy') && violations.push(message.text()));
  page.on('pageerror', (fault) => violations.push(`page error: ${fault.message}`));
  return { context, page, violations, authenticator: await addAuthenticator(page) };
}

async function byLink(page: Page): Promise<void> {
  const secret = await world.test.server.rooms.identity.ownerLink(world.test.server.rooms.tenant);
  await page.goto(`${origin}/sign-in#${secret}`);
  await page.getByRole('button', { name: 'Sign in', exact: true }).click();
}

const onOverview = (page: Page): Promise<void> => page.getByRole('navigation', { name: 'Main' }).waitFor();
const passkeysOf = async () => (await world.test.owner('GET', '/api/passkeys')).body.passkeys as { id: string; name: string }[];

async function firstPasskey(page: Page): Promise<readonly string[]> {
  await byLink(page);
  await page.getByRole('heading', { name: 'Create your passkey' }).waitFor();
  await page.getByRole('button', { name: 'Create passkey' }).click();
  await page.getByRole('heading', { name: 'Keep these recovery codes' }).waitFor();
  const codes = await page.locator('ol.codes li').allInnerTexts();
  await page.getByRole('button', { name: 'I have kept them' }).click();
  await onOverview(page);
  return codes;
}

/** The owner as it was before: no passkey, no codes. */
async function begin(): Promise<void> {
  for (const { id } of await passkeysOf()) await world.test.owner('DELETE', `/api/passkeys/${id}`);
}

async function signOut(page: Page): Promise<void> {
  await page.context().clearCookies();
  await page.goto(`${origin}/sign-in`);
  await page.getByRole('heading', { name: 'You are signed out' }).waitFor();
}

const digestOf = async (approval: string): Promise<{ digest: unknown }> => {
  const { digest } = (await world.test.owner('GET', `/api/approvals/${approval}`)).body;
  return { digest };
};

/** Pictures to look at, when a folder for them is named. */
async function shot(page: Page, name: string): Promise<void> {
  const folder = process.env.SALLYPORT_SHOTS;
  if (folder !== undefined) await page.screenshot({ path: `${folder}/${name}.png`, fullPage: true });
}

describe('the first minutes', () => {
  browse('lead from the link to a passkey, ten codes and the overview; next time the passkey is all it takes', async () => {
    await begin();
    const { page, violations, context } = await visitor();
    const codes = await firstPasskey(page);
    expect(codes).toHaveLength(10);
    expect(new Set(codes).size).toBe(10);
    expect(await page.getByText('You sign in with links only').count()).toBe(0);
    await signOut(page);
    await page.getByRole('button', { name: 'Sign in with a passkey' }).click();
    await onOverview(page);
    expect(violations).toEqual([]);
    await context.close();
  });

  browse('can wait: a calm word stays until somebody says not now', async () => {
    await begin();
    const { page, context } = await visitor();
    await byLink(page);
    await page.getByRole('button', { name: 'Later' }).click();
    await onOverview(page);
    await page.getByText('You sign in with links only').waitFor();
    await page.getByRole('button', { name: 'Not now' }).click();
    await page.getByText('You sign in with links only').waitFor({ state: 'detached' });
    await context.close();
  });

  browse(
    'say what is wrong when no passkey is made, and a browser without one comes in by a recovery code and makes a new one',
    async () => {
      await begin();
      const one = await visitor();
      await one.authenticator.verifies(false);
      await byLink(one.page);
      await one.page.getByRole('button', { name: 'Create passkey' }).click();
      await one.page.getByRole('alert').filter({ hasText: 'No passkey was made' }).waitFor();
      await one.authenticator.verifies(true);
      await one.page.getByRole('button', { name: 'Create passkey' }).click();
      await one.page.getByRole('heading', { name: 'Keep these recovery codes' }).waitFor();
      const [code = ''] = await one.page.locator('ol.codes li').allInnerTexts();
      await one.context.close();

      const other = await visitor();
      await other.page.goto(`${origin}/sign-in`);
      await other.page.getByRole('button', { name: 'Sign in with a passkey' }).click();
      await other.page.getByRole('alert').filter({ hasText: 'No passkey was used' }).waitFor({ timeout: 20_000 });
      await other.page.getByLabel('Recovery code').fill(code.toLowerCase());
      await other.page.getByRole('button', { name: 'Use the code' }).click();
      await other.page.getByText('You came in with a recovery code').waitFor();
      expect(await other.page.getByRole('button', { name: 'Later' }).count()).toBe(0);
      await other.page.getByRole('button', { name: 'Create passkey' }).click();
      await other.page.getByRole('heading', { name: 'Keep these recovery codes' }).waitFor();
      await other.context.close();
    },
  );
});

describe('a copied cookie', () => {
  browse('opens nothing in another browser', async () => {
    await begin();
    const { page, context } = await visitor();
    await firstPasskey(page);
    const [cookie] = await context.cookies(origin);
    if (cookie === undefined) throw new Error('no cookie');
    const thief = await visitor();
    await thief.context.addCookies([cookie]);
    await thief.page.goto(`${origin}/inbox`);
    await thief.page.getByRole('heading', { name: 'You are signed out' }).waitFor();
    await page.reload();
    await onOverview(page);
    await thief.context.close();
    await context.close();
  });
});

describe('somebody with a passkey', () => {
  browse('confirms with it what matters, once for five minutes, and may think again', async () => {
    await begin();
    const { page, context } = await visitor();
    await firstPasskey(page);
    await byLink(page);
    await onOverview(page);
    await page.goto(`${origin}/account`);
    await page.getByRole('button', { name: 'Make new codes' }).click();
    const dialog = page.getByRole('dialog', { name: 'Confirm that it is you' });
    await dialog.getByRole('button', { name: 'Cancel' }).click();
    await page.getByText('Confirm with one of your passkeys first').waitFor();
    await page.getByRole('button', { name: 'Make new codes' }).click();
    await dialog.getByRole('button', { name: 'Use my passkey' }).click();
    const codes = page.getByRole('alertdialog', { name: 'Keep these recovery codes' });
    await codes.waitFor();
    expect(await codes.locator('li').count()).toBe(10);
    await codes.getByRole('button', { name: 'I have kept them' }).click();
    // Nothing is asked again for what follows.
    await page.getByRole('button', { name: 'Make new codes' }).click();
    await codes.waitFor();
    await context.close();
  });

  browse('signs an approval with it, and the log says that it was signed', async () => {
    await begin();
    const { page, context, violations } = await visitor({ width: 360, height: 740 });
    await firstPasskey(page);
    await byLink(page);
    await onOverview(page);
    const { approval, order } = await world.ask('61.00');
    expect((await world.test.owner('POST', `/api/approvals/${approval}/approve`, await digestOf(approval))).body.code).toBe(
      'APPROVALS_SIGNATURE_REQUIRED',
    );
    const other = await world.test.owner('POST', `/api/approvals/${approval}/approve/options`, { digest: 'a'.repeat(64) });
    expect(other.body.code).toBe('APPROVALS_DIGEST_MISMATCH');
    await page.goto(`${origin}/inbox/${approval}`);
    await page.getByText('Approve exactly this, once').click();
    await page.getByRole('button', { name: 'Approve this call' }).click();
    await page.getByRole('status').filter({ hasText: 'It ran, once.' }).waitFor({ timeout: 20_000 });
    expect(world.refunds(order)).toBe(1);
    const approvedEvents = async () =>
      (await world.test.owner('GET', `/api/events?subject=${approval}&type=approvals.call.approved`)).body.events;
    await expect.poll(approvedEvents, { timeout: 10_000 }).toMatchObject([{ entry: { public: { signed: true } } }]);
    expect(violations).toEqual([]);
    await context.close();
  });

  browse('approves a version of a workflow with it, and the version names the passkey', async () => {
    await begin();
    const { page, context, violations } = await visitor();
    await firstPasskey(page);
    const files = { ...readTemplate('support-reply'), 'prompts/system.md': 'You answer the mail of a shop. Be brief.' };
    const { hash } = (await world.test.owner('POST', '/api/workflows', { files })).body as { hash: string };
    const unsigned = await world.test.owner('POST', '/api/workflows/support-reply/approve', { hash });
    expect(unsigned.body).toMatchObject({
      code: 'WORKFLOWS_SIGNATURE_REQUIRED',
      evidence: { open: `${origin}/workflows/support-reply?hash=${hash}` },
    });
    await page.goto(`${origin}/workflows/support-reply?hash=${hash}`);
    await page.getByRole('button', { name: 'Approve', exact: true }).click();
    await page.getByText('Your passkey signs it').waitFor();
    await page.getByRole('alertdialog').getByRole('button', { name: 'Approve and sign' }).click();
    await page.getByText('Approved and signed.').waitFor();
    const { signature, state } = (await world.test.owner('GET', `/api/workflows/support-reply?hash=${hash}`)).body as unknown as Shown;
    expect([state, signature.state, signature.passkey?.removed]).toEqual(['approved', 'valid', false]);
    await page.getByText(signature.passkey?.thumbprint ?? 'no passkey').waitFor();
    expect(violations).toEqual([]);
    await context.close();
  });

  browse('has an account screen: passkeys named, added and removed, sessions ended', async () => {
    await begin();
    const { page, context, authenticator } = await visitor();
    await firstPasskey(page);
    const elsewhere = await visitor();
    await byLink(elsewhere.page);
    await onOverview(elsewhere.page);

    await page.goto(`${origin}/account`);
    const table = page.getByRole('table', { name: 'Passkeys' });
    await table.getByRole('button', { name: /^Rename/ }).click();
    await page.getByRole('dialog').getByLabel('Name').fill('Desk');
    await page.getByRole('dialog').getByRole('button', { name: 'Rename' }).click();
    await table.getByText('Desk').waitFor();

    // The same device again is none; another one is.
    await page.getByRole('button', { name: 'Add a passkey' }).click();
    const dialog = page.getByRole('dialog', { name: 'Add a passkey' });
    await dialog.getByRole('button', { name: 'Create passkey' }).click();
    await dialog.getByRole('alert').filter({ hasText: 'already has a passkey' }).waitFor();
    await authenticator.cdp.send('WebAuthn.removeVirtualAuthenticator', { authenticatorId: authenticator.id });
    const second = await addAuthenticator(page);
    await dialog.getByLabel('Name of this passkey').fill('Key in the drawer');
    await dialog.getByRole('button', { name: 'Create passkey' }).click();
    await table.getByText('Key in the drawer').waitFor();
    expect((await passkeysOf()).map(({ name }) => name).sort()).toEqual(['Desk', 'Key in the drawer']);

    await table.getByRole('button', { name: 'Remove: Desk' }).click();
    await page.getByRole('alertdialog').getByRole('button', { name: 'Remove' }).click();
    await table.getByText('Desk').waitFor({ state: 'detached' });
    expect((await passkeysOf()).map(({ name }) => name)).toEqual(['Key in the drawer']);
    expect(second.id).not.toBe('');

    const sessions = page.getByRole('table', { name: 'Where you are signed in' });
    await sessions.getByText('This browser').waitFor();
    await page.getByRole('button', { name: 'End all others' }).click();
    await page.getByText('Ended.').waitFor();
    await elsewhere.page.goto(`${origin}/inbox`);
    await elsewhere.page.getByRole('heading', { name: 'You are signed out' }).waitFor();
    await elsewhere.context.close();
    await context.close();
  });
});

describe('everybody can use it', () => {
  browse(
    'axe finds nothing at the door, in the first minutes and on the account screen, and nothing scrolls sideways at 320 pixels',
    async () => {
      const looks: readonly PageOptions[] = [{ theme: 'light' }, { theme: 'dark', width: 320, height: 800 }];
      for (const look of looks) {
        await begin();
        const { page, context, violations } = await visitor(look);
        const check = async (what: string): Promise<void> => {
          await shot(page, `${what}-${look.theme}`);
          expect([what, await axeFaults(page)]).toEqual([what, []]);
          if (look.width !== undefined)
            expect([what, await page.evaluate('document.documentElement.scrollWidth')]).toEqual([what, look.width]);
        };
        await page.goto(`${origin}/sign-in`);
        await page.getByRole('heading', { name: 'You are signed out' }).waitFor();
        await check('door');
        await byLink(page);
        await page.getByRole('heading', { name: 'Create your passkey' }).waitFor();
        await check('first-passkey');
        await page.getByRole('button', { name: 'Later' }).click();
        await page.getByText('You sign in with links only').waitFor();
        await check('banner');
        await page.goto(`${origin}/account`);
        await page.getByRole('heading', { name: 'No passkey yet' }).waitFor();
        await check('account-empty');
        await byLink(page);
        await page.getByRole('button', { name: 'Create passkey' }).click();
        await page.getByRole('heading', { name: 'Keep these recovery codes' }).waitFor();
        await check('recovery-codes');
        await byLink(page);
        await onOverview(page);
        await page.goto(`${origin}/account`);
        await page.getByRole('table', { name: 'Passkeys' }).waitFor();
        await check('account');
        await page.getByRole('button', { name: 'Make new codes' }).click();
        await page.getByRole('dialog', { name: 'Confirm that it is you' }).waitFor();
        await check('step-up');
        expect(violations).toEqual([]);
        await context.close();
      }
    },
  );

  browse('with the keyboard alone: from the door to the overview', async () => {
    await begin();
    const { page, context } = await visitor();
    await firstPasskey(page);
    await signOut(page);
    await page.getByRole('button', { name: 'Sign in with a passkey' }).waitFor();
    // The button has the focus.
    await page.keyboard.press('Enter');
    await onOverview(page);
    await context.close();
  });

  browse('opened under the number of the machine, the door says under which name passkeys work', async () => {
    const { page, context } = await visitor();
    await page.goto(`${world.test.controlUrl}/sign-in`);
    const way = page.getByRole('link', { name: `Open ${origin}/sign-in` });
    await way.click();
    await page.getByRole('button', { name: 'Sign in with a passkey' }).waitFor();
    await context.close();
  });
});
