// What somebody asks for is done once at a time, and whoever asked is told how it went. What the page shows of it is tested in the browser.

import { createElement } from 'react';
import { renderToStaticMarkup } from 'react-dom/server';
import { describe, expect, it } from 'vitest';
import { ApiFault } from '../api/client.ts';
import { useWork, type Work } from './use-work.ts';

function workOf(onFault?: (fault: ApiFault) => unknown): Work {
  const made: Work[] = [];
  const Holder = (): null => {
    made.push(useWork(onFault));
    return null;
  };
  renderToStaticMarkup(createElement(Holder));
  const [work] = made;
  if (work === undefined) throw new Error('Nothing was rendered.');
  return work;
}

describe('what somebody asks for', () => {
  it('says whether it went well', async () => {
    const { run } = workOf();
    expect(await run(async () => 'done')).toBe(true);
    expect(await run(() => Promise.reject(new ApiFault(403, 'CONTROL_ROLE_FORBIDDEN', 'You may not.')))).toBe(false);
  });

  it('is not done a second time while the first is under way, and again after it', async () => {
    const { run } = workOf();
    let finish = (): void => undefined;
    const isFinished = new Promise<void>((resolve) => {
      finish = resolve;
    });
    let times = 0;
    const work = (): Promise<void> => {
      times += 1;
      return isFinished;
    };
    const first = run(work);
    expect(await run(work)).toBe(false);
    finish();
    expect(await first).toBe(true);
    expect(await run(work)).toBe(true);
    expect(times).toBe(2);
  });

  it('can be tried again after a fault, which is handed on as one that can be shown', async () => {
    const codes: string[] = [];
    const { run } = workOf(({ code }) => codes.push(code));
    await run(() => Promise.reject(new ApiFault(409, 'CONTROL_ROLE_FORBIDDEN', '')));
    await run(() => Promise.reject(new TypeError('no network')));
    expect(codes).toEqual(['CONTROL_ROLE_FORBIDDEN', 'UNREACHABLE']);
    expect(await run(async () => undefined)).toBe(true);
  });
});
