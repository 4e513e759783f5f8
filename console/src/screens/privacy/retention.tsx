// How long data is kept: rules by kind of data and by place, what the last runs deleted and where that is proved, and legal holds.

import { useQuery, useQueryClient } from '@tanstack/react-query';
import { Link } from '@tanstack/react-router';
import { type FormEvent, type ReactNode, useState } from 'react';
import { type Retention, retentionQuery, runRetention, setRule } from '../../api/privacy.ts';
import { strings } from '../../strings/en.ts';
import { Badge } from '../../ui/badge.tsx';
import { Confirm } from '../../ui/confirm.tsx';
import { FaultLine } from '../../ui/fault-line.tsx';
import { Select, TextInput } from '../../ui/fields.tsx';
import { formatCount, formatMoment, Time } from '../../ui/format.ts';
import { MayButton, useMay } from '../../ui/may.tsx';
import { Page } from '../../ui/page.tsx';
import { Answer, Notice } from '../../ui/states.tsx';
import { Table } from '../../ui/table.tsx';
import { useToast } from '../../ui/toast.tsx';
import { useWork } from '../../ui/use-work.ts';
import { visible } from '../../ui/visible.ts';
import { className } from '../data/words.ts';
import { Holds } from './holds.tsx';

const text = strings.privacy.retention;
const { places } = strings.privacy;
const placeName = (place: string): string => places[place] ?? place;
const DAY_MINUTES = 24 * 60;

export function RetentionScreen(): ReactNode {
  const query = useQuery(retentionQuery);
  return (
    <Page title={text.title} lead={text.lead}>
      <Answer query={query}>{(retention) => <Shown retention={retention} />}</Answer>
    </Page>
  );
}

function Shown({ retention }: { retention: Retention }): ReactNode {
  const may = useMay('retention.manage');
  const ruleOf = (dataClass: string | null, place: string | null): string => {
    const rule = retention.rules.find((one) => one.dataClass === dataClass && one.place === place && one.purpose === null);
    return rule === undefined ? '–' : text.minutes(rule.minutes);
  };
  return (
    <>
      {retention.staleSince === null ? null : (
        <Notice icon="warn" title={text.stale(formatMoment(retention.staleSince))} isAlert>
          {null}
        </Notice>
      )}
      <Standing retention={retention} />
      <section className="stack tight" aria-labelledby="classes">
        <h2 id="classes">{text.rules}</h2>
        <Table
          caption={text.rules}
          rows={retention.classes}
          keyOf={(one) => one.dataClass}
          columns={[
            { key: 'class', head: text.dataClass, cell: (one) => className(one.dataClass) },
            { key: 'standard', head: text.standard, cell: (one) => (one.days === null ? text.asRecord : text.days(one.days)) },
            { key: 'own', head: text.own, cell: (one) => ruleOf(one.dataClass, null) },
          ]}
        />
      </section>
      <section className="stack tight" aria-labelledby="places">
        <h2 id="places">{text.placesTitle}</h2>
        <Table
          caption={text.placesTitle}
          rows={Object.keys(places)}
          keyOf={(place) => place}
          columns={[
            { key: 'place', head: text.place, cell: placeName },
            {
              key: 'standard',
              head: text.standard,
              cell: (place) => (retention.places[place] === undefined ? text.asRecord : text.days(retention.places[place] as number)),
            },
            { key: 'own', head: text.own, cell: (place) => ruleOf(null, place) },
          ]}
        />
      </section>
      {may.isAllowed ? <SetRule retention={retention} /> : null}
      <Runs retention={retention} />
      <Holds />
    </>
  );
}

