// Where plain text exists: the picture, what is worse than it has to be, and the same as tables with what each is known by.

import { useQuery } from '@tanstack/react-query';
import type { ReactNode } from 'react';
import { type Evidence, type PlainHop, type PlainPlace, type PlainText, plainTextQuery } from '../../api/encryption.ts';
import { strings } from '../../strings/en.ts';
import { Badge } from '../../ui/badge.tsx';
import { Callout } from '../../ui/callout.tsx';
import { formatCount, Time } from '../../ui/format.ts';
import { Page } from '../../ui/page.tsx';
import { Answer } from '../../ui/states.tsx';
import { Table } from '../../ui/table.tsx';
import { visible } from '../../ui/visible.ts';
import { className } from '../data/words.ts';
import './encryption.css';
import { Picture } from './picture.tsx';
import { ThisBrowser } from './this-browser.tsx';
import { namesOf, placeName, stateName, toneOf } from './words.ts';

const text = strings.encryption;

export function EncryptionScreen(): ReactNode {
  const query = useQuery(plainTextQuery);
  return (
    <Page title={text.title} lead={text.lead}>
      <p>
        <a href="/docs/keys.html">{text.docs}</a>
      </p>
      <Answer query={query}>
        {(shown) => (
          <>
            <Warnings shown={shown} />
            <section className="sheet stack tight" aria-labelledby="picture">
              <div className="row between">
                <h2 id="picture">{text.picture}</h2>
                <span className="small soft">
                  {text.at} <Time iso={shown.at} />
                </span>
              </div>
              <Picture shown={shown} />
            </section>
            <section className="stack tight" aria-labelledby="places">
              <h2 id="places">{text.places}</h2>
              <Places places={shown.places} />
            </section>
            <section className="stack tight" aria-labelledby="ways">
              <h2 id="ways">{text.ways}</h2>
              <Ways shown={shown} />
            </section>
            <NotSealed places={shown.places} />
            <ThisBrowser />
          </>
        )}
      </Answer>
    </Page>
  );
}

function Warnings({ shown }: { shown: PlainText }): ReactNode {
  const nameOf = namesOf(shown);
  const all = [
    ...shown.places.flatMap((one) => one.warnings.map((warning) => ({ ...warning, where: placeName(one) }))),
    ...shown.hops.flatMap((one) => one.warnings.map((warning) => ({ ...warning, where: text.to(nameOf(one.from), nameOf(one.to)) }))),
  ];
  if (all.length === 0)
    return (
      <Callout tone="good">
        <p>{text.fine}</p>
      </Callout>
    );
  const faults = all.filter(({ grade }) => grade === 'fault');
  const ordered = [...faults, ...all.filter(({ grade }) => grade !== 'fault')];
  return (
    <Callout tone={faults.length > 0 ? 'bad' : 'warn'}>
      <p>
        <b>{faults.length > 0 ? text.faults(faults.length) : text.advice(all.length)}</b>
      </p>
      <ul aria-label={text.warnings}>
        {ordered.map((one) => (
          <li key={`${one.where} ${one.text}`}>
            <b>{one.where}</b>: {visible(one.text)}
          </li>
        ))}
      </ul>
    </Callout>
  );
}

function Known({ evidence }: { evidence: readonly Evidence[] }): ReactNode {
  return (
    <ul className="known small">
      {evidence.map((one) => (
        <li key={one.text}>
          <span className="soft">{text.by[one.by] ?? one.by}:</span> {visible(one.text)}
        </li>
      ))}
    </ul>
  );
}

const State = (one: Pick<PlainPlace, 'state' | 'warnings'>): ReactNode => (
  <Badge tone={toneOf(one)} icon={one.state === 'sealed' ? 'lock' : one.state === 'clear' ? 'warn' : 'info'}>
    {stateName(one.state)}
  </Badge>
);

function Went({ classes }: Pick<PlainPlace, 'classes'>): ReactNode {
  if (classes.length === 0) return null;
  const how = strings.data.map.handling;
  return (
    <ul className="known small" aria-label={text.went}>
      {classes.map(({ dataClass, handling, count }) => (
        <li key={`${dataClass} ${handling}`}>{text.went1(className(dataClass), how[handling] ?? handling, formatCount(count))}</li>
      ))}
    </ul>
  );
}

function Places({ places }: { places: readonly PlainPlace[] }): ReactNode {
  return (
    <Table
      caption={text.places}
      rows={places}
      keyOf={({ id }) => id}
      columns={[
        { key: 'place', head: text.place, cell: (one) => <b>{placeName(one)}</b> },
        { key: 'state', head: text.state, cell: (one) => <State {...one} /> },
        {
          key: 'known',
          head: text.known,
          cell: (one) => (
            <>
              <Known evidence={one.evidence} />
              <Went classes={one.classes} />
            </>
          ),
        },
      ]}
    />
  );
}

function Ways({ shown }: { shown: PlainText }): ReactNode {
  const nameOf = namesOf(shown);
  return (
    <Table<PlainHop>
      caption={text.ways}
      rows={shown.hops}
      keyOf={({ id }) => id}
      columns={[
        { key: 'way', head: text.way, cell: ({ from, to }) => <b>{text.to(nameOf(from), nameOf(to))}</b> },
        { key: 'state', head: text.state, cell: (one) => <State {...one} /> },
        { key: 'known', head: text.known, cell: ({ evidence }) => <Known evidence={evidence} /> },
      ]}
    />
  );
}

const sentence = (words: string): string => words.charAt(0).toUpperCase() + words.slice(1);

function NotSealed({ places }: { places: readonly PlainPlace[] }): ReactNode {
  const all = places.flatMap(({ inClear }) => inClear);
  if (all.length === 0) return null;
  return (
    <section className="stack tight" aria-labelledby="not-sealed">
      <h2 id="not-sealed">{text.notSealed}</h2>
      <p className="soft">{text.notSealedLead}</p>
      {all.map(({ why, columns }) => (
        <details key={why}>
          <summary>
            {sentence(visible(why))} <span className="small soft">({text.columns(columns.length)})</span>
          </summary>
          <p className="columns small">
            <code>{columns.map(visible).join(', ')}</code>
          </p>
        </details>
      ))}
    </section>
  );
}
