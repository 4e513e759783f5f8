// What a version may reach: hosts, credentials, operations and models. The steps above say which of it each step may use.

import { useQuery } from '@tanstack/react-query';
import type { ReactNode } from 'react';
import { type Segment, segmentQuery } from '../../api/segment.ts';
import { segment as text } from '../../strings/en/segment.ts';
import { strings } from '../../strings/en.ts';
import { Callout } from '../../ui/callout.tsx';
import { Answer } from '../../ui/states.tsx';

export function MayReach({ name, hash }: { name: string; hash: string }): ReactNode {
  const query = useQuery(segmentQuery(name, hash));
  return (
    <section className="sheet stack tight" aria-labelledby="may-reach">
      <h2 id="may-reach">{text.title}</h2>
      <p className="small soft">{text.lead}</p>
      <Answer query={query}>{(segment) => <Reach segment={segment} />}</Answer>
    </section>
  );
}

function Reach({ segment }: { segment: Segment }): ReactNode {
  if (segment.integrations.length === 0) return <p>{text.nothing}</p>;
  return (
    <>
      {segment.enforced ? null : <Callout tone="info">{text.notEnforced}</Callout>}
      <div className="table-wrap">
        <table className="table">
          <thead>
            <tr>
              <th scope="col">{text.integration}</th>
              <th scope="col">{text.host}</th>
              <th scope="col">{text.reaches}</th>
              <th scope="col">{text.credential}</th>
            </tr>
          </thead>
          <tbody>
            {segment.integrations.map((one) => (
              <tr key={one.name}>
                <th scope="row">{one.name}</th>
                <td>{one.host === null ? <span className="soft">{text.noHost}</span> : <code>{one.host}</code>}</td>
                <td>{reachedAt(segment, one).join(', ')}</td>
                <td>{one.credential === null ? <span className="soft">{text.noCredential}</span> : <code>{one.credential}</code>}</td>
              </tr>
            ))}
          </tbody>
        </table>
      </div>
      <p className="small">
        {text.dataClasses}: {segment.dataClasses.length === 0 ? strings.none : segment.dataClasses.join(', ')}
      </p>
    </>
  );
}

const reachedAt = (segment: Segment, { name, kind }: Segment['integrations'][number]): readonly string[] =>
  kind === 'model'
    ? segment.models
    : segment.operations.filter((operation) => operation.startsWith(`${name}/`)).map((operation) => operation.slice(name.length + 1));
