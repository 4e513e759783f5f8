// What is being done with backups now, how far it is, and how the last thing ended. One at a time, as the server does it.

import type { ReactNode } from 'react';
import type { FinishedJob, Job } from '../../api/backups.ts';
import { strings } from '../../strings/en.ts';
import { formatCount, formatMoment } from '../../ui/format.ts';
import { Icon } from '../../ui/icons.tsx';

const text = strings.backups.jobs;

export function Jobs({ running, last }: { running: Job | null; last: FinishedJob | null }): ReactNode {
  return (
    <div role="status" aria-live="polite">
      {running !== null ? <Running job={running} /> : last !== null ? <Last job={last} /> : null}
    </div>
  );
}

function Running({ job: { action, phase, rows, done, total } }: { job: Job }): ReactNode {
  const share = total > 0 ? Math.floor((done / total) * 100) : null;
  const name = text.running[action];
  return (
    <div className="sheet stack tight">
      <p className="row between">
        <span className="row snug">
          <Icon name="wait" />
          <b>{name}</b> <span className="soft">{text.phases[phase] ?? phase}</span>
        </span>
        <span className="soft num small" aria-hidden="true">
          {text.rows(formatCount(rows))}
          {share === null ? null : ` · ${share} %`}
        </span>
      </p>
      <progress className="progress" aria-label={name} {...(share === null ? {} : { value: share, max: 100 })} />
    </div>
  );
}

function Last({ job: { action, ok, code, sentence, at, interrupted } }: { job: FinishedJob }): ReactNode {
  return (
    <div className={`verdict-line ${ok ? 'good' : 'bad'}`}>
      <p className="row snug">
        <Icon name={ok ? 'good' : 'bad'} />
        <span className="grow">
          {ok ? text.done[action] : `${text.failed[action]} ${sentence ?? ''}`} <span className="soft">{formatMoment(at)}</span>{' '}
          {code === null ? null : <code>{code}</code>}
        </span>
      </p>
      {interrupted.length === 0 ? null : <p className="small">{text.interrupted(interrupted.length)}</p>}
    </div>
  );
}
