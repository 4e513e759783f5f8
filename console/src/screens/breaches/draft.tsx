// The draft of the notification to the authority: what is recorded, and what is missing.

import { useQuery } from '@tanstack/react-query';
import { Fragment, type ReactNode } from 'react';
import { draftQuery } from '../../api/breaches.ts';
import { strings } from '../../strings/en.ts';
import { Badge } from '../../ui/badge.tsx';
import { Button } from '../../ui/button.tsx';
import { Answer } from '../../ui/states.tsx';
import { visible } from '../../ui/visible.ts';

const text = strings.breaches;

/** Saves a page under a name. */
export function savePage(name: string, html: string): void {
  const link = document.createElement('a');
  link.href = URL.createObjectURL(new Blob([html], { type: 'text/html' }));
  link.download = name;
  link.click();
  URL.revokeObjectURL(link.href);
}

export function DraftSheet({ id }: { id: string }): ReactNode {
  const query = useQuery(draftQuery(id));
  return (
    <section className="sheet stack tight" aria-labelledby="draft">
      <h2 id="draft">{text.draftTitle}</h2>
      <p className="soft">{text.draftLead}</p>
      <Answer query={query}>
        {({ items, html }) => (
          <>
            <dl className="facts long">
              {items.map(({ article, label, text: said }) => (
                <Fragment key={label}>
                  <dt>
                    {label} <span className="soft small">Art. {article}</span>
                  </dt>
                  <dd>{said === null ? <Badge tone="bad">{text.draftMissing}</Badge> : visible(said)}</dd>
                </Fragment>
              ))}
            </dl>
            <div className="row">
              <Button onPress={() => savePage(`${id}.html`, html)}>{text.draftSave}</Button>
            </div>
          </>
        )}
      </Answer>
    </section>
  );
}
