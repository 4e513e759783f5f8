// People who want a copy of their data or its erasure: what is open, until when, and writing a new one down.

import { useQuery, useQueryClient } from '@tanstack/react-query';
import { Link, useNavigate } from '@tanstack/react-router';
import { type FormEvent, type ReactNode, useState } from 'react';
import { openRequest, type PrivacyRequest, requestsQuery } from '../../api/privacy.ts';
import { strings } from '../../strings/en.ts';
import { Badge, type Tone } from '../../ui/badge.tsx';
import { FaultLine } from '../../ui/fault-line.tsx';
import { Select, TextInput } from '../../ui/fields.tsx';
import { formatCount, shortId, Time } from '../../ui/format.ts';
import { MayButton, useMay } from '../../ui/may.tsx';
import { Page } from '../../ui/page.tsx';
import { Answer, Notice } from '../../ui/states.tsx';
import { Table } from '../../ui/table.tsx';
import { useWork } from '../../ui/use-work.ts';
import { visible } from '../../ui/visible.ts';

const text = strings.privacy.requests;
const TONES: Readonly<Record<PrivacyRequest['state'], Tone>> = { received: 'warn', verified: 'info', done: 'good', refused: 'plain' };

export const StateBadge = ({ state }: Pick<PrivacyRequest, 'state'>): ReactNode => (
  <Badge tone={TONES[state]}>{text.states[state] ?? state}</Badge>
);

export function Due({ dueAt, daysLeft }: Pick<PrivacyRequest, 'dueAt' | 'daysLeft'>): ReactNode {
  return (
    <>
      <Time iso={dueAt} /> {daysLeft === null ? null : <Badge tone={daysLeft < 7 ? 'bad' : 'plain'}>{text.daysLeft(daysLeft)}</Badge>}
    </>
  );
}

export const sourceName = (source: string): string => (source === 'person' ? text.person : visible(source));

export function PrivacyRequestsScreen(): ReactNode {
  const query = useQuery(requestsQuery);
  const may = useMay('privacy.handle');
  return (
    <Page title={text.title} lead={text.lead}>
      <Answer query={query}>
        {({ requests }) =>
          requests.length === 0 ? (
            <Notice icon="search" title={text.none}>
              <p>{text.noneLead}</p>
            </Notice>
          ) : (
            <Table
              caption={text.title}
              rows={requests}
              keyOf={(one) => one.id}
              columns={[
                {
                  key: 'request',
                  head: text.request,
                  cell: (one) => (
                    <Link to="/data/privacy/$id" params={{ id: one.id }} className="go">
                      {shortId(one.id)}
                    </Link>
                  ),
                },
                { key: 'kind', head: text.kind, cell: (one) => text.kinds[one.kind] },
                { key: 'state', head: text.state, cell: (one) => <StateBadge state={one.state} /> },
                { key: 'from', head: text.from, cell: (one) => sourceName(one.source) },
                { key: 'received', head: text.received, cell: (one) => <Time iso={one.receivedAt} /> },
                { key: 'due', head: text.due, cell: (one) => <Due {...one} /> },
                { key: 'tasks', head: text.tasks, cell: (one) => (one.openTasks === 0 ? '–' : formatCount(one.openTasks)) },
              ]}
            />
          )
        }
      </Answer>
      {may.isAllowed ? <NewRequest /> : null}
    </Page>
  );
}

function NewRequest(): ReactNode {
  const client = useQueryClient();
  const navigate = useNavigate();
  const [subject, setSubject] = useState('');
  const [kind, setKind] = useState<'export' | 'erase'>('export');
  const { fault, isWorking, run } = useWork();
  async function send(event: FormEvent): Promise<void> {
    event.preventDefault();
    await run(async () => {
      const { id } = await openRequest(kind, subject.trim());
      await client.invalidateQueries({ queryKey: ['privacy'] });
      await navigate({ to: '/data/privacy/$id', params: { id } });
    });
  }
  return (
    <form className="sheet stack tight" aria-labelledby="new-request" onSubmit={(event) => void send(event)}>
      <h2 id="new-request">{text.newTitle}</h2>
      <div className="filters">
        <TextInput label={text.subject} hint={text.subjectHint} value={subject} onChange={(next) => setSubject(next.slice(0, 320))} />
        <Select
          label={text.kind}
          value={kind}
          hasAny={false}
          options={{ export: text.kinds.export ?? '', erase: text.kinds.erase ?? '' }}
          onChange={(next) => setKind(next === 'erase' ? 'erase' : 'export')}
        />
      </div>
      <FaultLine fault={fault} />
      <div className="row">
        <MayButton action="privacy.handle" type="submit" look="primary" isDisabled={subject.trim() === ''} isPending={isWorking}>
          {text.open}
        </MayButton>
      </div>
    </form>
  );
}
