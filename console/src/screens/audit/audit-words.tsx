// Who did something and what it is about, in words and as links; shared by the list of events and the single event.

import { useQuery } from '@tanstack/react-query';
import { Link } from '@tanstack/react-router';
import type { ReactNode } from 'react';
import { peopleQuery, sessionQuery, workloadsQuery } from '../../api/queries.ts';
import { strings } from '../../strings/en.ts';
import { shortId } from '../../ui/format.ts';
import { useLook } from '../../ui/may.tsx';

const text = strings.audit;

/** Names for those whom the log knows by an id. */
export function useActorName(): (by: string | null) => string {
  const person = useQuery(sessionQuery).data?.person;
  const workloads = useLook('workloads.view', workloadsQuery).data?.workloads ?? [];
  const people = useLook('people.view', peopleQuery).data?.people ?? [];
  return (by) => {
    if (by == null) return text.forgotten;
    const [, kind, name] = /^(person|workflow|integration|system):(.+)$/.exec(by) ?? [null, null, by];
    if (kind === 'workflow') return text.workflow(name ?? '');
    if (kind === 'integration') return text.integration(name ?? '');
    if (kind === 'system') return text.system;
    if (by === 'installation') return text.installation;
    if (name === person) return text.you;
    if (kind === 'person' || by.startsWith('per_')) return people.find(({ id }) => id === name)?.name ?? text.person;
    return workloads.find(({ id }) => id === by)?.name ?? shortId(by);
  };
}

/** Who may have written a value, as its label names them. */
export function useSourceNames(): (sources: readonly string[]) => readonly string[] {
  const nameOf = useActorName();
  const words = strings.lineage.sources;
  return (sources) =>
    sources.map((source) => {
      const [kind = '', ...rest] = source.split(':');
      return kind === 'person' ? nameOf(source) : (words[kind]?.(rest.join(':')) ?? source);
    });
}

/** The screen that shows what an event is about; `null` when there is none. */
export function SubjectLink({ subject }: { subject: string }): ReactNode {
  const words = <span className="mono">{shortId(subject)}</span>;
  if (subject.startsWith('call_')) {
    return (
      <Link to="/calls/$id" params={{ id: subject }} title={subject}>
        {words}
      </Link>
    );
  }
  if (subject.startsWith('run_')) {
    return (
      <Link to="/runs/$id" params={{ id: subject }} title={subject}>
        {words}
      </Link>
    );
  }
  if (subject.startsWith('apr_')) {
    return (
      <Link to="/inbox/$id" params={{ id: subject }} title={subject}>
        {words}
      </Link>
    );
  }
  return (
    <Link to="/audit" search={{ subject }} title={subject}>
      {words}
    </Link>
  );
}
