// On every screen while a restore waits: one sentence, and the way to where it is confirmed. Nothing at all when nothing waits.

import { Link, useRouterState } from '@tanstack/react-router';
import type { ReactNode } from 'react';
import { restoreQuery } from '../../api/backups.ts';
import { strings } from '../../strings/en.ts';
import { Callout } from '../../ui/callout.tsx';
import { useLook } from '../../ui/may.tsx';

const text = strings.integrity.restore;
const HERE = '/settings/backups';

export function RestoreBanner(): ReactNode {
  const restore = useLook('restore.view', restoreQuery).data;
  const isHere = useRouterState({ select: (state) => state.location.pathname === HERE });
  if (restore?.state !== 'pending' || isHere) return null;
  return (
    <section className="above" aria-label={text.label}>
      <Callout
        tone="warn"
        isAlert
        action={
          <Link className="button" to={HERE}>
            {text.action}
          </Link>
        }
      >
        <p className="saying">{text.pending}</p>
      </Callout>
    </section>
  );
}
