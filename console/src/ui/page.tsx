// The head of a screen, and its name in the browser.

import { type ReactNode, useEffect } from 'react';
import { strings } from '../strings/en.ts';

export function Page({
  title,
  name = title,
  lead,
  actions,
  children,
}: {
  title: string;
  /** What the browser calls it, when that is not the title. */
  name?: string;
  lead?: string;
  actions?: ReactNode;
  children: ReactNode;
}): ReactNode {
  useEffect(() => {
    document.title = `${name} · ${strings.product}`;
  }, [name]);
  return (
    <div className="stack">
      <div className="row between">
        <div className="stack tight">
          <h1>{title}</h1>
          {lead === undefined ? null : <p className="lead">{lead}</p>}
        </div>
        {actions}
      </div>
      {children}
    </div>
  );
}
