// What an event changed, as lines, with the reason and from where; or, in words, why that is not here: erased, withheld, or never there.
// Loaded on its own: comparing texts is the heavy part.

import { type ReactNode, useMemo } from 'react';
import type { EventDetails, SealedEvent } from '../../api/audit.ts';
import { strings } from '../../strings/en.ts';
import { Icon } from '../../ui/icons.tsx';
import { visible } from '../../ui/visible.ts';
import { DiffLines } from '../workflows/diff-lines.tsx';
import { diffTexts, type Line } from '../workflows/line-diff.ts';
import { linesOf } from './changes-of.ts';

const text = strings.audit.change;

interface Props {
  readonly event: Pick<SealedEvent, 'details' | 'isErased' | 'detailsWithheld'>;
  readonly hasPayload: boolean;
}

export function EventChange({ event, hasPayload }: Props): ReactNode {
  const { details, isErased, detailsWithheld } = event;
  if (isErased) return <Note icon="none" sentence={text.erased} />;
  if (details !== null) return <Change details={details} />;
  if (detailsWithheld) return <Note icon="lock" sentence={text.withheld} />;
  return hasPayload ? <Note icon="lock" sentence={text.sealed} /> : null;
}

function Note({ icon, sentence }: { icon: 'none' | 'lock'; sentence: string }): ReactNode {
  return (
    <section className="sheet stack tight" aria-labelledby="change">
      <h2 id="change">{text.title}</h2>
      <p className="row snug">
        <Icon name={icon} />
        <span className="grow">{sentence}</span>
      </p>
    </section>
  );
}

function Change({ details }: { details: EventDetails }): ReactNode {
  const { before, after, device = null, address = null, reason = null } = details;
  const said = (value: string | null): ReactNode => (value === null ? <span className="soft">{text.notGiven}</span> : visible(value));
  return (
    <section className="sheet stack tight" aria-labelledby="change">
      <h2 id="change">{text.title}</h2>
      <Compared before={linesOf(before)} after={linesOf(after)} />
      <dl className="facts">
        <dt>{text.reason}</dt>
        <dd>{said(reason)}</dd>
        <dt>{text.address}</dt>
        <dd className={address === null ? '' : 'mono'}>{said(address)}</dd>
        <dt>{text.device}</dt>
        <dd>{said(device)}</dd>
      </dl>
      <p className="small soft">{text.recorded}</p>
    </section>
  );
}

function Compared({ before, after }: { before: string; after: string }): ReactNode {
  const lines = useMemo(() => diffTexts(before, after), [before, after]);
  const count = (kind: Line['kind']): number => lines.filter((line) => line.kind === kind).length;
  if (lines.length === 0) return <p className="small soft">{text.noChange}</p>;
  const said =
    before === '' ? text.made : after === '' ? text.removed : before === after ? text.same : text.lines(count('added'), count('removed'));
  return (
    <>
      <p className="small soft">{said}</p>
      <DiffLines lines={lines} />
    </>
  );
}
