// The Inbox in a real browser: deciding on a phone, two people, the delay of somebody alone, unknown outcomes, and that everybody can use it.

import type { Page } from 'playwright-core';
import { afterAll, beforeAll, describe, expect } from 'vitest';
import { browse, isHere } from './browse.ts';
import { openWorkflowWorld, type WorkflowWorld } from './workflow-world.ts';
import { axeFaults, visit } from './world.ts';

let world: WorkflowWorld;

beforeAll(async () => {
  if (isHere) world = await openWorkflowWorld({ settings: { '--solo-delay-ms': '600000' } });
});
afterAll(() => world?.close());

const cardOf = (page: Page, order: string) => page.getByRole('article').filter({ hasText: `“${order}”` });
const stateOf = async (approval: string) => (await world.test.owner('GET', `/api/approvals/${approval}`)).body.state;
const outcomeOf = (page: Page, word: string) => page.getByRole('status').filter({ hasText: word });

describe('deciding on a phone', () => {
  browse('everything is within 360 pixels, deny is preselected, and approving shows how it ends in the place of the card', async () => {
    const { order, approval } = await world.ask('61.00');
    const { page, violations } = await world.signedIn({ width: 360, height: 740 });
    await visit(world, page, '/inbox');
    const card = cardOf(page, order);
    expect(await card.getByRole('heading', { level: 2 }).innerText()).toContain('61.00 USD');
    for (const said of ['workflow support-reply', 'Text from outside may have chosen', 'Without a person it moves up to US$50.00'])
      expect(await card.innerText()).toContain(said);
    expect(await card.getByRole('radio', { name: /Deny/ }).isChecked()).toBe(true);
    expect(await page.evaluate('document.documentElement.scrollWidth')).toBe(360);

    await card.getByText('Approve exactly this, once').click();
    const button = card.getByRole('button', { name: 'Approve this call' });
    const box = await button.boundingBox();
    expect(box?.height).toBeGreaterThanOrEqual(44);
    expect(box?.width).toBeGreaterThan(240);
    await button.click();
    await outcomeOf(page, 'It ran, once.').waitFor({ timeout: 20_000 });
    expect(await page.evaluate('document.activeElement.classList.contains("outcome")')).toBe(true);
    expect([await stateOf(approval), world.refunds(order)]).toEqual(['done', 1]);
    expect(violations).toEqual([]);
    await page.context().close();
  });

  browse('a denial wants a reason and is kept, and the link of a chat message leads to what became of it', async () => {
    const { order, approval } = await world.ask('62.00');
    const { page } = await world.signedIn({ width: 360, height: 740 });
    await visit(world, page, `/inbox/${approval}`);
    const card = cardOf(page, order);
    await card.getByRole('heading', { name: 'Where each value comes from' }).waitFor();
    await card.getByRole('button', { name: 'Deny this call' }).click();
    await card.getByRole('alert').filter({ hasText: 'Say in a few words' }).waitFor();
    await card.getByLabel(/Reason/).fill('asked for twice');
    await card.getByRole('button', { name: 'Deny this call' }).click();
    await outcomeOf(page, 'It never runs.').waitFor();
    expect(await page.locator('main').innerText()).toContain('asked for twice');
    await visit(world, page, '/inbox');
    const decided = page.getByRole('region', { name: 'Recently decided' });
    expect(await decided.getByRole('row').filter({ hasText: order }).innerText()).toContain('Denied');
    await visit(world, page, '/inbox/apr_00000000-0000-7000-8000-000000000000');
    await page.getByRole('heading', { name: 'There is nothing here' }).waitFor();
    expect(world.refunds(order)).toBe(0);
    await page.context().close();
  });
});

