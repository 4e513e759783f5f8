// Texts of a request to a model with the places in doubt marked, by more than their colour. Placeholders unless the exact words were asked for.

import type { ReactNode } from 'react';
import type { Excerpt, Piece } from '../../api/inbox.ts';
import { strings } from '../../strings/en.ts';
import { visible } from '../../ui/visible.ts';

const text = strings.inbox;

export function Excerpts({ excerpts, left }: { readonly excerpts: readonly Excerpt[]; readonly left: number }): ReactNode {
  return (
    <section className="stack tight" aria-label={text.doubtsTitle}>
      {excerpts.map(({ role, pieces }, nth) => (
        // What is shown never moves.
        // biome-ignore lint/suspicious/noArrayIndexKey: excerpts have no other name, and their order is fixed
        <blockquote key={nth} className="excerpt">
          <p className="small soft">{text.roles[role] ?? role}</p>
          <p>
            {pieces.map((piece, at) => (
              // biome-ignore lint/suspicious/noArrayIndexKey: pieces have no other name, and their order is fixed
              <Shown key={at} piece={piece} />
            ))}
          </p>
        </blockquote>
      ))}
      {left === 0 ? null : <p className="small soft">{text.doubtsLeft(left)}</p>}
    </section>
  );
}

function Shown({ piece: { kind, text: shown, classes } }: { readonly piece: Piece }): ReactNode {
  if (kind === 'words' || kind === 'cut') return visible(shown);
  const name = classes.map(text.dataClass).join(', ');
  return kind === 'doubt' ? (
    <mark className="doubt">
      {visible(shown)}
      <span className="small"> {text.isIt(name)}</span>
    </mark>
  ) : (
    <span className="found">{visible(shown)}</span>
  );
}
