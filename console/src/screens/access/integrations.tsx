// What may be reached, read-only: address, credential, operations and which of them run without a person.

import type { ReactNode } from 'react';
import type { Integration } from '../../api/types.ts';
import { strings } from '../../strings/en.ts';
import { Badge } from '../../ui/badge.tsx';
import { Notice } from '../../ui/states.tsx';
import { Table } from '../../ui/table.tsx';
import { SampleBadge } from '../runs/run-words.tsx';

const text = strings.access;
const READS = new Set(['read', 'fetch']);

type Operation = Integration['operations'][number];

function Freedom({ operation }: { operation: Operation }): ReactNode {
  if (operation.needsReview) return <Badge tone="warn">{text.review}</Badge>;
  if (READS.has(operation.effect)) return <Badge tone="plain">{text.reads}</Badge>;
  return operation.autonomy ? <Badge tone="info">{text.within}</Badge> : <Badge tone="good">{text.asks}</Badge>;
}

export function Integrations({ integrations }: { integrations: readonly Integration[] }): ReactNode {
  return (
    <section className="stack tight" aria-labelledby="integrations">
      <h2 id="integrations">{text.integrations}</h2>
      <p className="soft small">{text.readOnly}</p>
      {integrations.length === 0 ? (
        <Notice icon="empty" title={text.integrationsEmpty}>
          <p>{text.integrationsEmptyLead}</p>
        </Notice>
      ) : null}
      {integrations.map((integration) => (
        <article key={integration.name} className="sheet stack tight">
          <h3>
            {integration.name} · {text.kinds[integration.kind] ?? integration.kind} {integration.sample ? <SampleBadge /> : null}
          </h3>
          <p className="small">
            <code>{integration.origin}</code>
            {' · '}
            {text.credential}: {integration.hasCredential ? text.stored : strings.none}
          </p>
          {integration.models.length === 0 ? null : (
            <p className="small">
              {text.models}: {integration.models.join(', ')}
            </p>
          )}
          {integration.operations.length === 0 ? null : (
            <details>
              <summary>{text.operations(integration.operations.length)}</summary>
              <Table
                caption={`${integration.name}: ${text.operations(integration.operations.length)}`}
                rows={integration.operations}
                keyOf={({ name }) => name}
                columns={[
                  { key: 'name', head: text.name, cell: ({ name }) => <code>{name}</code> },
                  { key: 'effect', head: text.effect, cell: ({ effect }) => effect },
                  { key: 'autonomy', head: text.autonomy, cell: (operation) => <Freedom operation={operation} /> },
                ]}
              />
            </details>
          )}
        </article>
      ))}
    </section>
  );
}
