// Are we safe now? A verdict, the counts of a day and the checks behind them, each leading to what it counts.

import { useQuery } from '@tanstack/react-query';
import { Link, Navigate } from '@tanstack/react-router';
import type { ReactNode } from 'react';
import { ledgerQuery } from '../../api/audit.ts';
import { demoQuery } from '../../api/demo.ts';
import { overviewQuery } from '../../api/queries.ts';
import type { Overview } from '../../api/types.ts';
import { strings } from '../../strings/en.ts';
import { Callout } from '../../ui/callout.tsx';
import { useLook } from '../../ui/may.tsx';
import { Page } from '../../ui/page.tsx';
import { Answer } from '../../ui/states.tsx';
import { RemoveSample } from '../demo/remove-sample.tsx';
import { IntegrityBanner } from '../integrity/integrity-banner.tsx';
import { SampleBadge } from '../runs/run-words.tsx';
import { wantsWelcome } from '../welcome/first-visit.ts';
import { Month } from './month.tsx';
import { Business } from './overview-business.tsx';
import { Codes, Figures, Hours } from './overview-charts.tsx';
import { Posture } from './overview-posture.tsx';
import { verdictOf } from './verdict.ts';

const text = strings.overview;

export function OverviewScreen(): ReactNode {
  const query = useQuery(overviewQuery);
  if (query.data !== undefined && wantsWelcome(query.data)) return <Navigate to="/welcome" replace />;
  return (
    <Page title={text.title} lead={text.lead}>
      <Answer query={query}>
        {(overview) => (
          <>
            <IntegrityBanner />
            <Verdict overview={overview} />
            <SampleNote />
            <Figures overview={overview} />
            <div className="pair">
              <Hours series={overview.series} />
              <Codes refusals={overview.refusals} />
            </div>
            <Business business={overview.business} />
            <Posture overview={overview} />
            <Month />
          </>
        )}
      </Answer>
    </Page>
  );
}

function Verdict({ overview }: { overview: Overview }): ReactNode {
  const health = useLook('ledger.view', ledgerQuery).data?.health.state ?? null;
  const { tone, sentence, act } = verdictOf(overview, health);
  return (
    <section aria-label={text.verdict.label}>
      <Callout tone={tone} action={act === null ? null : <Act act={act} />}>
        <p className="saying">{sentence}</p>
        {act?.note === undefined ? null : <p className="small">{act.note}</p>}
      </Callout>
    </section>
  );
}

function Act({ act }: { act: NonNullable<ReturnType<typeof verdictOf>['act']> }): ReactNode {
  return (
    <Link className="button" to={act.to}>
      {act.name}
    </Link>
  );
}

function SampleNote(): ReactNode {
  const demo = useLook('demo.view', demoQuery).data;
  if (demo?.installed !== true) return null;
  return (
    <p className="row sample-note">
      <SampleBadge />
      <span className="small">{text.sample.lead}</span>
      <Link className="small" to="/demo">
        {text.sample.open}
      </Link>
      <RemoveSample />
    </p>
  );
}
