// Whether the log itself is in order, as the server says it: one small line when it is, every problem in a sentence when it is not. It shows
// no state the server did not say, and says so when it could not ask.

import { Link } from '@tanstack/react-router';
import type { ReactNode } from 'react';
import { type LedgerHealth, type LedgerStatus, ledgerQuery } from '../../api/audit.ts';
import { strings } from '../../strings/en.ts';
import { Callout } from '../../ui/callout.tsx';
import { formatCount, formatMoment } from '../../ui/format.ts';
import { Icon } from '../../ui/icons.tsx';
import { useLook } from '../../ui/may.tsx';
import './integrity.css';

const text = strings.integrity;

/** `isHere`: on the screen of the details, to which no link is needed. */
export function IntegrityBanner({ isHere = false }: { isHere?: boolean }): ReactNode {
  const { data, error } = useLook('ledger.view', ledgerQuery);
  if (data === undefined) {
    return error === null ? null : (
      <Callout tone="warn" isAlert>
        <p>{text.unknown}</p>
      </Callout>
    );
  }
  return (
    <section aria-label={text.label}>
      {data.health.state === 'ok' ? <InOrder status={data} isHere={isHere} /> : <NotInOrder status={data} isHere={isHere} />}
    </section>
  );
}

function InOrder({ status: { sealedEvents, health }, isHere }: { status: LedgerStatus; isHere: boolean }): ReactNode {
  const { signedAt } = health.sealing;
  const seen = health.anchors.filter(({ seenAt, fault }) => seenAt !== null && fault === null).length;
  const parts = [
    sealedEvents === 0 ? text.okNew : text.ok(formatCount(sealedEvents)),
    ...(signedAt === null ? [] : [text.signed(formatMoment(signedAt))]),
    health.verification.at === null ? text.neverVerified : text.verified(formatMoment(health.verification.at)),
    ...(seen === 0 ? [] : [text.anchored(seen)]),
  ];
  return (
    <p className="integrity-line">
      <Icon name="shield" />
      <span>{parts.join(' · ')}</span>
      {isHere ? null : <Link to="/audit/integrity">{text.details}</Link>}
    </p>
  );
}

function NotInOrder({ status: { health }, isHere }: { status: LedgerStatus; isHere: boolean }): ReactNode {
  const isFailed = health.state === 'failed';
  return (
    <Callout
      tone={isFailed ? 'bad' : 'warn'}
      isAlert
      action={
        isHere ? null : (
          <Link className="button" to="/audit/integrity">
            {text.details}
          </Link>
        )
      }
    >
      <p className="saying">{isFailed ? text.failed : text.late}</p>
      <Problems health={health} />
    </Callout>
  );
}

/** Worst first; what is equally bad as the server lists it. */
function Problems({ health: { problems, anchors } }: { health: LedgerHealth }): ReactNode {
  const faults = anchors.filter(({ fault }) => fault !== null).map(({ name, fault }) => `${name} (${fault})`);
  const ordered = [...problems.filter(({ state }) => state === 'failed'), ...problems.filter(({ state }) => state === 'late')];
  return (
    <ul className="problems">
      {ordered.map(({ what, state, code, sentence, since }) => (
        <li key={`${what} ${code} ${sentence}`}>
          <p>
            <b>
              {text.what[what]}: {text.states[state].toLowerCase()}.
            </b>{' '}
            {sentence} {since === null ? null : text.since(formatMoment(since))} <code className="small">{code}</code>
          </p>
          {what === 'anchoring' && faults.length > 0 ? <p>{text.faults(faults.join(', '))}</p> : null}
          <p className="small">{what === 'verification' && state === 'late' ? text.act.unverified : text.act[what]}</p>
        </li>
      ))}
    </ul>
  );
}
