// Patterns of the tenant's own: which there are, adding and changing one with examples, removing one.

import { useQueryClient } from '@tanstack/react-query';
import { type ReactNode, useState } from 'react';
import type { MatrixClass } from '../../api/data-matrix.ts';
import { type Pattern, type Patterns as PatternsOf, patternsQuery, removePattern } from '../../api/data-patterns.ts';
import { strings } from '../../strings/en.ts';
import { Confirm } from '../../ui/confirm.tsx';
import { MayButton, useLook } from '../../ui/may.tsx';
import { Answer } from '../../ui/states.tsx';
import { type Column, Table } from '../../ui/table.tsx';
import { visible } from '../../ui/visible.ts';
import { PatternDialog } from './pattern-dialog.tsx';

const text = strings.dataPatterns;

export function Patterns({ classes }: { classes: readonly MatrixClass[] }): ReactNode {
  const query = useLook('matrix.view', patternsQuery);
  return <Answer query={query}>{(held) => <List held={held} classes={classes} />}</Answer>;
}

function List({ held, classes }: { held: PatternsOf; classes: readonly MatrixClass[] }): ReactNode {
  const client = useQueryClient();
  const [edited, setEdited] = useState<Pattern | 'new' | null>(null);
  const [removed, setRemoved] = useState<Pattern | null>(null);
  const { patterns, most } = held;
  const isFull = patterns.length >= most;
  const nameOf = (name: string): string => classes.find((one) => one.class === name)?.meaning ?? name;
  const columns: readonly Column<Pattern>[] = [
    { key: 'name', head: text.name, cell: ({ name }) => name },
    { key: 'pattern', head: text.pattern, cell: ({ pattern }) => <code className="wrap">{visible(pattern)}</code> },
    { key: 'kind', head: text.kind, cell: (one) => nameOf(one.class) },
    {
      key: 'act',
      head: text.actions,
      cell: (one) => (
        <span className="row">
          <MayButton action="matrix.manage" isCompact aria-label={text.changeOf(one.name)} onPress={() => setEdited(one)}>
            {text.change}
          </MayButton>
          <MayButton action="matrix.manage" isCompact aria-label={text.removeOf(one.name)} onPress={() => setRemoved(one)}>
            {text.remove}
          </MayButton>
        </span>
      ),
    },
  ];
  return (
    <section className="sheet stack tight" aria-labelledby="patterns">
      <div className="row between">
        <h2 id="patterns">{text.title}</h2>
        <span className="row">
          <span className="soft small">{text.count(patterns.length, most)}</span>
          {isFull ? null : (
            <MayButton action="matrix.manage" onPress={() => setEdited('new')}>
              {text.add}
            </MayButton>
          )}
        </span>
      </div>
      <p className="soft">{text.lead}</p>
      {isFull ? <p className="small">{text.full}</p> : null}
      {patterns.length === 0 ? (
        <p className="soft small">{text.none}</p>
      ) : (
        <Table caption={text.title} rows={patterns} keyOf={({ name }) => name} columns={columns} />
      )}
      {edited === null ? null : <PatternDialog of={edited === 'new' ? null : edited} classes={classes} onClose={() => setEdited(null)} />}
      {removed === null ? null : (
        <Confirm
          title={text.removeTitle(removed.name)}
          lead={text.removeLead}
          yes={text.remove}
          done={text.removed}
          look="danger"
          work={(reason) => removePattern(removed.name, reason)}
          onDone={() => client.invalidateQueries({ queryKey: patternsQuery.queryKey })}
          onClose={() => setRemoved(null)}
        />
      )}
    </section>
  );
}
