// A company login in a real browser: set up on its screen, tested by its button, and used by somebody new from the sign-in page. The identity
// provider is a real one, on this machine.

import { writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { Browser } from 'playwright-core';
import { afterAll, beforeAll, describe, expect } from 'vitest';
import { type CompanyLogin, companyLogin } from '../../server/src/main/compose/test/company-login.ts';
import { startTestServer, type TestServer } from '../../testkit/test-server.ts';
import { browse, browseOn, isHere } from './browse.ts';
import { axeFaults, launch, signedIn, visit } from './world.ts';

let test: TestServer;
let browser: Browser;
let idp: CompanyLogin;

beforeAll(async () => {
  if (!isHere) return;
  idp = await companyLogin('loopback');
  const authority = join(tmpdir(), `company-login-${process.pid}.pem`);
  writeFileSync(authority, idp.certificate);
  test = await startTestServer({ allowPrivate: [idp.authority], settings: { '--extra-ca-file': authority } });
  browser = await launch();
});
afterAll(async () => {
  await browser?.close();
  await test?.close();
  await idp?.close();
});

describe('a company login', () => {
  browseOn(() => signedIn(test, browser))('is set up on its screen, and its test says whether it works', async (page) => {
    await visit({ test }, page, '/people/federation');
    await page.getByText('No company login yet').waitFor();
    await page.getByText('Provisioning is off').waitFor();
    expect(await axeFaults(page)).toEqual([]);
    await page.getByRole('button', { name: 'Add a login' }).click();
    const dialog = page.getByRole('dialog');
    await dialog.getByLabel('Short name').fill('corp');
    await dialog.getByLabel('Name on the sign-in page').fill('Example Corp');
    await dialog.getByLabel('Issuer').fill(idp.issuer);
    await dialog.getByLabel('Client id').fill('sallyport');
    await dialog.getByLabel('Client secret', { exact: true }).fill('a-client-secret-of-a-test');
    await dialog.getByLabel('Who may come in').selectOption('just_in_time');
    await dialog.getByLabel('Claim that says whether the device is managed').fill('device_managed');
    expect(await axeFaults(page)).toEqual([]);
    await dialog.getByRole('button', { name: 'Save' }).click();
    await dialog.waitFor({ state: 'detached' });
    const { providers } = (await test.owner('GET', '/api/federation')).body as {
      providers: { redirectUri: string; deviceClaim: string }[];
    };
    expect(providers[0]?.deviceClaim).toBe('device_managed');
    const redirect = providers[0]?.redirectUri ?? '';
    const client = {
      client_id: 'sallyport',
      redirect_uris: [redirect],
      response_types: ['code' as const],
      grant_types: ['authorization_code'],
    };
    idp.serve([{ ...client, client_secret: 'another-secret-than-that' }]);
    await page.getByRole('button', { name: 'Test: Example Corp' }).click();
    await page.getByText('IDENTITY_SSO_CLIENT_REJECTED').waitFor();
    idp.serve([{ ...client, client_secret: 'a-client-secret-of-a-test' }]);
    await page.getByRole('button', { name: 'Test: Example Corp' }).click();
    await page.getByText('Works', { exact: true }).waitFor();
    await page.getByRole('button', { name: 'Make a token' }).click();
    await page.getByText('It is not shown again.').waitFor();
    await page.keyboard.press('Escape');
    await page.getByRole('button', { name: 'Make a new token' }).waitFor();
    await test.owner('DELETE', '/api/scim');
  });

  browse('lets somebody new in from the sign-in page, in a session of that browser alone', async () => {
    const context = await browser.newContext({ ignoreHTTPSErrors: true });
    const page = await context.newPage();
    idp.next({ sub: 'subject-1', name: 'Kim Example' });
    await page.goto(`${test.controlUrl.replace('127.0.0.1', 'localhost')}/sign-in`);
    await page.getByRole('button', { name: 'Sign in with Example Corp' }).click();
    await page.waitForURL((url) => url.hostname === 'localhost' && url.pathname !== '/sign-in');
    const session = await page.evaluate(async () => (await fetch('/api/session')).status);
    // Unsigned, as a copied cookie would come: the page signs its own requests.
    expect(session).toBe(401);
    const { people } = (await test.owner('GET', '/api/people')).body as { people: { id: string; name: string; roles: string[] }[] };
    const kim = people.find(({ name }) => name === 'Kim Example');
    expect(kim?.roles).toEqual([]);
    const { sessions } = (await test.owner('GET', '/api/sessions?all=true')).body as {
      sessions?: { person: string; method: string; isBound: boolean }[];
    };
    const theirs = sessions?.find(({ person }) => person === kim?.id);
    if (theirs !== undefined) expect(theirs).toMatchObject({ method: 'sso', isBound: true });
    await page.goto(`${test.controlUrl.replace('127.0.0.1', 'localhost')}/sign-in?refused=IDENTITY_SSO_NOT_ADMITTED`);
    await page.getByText('you have no access here').waitFor();
    expect(await axeFaults(page)).toEqual([]);
    await context.close();
  });

  browse('proves with its second factor who somebody without a passkey is, before what matters', async () => {
    const context = await browser.newContext({ ignoreHTTPSErrors: true });
    const page = await context.newPage();
    const origin = test.controlUrl.replace('127.0.0.1', 'localhost');
    idp.next({ sub: 'subject-2', name: 'Lou Example' });
    await page.goto(`${origin}/sign-in`);
    await page.getByRole('button', { name: 'Sign in with Example Corp' }).click();
    await page.waitForURL((url) => url.hostname === 'localhost' && url.pathname !== '/sign-in');
    const { people } = (await test.owner('GET', '/api/people')).body as { people: { id: string; name: string }[] };
    const lou = people.find(({ name }) => name === 'Lou Example')?.id;
    expect((await test.owner('POST', '/api/access/grants', { subject: lou, role: 'admin', reason: 'Runs it.' })).status).toBe(200);
    const tries = async (): Promise<void> => {
      await page.getByRole('button', { name: 'Add a group' }).click();
      const dialog = page.getByRole('dialog', { name: 'Add a group' });
      await dialog.getByLabel('Name').fill('Night shift');
      await dialog.getByRole('button', { name: 'Add', exact: true }).click();
    };
    await page.goto(`${origin}/people/groups`);
    await tries();
    const prove = page.getByRole('button', { name: 'Prove with Example Corp' });
    await prove.waitFor();
    expect(await axeFaults(page)).toEqual([]);
    // A login there without a second factor proves nothing, and says so where it was asked for.
    idp.next({ sub: 'subject-2', name: 'Lou Example' });
    await prove.click();
    await page.getByText('did not confirm a second factor').waitFor();
    expect(new URL(page.url()).search).toBe('');
    idp.next({ sub: 'subject-2', name: 'Lou Example', amr: ['mfa'] });
    await prove.click();
    await page.getByRole('button', { name: 'Add a group' }).waitFor();
    await page.getByRole('dialog').waitFor({ state: 'detached' });
    await tries();
    await page.getByRole('heading', { name: 'Night shift' }).waitFor();
    await page.getByRole('button', { name: 'Rename Night shift' }).click();
    await page.getByRole('dialog').getByLabel('Name').fill('Late shift');
    await page.getByRole('dialog').getByRole('button', { name: 'Rename', exact: true }).click();
    await page.getByRole('heading', { name: 'Late shift' }).waitFor();
    expect(await axeFaults(page)).toEqual([]);
    await context.close();
  });
});
