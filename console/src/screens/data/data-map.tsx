// Where personal data goes: the picture, the same as a table, what is not as declared, and the declarations themselves.

import { useQuery } from '@tanstack/react-query';
import type { ReactNode } from 'react';
import { type Flow, type FlowMap, flowsQuery } from '../../api/data.ts';
import { strings } from '../../strings/en.ts';
import { Badge } from '../../ui/badge.tsx';
import { Callout } from '../../ui/callout.tsx';
import { formatCount, Time } from '../../ui/format.ts';
import { Page } from '../../ui/page.tsx';
import { Answer, Notice } from '../../ui/states.tsx';
import { Table } from '../../ui/table.tsx';
import { visible } from '../../ui/visible.ts';
import './data.css';
import { DeclareForm, HomeForm } from './declare.tsx';
import { Diagram } from './diagram.tsx';
import { className, regionName } from './words.ts';

const text = strings.data.map;
/** More findings than anybody reads at once; the table marks them all. */
const SHOWN_FINDINGS = 8;

export function DataMapScreen(): ReactNode {
  const query = useQuery(flowsQuery);
  return (
    <Page title={text.title} lead={text.lead}>
      <p>
        <a href="/docs/data-map.html">{text.docs}</a>
      </p>
      <Answer query={query}>
        {(map) => (
          <>
            <Findings map={map} />
            {map.flows.length === 0 ? (
              <Notice icon="search" title={text.none}>
                <p>{text.noneLead}</p>
              </Notice>
            ) : (
              <>
                <section className="sheet stack tight" aria-labelledby="diagram">
                  <h2 id="diagram">{text.diagram}</h2>
                  <Diagram flows={map.flows} />
                </section>
                <section className="stack tight" aria-labelledby="flows">
                  <h2 id="flows">{text.table}</h2>
                  <Flows flows={map.flows} />
                </section>
              </>
            )}
            <HomeForm profile={map.profile} />
            <DeclareForm flows={map.flows} />
          </>
        )}
      </Answer>
    </Page>
  );
}

function Findings({ map }: { map: FlowMap }): ReactNode {
  const { findings } = map;
  if (findings.length === 0) return null;
  return (
    <Callout tone="warn">
      <p>
        <b>{text.findingsLead(findings.length)}</b>
      </p>
      <ul aria-label={text.findings}>
        {findings.slice(0, SHOWN_FINDINGS).map((one) => (
          <li key={`${one.kind} ${one.destination} ${one.region} ${one.dataClass}`}>
            {text.finding[one.kind] ?? one.kind}: {text.found(className(one.dataClass), visible(one.destination), regionName(one.region))},{' '}
            <Time iso={one.firstSeen} />
          </li>
        ))}
      </ul>
    </Callout>
  );
}

const keyOf = (flow: Flow): string =>
  [flow.direction, flow.destination, flow.host, flow.region, flow.operation, flow.workflow, flow.dataClass, flow.handling].join(' ');

function Flows({ flows }: { flows: readonly Flow[] }): ReactNode {
  const party = (flow: Flow): string => visible(flow.vendor === null ? flow.destination : `${flow.destination} (${flow.vendor})`);
  return (
    <Table
      caption={text.table}
      rows={flows}
      keyOf={keyOf}
      columns={[
        { key: 'from', head: text.system, cell: (flow) => (flow.direction === 'in' ? party(flow) : (flow.workflow ?? text.here)) },
        {
          key: 'class',
          head: text.dataClass,
          cell: (flow) => (
            <>
              {className(flow.dataClass)} <span className="small soft">{text.handling[flow.handling] ?? flow.handling}</span>
            </>
          ),
        },
        {
          key: 'to',
          head: text.destination,
          cell: (flow) => (
            <>
              {flow.direction === 'in' ? (flow.workflow ?? text.here) : party(flow)}{' '}
              <code className="small">{visible(flow.operation)}</code>
            </>
          ),
        },
        { key: 'region', head: text.region, cell: (flow) => regionName(flow.region) },
        {
          key: 'basis',
          head: text.basis,
          cell: (flow) =>
            flow.direction === 'in' ? (
              '–'
            ) : flow.finding === null ? (
              <>
                {text.legalBases[flow.legalBasis] ?? flow.legalBasis}
                {flow.transferBasis === 'none' || flow.transferBasis === 'undeclared'
                  ? null
                  : `, ${text.transferBases[flow.transferBasis] ?? flow.transferBasis}`}
              </>
            ) : (
              <Badge tone="bad">{text.finding[flow.finding] ?? flow.finding}</Badge>
            ),
        },
        { key: 'kept', head: text.kept, cell: (flow) => (flow.retentionDays === null ? '–' : text.days(flow.retentionDays)) },
        { key: 'count', head: text.count, cell: (flow) => formatCount(flow.count) },
        { key: 'last', head: text.lastSeen, cell: (flow) => <Time iso={flow.lastSeen} /> },
      ]}
    />
  );
}
