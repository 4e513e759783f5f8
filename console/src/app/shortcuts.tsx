// Listens for `?` everywhere, and opens the sheet of shortcuts; the command menu and the lists open it too.

import { lazy, type ReactNode, Suspense, useEffect, useState } from 'react';
import { useShortcuts } from '../ui/shortcuts.ts';

const OPEN = 'sallyport:shortcut-help';
const ShortcutHelp = lazy(() => import('./shortcut-help.tsx').then((file) => ({ default: file.ShortcutHelp })));

export const openShortcutHelp = (): void => void window.dispatchEvent(new Event(OPEN));

export function Shortcuts(): ReactNode {
  const [isOpen, setOpen] = useState(false);
  useShortcuts({ '?': () => setOpen(true) });
  useEffect(() => {
    const onOpen = (): void => setOpen(true);
    window.addEventListener(OPEN, onOpen);
    return () => window.removeEventListener(OPEN, onOpen);
  }, []);
  return isOpen ? (
    <Suspense fallback={null}>
      <ShortcutHelp onClose={() => setOpen(false)} />
    </Suspense>
  ) : null;
}
