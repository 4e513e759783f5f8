// Who may see what: kinds of data by destination, what is done with each, how often that decided; a cell is pressed to change it.

import { useQuery } from '@tanstack/react-query';
import { type ReactNode, useState } from 'react';
import { type Matrix, type MatrixCell, type MatrixClass, type MatrixDestination, matrixQuery } from '../../api/data-matrix.ts';
import { strings } from '../../strings/en.ts';
import { Select } from '../../ui/fields.tsx';
import { Icon } from '../../ui/icons.tsx';
import { useMay } from '../../ui/may.tsx';
import { Page } from '../../ui/page.tsx';
import { Answer, Notice } from '../../ui/states.tsx';
import { type Column, Table } from '../../ui/table.tsx';
import { CellDialog } from './cell-dialog.tsx';
import { nameOf } from './destination-name.ts';
import { Guesses } from './guesses.tsx';
import { Patterns } from './patterns.tsx';
import { UnsureDialog } from './unsure-dialog.tsx';
import './matrix.css';

const text = strings.dataMatrix;

export function MatrixScreen(): ReactNode {
  const query = useQuery(matrixQuery);
  return (
    <Page title={text.title} lead={text.lead}>
      <Answer query={query}>{(matrix) => <Board matrix={matrix} />}</Answer>
    </Page>
  );
}

type Opened =
  | { readonly kind: 'cell'; readonly of: MatrixClass; readonly at: MatrixDestination; readonly cell: MatrixCell }
  | { readonly kind: 'unsure'; readonly of: MatrixClass };

function Board({ matrix }: { matrix: Matrix }): ReactNode {
  const [view, setView] = useState<'all' | 'seen'>('all');
  const [opened, setOpened] = useState<Opened | null>(null);
  const [added, setAdded] = useState<ReadonlySet<string>>(new Set());
  const own = matrix.others.filter(({ name }) => added.has(name));
  const cells = new Map(
    [...matrix.cells, ...own.flatMap((at) => asTheirKind(matrix, at))].map((cell) => [`${cell.class} ${cell.destination}`, cell]),
  );
  const isTold = (one: MatrixClass): boolean =>
    one.unsure !== one.unsureDefault ||
    matrix.cells.some((cell) => cell.class === one.class && (cell.hits > 0 || cell.from !== 'default' || cell.trial !== null));
  const rows = view === 'all' ? matrix.classes : matrix.classes.filter(isTold);
  const columns: readonly Column<MatrixClass>[] = [
    {
      key: 'class',
      head: text.kindOfData,
      cell: (one) => (
        <>
          <span>{one.meaning}</span>
          <span className="soft small block">
            {one.class} · {text.sensitivities[one.sensitivity] ?? one.sensitivity}
          </span>
          {one.isFound ? null : <span className="soft small block">{text.fieldsOnly}</span>}
        </>
      ),
    },
    ...[...matrix.destinations, ...own].map(
      (at): Column<MatrixClass> => ({
        key: at.name,
        head: nameOf(at),
        cell: (of) => {
          const cell = cells.get(`${of.class} ${at.name}`);
          return cell === undefined ? null : <Cell of={of} at={at} cell={cell} onOpen={() => setOpened({ kind: 'cell', of, at, cell })} />;
        },
      }),
    ),
    { key: 'unsure', head: text.unsure, cell: (of) => <UnsureCell of={of} onOpen={() => setOpened({ kind: 'unsure', of })} /> },
  ];
  return (
    <div className="stack matrix">
      <Guesses />
      <div className="filters">
        <Select
          label={text.view}
          value={view}
          hasAny={false}
          options={{ all: text.all, seen: text.onlySeen }}
          onChange={(value) => setView(value === 'seen' ? 'seen' : 'all')}
        />
        {matrix.others.length === own.length ? null : (
          <Select
            label={text.another}
            value={undefined}
            anyName={text.anotherNone}
            options={Object.fromEntries(matrix.others.filter(({ name }) => !added.has(name)).map((at) => [at.name, nameOf(at)]))}
            onChange={(name) => name !== undefined && setAdded(new Set([...added, name]))}
          />
        )}
      </div>
      {rows.length === 0 ? (
        <Notice icon="empty" title={text.noneTitle}>
          <p>{text.noneLead}</p>
        </Notice>
      ) : (
        <Table caption={text.table} rows={rows} keyOf={(one) => one.class} columns={columns} />
      )}
      <Patterns classes={matrix.classes} />
      {opened?.kind === 'cell' ? <CellDialog {...opened} days={matrix.hitDays} onClose={() => setOpened(null)} /> : null}
      {opened?.kind === 'unsure' ? <UnsureDialog of={opened.of} onClose={() => setOpened(null)} /> : null}
    </div>
  );
}

/** One without a rule of its own is handled as its kind is, and a rule for it begins here. */
function asTheirKind({ cells }: Matrix, { name, kind }: MatrixDestination): readonly MatrixCell[] {
  return cells.filter(({ destination }) => destination === kind).map((cell) => ({ ...cell, destination: name, hits: 0, trialHits: 0 }));
}

const TONE: Readonly<Record<string, string>> = { clear: 'warn', tokenise: 'info', mask: 'good', refuse: 'bad' };

function Cell({ of, at, cell, onOpen }: { of: MatrixClass; at: MatrixDestination; cell: MatrixCell; onOpen: () => void }): ReactNode {
  const may = useMay('matrix.manage');
  const word = text.handlings[cell.handling] ?? cell.handling;
  if (!of.isFound) return <span className="soft">{word}</span>;
  return (
    <>
      <button
        type="button"
        className={`matrix-cell ${TONE[cell.handling] ?? ''}`}
        disabled={!may.isAllowed}
        aria-label={text.change(of.meaning, nameOf(at), word)}
        onClick={onOpen}
      >
        {word}
      </button>
      <span className="soft small block">
        {cell.isLocked ? (
          <span title={text.locked}>
            <Icon name="lock" size={12} /> {text.lockedMark}{' '}
          </span>
        ) : null}
        {cell.from === 'default' ? null : `${text.own} `}
        {cell.hits === 0 ? null : text.seen(cell.hits)}
      </span>
      {cell.trial === null ? null : (
        <span className="small block">{text.trial(text.handlings[cell.trial] ?? cell.trial, cell.trialHits)}</span>
      )}
    </>
  );
}

function UnsureCell({ of, onOpen }: { of: MatrixClass; onOpen: () => void }): ReactNode {
  const may = useMay('matrix.manage');
  const word = text.unsureOf[of.unsure] ?? of.unsure;
  if (!of.isFound) return <span className="soft">{strings.none}</span>;
  return (
    <>
      <button
        type="button"
        className="matrix-cell"
        disabled={!may.isAllowed}
        aria-label={text.changeUnsure(of.meaning, word)}
        onClick={onOpen}
      >
        {word}
      </button>
      {of.unsure === of.unsureDefault ? null : <span className="soft small block">{text.own}</span>}
    </>
  );
}
