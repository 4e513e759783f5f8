// Where somebody is signed in, how and since when; each can be ended, and that takes effect with its next request.

import { useQuery, useQueryClient } from '@tanstack/react-query';
import { type ReactNode, useState } from 'react';
import { endSession, type SessionView, sessionsQuery } from '../../api/people.ts';
import { strings } from '../../strings/en.ts';
import { Button } from '../../ui/button.tsx';
import { Confirm } from '../../ui/confirm.tsx';
import { Time } from '../../ui/format.ts';
import { MayButton, useMay } from '../../ui/may.tsx';
import { Answer } from '../../ui/states.tsx';
import { type Column, Table } from '../../ui/table.tsx';
import { visible } from '../../ui/visible.ts';
import { PersonPasskeys } from './person-passkeys.tsx';

const text = strings.people.session;

export function PersonSessions({ person, isMe }: { person: string; isMe: boolean }): ReactNode {
  const client = useQueryClient();
  const query = useQuery(sessionsQuery(person));
  const [asked, setAsked] = useState<SessionView | null>(null);
  const columns: readonly Column<SessionView>[] = [
    {
      key: 'device',
      head: text.device,
      cell: ({ label, isThis, isBound }) => (
        <>
          <span className="row snug">
            {label === '' ? <span className="soft">{text.deviceNone}</span> : <b>{visible(label)}</b>}
            {isThis ? <span className="tag">{text.current}</span> : null}
          </span>
          {isBound ? null : <div className="small soft">{text.unbound}</div>}
        </>
      ),
    },
    { key: 'method', head: text.method, cell: ({ method }) => text.methods[method] ?? method },
    { key: 'opened', head: text.opened, cell: ({ openedAt }) => <Time iso={openedAt} /> },
    {
      key: 'seen',
      head: text.seen,
      cell: ({ seenAt }) => (seenAt === null ? <span className="soft">{strings.none}</span> : <Time iso={seenAt} />),
    },
    { key: 'expires', head: text.expires, cell: ({ expiresAt }) => <Time iso={expiresAt} /> },
    {
      key: 'act',
      head: text.act,
      cell: (session) =>
        isMe ? (
          <Button aria-label={text.endOf} onPress={() => setAsked(session)}>
            {text.end}
          </Button>
        ) : (
          <MayButton
            action="sessions.end"
            on={{ kind: 'person', name: person }}
            isCompact
            aria-label={text.endOf}
            onPress={() => setAsked(session)}
          >
            {text.end}
          </MayButton>
        ),
    },
  ];
  const maySee = useMay('people.view').isAllowed;
  return (
    <div className="stack">
      <Answer query={query}>
        {({ sessions }) =>
          sessions.length === 0 ? (
            <p className="soft">{text.none}</p>
          ) : (
            <Table caption={text.title} columns={columns} rows={sessions} keyOf={({ id }) => id} />
          )
        }
      </Answer>
      {asked === null ? null : (
        <Confirm
          title={text.endTitle}
          lead={text.endLead}
          yes={text.end}
          done={text.ended}
          look="danger"
          hasReason={false}
          work={() => endSession(asked.id)}
          onClose={() => setAsked(null)}
          onDone={() => Promise.all([['sessions'], ['people'], ['session']].map((queryKey) => client.invalidateQueries({ queryKey })))}
        />
      )}
      {isMe || !maySee ? null : <PersonPasskeys person={person} />}
    </div>
  );
}