describe('somebody alone', () => {
  browse('above the limit for two waits out a delay, which is counted down and can be stopped', async () => {
    const { order, approval } = await world.ask('90.00');
    const { page } = await world.signedIn();
    await visit(world, page, '/inbox');
    const card = cardOf(page, order);
    await card.getByText('Approve: it runs once, after the delay').click();
    await card.getByRole('button', { name: 'Approve this call' }).click();
    const timer = card.getByRole('timer');
    await timer.waitFor();
    expect(await timer.innerText()).toMatch(/^Runs in \d/);
    await card.getByRole('button', { name: 'Stop it' }).click();
    await page.getByText('Stopped. The call will never run.').waitFor();
    await card.waitFor({ state: 'detached' });
    expect([await stateOf(approval), world.refunds(order)]).toEqual(['denied', 0]);
    await page.context().close();
  });
});

describe('two people', () => {
  browse('whoever started what asks is told why not; two others approve, each sees how far it is, and it runs once', async () => {
    const ana = await world.approver('Ana');
    const ben = await world.approver('Ben');
    const { order, approval } = await world.ask('91.00');
    const { page: owner } = await world.signedIn();
    await visit(world, owner, '/inbox');
    await cardOf(owner, order).getByText('You started what asks for it').waitFor();
    expect(await cardOf(owner, order).getByRole('radio').count()).toBe(0);

    await visit(world, ana.page, `/inbox/${approval}`);
    const hers = cardOf(ana.page, order);
    await hers.getByText('0 of 2 approvals').waitFor();
    await hers.getByText('Approve as the first of two').click();
    await hers.getByRole('button', { name: 'Approve this call' }).click();
    await hers.getByText('You approved it. A second, different person must approve it too.').waitFor();
    expect([await stateOf(approval), world.refunds(order)]).toEqual(['pending', 0]);

    await cardOf(owner, order).getByText('1 of 2 approvals').waitFor({ timeout: 10_000 });
    expect(await cardOf(owner, order).innerText()).toContain('Ana approved');

    await visit(world, ben.page, '/inbox');
    const his = cardOf(ben.page, order);
    await his.getByText('Approve as the second of two').click();
    await his.getByRole('button', { name: 'Approve this call' }).click();
    await outcomeOf(ben.page, 'It ran, once.').waitFor({ timeout: 20_000 });
    // The first of the two sees the end on the page she left open.
    await outcomeOf(ana.page, 'It ran, once.').waitFor({ timeout: 20_000 });
    expect(world.refunds(order)).toBe(1);
    await visit(world, ben.page, '/inbox');
    const row = ben.page.getByRole('region', { name: 'Recently decided' }).getByRole('row').filter({ hasText: order });
    expect(await row.innerText()).toMatch(/Ana, you/);

    for (const person of [ana, ben]) {
      await world.removePerson(person.id);
      await person.page.context().close();
    }
    await owner.context().close();
  });
});

describe('an unknown outcome', () => {
  browse('stands in the Inbox until a person says what happened, and asks before it believes it', async () => {
    world.loseAnswers(true);
    const { order, approval } = await world.ask('63.00');
    const { page } = await world.signedIn();
    await visit(world, page, '/inbox');
    const card = cardOf(page, order);
    await card.getByText('Approve exactly this, once').click();
    await card.getByRole('button', { name: 'Approve this call' }).click();
    await outcomeOf(page, 'nobody knows what became of it').waitFor({ timeout: 60_000 });
    const button = page.getByRole('button', { name: /^It happened: demo-shop/ });
    await button.click();
    await page.getByRole('alertdialog').getByRole('button', { name: 'Cancel' }).click();
    expect(await stateOf(approval)).toBe('unknown');
    await button.click();
    await page.getByRole('alertdialog').getByRole('button', { name: 'Record it' }).click();
    await page.getByText('Recorded.').waitFor();
    await button.waitFor({ state: 'detached' });
    world.loseAnswers(false);
    expect([await stateOf(approval), world.refunds(order)]).toEqual(['done', 1]);
    await page.context().close();
  });
});

