// Two texts as lines of one: added and removed are said by a sign and in words, not by colour alone; what is the same is folded, with its count.

import { type ReactNode, useState } from 'react';
import { strings } from '../../strings/en.ts';
import { Button } from '../../ui/button.tsx';
import { visible } from '../../ui/visible.ts';
import { foldLines, type Line } from './line-diff.ts';

const text = strings.workflows;
/** More lines than this wait behind a button. */
const MAX_LINES = 300;

export function DiffLines({ lines }: { lines: readonly Line[] }): ReactNode {
  return (
    <div className="diff">
      {foldLines(lines).map((part) => (
        <Lines key={`${part.lines[0]?.before}-${part.lines[0]?.after}`} lines={part.lines} isFolded={part.isFolded} />
      ))}
    </div>
  );
}

function Lines({ lines, isFolded }: { lines: readonly Line[]; isFolded: boolean }): ReactNode {
  const [shown, setShown] = useState(isFolded ? 0 : MAX_LINES);
  const left = lines.length - shown;
  return (
    <>
      {shown === 0 ? null : (
        <ol>
          {lines.slice(0, shown).map((line) => (
            <OneLine key={`${line.before}-${line.after}`} line={line} />
          ))}
        </ol>
      )}
      {left <= 0 ? null : (
        <Button look="quiet" onPress={() => setShown(shown + MAX_LINES)}>
          {shown === 0 ? text.unchanged(left) : text.moreLines(left)}
        </Button>
      )}
    </>
  );
}

const SIGNS: Readonly<Record<Line['kind'], string>> = { same: ' ', added: '+', removed: '−' };

function OneLine({ line }: { line: Line }): ReactNode {
  const { kind, pieces } = line;
  const content = pieces.map(({ text: piece, isChanged }, index) =>
    // biome-ignore lint/suspicious/noArrayIndexKey: the pieces of a line never move
    isChanged ? <mark key={index}>{visible(piece)}</mark> : <span key={index}>{visible(piece)}</span>,
  );
  return (
    <li className={kind}>
      <span className="no" aria-hidden="true">
        {line.after ?? line.before}
      </span>
      <span className="sign" aria-hidden="true">
        {SIGNS[kind]}
      </span>
      {kind === 'same' ? null : <span className="visually-hidden">{kind === 'added' ? text.lineAdded : text.lineRemoved}: </span>}
      {kind === 'added' ? <ins>{content}</ins> : kind === 'removed' ? <del>{content}</del> : <span>{content}</span>}
    </li>
  );
}
