// The month on the Overview, counted from calls and runs that were really made: every number leads to exactly the events behind it, the month
// stands in the address, and the overview neither waits for it nor falls with it.

import type { Page } from 'playwright-core';
import { afterAll, beforeAll, describe, expect } from 'vitest';
import { browseOn, isHere } from './browse.ts';
import { openRunsWorld, type RunsWorld } from './runs-world.ts';
import { axeFaults, visit } from './world.ts';

let world: RunsWorld;
/** The month in which everything above was made. */
let month: string;

interface Figure {
  readonly key: string;
  readonly value: number;
  readonly events: number;
  readonly totals: readonly { readonly amount: string }[] | null;
}

beforeAll(async () => {
  if (!isHere) return;
  world = await openRunsWorld();
  const { body } = await world.test.owner('GET', '/api/events?type=workflows.run.finished&limit=1');
  month = (body.events as { entry: { at: string } }[])[0]?.entry.at.slice(0, 7) ?? '';
});
afterAll(() => world?.close());

const browse = browseOn(() => world.signedIn());

const sheet = (page: Page) => page.getByRole('region', { name: 'The month' });
const line = (page: Page, name: string) => sheet(page).getByRole('link', { name: new RegExp(`^${name}: `) });

async function figures(): Promise<ReadonlyMap<string, Figure>> {
  const { status, body } = await world.test.owner('GET', `/api/report/business?month=${month}`);
  expect(status).toBe(200);
  return new Map((body.figures as Figure[]).map((figure) => [figure.key, figure]));
}

/** What the Audit log says of how many events answer the question in its address. */
async function totalInLog(page: Page): Promise<number> {
  await page.waitForURL(/\/audit\?/);
  const said = await page.getByText(/^\d+ events? answers? this question\.$/).innerText();
  return Number.parseInt(said, 10);
}

/** Each line of the sheet, by the figure it was counted from. */
const LINES: Readonly<Record<string, string>> = {
  'Runs, Finished': 'runsDone',
  'Runs, Failed or stopped': 'runsFailed',
  'Runs, Tickets answered': 'ticketsAnswered',
  'Leaks prevented, Personal values replaced': 'leaksReplaced',
  'Leaks prevented, Calls refused': 'leaksRefused',
  'Replies held, By the screening of output': 'repliesHeld',
  'Replies held, Denied by a person': 'repliesDenied',
  'Refunds, Paid': 'refundsPaid',
  'Refunds, Stopped before money moved': 'refundsStopped',
  'Refunds, Confirmed only later': 'effectsToldLater',
  'Service, Degraded minutes': 'degradedMinutes',
  'Models, Cost': 'modelCalls',
  'Models, Calls answered': 'modelCalls',
};

describe('every number of the month', () => {
  browse('opens exactly the events it was counted from, and comes back to its month', async (page) => {
    const counted = await figures();
    for (const key of ['runsDone', 'ticketsAnswered', 'leaksReplaced', 'leaksRefused', 'refundsPaid', 'refundsStopped', 'modelCalls'])
      expect([key, (counted.get(key)?.events ?? 0) > 0]).toEqual([key, true]);
    await visit(world, page, `/?month=${month}`);
    expect(await sheet(page).getByRole('link').count()).toBe(Object.keys(LINES).length);
    for (const [name, key] of Object.entries(LINES)) {
      const figure = counted.get(key);
      if (name !== 'Models, Cost') expect([name, await line(page, name).innerText()]).toEqual([name, String(figure?.value)]);
      await line(page, name).click();
      const total = figure?.events === 0 ? 0 : await totalInLog(page);
      if (total === 0) await page.getByRole('heading', { name: 'Nothing matches' }).waitFor();
      expect([name, total]).toEqual([name, figure?.events]);
      await page.goBack();
      await line(page, name).waitFor();
      expect(new URL(page.url()).searchParams.get('month')).toBe(month);
    }
  });

  browse(
    'is asked in the log by all that makes it up: facts, codes and the bounds of the month, each a filter to take away',
    async (page) => {
      await visit(world, page, `/?month=${month}`);
      await line(page, 'Refunds, Paid').click();
      const paid = await totalInLog(page);
      await page.getByRole('button', { name: 'Remove this filter: Type Done; the reply was released' }).waitFor();
      await page.getByRole('button', { name: 'Remove this filter: States effect:money, became:done' }).click();
      await page.waitForURL((url) => !url.search.includes('fact='));
      await expect.poll(() => totalInLog(page)).toBeGreaterThan(paid);
      expect(new URL(page.url()).searchParams.get('from')).toBe(`${month}-01T00:00:00.000Z`);
    },
  );

  browse('is told by money in the form of the reader, and what no event records is said to be not recorded', async (page) => {
    const counted = await figures();
    await visit(world, page, '/');
    const amount = Number(counted.get('refundsPaid')?.totals?.[0]?.amount);
    expect(await sheet(page).innerText()).toMatch(new RegExp(`[€$£]${amount.toFixed(2)} in all`));
    expect(counted.get('modelCalls')?.totals).toBeNull();
    expect(await line(page, 'Models, Cost').innerText()).toBe('not recorded');
    expect(await sheet(page).innerText()).toContain(`sallyport report business --month ${month}`);
  });
});

describe('the month', () => {
  browse('is chosen from this one and the eleven before, stands in the address, and says when nothing happened in it', async (page) => {
    await visit(world, page, '/');
    const chooser = sheet(page).getByLabel('Month (UTC)');
    const options = await chooser.locator('option').evaluateAll((all) => all.map((one) => (one as unknown as { value: string }).value));
    expect(options).toHaveLength(12);
    await chooser.selectOption(options[1] ?? '');
    await sheet(page)
      .getByText(/^None of what is counted here happened in /)
      .waitFor();
    expect(new URL(page.url()).searchParams.get('month')).toBe(options[1]);
    await page.reload();
    await sheet(page)
      .getByText(/^None of what is counted here happened in /)
      .waitFor();
    expect(await axeFaults(page)).toEqual([]);
  });

  browse('is not waited for by the overview, and says when it could not be counted', async (page) => {
    let answer: () => void = () => undefined;
    const held = new Promise<void>((resolve) => {
      answer = resolve;
    });
    await page.route('**/api/report/business*', async (route) => {
      await held;
      await route.fulfill({ status: 503, contentType: 'application/problem+json', json: { code: 'AUDIT_UNAVAILABLE' } });
    });
    await page.goto(`${world.test.controlUrl}/`);
    await page.getByRole('heading', { name: 'Is everything in order?' }).waitFor();
    await sheet(page).getByText('Loading').waitFor({ state: 'attached' });
    answer();
    await sheet(page).getByText('This could not be loaded').waitFor({ timeout: 30_000 });
    await sheet(page).getByText('AUDIT_UNAVAILABLE').waitFor();
    await page.getByRole('heading', { name: 'Is everything in order?' }).waitFor();
    await page.unroute('**/api/report/business*');
    await sheet(page).getByRole('button', { name: 'Try again' }).click();
    await line(page, 'Refunds, Paid').waitFor();
  });
});
