// Whether the page is as wide as a part needs it: for parts that are another thing on a phone, not the same one in another shape.

import { useSyncExternalStore } from 'react';

const WIDE = '(min-width: 78rem)';

function subscribe(tell: () => void): () => void {
  const media = window.matchMedia(WIDE);
  media.addEventListener('change', tell);
  return () => media.removeEventListener('change', tell);
}

export const useIsWide = (): boolean => useSyncExternalStore(subscribe, () => window.matchMedia(WIDE).matches);
