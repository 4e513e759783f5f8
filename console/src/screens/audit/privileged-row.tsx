// What a privileged event changed, at a glance, and from where it came. Only owners are told, and only on a press: the server writes each such
// look into the log.

import { useQuery } from '@tanstack/react-query';
import { Link } from '@tanstack/react-router';
import { type ReactNode, useState } from 'react';
import { type SealedEvent, sealedEventQuery } from '../../api/audit.ts';
import { sessionQuery } from '../../api/queries.ts';
import type { Json, LedgerEvent } from '../../api/types.ts';
import { strings } from '../../strings/en.ts';
import { Button } from '../../ui/button.tsx';
import { visible } from '../../ui/visible.ts';
import { changesOf, type Difference } from './changes-of.ts';

const text = strings.audit.change;
/** More than this stand on the event's own page. */
const SHOWN = 4;
const MAX_VALUE = 60;

export function WhatChanged({ event: { seq, entry } }: { event: LedgerEvent }): ReactNode {
  const isOwner = useQuery(sessionQuery).data?.roles.includes('owner') === true;
  const [isOpen, setOpen] = useState(false);
  // What was sealed does not change, so one look is enough.
  const query = useQuery({ ...sealedEventQuery(String(seq)), enabled: isOpen, staleTime: Number.POSITIVE_INFINITY });
  if (entry.commit === null) return <span className="soft small">{text.noChange}</span>;
  if (!isOwner) return <span className="soft small">{text.ownersOnly}</span>;
  if (!isOpen) {
    return (
      <Button aria-label={text.showOf(seq)} onPress={() => setOpen(true)}>
        {text.show}
      </Button>
    );
  }
  if (query.error !== null) return <span className="error small">{strings.states.failedTitle}</span>;
  return (
    <div role="status">
      {query.data === undefined ? <span className="soft">{strings.states.loading}</span> : <Glance event={query.data} />}
    </div>
  );
}

function Glance({ event: { seq, details, isErased } }: { event: SealedEvent }): ReactNode {
  if (isErased) return <span className="soft small">{text.erasedShort}</span>;
  if (details === null) return <span className="soft small">{text.noChange}</span>;
  const changes = changesOf(details.before ?? undefined, details.after ?? undefined);
  const { device = null, address = null, reason = null } = details;
  return (
    <ul className="differences">
      {changes.length === 0 ? <li className="soft">{text.noChange}</li> : null}
      {changes.slice(0, SHOWN).map((change) => (
        <li key={change.path}>
          <OneChange change={change} />
        </li>
      ))}
      {changes.length <= SHOWN ? null : (
        <li>
          <Link to="/audit/$seq" params={{ seq: String(seq) }}>
            {text.moreChanges(changes.length - SHOWN)}
          </Link>
        </li>
      )}
      {reason === null ? null : (
        <li>
          <span className="soft">{text.reason}:</span> {visible(reason)}
        </li>
      )}
      <li>
        <span className="soft">{text.cameFrom}:</span>{' '}
        {[address, device]
          .filter((part) => part !== null)
          .map(visible)
          .join(', ') || text.notGiven}
      </li>
    </ul>
  );
}

function OneChange({ change: { path, before, after } }: { change: Difference }): ReactNode {
  return (
    <>
      {path === '' ? null : <code>{visible(path)}</code>} <span className="visually-hidden">{text.before}: </span>
      <del>{short(before)}</del> <span aria-hidden="true">→</span> <span className="visually-hidden">{text.after}: </span>
      <ins>{short(after)}</ins>
    </>
  );
}

function short(value: Json | undefined): string {
  if (value === undefined || value === null) return text.nothing;
  const whole = visible(typeof value === 'string' ? value : JSON.stringify(value));
  return whole.length > MAX_VALUE ? `${whole.slice(0, MAX_VALUE)}…` : whole;
}
