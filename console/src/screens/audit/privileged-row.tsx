// What a privileged event changed, at a glance, and from where it came. Asked for one event each, because only the event itself may tell it,
// and only owners are told.

import { useQuery } from '@tanstack/react-query';
import { Link } from '@tanstack/react-router';
import type { ReactNode } from 'react';
import { sealedEventQuery } from '../../api/audit.ts';
import { sessionQuery } from '../../api/queries.ts';
import type { Json, LedgerEvent } from '../../api/types.ts';
import { strings } from '../../strings/en.ts';
import { visible } from '../../ui/visible.ts';
import { changesOf, type Difference } from './changes-of.ts';

const text = strings.audit.change;
/** More than this stand on the event's own page. */
const SHOWN = 3;
const MAX_VALUE = 60;

/** What was sealed does not change, so it is asked for once. */
function useDetails(seq: number) {
  const isOwner = useQuery(sessionQuery).data?.role === 'owner';
  const query = useQuery({ ...sealedEventQuery(String(seq)), enabled: isOwner, staleTime: Number.POSITIVE_INFINITY });
  return { isOwner, event: query.data };
}

export function WhatChanged({ event: { seq } }: { event: LedgerEvent }): ReactNode {
  const { isOwner, event } = useDetails(seq);
  if (!isOwner) return <span className="soft small">{text.withheld}</span>;
  if (event === undefined) return <span className="skeleton line" aria-hidden="true" />;
  if (event.isErased) return <span className="soft small">{text.erasedShort}</span>;
  const changes = changesOf(event.details?.before ?? undefined, event.details?.after ?? undefined);
  if (changes.length === 0) return <span className="soft">{text.noChange}</span>;
  return (
    <ul className="differences">
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
    </ul>
  );
}

export function OneChange({ change: { path, before, after } }: { change: Difference }): ReactNode {
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

export function CameFrom({ event: { seq } }: { event: LedgerEvent }): ReactNode {
  const { isOwner, event } = useDetails(seq);
  if (!isOwner || event === undefined) return <span className="soft">{text.notShown}</span>;
  const { device = null, address = null } = event.details ?? {};
  if (device === null && address === null) return <span className="soft">{text.notGiven}</span>;
  return (
    <>
      {address === null ? null : <div className="mono">{visible(address)}</div>}
      {device === null ? null : <div className="small soft">{visible(device)}</div>}
    </>
  );
}
