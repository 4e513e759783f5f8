// Backups in a real browser: one is made, verified and tried; then the database is really lost and put back, and two people confirm it.

import { execFile } from 'node:child_process';
import { chmodSync, mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { promisify } from 'node:util';
import type { Browser, Page } from 'playwright-core';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { startTestServer, type TestServer } from '../../testkit/test-server.ts';
import { browseOn, isHere } from './browse.ts';
import { axeFaults, launch, signedIn, visit } from './world.ts';

const SALLYPORT = join(import.meta.dirname, '../../bin/sallyport.js');
const JOB_MS = 60_000;
const folder = mkdtempSync(join(tmpdir(), 'sallyport-backups-'));
const settings = { '--backup-folder': join(folder, 'backups') };
let test: TestServer;
let browser: Browser;
let colleague: string;

beforeAll(async () => {
  if (!isHere) return;
  chmodSync(folder, 0o711);
  test = await startTestServer({ allowPrivate: [], folder, settings });
  colleague = String((await test.owner('POST', '/api/people', { name: 'Grace' })).body.id);
  browser = await launch();
});
afterAll(async () => {
  await browser?.close();
  await test?.close();
  rmSync(folder, { recursive: true, force: true });
});

const browse = browseOn(() => signedIn(test, browser));

describe('backups', () => {
  browse('are made, verified and tried on a press, and each says how it ended', async (page) => {
    await visit({ test }, page, '/settings/backups');
    await page.getByRole('heading', { name: 'No backup yet' }).waitFor();
    await page.getByRole('button', { name: 'Back up now' }).click();
    await page.getByText('The backup is made.').waitFor({ timeout: JOB_MS });
    const row = page.getByRole('table', { name: 'Backups, newest first' }).locator('tbody tr');
    await row.getByText('Complete').waitFor();
    expect(await row.innerText()).toContain('Never tried');
    await row.getByRole('button', { name: /^Verify/ }).click();
    await page.getByText('Every part of the backup is there').waitFor({ timeout: JOB_MS });
    await row.getByRole('button', { name: /^Drill/ }).click();
    await page.getByText('Restored into a scratch database: rows and roots are the same.').waitFor({ timeout: JOB_MS });
    await row.getByText('Restored and compared').waitFor();
    expect(await axeFaults(page)).toEqual([]);
    expect((await test.owner('GET', '/api/backups')).body).toMatchObject({
      backups: [{ drill: { ok: true } }],
      last: { action: 'drill', ok: true },
    });
  });

  browse('that can not be made say why', async (page) => {
    await page.route('**/api/backups', (route) =>
      route.request().method() === 'POST'
        ? route.fulfill({ status: 409, json: { code: 'STORAGE_BACKUP_BUSY', detail: 'A backup or drill is under way; wait for it.' } })
        : route.continue(),
    );
    await visit({ test }, page, '/settings/backups');
    await page.getByRole('button', { name: 'Back up now' }).click();
    await page.getByRole('alert').filter({ hasText: 'STORAGE_BACKUP_BUSY' }).waitFor();
  });
});

describe('a database that was put back', () => {
  it('waits on every first look, tells what it found, and goes on after two people said yes', async (context) => {
    if (!isHere) context.skip('no Chromium on this machine');
    await test.stop();
    rmSync(join(folder, 'data'), { recursive: true, force: true });
    const flags = [
      '--data-dir',
      join(folder, 'data'),
      '--secrets-dir',
      join(folder, 'secrets'),
      '--backup-folder',
      settings['--backup-folder'],
    ];
    await promisify(execFile)(process.execPath, [SALLYPORT, 'backup', 'restore', 'newest', ...flags]);
    test = await startTestServer({ allowPrivate: [], folder, settings });

    const { page } = await signedIn(test, browser);
    await visit({ test }, page, '/');
    await page.getByRole('alert').filter({ hasText: 'was restored from a backup' }).getByRole('link').click();
    await page.getByRole('heading', { name: 'A restore waits to be confirmed' }).waitFor();
    await page.getByText('Signed lines that are gone').waitFor();
    await page.getByText('2 people must confirm.').waitFor();
    expect(await axeFaults(page)).toEqual([]);
    await confirm(page);
    await page.getByText('Somebody else must confirm, too.').waitFor();
    expect(await page.getByRole('button', { name: 'Confirm the restore' }).count()).toBe(0);
    expect((await test.owner('GET', '/api/restore')).body).toMatchObject({ state: 'pending' });

    const invited = await test.owner('POST', `/api/people/${colleague}/link`);
    const other = await (await browser.newContext({ locale: 'en-GB' })).newPage();
    await other.goto(String(invited.body.link).replace('//localhost:', '//127.0.0.1:'));
    await other.getByRole('button', { name: 'Sign in' }).click();
    await other.getByRole('link', { name: 'Look and confirm' }).click();
    await confirm(other);
    await other.getByText('The last restore was confirmed').waitFor({ timeout: JOB_MS });
    expect((await test.owner('GET', '/api/restore')).body).toMatchObject({ state: 'confirmed' });
    await visit({ test }, page, '/audit/integrity');
    await page.getByText('begun by a restore from a backup').waitFor();
    await page.getByText('The audit log is in order').waitFor({ timeout: JOB_MS });
    // Events of before the restore are proved by the new epoch of the log.
    await visit({ test }, page, '/audit/1');
    await page.getByText('Recomputed in your browser: matches').waitFor();
    await page.getByText('Epoch 2').waitFor();
    await other.context().close();
    await page.context().close();
  });
});

async function confirm(page: Page): Promise<void> {
  await page.getByRole('button', { name: 'Confirm the restore' }).click();
  await page.getByRole('alertdialog').getByRole('button', { name: 'Confirm the restore' }).click();
  await page.getByText('You have confirmed the restore.').waitFor();
}