describe('everybody can use it', () => {
  browse('with the keyboard alone: from the top of the page to an approval', async () => {
    const { order, approval } = await world.ask('64.00');
    const { page } = await world.signedIn();
    await visit(world, page, '/inbox');
    const card = cardOf(page, order);
    await page.locator('#content').focus();
    const radio = card.getByRole('radio', { name: /Deny/ });
    for (let press = 0; press < 60; press += 1) {
      await page.keyboard.press('Tab');
      if (await radio.evaluate((element) => element === element.ownerDocument.activeElement)) break;
    }
    await page.keyboard.press('ArrowDown');
    await page.keyboard.press('Tab');
    await page.keyboard.press('Enter');
    await expect.poll(() => stateOf(approval), { timeout: 20_000 }).toBe('done');
    await page.context().close();
  });

  browse('axe finds nothing in light, dark and high contrast, unfolded, and nothing scrolls sideways at 320 pixels', async () => {
    const { approval } = await world.ask('65.00');
    const looks = [{ theme: 'light' }, { theme: 'dark' }, { theme: 'light', contrast: 'more' }, { theme: 'dark', width: 320 }] as const;
    for (const look of looks) {
      const { page, violations } = await world.signedIn({ height: 800, ...look });
      for (const path of ['/inbox', `/inbox/${approval}`]) {
        await visit(world, page, path);
        await page.evaluate('document.querySelectorAll("details").forEach((one) => { one.open = true; })');
        expect([look, path, await axeFaults(page)]).toEqual([look, path, []]);
        if ('width' in look) expect(await page.evaluate('document.documentElement.scrollWidth')).toBe(320);
      }
      expect(violations).toEqual([]);
      await page.context().close();
    }
  });
});

describe('a request to a model that holds what a person decides about', () => {
  browse('shows the doubtful places marked and masked, the exact words on request, and how each is sent is chosen', async () => {
    const { owner, gatewayUrl } = world.test;
    await owner('PUT', '/api/data/unsure/person_name', { unsure: 'ask' });
    const { body: workload } = await owner('POST', '/api/workloads', { name: 'desk', integrations: ['demo-model'] });
    const { body: key } = await owner('POST', '/api/keys', { workload: workload.id });
    const messages = [{ role: 'user', content: 'Petrossian bought the blue one. Write to ruth.case@example.com.' }];
    const asked = await fetch(`${gatewayUrl}/v1/chat/completions`, {
      method: 'POST',
      headers: { authorization: `Bearer ${String(key.key)}`, 'content-type': 'application/json' },
      body: JSON.stringify({ model: 'captured-1', messages }),
    });
    const { error } = (await asked.json()) as { error: { code: string; approval: string } };
    expect(error.code).toBe('ENDORSEMENT_REQUIRED');
    const { page, violations } = await world.signedIn({ width: 360, height: 740 });
    await visit(world, page, `/inbox/${error.approval}`);
    const doubts = page.getByRole('region', { name: 'What is in doubt' });
    await doubts.getByText('<PERSON_1>').waitFor();
    expect(await page.content()).not.toMatch(/Petrossian|ruth\.case/);
    await page.getByText('It can not go as it is').waitFor();
    expect(await page.getByRole('radio', { name: /^Send as it is/ }).count()).toBe(0);
    expect(await axeFaults(page)).toEqual([]);
    expect(await page.evaluate('document.documentElement.scrollWidth')).toBe(360);
    await page.getByRole('button', { name: 'Show the exact words' }).click();
    await doubts.getByText('Petrossian').waitFor();
    await page.getByRole('button', { name: 'Hide them' }).click();
    await page.getByText('Send masked, once').click();
    await page.getByRole('button', { name: 'Approve this call' }).click();
    await outcomeOf(page, 'It ran, once.').waitFor({ timeout: 20_000 });
    expect(await stateOf(error.approval)).toBe('done');
    expect(violations).toEqual([]);
    await owner('DELETE', '/api/data/unsure/person_name');
    await page.context().close();
  });
});
