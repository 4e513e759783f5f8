// Customers' details in a real browser: asked for with a case and a reason, hidden again by a press and by time, on record before they are shown.

import { DEMO_SHOP_TOKEN } from '@sallyport/demo';
import type { Browser, Page } from 'playwright-core';
import { afterAll, beforeAll, describe, expect } from 'vitest';
import { createFinder } from '../../server/src/dlp/index.ts';
import { patternsOf } from '../../server/src/main/sweep/forms.ts';
import { createSearch } from '../../server/src/main/sweep/search.ts';
import { startTestServer, type TestServer } from '../../testkit/test-server.ts';
import { type DemoUpstreams, installDemo, openDemoUpstreams, placeTicket } from '../../testkit/workflow-world/index.ts';
import { browseOn, isHere } from './browse.ts';
import { axeFaults, launch, signedIn, visit } from './world.ts';

let upstreams: DemoUpstreams;
let test: TestServer;
let browser: Browser;
let customer: { readonly id: string; readonly email: string };

beforeAll(async () => {
  if (!isHere) return;
  upstreams = await openDemoUpstreams();
  test = await startTestServer({ allowPrivate: upstreams.allowPrivate });
  await installDemo(test.owner, upstreams);
  [customer] = [...upstreams.shop.state.customers.values()] as unknown as [typeof customer];
  placeTicket(upstreams.shop, { id: 'T-8001', customer: customer.id, body: 'Where is my parcel?' });
  browser = await launch();
}, 60_000);
afterAll(async () => {
  await browser?.close();
  await test?.close();
  await upstreams?.close();
});

interface Read {
  readonly seq: number;
  readonly entry: { readonly public: Readonly<Record<string, unknown>> };
}

const onOwner = browseOn(() => signedIn(test, browser));
const reads = async (): Promise<readonly Read[]> => {
  await test.server.rooms.sequencer.runOnce();
  const { body } = await test.owner('GET', '/api/events?type=enforcement.customer.read');
  return body.events as readonly Read[];
};

describe('a customer’s details', () => {
  onOwner('take a case and a reason, and are out of the page after a press and after a minute [D5]', async (page) => {
    await page.clock.install();
    await visit({ test }, page, '/customers?for=ticket:T-8001');
    const show = page.getByRole('button', { name: 'Show the details' });
    expect(await page.getByLabel('Its number').inputValue()).toBe('T-8001');
    expect(await show.isDisabled()).toBe(true);
    await page.getByLabel('Contact').check();
    expect(await show.isDisabled()).toBe(true);
    await page.getByLabel('Why you need them').fill('The parcel came back.');
    expect(await reads()).toEqual([]);

    await show.click();
    await page.getByText(customer.email).waitFor();
    const [read, ...others] = await reads();
    expect(others).toEqual([]);
    expect(read?.entry.public).toMatchObject({ purpose: 'ticket:T-8001', classes: ['contact'] });
    expect(JSON.stringify(read)).not.toContain(customer.email);
    expect(JSON.stringify(read)).not.toContain('came back');
    const { body: event } = await test.owner('GET', `/api/events/${read?.seq}`);
    expect(JSON.stringify(event)).toContain('The parcel came back.');
    expect(await axeFaults(page)).toEqual([]);

    await page.getByRole('button', { name: 'Hide now' }).click();
    await page.getByText('Hidden again.').waitFor();
    expect(await page.content()).not.toContain(customer.email);

    await show.click();
    await page.getByText(customer.email).waitFor();
    expect(await reads()).toHaveLength(2);
    await page.clock.fastForward(59_000);
    expect(await page.content()).toContain(customer.email);
    await page.clock.fastForward(2_000);
    await page.getByText('Hidden again.').waitFor();
    expect(await page.content()).not.toContain(customer.email);
  });

  onOwner('of a case that is not open are not shown, and the page says why', async (page) => {
    await visit({ test }, page, '/customers?for=ticket:T-9999');
    await page.getByLabel('Address').check();
    await page.getByLabel('Why you need them').fill('The parcel came back.');
    await page.getByLabel('Why you need them').press('Enter');
    await page.getByText('There is no such case here.').waitFor();
    expect(await page.content()).not.toContain(customer.email);
  });

  onOwner('and the shop’s credential are in nothing the browser keeps, and the credential in nothing it was sent', async (page) => {
    const search = createSearch(
      createFinder(
        patternsOf(
          new Map([
            ['customer', [customer.email]],
            ['reason', ['a quince rolled off']],
            ['credential', [DEMO_SHOP_TOKEN]],
          ]),
        ),
      ),
    );
    const sent: Promise<void>[] = [];
    page.on('response', (response) => {
      // As a HAR holds it: what came, in which headers, for which address.
      const read = async (): Promise<void> => {
        const body = await response.body().catch(() => Buffer.alloc(0));
        search.text(
          'what was sent',
          Buffer.concat([Buffer.from(`${response.url()}\n${JSON.stringify(await response.allHeaders())}\n`), body]),
        );
      };
      sent.push(read().catch(() => undefined));
    });
    await visit({ test }, page, '/customers?for=ticket:T-8001');
    await page.getByLabel('Contact').check();
    await page.getByLabel('Why you need them').fill('a quince rolled off');
    await page.getByRole('button', { name: 'Show the details' }).click();
    await page.getByText(customer.email).waitFor();
    for (const path of ['/integrations', '/integrations/demo-shop', '/runs', '/audit', '/inbox', '/people', '/'])
      await visit({ test }, page, path);
    await Promise.all(sent);

    const kept = await keptBy(page);
    for (const [place, text] of Object.entries(kept)) search.text(`kept: ${place}`, text);
    search.text('kept: cookies', JSON.stringify(await page.context().cookies()));
    search.text('kept: the page', await page.content());
    const { hits, places } = search.result();
    // It looked at something, and saw the one reply in which the customer may be.
    expect(kept.indexedDB).toContain('ECDSA');
    expect(places.find(({ place }) => place === 'what was sent')?.bytes ?? 0).toBeGreaterThan(100_000);
    expect(hits.map(({ place, value }) => `${value} in ${place}`)).toEqual(['customer in what was sent']);
  });
});

/** Everything a page can keep beyond its life, as text. Runs in the browser. */
const KEPT = `(async () => {
  const settled = (asked) => new Promise((resolve, reject) => {
    asked.onsuccess = () => resolve(asked.result);
    asked.onerror = () => reject(asked.error);
  });
  const told = (_key, value) => (value instanceof CryptoKey ? { algorithm: value.algorithm, extractable: value.extractable } : value);
  const stores = [];
  for (const { name } of await indexedDB.databases()) {
    const db = await settled(indexedDB.open(name));
    for (const store of db.objectStoreNames)
      stores.push([name, store, JSON.stringify(await settled(db.transaction(store).objectStore(store).getAll()), told)]);
    db.close();
  }
  const held = [];
  for (const name of await caches.keys())
    for (const request of await (await caches.open(name)).keys()) held.push(request.url, await (await caches.match(request)).text());
  return {
    localStorage: JSON.stringify(localStorage),
    sessionStorage: JSON.stringify(sessionStorage),
    indexedDB: JSON.stringify(stores),
    caches: JSON.stringify(held),
    history: JSON.stringify(history.state),
  };
})()`;
const keptBy = (page: Page): Promise<Record<string, string>> => page.evaluate(KEPT);
