// What is kept of Sallyport in the browser that shows the page, looked at by the page itself: names of entries and no values.

import { type ReactNode, useEffect, useState } from 'react';
import { strings } from '../../strings/en.ts';
import { visible } from '../../ui/visible.ts';

const text = strings.encryption;

export function ThisBrowser(): ReactNode {
  const [stores, setStores] = useState<readonly string[]>([]);
  useEffect(() => {
    let isOver = false;
    // Not every browser lists them; then there is nothing to show.
    indexedDB
      .databases?.()
      .then((found) => (isOver ? undefined : setStores(found.map(({ name }) => name ?? ''))))
      .catch(() => undefined);
    return () => {
      isOver = true;
    };
  }, []);
  const entries = [...Object.keys(localStorage), ...Object.keys(sessionStorage)];
  const cookies = document.cookie.split('; ').flatMap((pair) => (pair === '' ? [] : [pair.split('=', 1)[0] as string]));
  const list = (names: readonly string[]): string => (names.length === 0 ? text.storedNone : names.map(visible).join(', '));
  return (
    <section className="stack tight" aria-labelledby="this-browser">
      <h2 id="this-browser">{text.browser}</h2>
      <p className="soft">{text.browserLead}</p>
      <dl className="facts">
        <dt>{text.stored}</dt>
        <dd>{list(entries)}</dd>
        <dt>{text.keysStore}</dt>
        <dd>{list(stores)}</dd>
        <dt>{text.cookies}</dt>
        <dd>{list(cookies)}</dd>
      </dl>
    </section>
  );
}
