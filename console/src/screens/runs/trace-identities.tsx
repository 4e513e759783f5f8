// Who and what a decision rests on: the program and what let it in, the person who decided if one had to, the signed version, the integration.

import { Link } from '@tanstack/react-router';
import type { ReactNode } from 'react';
import type { CallTrace } from '../../api/types.ts';
import { strings } from '../../strings/en.ts';
import { shortDigest, shortId } from '../../ui/format.ts';
import { visible } from '../../ui/visible.ts';
import { factsOf } from './trace-stages.ts';

const text = strings.decision.identities;
const DECIDED: ReadonlySet<string> = new Set(['approvals.call.approved', 'approvals.call.endorsed', 'approvals.call.denied']);

export function Identities({ trace }: { trace: CallTrace }): ReactNode {
  const facts = factsOf(trace);
  const named = (name: string): string | null => (typeof facts[name] === 'string' ? facts[name] : null);
  const isRecorded = facts.manifest !== undefined;
  const [workload, credential, version, manifest] = [named('workload'), named('credential'), named('version'), named('manifest')];
  const deciders = trace.approvalEvents.filter(({ entry }) => DECIDED.has(entry.type)).map(({ by }) => by ?? strings.alerts.nobody);
  return (
    <section className="stack tight">
      <h3>{text.title}</h3>
      <dl className="facts">
        <dt>{text.program}</dt>
        <dd>
          {workload === null ? <Unrecorded /> : <code>{shortId(workload)}</code>}
          {credential === null ? null : (
            <span className="small">
              {' '}
              {text.credential} <code>{shortId(credential)}</code>
            </span>
          )}
        </dd>
        <dt>{text.person}</dt>
        <dd>
          {deciders.length === 0 ? (
            <span className="soft">{text.noPerson}</span>
          ) : (
            [...new Set(deciders)].map((one) => <Person key={one} reference={one} />)
          )}
        </dd>
        <dt>{text.version}</dt>
        <dd>
          {version === null ? (
            <span className="soft">{isRecorded ? text.noVersion : text.unrecorded}</span>
          ) : (
            <code>{shortDigest(version)}</code>
          )}
        </dd>
        <dt>{text.integration}</dt>
        <dd>
          {visible(trace.integration ?? strings.calls.unnamed)}{' '}
          {manifest === null ? (
            <Unrecorded />
          ) : (
            <span className="small">
              {text.manifest} <code>{shortDigest(manifest)}</code>
            </span>
          )}
        </dd>
      </dl>
    </section>
  );
}

function Unrecorded(): ReactNode {
  return <span className="soft small">{text.unrecorded}</span>;
}

function Person({ reference }: { reference: string }): ReactNode {
  const id = reference.replace(/^person:/, '');
  if (!id.startsWith('per_')) return <span>{visible(reference)} </span>;
  return (
    <Link to="/people/$id" params={{ id }} search={{}}>
      {shortId(id)}
    </Link>
  );
}
