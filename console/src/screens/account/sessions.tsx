// Where one is signed in: each session with its end, and the end of all others at once.

import type { ReactNode } from 'react';
import { endSession, type OpenSession } from '../../api/passkeys.ts';
import { strings } from '../../strings/en.ts';
import { Badge } from '../../ui/badge.tsx';
import { Button } from '../../ui/button.tsx';
import { Time } from '../../ui/format.ts';
import { Table } from '../../ui/table.tsx';
import { useDo } from './use-do.ts';

const text = strings.account;

const placeOf = ({ kind, label }: OpenSession): string =>
  kind === 'cli' ? `${text.commandLine} (${label})` : label === '' ? text.unknownBrowser : label;

export function Sessions({ sessions }: { sessions: readonly OpenSession[] }): ReactNode {
  const { run, isWorking } = useDo(['sessions']);
  // The command line of the machine comes back with the next start; whoever means that ends it by itself.
  const others = sessions.filter(({ isThis, kind }) => !isThis && kind === 'browser');
  return (
    <section className="stack tight" aria-labelledby="sessions">
      <div className="row between">
        <h2 id="sessions">{text.sessions}</h2>
        {others.length === 0 ? null : (
          <Button
            isPending={isWorking}
            onPress={() =>
              void run(async () => {
                for (const { id } of others) await endSession(id);
              }, text.ended)
            }
          >
            {text.endOthers}
          </Button>
        )}
      </div>
      <p className="small soft">{text.sessionsLead}</p>
      <Table
        caption={text.sessions}
        rows={sessions}
        keyOf={({ id }) => id}
        columns={[
          {
            key: 'where',
            head: text.where,
            cell: (session) => (
              <div className="row snug">
                <b>{placeOf(session)}</b>
                {session.isThis ? (
                  <Badge tone="info" icon="person">
                    {text.here}
                  </Badge>
                ) : null}
                {session.kind === 'browser' && !session.isBound ? <Badge tone="warn">{text.unbound}</Badge> : null}
              </div>
            ),
          },
          { key: 'how', head: text.how, cell: ({ method }) => text.methods[method] ?? method },
          { key: 'since', head: text.since, cell: ({ openedAt }) => <Time iso={openedAt} /> },
          { key: 'seen', head: text.seen, cell: ({ seenAt, openedAt }) => <Time iso={seenAt ?? openedAt} /> },
          {
            key: 'end',
            head: text.end,
            cell: (session) =>
              session.isThis ? null : (
                <Button
                  look="danger"
                  isDisabled={isWorking}
                  aria-label={`${text.end}: ${placeOf(session)} ${session.id}`}
                  onPress={() => void run(() => endSession(session.id), text.ended)}
                >
                  {text.end}
                </Button>
              ),
          },
        ]}
      />
    </section>
  );
}
