// Single-key shortcuts: off while somebody types or a dialog is open, and off altogether when the reader says so (WCAG 2.1.4).
// The choice stays in this browser. No action hangs on a shortcut alone.

import { useEffect, useRef, useSyncExternalStore } from 'react';

const KEY = 'sallyport.shortcuts';
const EVENT = 'sallyport:shortcuts';
/** What takes the keys itself. */
const TYPING = 'input, textarea, select, [contenteditable="true"], [role="menu"], [role="listbox"], [role="textbox"], [role="searchbox"]';
const DIALOG = '[role="dialog"], [role="alertdialog"]';

export const areShortcutsOn = (): boolean => localStorage.getItem(KEY) !== 'off';

export function switchShortcuts(isOn: boolean): void {
  if (isOn) localStorage.removeItem(KEY);
  else localStorage.setItem(KEY, 'off');
  window.dispatchEvent(new Event(EVENT));
}

function subscribe(tell: () => void): () => void {
  window.addEventListener(EVENT, tell);
  return () => window.removeEventListener(EVENT, tell);
}

export const useShortcutsSwitch = (): boolean => useSyncExternalStore(subscribe, areShortcutsOn);

export type Keys = Readonly<Record<string, () => void>>;

/** Runs what is named for the key, e.g. `{ j: next }`. */
export function useShortcuts(keys: Keys): void {
  const current = useRef(keys);
  useEffect(() => {
    current.current = keys;
  });
  useEffect(() => {
    const onKey = (event: KeyboardEvent): void => {
      const run = current.current[event.key];
      if (run === undefined || event.ctrlKey || event.metaKey || event.altKey || event.defaultPrevented || !areShortcutsOn()) return;
      const at = event.target;
      if (at instanceof Element && at.closest(TYPING) !== null) return;
      if (document.querySelector(DIALOG) !== null) return;
      event.preventDefault();
      run();
    };
    window.addEventListener('keydown', onKey);
    return () => window.removeEventListener('keydown', onKey);
  }, []);
}

/** `j` and `k` move the focus through the rows of the list on the page; Enter then opens the row, because it is a link. */
export function useRowKeys(more: Keys = {}): void {
  const move = (by: 1 | -1) => (): void => {
    const rows = [...document.querySelectorAll<HTMLElement>('main .table .go')];
    const at = rows.findIndex((row) => row === document.activeElement || row.closest('tr')?.contains(document.activeElement) === true);
    const next = at < 0 ? (by === 1 ? 0 : rows.length - 1) : Math.min(Math.max(at + by, 0), rows.length - 1);
    rows[next]?.focus();
    rows[next]?.closest('tr')?.scrollIntoView({ block: 'nearest' });
  };
  useShortcuts({ j: move(1), k: move(-1), ...more });
}
