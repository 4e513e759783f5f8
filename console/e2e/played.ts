// A whole Sallyport in which "See it work" was pressed and ran to its end: tickets, runs, a blocked theft, a refund that waits.

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
  const test = await startTestServer({ allowPrivate: [], seams: { demoPaceMs: PACE_MS } });
  const started = await test.owner('POST', '/api/demo/start', {});
  if (started.status !== 200) throw new Error(`the demo did not start: ${JSON.stringify(started.body)}`);
  await finished(test);
  const browser = await launch();
  return {
    test,
    browser,
    signedIn: (options) => signedIn(test, browser, options),
    close: async () => {
      await browser.close();
      await test.close();
    },
  };
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
