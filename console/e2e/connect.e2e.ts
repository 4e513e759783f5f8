// "Connect mine" in a real browser: what is wrong is said before and after the server was asked, the provider's key is never shown,
// the program's key is shown once, and the first call ticks the step by itself.

import { fileURLToPath } from 'node:url';
import { CAPTURED_MODELS, demoShopManifest, startCapturedModel } from '@sallyport/demo';
import type { Browser, Page } from 'playwright-core';
import { afterAll, beforeAll, describe, expect } from 'vitest';
import { startTestServer, type TestServer } from '../../testkit/test-server.ts';
import { browseOn, isHere } from './browse.ts';
import { axeFaults, launch, signedIn, visit } from './world.ts';

const MODEL = CAPTURED_MODELS[0] ?? '';
const PROVIDER_KEY = 'pk-invented-and-never-shown-0001';
let model: Awaited<ReturnType<typeof startCapturedModel>>;
let test: TestServer;
let browser: Browser;

beforeAll(async () => {
  if (!isHere) return;
  model = await startCapturedModel({ port: 0 });
  test = await startTestServer({ allowPrivate: [new URL(model.url).host] });
  browser = await launch();
});
afterAll(async () => {
  await browser?.close();
  await test?.close();
  await model?.close();
});

const browse = browseOn(() => signedIn(test, browser));

const connect = (page: Page) => page.getByRole('button', { name: 'Connect', exact: true });

async function fill(page: Page, fields: Readonly<Record<string, string>>): Promise<void> {
  for (const [label, value] of Object.entries(fields)) await page.getByLabel(label, { exact: true }).fill(value);
}

describe('a new installation', () => {
  browse('opens the welcome screen with its two ways, and the Overview when it is asked for', async (page) => {
    await page.getByRole('heading', { level: 1, name: /AI that works in your shop/ }).waitFor();
    expect(new URL(page.url()).pathname).toBe('/welcome');
    await page.getByRole('link', { name: 'Go to the Overview' }).click();
    await page.getByText('The guard stands, and nothing has come to it yet.').waitFor();
    await page.getByRole('navigation', { name: 'Main' }).getByRole('link', { name: 'Get started' }).click();
    await page.getByRole('link', { name: 'Connect mine' }).waitFor();
  });
});

describe('a provider', () => {
  browse('that can not be right is said beside its field, and nothing is sent', async (page) => {
    await visit({ test }, page, '/connect');
    const sent: string[] = [];
    page.on('request', (request) => void (request.method() === 'PUT' && sent.push(request.url())));
    await fill(page, { Name: 'Not A Name', 'Base URL': 'api.example.com/v1' });
    await connect(page).click();
    for (const words of ['Use lower case letters', 'This is no address', 'Name at least one model']) {
      await page.getByRole('alert').filter({ hasText: words }).waitFor();
    }
    expect(await axeFaults(page)).toEqual([]);
    expect(sent).toEqual([]);
  });

  browse('inside of the own network is refused with its code and what to do', async (page) => {
    await visit({ test }, page, '/connect');
    await fill(page, { Name: 'inside', 'Base URL': 'https://10.0.0.5/v1', 'Models your program may use': 'm' });
    await connect(page).click();
    const alert = page.getByRole('alert').filter({ hasText: 'EGRESS_ADDRESS_FORBIDDEN' });
    await alert.waitFor();
    expect(await alert.innerText()).toContain('--allow-private');
  });

  browse('of a known kind fills in what is known', async (page) => {
    await visit({ test }, page, '/connect');
    await page.getByLabel('Provider', { exact: true }).selectOption('Mistral');
    expect(await page.getByLabel('Base URL', { exact: true }).inputValue()).toMatch(/^https:\/\/.*\/v1$/);
    expect(await page.getByLabel('Models your program may use').inputValue()).not.toBe('');
  });
});