function Standing({ retention }: { retention: Retention }): ReactNode {
  const client = useQueryClient();
  const [due, setDue] = useState<number | null>(null);
  const { fault, isWorking, run } = useWork();
  const look = (): Promise<boolean> =>
    run(async () => {
      const { receipt } = await runRetention(true);
      setDue(Object.values(receipt.items).reduce((sum, count) => sum + count, 0));
    });
  return (
    <section className="sheet stack tight" aria-label={text.next}>
      <dl className="facts">
        <dt>{text.next}</dt>
        <dd>{retention.nextAt === null ? text.soon : <Time iso={retention.nextAt} />}</dd>
        <dt>{text.version}</dt>
        <dd>
          <code>{retention.version.slice(0, 16)}</code>
        </dd>
      </dl>
      <FaultLine fault={fault} />
      <div className="row">
        <MayButton action="retention.manage" isPending={isWorking} onPress={() => void look()}>
          {text.look}
        </MayButton>
        <span role="status">{due === 0 ? text.nothingDue : ''}</span>
      </div>
      {due === null || due === 0 ? null : (
        <Confirm
          title={text.runTitle}
          lead={text.runLead(due)}
          yes={text.runYes}
          done={text.ran}
          look="danger"
          hasReason={false}
          work={() => runRetention(false)}
          onDone={() => client.invalidateQueries({ queryKey: ['retention'] })}
          onClose={() => setDue(null)}
        />
      )}
    </section>
  );
}

function SetRule({ retention }: { retention: Retention }): ReactNode {
  const client = useQueryClient();
  const say = useToast();
  const [dataClass, setDataClass] = useState<string | undefined>(undefined);
  const [place, setPlace] = useState<string | undefined>(undefined);
  const [days, setDays] = useState('');
  const { fault, isWorking, run } = useWork();
  const isNumber = days === '' || /^[1-9]\d{0,4}$/.test(days);
  async function send(event: FormEvent): Promise<void> {
    event.preventDefault();
    await run(async () => {
      await setRule(dataClass ?? null, place ?? null, days === '' ? null : Number(days) * DAY_MINUTES);
      say(text.wasSet);
      await client.invalidateQueries({ queryKey: ['retention'] });
    });
  }
  return (
    <form className="sheet stack tight" aria-labelledby="set-rule" onSubmit={(event) => void send(event)}>
      <h2 id="set-rule">{text.setTitle}</h2>
      <div className="filters">
        <Select
          label={text.dataClass}
          value={dataClass}
          options={Object.fromEntries(retention.classes.map((one) => [one.dataClass, className(one.dataClass)]))}
          onChange={setDataClass}
        />
        <Select label={text.place} value={place} anyName={text.any} options={places} onChange={setPlace} />
        <TextInput label={text.keep} hint={text.keepHint} value={days} onChange={(next) => setDays(next.replace(/\D/g, '').slice(0, 5))} />
      </div>
      <FaultLine fault={fault} />
      <div className="row">
        <MayButton
          action="retention.manage"
          type="submit"
          look="primary"
          isDisabled={!isNumber || (dataClass === undefined && place === undefined)}
          isPending={isWorking}
        >
          {text.set}
        </MayButton>
      </div>
    </form>
  );
}

function Runs({ retention }: { retention: Retention }): ReactNode {
  return (
    <section className="stack tight" aria-labelledby="sweeps">
      <h2 id="sweeps">{text.runs}</h2>
      {retention.runs.length === 0 ? (
        <p className="soft">{text.runsNone}</p>
      ) : (
        <Table
          caption={text.runs}
          rows={retention.runs}
          keyOf={(one) => one.run}
          columns={[
            { key: 'when', head: text.when, cell: (one) => <Time iso={one.finishedAt} /> },
            {
              key: 'deleted',
              head: text.deleted,
              cell: (one) =>
                Object.entries(one.items)
                  .map(([place, count]) => `${placeName(place)}: ${formatCount(count)}`)
                  .join(', ') || '–',
            },
            { key: 'keys', head: text.keys, cell: (one) => formatCount(one.keys) },
            { key: 'held', head: text.held, cell: (one) => formatCount(one.held) },
            {
              key: 'canary',
              head: text.canary,
              cell: (one) => <Badge tone={one.canary === 'left' ? 'bad' : 'good'}>{text.canaries[one.canary] ?? one.canary}</Badge>,
            },
            {
              key: 'proof',
              head: text.proof,
              cell: (one) => (
                <Link to="/audit" search={{ q: one.run }} className="go">
                  {visible(one.version.slice(0, 8))}
                </Link>
              ),
            },
          ]}
        />
      )}
    </section>
  );
}
