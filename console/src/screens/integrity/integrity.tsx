// The integrity of the log in full: sealing, anchors, verification, and what a stranger needs to check it without this server.

import { useQuery } from '@tanstack/react-query';
import { Link } from '@tanstack/react-router';
import type { ReactNode } from 'react';
import { type AnchorHealth, type LedgerStatus, ledgerQuery } from '../../api/audit.ts';
import { strings } from '../../strings/en.ts';
import { Badge } from '../../ui/badge.tsx';
import { formatCount, formatMoment, Time } from '../../ui/format.ts';
import { Page } from '../../ui/page.tsx';
import { Answer } from '../../ui/states.tsx';
import { type Column, Table } from '../../ui/table.tsx';
import { Elsewhere } from './elsewhere.tsx';
import { IntegrityBanner } from './integrity-banner.tsx';
import { VerifyPart } from './verify.tsx';
import '../runs/runs.css';
import './integrity.css';

const text = strings.integrity;

export function IntegrityScreen(): ReactNode {
  const query = useQuery(ledgerQuery);
  return (
    <Page title={text.title} lead={text.lead}>
      <p className="row">
        <Link to="/audit">{strings.audit.back}</Link>
      </p>
      <Answer query={query}>
        {(status) => (
          <>
            <IntegrityBanner isHere />
            <VerifyPart status={status} />
            <Sealing status={status} />
            <Anchors anchors={status.health.anchors} signedSize={status.health.sealing.signedSize} />
            <Elsewhere sealedEvents={status.sealedEvents} />
          </>
        )}
      </Answer>
    </Page>
  );
}

function Sealing({ status }: { status: LedgerStatus }): ReactNode {
  const { sealing } = status.health;
  const words = text.sealing;
  return (
    <section className="sheet stack tight" aria-labelledby="sealing">
      <div>
        <h2 id="sealing">{words.title}</h2>
        <p className="small soft">{words.lead}</p>
      </div>
      <dl className="facts">
        <dt>{words.sealed}</dt>
        <dd className="num">{formatCount(status.sealedEvents)}</dd>
        <dt>{words.unsealed}</dt>
        <dd className="num">{formatCount(status.unsealed)}</dd>
        {sealing.oldestUnsealedAt === null ? null : (
          <>
            <dt>{words.oldest}</dt>
            <dd>{formatMoment(sealing.oldestUnsealedAt)}</dd>
          </>
        )}
        <dt>{words.signedAt}</dt>
        <dd>{sealing.signedAt === null ? strings.never : formatMoment(sealing.signedAt)}</dd>
        <dt>{words.signedSize}</dt>
        <dd className="num">{sealing.signedSize === null ? strings.none : formatCount(sealing.signedSize)}</dd>
        <dt>{words.epoch}</dt>
        <dd>
          {formatCount(status.epoch)} <span className="soft">({words.epochNote(status.epoch)})</span>
        </dd>
        <dt>{words.key}</dt>
        <dd className="mono">{status.verifierKey}</dd>
      </dl>
      <details>
        <summary>{words.checkpoint}</summary>
        {status.checkpoint === null ? (
          <p className="small soft">{words.noCheckpoint}</p>
        ) : (
          <pre className="code-block">{status.checkpoint}</pre>
        )}
      </details>
    </section>
  );
}

function Anchors({ anchors, signedSize }: { anchors: readonly AnchorHealth[]; signedSize: number | null }): ReactNode {
  const words = text.anchors;
  const columns: readonly Column<AnchorHealth>[] = [
    {
      key: 'name',
      head: words.name,
      cell: ({ name, required }) => (
        <span className="row snug">
          <b>{name}</b>
          {required ? <Badge tone="plain">{words.required}</Badge> : null}
        </span>
      ),
    },
    { key: 'kind', head: words.kind, cell: ({ kind }) => strings.proof.anchorKinds[kind] ?? kind },
    { key: 'seen', head: words.seen, cell: ({ seenAt }) => (seenAt === null ? strings.never : <Time iso={seenAt} />) },
    {
      key: 'size',
      head: words.size,
      cell: ({ seenSize }) => (
        <>
          <span className="num">{seenSize === null ? strings.none : formatCount(seenSize)}</span>
          {seenSize === null || signedSize === null || seenSize >= signedSize ? null : (
            <span className="small soft"> {words.behind(formatCount(signedSize - seenSize))}</span>
          )}
        </>
      ),
    },
    { key: 'state', head: words.state, cell: (anchor) => <AnchorState anchor={anchor} /> },
  ];
  return (
    <section className="stack tight" aria-labelledby="anchors">
      <div>
        <h2 id="anchors">{words.title}</h2>
        <p className="small soft">{words.lead}</p>
      </div>
      {anchors.length === 0 ? (
        <p className="sheet">{words.none}</p>
      ) : (
        <Table caption={words.title} columns={columns} rows={anchors} keyOf={({ kind, name }) => `${kind} ${name}`} />
      )}
    </section>
  );
}

function AnchorState({ anchor: { fault, faultAt, seenAt, required } }: { anchor: AnchorHealth }): ReactNode {
  if (fault !== null) {
    return (
      <>
        <Badge tone={required ? 'bad' : 'warn'}>{text.states.failed}</Badge> <code className="small">{fault}</code>
        {faultAt === null ? null : <div className="small soft">{text.anchors.fault(formatMoment(faultAt))}</div>}
      </>
    );
  }
  return seenAt === null ? <Badge tone="info">{text.anchors.waiting}</Badge> : <Badge tone="good">{text.anchors.good}</Badge>;
}
