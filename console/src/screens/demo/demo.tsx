// "See it work": starts the demo, shows its tickets live, and says what to do next. Everything shown is sample data and said to be.

import { useQuery, useQueryClient } from '@tanstack/react-query';
import type { ReactNode } from 'react';
import { type Demo, demoQuery } from '../../api/demo.ts';
import { strings } from '../../strings/en.ts';
import { Page } from '../../ui/page.tsx';
import { Answer } from '../../ui/states.tsx';
import { SampleBadge } from '../runs/run-words.tsx';
import { DemoLive } from './demo-live.tsx';
import { DemoNext } from './demo-next.tsx';
import { DemoFault, DemoStart } from './demo-start.tsx';
import { DemoTickets } from './demo-tickets.tsx';
import { Totals } from './demo-totals.tsx';
import { RemoveSample } from './remove-sample.tsx';

const text = strings.demo;

export function DemoScreen(): ReactNode {
  const query = useQuery(demoQuery);
  const demo = query.data;
  return (
    <Page title={text.title} lead={text.lead} actions={demo?.installed === true ? <RemoveSample /> : null}>
      <Answer query={query}>{(shown) => <Stage demo={shown} />}</Answer>
    </Page>
  );
}

function Stage({ demo }: { demo: Demo }): ReactNode {
  const client = useQueryClient();
  const refresh = (): void => void client.invalidateQueries({ queryKey: ['demo'] });
  if (demo.state === 'off') return <DemoStart demo={demo} onStarted={refresh} />;
  return (
    <>
      <DemoLive demo={demo} />
      <p className="row small">
        <SampleBadge />
        <span className="soft">{text.sampleNote}</span>
      </p>
      {demo.fault === null ? null : <DemoFault code={demo.fault} sentence="" />}
      {demo.state === 'finished' ? <DemoNext demo={demo} /> : null}
      <Totals demo={demo} />
      <DemoTickets demo={demo} />
    </>
  );
}
