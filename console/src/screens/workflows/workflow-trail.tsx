// All versions of a workflow, and every decision about them as the ledger holds it.

import { useQuery } from '@tanstack/react-query';
import { Link } from '@tanstack/react-router';
import type { ReactNode } from 'react';
import { trailQuery, type Version } from '../../api/workflows.ts';
import { strings } from '../../strings/en.ts';
import { Time } from '../../ui/format.ts';
import { Answer } from '../../ui/states.tsx';
import { nameOfPerson, StateBadge, shortHash } from './workflow-words.tsx';

const text = strings.workflows;

export function Versions({ version, person }: { version: Version; person: string }): ReactNode {
  return (
    <section className="sheet stack tight" aria-labelledby="versions">
      <h2 id="versions">{text.versions}</h2>
      <ul className="versions">
        {version.versions.map((one) => (
          <li key={one.hash}>
            <span className="row">
              <Link
                className="go mono"
                to="/workflows/$name"
                params={{ name: version.name }}
                search={{ hash: one.hash }}
                {...(one.hash === version.hash ? { 'aria-current': 'true' as const } : {})}
              >
                {shortHash(one.hash)}
              </Link>
              <StateBadge state={one.state} />
              {one.hash === version.hash ? <span className="small soft">{text.versionShown}</span> : null}
            </span>
            <span className="small soft">
              {text.imported} <Time iso={one.importedAt} /> {text.by(nameOfPerson(one.importedBy, version.people, person))}
            </span>
            {one.approvedAt === null ? null : (
              <span className="small soft">
                {text.approved} <Time iso={one.approvedAt} /> {text.by(nameOfPerson(one.approvedBy, version.people, person))}
                {one.solo === true ? ` (${text.solo})` : ''}
              </span>
            )}
          </li>
        ))}
      </ul>
    </section>
  );
}

export function Trail({ name, person }: { name: string; person: string }): ReactNode {
  const query = useQuery(trailQuery(name));
  return (
    <section className="sheet stack tight" aria-labelledby="trail">
      <h2 id="trail">{text.trail}</h2>
      <p className="small soft">{text.trailLead}</p>
      <Answer query={query}>
        {({ entries, more, people }) => (
          <>
            {entries.length === 0 ? <p className="soft">{text.trailEmpty}</p> : null}
            <ol className="timeline">
              {entries.map(({ seq, at, type, hash, by, solo, passkey }) => (
                <li key={seq} className={/approved|published|resumed/.test(type) ? 'good' : type.endsWith('paused') ? 'warn' : ''}>
                  <b>{text.events[type] ?? type}</b>
                  <span className="small soft">
                    {text.by(nameOfPerson(by, people, person))}
                    {solo === true ? ` (${text.solo})` : ''}
                    {hash === null ? '' : ` · ${shortHash(hash)}`}
                    {passkey === null ? '' : ` · ${text.trailPasskey(shortHash(passkey))}`}
                  </span>
                  <span className="small soft">
                    <Time iso={at} />
                    {' · '}
                    <Link to="/audit/$seq" params={{ seq: String(seq) }}>
                      {text.event(seq)}
                    </Link>
                  </span>
                </li>
              ))}
            </ol>
            {more ? (
              <Link to="/audit" search={{ subject: `workflow:${name}` }}>
                {text.trailMore}
              </Link>
            ) : null}
          </>
        )}
      </Answer>
    </section>
  );
}
