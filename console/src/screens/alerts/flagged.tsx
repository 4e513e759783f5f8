// Whoever stands out now: people, programs and customers in one list, each with the alerts about them. A mark beside a name elsewhere says the same.

import { Link } from '@tanstack/react-router';
import type { ReactNode } from 'react';
import { type Flagged, flaggedQuery } from '../../api/alerts.ts';
import { strings } from '../../strings/en.ts';
import { Badge } from '../../ui/badge.tsx';
import { Time } from '../../ui/format.ts';
import { useLook } from '../../ui/may.tsx';
import { type Column, Table } from '../../ui/table.tsx';
import { visible } from '../../ui/visible.ts';
import { ruleName } from './alert-words.tsx';

const text = strings.alerts;

export function FlaggedList(): ReactNode {
  const { data } = useLook('alerts.view', flaggedQuery);
  if (data === undefined || data.flagged.length === 0) return null;
  return (
    <section className="stack tight" aria-labelledby="flagged">
      <h2 id="flagged">{text.flagged}</h2>
      <p className="small soft">{text.flaggedLead}</p>
      <Table caption={text.flagged} rows={data.flagged} keyOf={(one) => `${one.kind} ${one.alerts[0]?.id}`} columns={COLUMNS} />
      {data.more ? <p className="small soft">{text.flaggedMore}</p> : null}
    </section>
  );
}

const COLUMNS: readonly Column<Flagged>[] = [
  { key: 'kind', head: text.flaggedKind, cell: ({ kind }) => text.flaggedKinds[kind] },
  { key: 'who', head: text.who, cell: (one) => <Who {...one} /> },
  {
    key: 'why',
    head: text.flaggedWhy,
    cell: ({ alerts }) =>
      alerts.map(({ id, rule }) => (
        <div key={id}>
          <Link className="go" to="/alerts/$id" params={{ id }}>
            {ruleName(rule)}
          </Link>
        </div>
      )),
  },
  { key: 'since', head: text.flaggedSince, cell: ({ since }) => <Time iso={since} /> },
  { key: 'last', head: text.when, cell: ({ lastAt }) => <Time iso={lastAt} /> },
];

function Who({ kind, subject, name }: Flagged): ReactNode {
  if (subject === null) return text.nobody;
  if (kind === 'customer') {
    return (
      <Link to="/runs/$id" params={{ id: subject }}>
        {text.customerOf}
      </Link>
    );
  }
  return <b>{visible(name ?? subject)}</b>;
}

/** Beside the name of a person or program; nothing for whoever may not see alerts. */
export function FlagOf({ subject }: { subject: string }): ReactNode {
  const { data } = useLook('alerts.view', flaggedQuery);
  const alerts = data?.flagged.find((one) => one.subject === subject)?.alerts ?? [];
  if (alerts.length === 0) return null;
  const why = alerts.map(({ rule }) => ruleName(rule)).join(', ');
  return (
    <>
      {' '}
      <Badge tone="warn">{text.flaggedAs(why)}</Badge>
    </>
  );
}
