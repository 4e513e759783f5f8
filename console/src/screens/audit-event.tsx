// One sealed event: exactly the bytes of its leaf, and the signed tree that holds it.

import { useQuery } from '@tanstack/react-query';
import { Link, useParams } from '@tanstack/react-router';
import type { ReactNode } from 'react';
import { eventQuery } from '../api/queries.ts';
import { strings } from '../strings/en.ts';
import { formatCount } from '../ui/format.ts';
import { Page } from '../ui/page.tsx';
import { Answer } from '../ui/states.tsx';

const text = strings.audit;

export function AuditEventScreen(): ReactNode {
  const { seq = '' } = useParams({ strict: false });
  const query = useQuery(eventQuery(seq));
  const number = Number(seq);
  return (
    <Page title={text.event(number)}>
      <Link to="/audit">{text.back}</Link>
      <Answer query={query}>
        {(event) => (
          <>
            <section className="stack tight" aria-labelledby="canonical">
              <h2 id="canonical">{text.canonical}</h2>
              <pre className="code-block">{event.leaf}</pre>
            </section>
            <p className="small">
              {text.proof} {text.tree(formatCount(event.treeSize))} <code>{event.treeRoot}</code>
            </p>
            <p className="row">
              {number > 0 ? (
                <Link className="button" to="/audit/$seq" params={{ seq: String(number - 1) }}>
                  {text.older}
                </Link>
              ) : null}
              <Link className="button" to="/audit/$seq" params={{ seq: String(number + 1) }}>
                {text.newer}
              </Link>
            </p>
          </>
        )}
      </Answer>
    </Page>
  );
}
