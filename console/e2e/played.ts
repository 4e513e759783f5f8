// A whole Sallyport in which "See it work" was pressed and ran to its end: tickets, runs, a blocked theft, a refund that waits; its
// checkpoints seen by a folder, and one backup made and tried.

import { chmodSync, mkdirSync, mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { Browser } from 'playwright-core';
import { startTestServer, type TestServer } from '../../testkit/test-server.ts';
import { launch, type PageOptions, type SignedIn, signedIn } from './world.ts';

export interface Played {
  readonly test: TestServer;
  readonly browser: Browser;
  signedIn(options?: PageOptions): Promise<SignedIn>;
  close(): Promise<void>;
}

/** Nobody watches. */
const PACE_MS = 100;
const ASK_MS = 250;
/** Far longer than the demo takes; a demo that hangs must not hang the suite. */
const PLAY_MS = 110_000;

export async function openPlayed(): Promise<Played> {
  const outside = mkdtempSync(join(tmpdir(), 'sallyport-played-'));
  chmodSync(outside, 0o711);
  mkdirSync(join(outside, 'checkpoints'));
  const settings = { '--backup-folder': join(outside, 'backups'), '--anchor-folder': join(outside, 'checkpoints') };
  const test = await startTestServer({ allowPrivate: [], settings, seams: { demoPaceMs: PACE_MS } });
  const started = await test.owner('POST', '/api/demo/start', {});
  if (started.status !== 200) throw new Error(`the demo did not start: ${JSON.stringify(started.body)}`);
  await finished(test);
  await staffed(test);
  await backedUp(test);
  const browser = await launch();
  return {
    test,
    browser,
    signedIn: (options) => signedIn(test, browser, options),
    close: async () => {
      await browser.close();
      await test.close();
      rmSync(outside, { recursive: true, force: true });
    },
  };
}

/** Colleagues with their roles, a group, and a review of what they hold. */
async function staffed(test: TestServer): Promise<void> {
  const did = async (method: string, path: string, body: object): Promise<Record<string, unknown>> => {
    const answer = await test.owner(method, path, body);
    if (answer.status !== 200) throw new Error(`${path}: ${JSON.stringify(answer.body)}`);
    return answer.body;
  };
  const reviewer = await did('POST', '/api/people', { name: 'Amira Haddad', roles: ['security'] });
  const night = await did('POST', '/api/people', { name: 'Bastien Roux', roles: ['approver'] });
  await did('POST', '/api/people', { name: 'Chiara Longoni', roles: ['auditor'], expiresAt: '2199-01-01T00:00:00Z' });
  await did('PUT', '/api/access/roles/night_shift', {
    meaning: 'Watches runs at night and pauses what looks wrong.',
    actions: ['runs.view', 'calls.view', 'workflows.view', 'workflows.pause', 'overview.view'],
  });
  const group = await did('POST', '/api/access/groups', { name: 'Night shift' });
  await did('POST', '/api/access/grants', { subject: group.id, role: 'custom:night_shift', reason: 'Somebody is there at night' });
  await did('PUT', `/api/access/groups/${String(group.id)}/members/${String(night.id)}`, {});
  await did('POST', '/api/reviews', { name: 'Spring review', scope: { people: true, workloads: true }, reviewers: [reviewer.id] });
}

async function backedUp(test: TestServer): Promise<void> {
  await test.owner('POST', '/api/backups');
  for (;;) {
    const { body } = await test.owner('GET', '/api/backups');
    if (body.running === null && body.last !== null) break;
    await new Promise((resolve) => setTimeout(resolve, ASK_MS));
  }
  const drilled = await test.owner('POST', '/api/backups/newest/drill');
  if (drilled.body.ok !== true) throw new Error(`the backup did not hold: ${JSON.stringify(drilled.body)}`);
}

async function finished(test: TestServer): Promise<void> {
  const until = performance.now() + PLAY_MS;
  for (;;) {
    const { body } = await test.owner('GET', '/api/demo');
    if (body.fault !== null) throw new Error(`the demo failed: ${String(body.fault)}`);
    if (body.state === 'finished') return;
    if (performance.now() > until) throw new Error(`the demo did not end: ${JSON.stringify(body)}`);
    await new Promise((resolve) => setTimeout(resolve, ASK_MS));
  }
}
