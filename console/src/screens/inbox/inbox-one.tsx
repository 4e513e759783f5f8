// One stored call by its address, for a link in a chat message: the decision while it waits, what became of it afterwards.

import { useQuery } from '@tanstack/react-query';
import { Link, useParams } from '@tanstack/react-router';
import type { ReactNode } from 'react';
import { askQuery } from '../../api/inbox.ts';
import { strings } from '../../strings/en.ts';
import { Page } from '../../ui/page.tsx';
import { Answer } from '../../ui/states.tsx';
import { ApprovalCard } from './approval-card.tsx';
import { Outcome } from './approval-outcome.tsx';
import { isWaiting, useNames } from './inbox.tsx';

const text = strings.inbox;

export function InboxOneScreen(): ReactNode {
  const { id = '' } = useParams({ strict: false });
  const query = useQuery(askQuery(id));
  const names = useNames();
  return (
    <Page title={text.one}>
      <Link to="/inbox">{text.back}</Link>
      <Answer query={query}>
        {(ask) =>
          isWaiting(ask) ? (
            <ApprovalCard ask={ask} {...names} isAlone />
          ) : (
            <div className="sheet outcome">
              <Outcome ask={ask} />
            </div>
          )
        }
      </Answer>
    </Page>
  );
}