describe('from a provider to the first call', () => {
  browse('each step ticks itself; keys are shown once or never; the first call leads to its trace', async (page) => {
    await visit({ test }, page, '/connect');
    const replies: string[] = [];
    page.on('response', async (reply) => {
      if (reply.url().includes('/api/')) replies.push(await reply.text().catch(() => ''));
    });
    await fill(page, {
      Name: 'my-provider',
      'Base URL': `${model.url}/v1`,
      'Key of the provider': PROVIDER_KEY,
      'Models your program may use': MODEL,
    });
    await connect(page).click();
    await page.getByText('my-provider is connected with 1 model.').waitFor();

    await page.getByLabel('Name of the program').fill('my-program');
    await page.getByRole('button', { name: 'Make the key' }).click();
    const key = await page.getByTestId('api-key').innerText();
    expect(key).toMatch(/^sp_/);
    await page.getByText('Waiting for the first call').waitFor();
    for (const kind of ['Python', 'Node', 'curl']) {
      await page.getByText(kind, { exact: true }).click();
      const snippet = await page.locator('pre').innerText();
      expect(snippet).toContain(key);
      expect(snippet).toContain(`${test.gatewayUrl}/v1`);
      expect(snippet).toContain(MODEL);
    }
    expect(await axeFaults(page)).toEqual([]);

    const answer = await fetch(`${test.gatewayUrl}/v1/chat/completions`, {
      method: 'POST',
      headers: { authorization: `Bearer ${key}`, 'content-type': 'application/json' },
      body: JSON.stringify({ model: MODEL, messages: [{ role: 'user', content: 'Say hello to the guard.' }] }),
    });
    expect(answer.status).toBe(200);
    await page.getByText('The first call arrived and is in the ledger.').waitFor({ timeout: 15_000 });
    expect(replies.join('')).not.toContain(PROVIDER_KEY);
    expect(await page.content()).not.toContain(PROVIDER_KEY);

    await page.reload();
    await page.getByText('The first call arrived and is in the ledger.').waitFor();
    expect(await page.content()).not.toContain(key);
    expect(page.url()).not.toContain(key);
    await page.getByRole('link', { name: 'Open its trace' }).click();
    await page.waitForURL(/\/calls\/call_/);
    await page.getByRole('heading', { level: 1, name: MODEL }).waitFor();
  });

  browse('a name that is taken is said, for a provider and for a program', async (page) => {
    await visit({ test }, page, '/connect');
    await page.getByRole('button', { name: 'Add a provider' }).click();
    await fill(page, { Name: 'my-provider', 'Base URL': 'https://api.example.com/v1', 'Models your program may use': 'm' });
    await connect(page).click();
    await page.getByRole('alert').filter({ hasText: 'has this name already' }).waitFor();
    await page.getByRole('button', { name: 'Use this one: my-provider' }).click();
    await page.getByLabel('Name of the program').fill('my-program');
    await page.getByRole('button', { name: 'Make the key' }).click();
    await page.getByRole('alert').filter({ hasText: 'A program has this name already' }).waitFor();
  });

  browse('a shop is connected with the file that describes it, and a file that does not is refused', async (page) => {
    await visit({ test }, page, '/connect');
    await page.getByRole('button', { name: 'Add a shop' }).click();
    const form = page.getByRole('listitem').filter({ has: page.getByRole('heading', { name: /A shop/ }) });
    await form.getByLabel('Name', { exact: true }).fill('my-shop');
    await form.getByLabel('Base URL', { exact: true }).fill(model.url);
    await form.getByLabel('Key of the shop').fill('shop-key-invented');
    await form.getByLabel('Manifest file').setInputFiles({ name: 'm.yaml', mimeType: 'text/yaml', buffer: Buffer.from('{ not: [yaml') });
    await form.getByRole('button', { name: 'Connect the shop' }).click();
    await form.getByRole('alert').filter({ hasText: 'CONTROL_REQUEST_INVALID' }).waitFor();
    await form.getByLabel('Manifest file').setInputFiles(fileURLToPath(demoShopManifest));
    await form.getByRole('button', { name: 'Connect the shop' }).click();
    await page.getByText('my-shop is connected.').waitFor();
    expect(JSON.stringify((await test.owner('GET', '/api/integrations')).body)).toContain('refunds.create');
  });
});

describe('a demo that can not start', () => {
  browse('says so with its code, and trying again works', async (page) => {
    let isBroken = true;
    await page.route('**/api/demo/start', (route) =>
      isBroken
        ? route.fulfill({ status: 500, json: { code: 'CONTROL_FAULT', detail: 'The demo shop could not be opened.' } })
        : route.continue(),
    );
    await visit({ test }, page, '/demo');
    await page.getByRole('button', { name: 'Start the demo' }).click();
    const alert = page.getByRole('alert').filter({ hasText: 'The demo could not go on' });
    await alert.waitFor();
    expect(await alert.innerText()).toContain('CONTROL_FAULT');
    isBroken = false;
    await page.getByRole('button', { name: 'Start the demo' }).click();
    await page.getByRole('heading', { name: 'Tickets' }).waitFor();
    await page.getByRole('button', { name: 'Remove all sample data' }).click();
    await page.getByRole('alertdialog').getByRole('button', { name: 'Cancel' }).click();
    await page.getByRole('button', { name: 'Remove all sample data' }).click();
    await page.getByRole('alertdialog').getByRole('button', { name: 'Remove sample data' }).click();
    await page.getByText('The sample data is removed.').waitFor({ timeout: 30_000 });
    await page.getByRole('button', { name: 'Start the demo' }).waitFor();
    const left = (await test.owner('GET', '/api/integrations')).body.integrations as { name: string }[];
    expect(left.map(({ name }) => name).sort()).toEqual(['my-provider', 'my-shop']);
  });
});
