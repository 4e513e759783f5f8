// "Connect mine": numbered steps that tick themselves until the first guarded call has arrived. What was chosen stands in the address;
// the key never does.

import { useQuery } from '@tanstack/react-query';
import { getRouteApi, useNavigate } from '@tanstack/react-router';
import { type ReactNode, useState } from 'react';
import { type ConnectSearch, connectQuery } from '../../api/connect.ts';
import { integrationsQuery, workloadsQuery } from '../../api/queries.ts';
import { strings } from '../../strings/en.ts';
import { Badge } from '../../ui/badge.tsx';
import { Callout } from '../../ui/callout.tsx';
import { useLook } from '../../ui/may.tsx';
import { Page } from '../../ui/page.tsx';
import { Answer } from '../../ui/states.tsx';
import { FirstCall } from './connect-first-call.tsx';
import { ProgramKey } from './connect-key.tsx';
import { ChooseProvider } from './connect-provider.tsx';
import { ConnectShop } from './connect-shop.tsx';

const text = strings.connect;
const route = getRouteApi('/frame/connect');

export function ConnectScreen(): ReactNode {
  const search = route.useSearch();
  const navigate = useNavigate();
  const integrations = useQuery(integrationsQuery);
  const connect = useQuery(connectQuery(search.workload));
  const programs = useLook('workloads.view', workloadsQuery).data?.workloads ?? [];
  const [made, setMade] = useState<{ readonly workload: string; readonly key: string } | null>(null);
  const set = (change: ConnectSearch): void =>
    void navigate({ to: '/connect', search: { ...search, ...change }, replace: true, resetScroll: false });
  return (
    <Page title={text.title} lead={text.lead}>
      <Callout tone="info" icon="shield">
        <p className="small">{text.enforced}</p>
      </Callout>
      <Answer query={integrations}>
        {(listed) => {
          const provider = listed.integrations.find(({ name, kind }) => name === search.integration && kind === 'model') ?? null;
          const program = provider === null ? null : (programs.find(({ id }) => id === search.workload) ?? null);
          const hasProgram = provider !== null && search.workload !== undefined;
          const model = search.model ?? provider?.models[0] ?? '';
          const first = connect.data?.firstCall ?? null;
          return (
            <ol className="steps">
              <Step number={1} title={text.provider.title} state={provider === null ? 'now' : 'done'}>
                <ChooseProvider
                  integrations={listed.integrations}
                  chosen={provider}
                  onChosen={(integration) => set({ integration })}
                  onChange={() => {
                    setMade(null);
                    void navigate({ to: '/connect', search: {}, replace: true, resetScroll: false });
                  }}
                />
              </Step>
              <Step number={2} title={text.key.title} state={hasProgram ? 'done' : provider === null ? 'later' : 'now'}>
                {provider === null ? null : (
                  <ProgramKey
                    provider={provider}
                    program={program}
                    apiKey={made !== null && made.workload === search.workload ? made.key : null}
                    isMade={hasProgram}
                    gateway={connect.data?.gateway ?? ''}
                    model={model}
                    onModel={(next) => set({ model: next })}
                    onMade={(next) => {
                      setMade(next);
                      set({ workload: next.workload });
                    }}
                  />
                )}
              </Step>
              <Step number={3} title={text.first.title} state={first !== null ? 'done' : hasProgram ? 'now' : 'later'}>
                {hasProgram ? <FirstCall first={first} fault={connect.error} /> : null}
              </Step>
              <Step number={4} title={text.shop.title} state="optional">
                <ConnectShop taken={listed.integrations.map(({ name }) => name)} />
              </Step>
            </ol>
          );
        }}
      </Answer>
    </Page>
  );
}

type StepState = 'done' | 'now' | 'later' | 'optional';

function Step({ number, title, state, children }: { number: number; title: string; state: StepState; children: ReactNode }): ReactNode {
  const id = `step-${number}`;
  return (
    <li className={`sheet step ${state}`} aria-labelledby={id} {...(state === 'now' ? { 'aria-current': 'step' as const } : {})}>
      <span className="tick" aria-hidden="true">
        {state === 'done' ? '✓' : number}
      </span>
      <div className="stack tight">
        <div className="row between">
          <h2 id={id}>
            <span className="visually-hidden">{text.step(number)}: </span>
            {title}
          </h2>
          <StepBadge state={state} />
        </div>
        {children}
      </div>
    </li>
  );
}

function StepBadge({ state }: { state: StepState }): ReactNode {
  if (state === 'done') return <Badge tone="good">{text.done}</Badge>;
  if (state === 'now') return <Badge tone="info">{text.now}</Badge>;
  return <Badge tone="plain">{state === 'optional' ? text.optional : text.later}</Badge>;
}
