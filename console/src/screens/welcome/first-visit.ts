// Whether to open the welcome screen instead of an empty overview: when there is nothing at all, once in this browser tab.

import type { Overview } from '../../api/types.ts';

const KEY = 'sallyport.welcomed';

export const rememberWelcome = (): void => sessionStorage.setItem(KEY, 'yes');

export function wantsWelcome({ integrations, keys, calls, business }: Overview): boolean {
  if (sessionStorage.getItem(KEY) !== null) return false;
  const { done, waiting, stopped } = business.runs;
  return integrations.total + keys.active + calls.guarded + done + waiting + stopped === 0;
}
