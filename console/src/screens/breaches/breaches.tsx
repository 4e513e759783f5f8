// Breaches with their clocks, alerts that may be one, and opening one.

import { useQuery, useQueryClient } from '@tanstack/react-query';
import { Link, useNavigate } from '@tanstack/react-router';
import { type FormEvent, type ReactNode, useState } from 'react';
import { type Breach, breachesQuery, openBreach, type Proposal } from '../../api/breaches.ts';
import { strings } from '../../strings/en.ts';
import { FaultLine } from '../../ui/fault-line.tsx';
import { DateTimeInput, TextInput } from '../../ui/fields.tsx';
import { formatCount, shortId, Time } from '../../ui/format.ts';
import { MayButton, useMay } from '../../ui/may.tsx';
import { Page } from '../../ui/page.tsx';
import { Answer, Notice } from '../../ui/states.tsx';
import { Table } from '../../ui/table.tsx';
import { useWork } from '../../ui/use-work.ts';
import { visible } from '../../ui/visible.ts';
import { Clock } from './clock.tsx';

const text = strings.breaches;
export const MAX_WORDS = 8_000;

export const riskName = (risk: string | null): string => (risk === null ? text.noRisk : (text.risks[risk] ?? risk));

export function BreachesScreen(): ReactNode {
  const query = useQuery(breachesQuery);
  const may = useMay('breaches.handle');
  const [alert, setAlert] = useState<Proposal | null>(null);
  return (
    <Page title={text.title} lead={text.lead}>
      <p>
        <a href="/docs/breaches.html">{text.docs}</a>
      </p>
      <Answer query={query}>
        {({ breaches, proposals }) => (
          <>
            {breaches.length === 0 ? (
              <Notice icon="search" title={text.none}>
                <p>{text.noneLead}</p>
              </Notice>
            ) : (
              <List breaches={breaches} />
            )}
            {proposals.length === 0 ? null : <Proposals proposals={proposals} onChoose={may.isAllowed ? setAlert : null} />}
            {may.isAllowed ? <NewBreach key={alert?.alert ?? ''} alert={alert} /> : null}
          </>
        )}
      </Answer>
    </Page>
  );
}

function List({ breaches }: { breaches: readonly Breach[] }): ReactNode {
  return (
    <Table
      caption={text.title}
      rows={breaches}
      keyOf={(one) => one.id}
      columns={[
        {
          key: 'breach',
          head: text.breach,
          cell: (one) => (
            <Link to="/data/breaches/$id" params={{ id: one.id }} className="go">
              {shortId(one.id)}
            </Link>
          ),
        },
        { key: 'what', head: text.what, cell: (one) => visible(one.what.length > 90 ? `${one.what.slice(0, 90)}…` : one.what) },
        { key: 'clock', head: text.clock, cell: (one) => <Clock breach={one} /> },
        { key: 'due', head: text.due, cell: (one) => <Time iso={one.dueAt} /> },
        { key: 'people', head: text.affected, cell: (one) => (one.scope === null ? '–' : formatCount(one.scope.people)) },
        { key: 'risk', head: text.risk, cell: (one) => riskName(one.risk) },
      ]}
    />
  );
}

function Proposals({
  proposals,
  onChoose,
}: {
  proposals: readonly Proposal[];
  onChoose: ((proposal: Proposal) => void) | null;
}): ReactNode {
  return (
    <section className="stack tight" aria-labelledby="proposals">
      <h2 id="proposals">{text.proposals}</h2>
      <p className="soft">{text.proposalsLead}</p>
      <Table
        caption={text.proposals}
        rows={proposals}
        keyOf={(one) => one.alert}
        columns={[
          { key: 'alert', head: text.proposal, cell: (one) => strings.alerts.rules[one.rule] ?? one.meaning },
          { key: 'at', head: text.opened, cell: (one) => <Time iso={one.at} /> },
          { key: 'by', head: text.byActor, cell: (one) => (one.byName === null ? '–' : visible(one.byName)) },
          {
            key: 'open',
            head: text.openFor,
            cell: (one) =>
              onChoose === null ? (
                '–'
              ) : (
                <MayButton action="breaches.handle" isCompact onPress={() => onChoose(one)}>
                  {text.openFor}
                </MayButton>
              ),
          },
        ]}
      />
    </section>
  );
}

function NewBreach({ alert }: { alert: Proposal | null }): ReactNode {
  const client = useQueryClient();
  const navigate = useNavigate();
  const [what, setWhat] = useState(alert?.meaning ?? '');
  const [awareAt, setAwareAt] = useState<string | null>(null);
  const [reason, setReason] = useState('');
  const { fault, isWorking, run } = useWork();
  async function send(event: FormEvent): Promise<void> {
    event.preventDefault();
    await run(async () => {
      const { id } = await openBreach({
        ...{ what: what.trim(), awareAt, alert: alert?.alert ?? null },
        reason: reason.trim() === '' ? null : reason.trim(),
      });
      await client.invalidateQueries({ queryKey: ['breaches'] });
      await navigate({ to: '/data/breaches/$id', params: { id } });
    });
  }
  return (
    <form className="sheet stack tight" aria-labelledby="new-breach" onSubmit={(event) => void send(event)}>
      <h2 id="new-breach">{text.newTitle}</h2>
      {alert === null ? null : (
        <p className="soft">
          {text.proposal}: {strings.alerts.rules[alert.rule] ?? alert.meaning}
        </p>
      )}
      <TextInput label={text.what} hint={text.whatHint} value={what} isLong onChange={(next) => setWhat(next.slice(0, MAX_WORDS))} />
      <div className="filters">
        <DateTimeInput label={text.awareAt} value={awareAt} onChange={setAwareAt} />
        {awareAt === null ? null : (
          <TextInput label={text.reason} value={reason} onChange={(next) => setReason(next.slice(0, MAX_WORDS))} />
        )}
      </div>
      <FaultLine fault={fault} />
      <div className="row">
        <MayButton action="breaches.handle" type="submit" look="primary" isDisabled={what.trim() === ''} isPending={isWorking}>
          {text.open}
        </MayButton>
      </div>
    </form>
  );
}
