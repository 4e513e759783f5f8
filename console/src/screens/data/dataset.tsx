// One dataset: what its columns hold, its first rows as pseudonyms, reading in the clear for a reason and a time, and its history.

import { useQuery } from '@tanstack/react-query';
import { getRouteApi, Link } from '@tanstack/react-router';
import type { ReactNode } from 'react';
import { type DatasetDetails, datasetQuery, previewQuery } from '../../api/data.ts';
import { strings } from '../../strings/en.ts';
import { Badge } from '../../ui/badge.tsx';
import { formatCount, Time } from '../../ui/format.ts';
import { useLook, useMay } from '../../ui/may.tsx';
import { Page } from '../../ui/page.tsx';
import { Answer } from '../../ui/states.tsx';
import { Table } from '../../ui/table.tsx';
import { visible } from '../../ui/visible.ts';
import './data.css';
import { RawRows } from './raw-rows.tsx';
import { Rows } from './rows.tsx';
import { className } from './words.ts';

const text = strings.data.sets;
const route = getRouteApi('/frame/data/datasets/$name');

export function DatasetScreen(): ReactNode {
  const { name } = route.useParams();
  const query = useQuery(datasetQuery(name));
  return (
    <Page title={visible(name)}>
      <p>
        <Link to="/data/datasets">{text.title}</Link>
      </p>
      <Answer query={query}>{(dataset) => <Shown dataset={dataset} />}</Answer>
    </Page>
  );
}

function Shown({ dataset }: { dataset: DatasetDetails }): ReactNode {
  const mayRaw = useMay('datasets.raw');
  return (
    <>
      <section className="sheet stack tight" aria-label={text.source}>
        <dl className="facts">
          <Fact name={text.rows}>{formatCount(dataset.rows)}</Fact>
          <Fact name={text.version}>{formatCount(dataset.version)}</Fact>
          <Fact name={text.source}>{visible(dataset.source) || '–'}</Fact>
          <Fact name={text.licence}>{visible(dataset.licence) || '–'}</Fact>
          <Fact name={text.purpose}>{visible(dataset.purpose) || '–'}</Fact>
          <Fact name={text.imported}>
            <Time iso={dataset.importedAt} /> {visible(dataset.importedBy)}
          </Fact>
          <Fact name={text.about}>{dataset.subjectColumn === null ? text.nobody : <code>{visible(dataset.subjectColumn)}</code>}</Fact>
          {dataset.cardsDropped + dataset.codesDropped === 0 ? null : (
            <Fact name={text.dropped}>{text.droppedOf(dataset.cardsDropped, dataset.codesDropped)}</Fact>
          )}
          <Fact name={text.hash}>
            <code className="hash">{dataset.hash}</code>
          </Fact>
        </dl>
      </section>
      <section className="stack tight" aria-labelledby="columns">
        <h2 id="columns">{text.columns}</h2>
        <Table
          caption={text.columns}
          rows={dataset.columns}
          keyOf={(column) => column.name}
          columns={[
            { key: 'name', head: text.name, cell: (column) => <code>{visible(column.name)}</code> },
            { key: 'holds', head: text.holds, cell: (column) => (column.dataClass === null ? text.unknown : className(column.dataClass)) },
            { key: 'by', head: text.evidence, cell: (column) => text.saidBy[column.by] ?? column.by },
            { key: 'shown', head: text.shown, cell: (column) => text.shownAs[column.shown] ?? column.shown },
          ]}
        />
      </section>
      <Preview name={dataset.name} />
      {mayRaw.isAllowed ? <RawRows dataset={dataset} /> : null}
      <History dataset={dataset} />
    </>
  );
}

function Fact({ name, children }: { name: string; children: ReactNode }): ReactNode {
  return (
    <>
      <dt>{name}</dt>
      <dd>{children}</dd>
    </>
  );
}

function Preview({ name }: { name: string }): ReactNode {
  const query = useLook('datasets.read', previewQuery(name));
  const may = useMay('datasets.read');
  if (!may.isAllowed) return null;
  return (
    <section className="stack tight" aria-labelledby="preview">
      <h2 id="preview">{text.preview}</h2>
      <Answer query={query}>{(page) => <Rows page={page} caption={text.preview} />}</Answer>
    </section>
  );
}

function History({ dataset }: { dataset: DatasetDetails }): ReactNode {
  return (
    <>
      <section className="stack tight" aria-labelledby="history">
        <h2 id="history">{text.history}</h2>
        <Table
          caption={text.history}
          rows={dataset.versions}
          keyOf={(one) => String(one.version)}
          columns={[
            { key: 'version', head: text.version, cell: (one) => formatCount(one.version) },
            { key: 'rows', head: text.rows, cell: (one) => formatCount(one.rows) },
            { key: 'imported', head: text.imported, cell: (one) => <Time iso={one.importedAt} /> },
            { key: 'by', head: text.by, cell: (one) => visible(one.importedBy) },
            { key: 'hash', head: text.hash, cell: (one) => <code className="hash">{one.hash.slice(0, 16)}</code> },
          ]}
        />
      </section>
      <section className="stack tight" aria-labelledby="grants">
        <h2 id="grants">{text.grants}</h2>
        {dataset.grants.length === 0 ? (
          <p className="soft">{text.grantsNone}</p>
        ) : (
          <Table
            caption={text.grants}
            rows={dataset.grants}
            keyOf={(one) => one.id}
            columns={[
              { key: 'who', head: text.by, cell: (one) => visible(one.toName) },
              { key: 'columns', head: text.columns, cell: (one) => one.columns?.map(visible).join(', ') ?? text.allColumns },
              { key: 'rows', head: text.rows, cell: (one) => (one.filtered ? text.someRows : text.allRows) },
            ]}
          />
        )}
      </section>
      <section className="stack tight" aria-labelledby="windows">
        <h2 id="windows">{text.windows}</h2>
        {dataset.raw.length === 0 ? (
          <p className="soft">{text.windowsNone}</p>
        ) : (
          <Table
            caption={text.windows}
            rows={dataset.raw}
            keyOf={(one) => one.id}
            columns={[
              { key: 'who', head: text.by, cell: (one) => visible(one.name) },
              { key: 'opened', head: text.open, cell: (one) => <Time iso={one.openedAt} /> },
              { key: 'until', head: text.until, cell: (one) => <Time iso={one.endedAt ?? one.expiresAt} /> },
              { key: 'open', head: text.raw, cell: (one) => (one.open ? <Badge tone="warn">{text.isOpen}</Badge> : '–') },
            ]}
          />
        )}
      </section>
    </>
  );
}
