// When backups are made by themselves, and how a restore goes: in words, because neither is done from a browser.

import type { ReactNode } from 'react';
import type { Backups, Drill } from '../../api/backups.ts';
import { strings } from '../../strings/en.ts';
import { DrillWords } from './backup-list.tsx';

const { schedule: text, how } = strings.backups;

export function Schedule({ schedule, lastDrill }: { schedule: Backups['schedule']; lastDrill: Drill | null }): ReactNode {
  return (
    <section className="sheet stack tight" aria-labelledby="schedule">
      <h2 id="schedule">{text.title}</h2>
      {schedule === null ? <p className="small">{text.none}</p> : null}
      <dl className="facts">
        {schedule === null ? null : (
          <>
            <dt>{text.every}</dt>
            <dd>{text.hours(schedule.everyHours)}</dd>
            <dt>{text.drills}</dt>
            <dd>{schedule.drillEveryHours === 0 ? text.noDrills : text.hours(schedule.drillEveryHours)}</dd>
            <dt>{text.keep}</dt>
            <dd>{text.kept(schedule.keep)}</dd>
            <dt>{text.folder}</dt>
            <dd className="mono">{schedule.folder}</dd>
          </>
        )}
        <dt>{text.lastDrill}</dt>
        <dd>{lastDrill === null ? text.never : <DrillWords drill={lastDrill} />}</dd>
      </dl>
      <p className="small soft">{text.drillWhy}</p>
    </section>
  );
}

export function HowToRestore(): ReactNode {
  return (
    <section className="sheet stack tight" aria-labelledby="how">
      <h2 id="how">{how.title}</h2>
      <p className="small">{how.lead}</p>
      <ol className="steps-list small">
        {how.steps.map((step) => (
          <li key={step}>{step}</li>
        ))}
      </ol>
      <code className="secret">{how.command}</code>
      <p className="small soft">{how.effects}</p>
    </section>
  );
}
