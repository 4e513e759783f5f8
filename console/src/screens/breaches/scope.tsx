// Whom a breach is about: the time to look at, what was found in counts, and by name for whoever has to tell them.

import { type FormEvent, Fragment, type ReactNode, useState } from 'react';
import { type AffectedPerson, affectedPeople, type Breach, computeScope } from '../../api/breaches.ts';
import { strings } from '../../strings/en.ts';
import { Callout } from '../../ui/callout.tsx';
import { FaultLine } from '../../ui/fault-line.tsx';
import { DateTimeInput, TextInput } from '../../ui/fields.tsx';
import { formatCount, Time } from '../../ui/format.ts';
import { MayButton } from '../../ui/may.tsx';
import { Table } from '../../ui/table.tsx';
import { useToast } from '../../ui/toast.tsx';
import { useWork } from '../../ui/use-work.ts';
import { visible } from '../../ui/visible.ts';
import { className } from '../data/words.ts';

const text = strings.breaches;
const DAY_MS = 24 * 60 * 60_000;

interface Props {
  readonly breach: Breach;
  readonly isOpen: boolean;
  readonly onDone: () => Promise<unknown>;
}

export function Scope({ breach, isOpen, onDone }: Props): ReactNode {
  const { scope } = breach;
  return (
    <section className="sheet stack tight" aria-labelledby="scope">
      <h2 id="scope">{text.scopeTitle}</h2>
      <p className="soft">{text.scopeLead}</p>
      {scope === null ? <p>{text.notComputed}</p> : <Counts breach={breach} />}
      {isOpen ? <ScopeForm breach={breach} onDone={onDone} /> : null}
      {isOpen && scope !== null && scope.people > 0 ? <People id={breach.id} /> : null}
    </section>
  );
}

function Counts({ breach: { scope } }: Pick<Props, 'breach'>): ReactNode {
  if (scope === null) return null;
  const counts = { ...scope } as unknown as Readonly<Record<string, number>>;
  const groups = [
    {
      key: 'classes',
      title: text.byClass,
      values: Object.entries(scope.classes).map(([name, count]) => [className(name), count] as const),
    },
    {
      ...{ key: 'actors', title: text.byActor },
      values: Object.entries(scope.actors).map(([id, count]) => [scope.names[id] ?? id, count] as const),
    },
    { key: 'integrations', title: text.byIntegration, values: Object.entries(scope.integrations) },
  ];
  return (
    <>
      <p className="soft small">
        <Time iso={scope.from} /> – <Time iso={scope.to} />
      </p>
      {scope.complete ? null : (
        <Callout tone="warn">
          <p>{text.incomplete}</p>
        </Callout>
      )}
      <dl className="facts">
        {Object.entries(text.counts).map(([key, name]) => (
          <Fragment key={key}>
            <dt>{name}</dt>
            <dd>{formatCount(counts[key] ?? 0)}</dd>
          </Fragment>
        ))}
        {groups.map(({ key, title, values }) =>
          values.length === 0 ? null : (
            <Fragment key={key}>
              <dt>{title}</dt>
              <dd>{values.map(([name, count]) => `${visible(name)} (${formatCount(count)})`).join(', ')}</dd>
            </Fragment>
          ),
        )}
      </dl>
    </>
  );
}

function ScopeForm({ breach, onDone }: Omit<Props, 'isOpen'>): ReactNode {
  const { id, scope, awareAt } = breach;
  const say = useToast();
  const [from, setFrom] = useState<string | null>(scope?.from ?? new Date(Date.parse(awareAt) - DAY_MS).toISOString());
  const [to, setTo] = useState<string | null>(scope?.to ?? null);
  const [actor, setActor] = useState('');
  const [integration, setIntegration] = useState('');
  const { fault, isWorking, run } = useWork();
  async function send(event: FormEvent): Promise<void> {
    event.preventDefault();
    await run(async () => {
      const given = (value: string): string | null => (value.trim() === '' ? null : value.trim());
      const until = to ?? new Date().toISOString();
      await computeScope(id, { from: from ?? awareAt, to: until, actor: given(actor), integration: given(integration) });
      say(text.computed);
      await onDone();
    });
  }
  return (
    <form className="stack tight" aria-label={text.scopeTitle} onSubmit={(event) => void send(event)}>
      <div className="filters">
        <DateTimeInput label={text.from} value={from} onChange={setFrom} />
        <DateTimeInput label={text.to} value={to} onChange={setTo} />
        <TextInput label={text.actor} hint={text.actorHint} value={actor} onChange={(next) => setActor(next.slice(0, 64))} />
        <TextInput label={text.integration} value={integration} onChange={(next) => setIntegration(next.slice(0, 64))} />
      </div>
      <FaultLine fault={fault} />
      <div className="row">
        <MayButton action="breaches.handle" type="submit" look="primary" isDisabled={from === null} isPending={isWorking}>
          {text.compute}
        </MayButton>
      </div>
    </form>
  );
}

function People({ id }: { id: string }): ReactNode {
  const [found, setFound] = useState<{ readonly people: readonly AffectedPerson[]; readonly total: number } | null>(null);
  const { fault, isWorking, run } = useWork();
  return (
    <div className="stack tight">
      <p className="soft">{text.showPeopleLead}</p>
      <FaultLine fault={fault} />
      <div className="row">
        <MayButton
          action="breaches.handle"
          isPending={isWorking}
          onPress={() =>
            void run(async () => {
              setFound(await affectedPeople(id));
            })
          }
        >
          {text.showPeople}
        </MayButton>
      </div>
      {found === null ? null : (
        <>
          {found.total > found.people.length ? <p className="soft">{text.someShown(found.people.length, found.total)}</p> : null}
          <Table
            caption={text.people}
            rows={found.people}
            keyOf={(one) => one.person}
            columns={[
              { key: 'customer', head: text.customer, cell: (one) => visible(nameOf(one)) },
              { key: 'addresses', head: text.addresses, cell: (one) => visible(one.name?.addresses.join(', ') || '–') },
              { key: 'how', head: text.how, cell: (one) => one.how.map((how) => text.hows[how] ?? how).join(', ') },
              { key: 'through', head: text.byIntegration, cell: (one) => one.integrations.join(', ') || '–' },
              { key: 'classes', head: text.byClass, cell: (one) => one.classes.map(className).join(', ') || '–' },
            ]}
          />
        </>
      )}
    </div>
  );
}

const nameOf = ({ name, isCustomer }: AffectedPerson): string => name?.customer ?? (isCustomer ? text.gone : text.unknownPerson);
