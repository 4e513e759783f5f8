// A program asks a person for access, in a real browser: what is read, what is taken out, what a no and a yes send back.

import { createHash } from 'node:crypto';
import { createServer, type Server } from 'node:http';
import type { AddressInfo } from 'node:net';
import type { Browser, Page } from 'playwright-core';
import { afterAll, beforeAll, describe, expect } from 'vitest';
import { startTestServer, type TestServer } from '../../testkit/test-server.ts';
import { browseOn, isHere } from './browse.ts';
import { axeFaults, launch, signedIn } from './world.ts';

const VERIFIER = 'v'.repeat(64);
let test: TestServer;
let browser: Browser;
let program: Server;
let callback: string;
let client: string;

function address(more: Readonly<Record<string, string>> = {}): string {
  const challenge = createHash('sha256').update(VERIFIER).digest('base64url');
  const asked = { response_type: 'code', client_id: client, redirect_uri: callback, state: 'st', resource: `${test.gatewayUrl}/v1` };
  const params = { ...asked, code_challenge: challenge, code_challenge_method: 'S256', scope: 'one two', ...more };
  return `${test.controlUrl}/oauth/authorize?${new URLSearchParams(params).toString()}`;
}

/** What the program was told. */
async function answered(page: Page): Promise<URLSearchParams> {
  await page.waitForURL((url) => url.href.startsWith(callback));
  return new URL(page.url()).searchParams;
}

beforeAll(async () => {
  if (!isHere) return;
  test = await startTestServer({ allowPrivate: [] });
  for (const name of ['one', 'two']) {
    const put = { kind: 'model', baseUrl: `https://${name}.example.com`, models: [`${name}-model`] };
    await test.owner('PUT', `/api/integrations/${name}`, put);
  }
  const made = await test.owner('POST', '/api/oauth-clients', { name: 'Desk assistant', redirectUris: ['http://127.0.0.1/callback'] });
  client = made.body.clientId as string;
  program = createServer((_request, response) => response.end('You can close this page.'));
  await new Promise<void>((done) => program.listen(0, '127.0.0.1', done));
  callback = `http://127.0.0.1:${(program.address() as AddressInfo).port}/callback`;
  browser = await launch();
});
afterAll(async () => {
  await browser?.close();
  await new Promise((done) => program?.close(done) ?? done(null));
  await test?.close();
});

describe('a program that asks for access', () => {
  const onOwner = browseOn(() => signedIn(test, browser));

  onOwner('is described in plain words; what is taken out of its list it does not get', async (page) => {
    await page.goto(address());
    await page.getByRole('heading', { name: 'Desk assistant asks to act in your name' }).waitFor();
    await page.getByText('a program on this computer').waitFor();
    await page.getByText('asks this model').first().waitFor();
    expect(await axeFaults(page)).toEqual([]);
    await page.getByRole('switch', { name: 'Do not give two' }).press('Space');
    await page.getByRole('button', { name: 'Allow', exact: true }).press('Enter');
    const told = await answered(page);
    expect([told.get('state'), told.get('error')]).toEqual(['st', null]);
    expect(told.get('iss')).toMatch(/^http:\/\/localhost:/);
    const form = {
      grant_type: 'authorization_code',
      code: told.get('code') ?? '',
      client_id: client,
      redirect_uri: callback,
      code_verifier: VERIFIER,
    };
    const token = await fetch(`${test.controlUrl}/oauth/token`, { method: 'POST', body: new URLSearchParams(form) });
    expect(await token.json()).toMatchObject({ scope: 'one' });
    await page.goto(`${test.controlUrl}/access`);
    await page.getByRole('button', { name: 'End: Desk assistant' }).first().click();
    await page.getByRole('alertdialog').getByRole('button', { name: 'End' }).click();
    await page.getByText('Ended.').first().waitFor();
  });

  onOwner('is told no, and nothing else', async (page) => {
    await page.goto(address());
    await page.getByRole('button', { name: 'Do not allow' }).click();
    const told = await answered(page);
    expect([told.get('error'), told.get('code')]).toEqual(['access_denied', null]);
  });

  onOwner('is sent back when it asks badly, and answered nowhere when nobody knows where it is', async (page) => {
    await page.goto(address({ code_challenge_method: 'plain' }));
    await page.getByRole('heading', { name: 'The program asked in a way that can not be answered' }).waitFor();
    await page.getByRole('button', { name: 'Go back to the program' }).click();
    expect((await answered(page)).get('error')).toBe('invalid_request');
    await page.goto(address({ redirect_uri: 'https://elsewhere.example.com/callback' }));
    await page.getByRole('heading', { name: 'This request leads nowhere' }).waitFor();
    expect(await page.getByRole('button').count()).toBe(0);
  });

  browseOn(async () => {
    const context = await browser.newContext({ locale: 'en-GB' });
    return { page: await context.newPage(), violations: [] };
  })('finds the door first when nobody is signed in, and its question stays', async (page) => {
    await page.goto(address());
    await page.getByRole('heading', { name: /sign/i }).first().waitFor();
    expect(new URL(page.url()).pathname).toBe('/oauth/authorize');
    expect(new URL(page.url()).searchParams.get('client_id')).toBe(client);
  });
});
