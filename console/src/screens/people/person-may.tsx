// What somebody may do and through which grant, by area; and a place to try one action on one thing. What it says is what the server decides.

import { useQuery } from '@tanstack/react-query';
import { getRouteApi, useNavigate } from '@tanstack/react-router';
import { type ReactNode, useState } from 'react';
import { type EffectiveGrant, type Explanation, effectiveQuery, explainQuery, type On } from '../../api/access.ts';
import type { PersonSearch } from '../../api/people.ts';
import { integrationsQuery } from '../../api/queries.ts';
import { workflowsQuery } from '../../api/workflows.ts';
import { actionName, actionWords, areaWords, roleName } from '../../strings/en/access-words.ts';
import { strings } from '../../strings/en.ts';
import { Badge } from '../../ui/badge.tsx';
import { Select, TextInput } from '../../ui/fields.tsx';
import { useLook } from '../../ui/may.tsx';
import { Answer } from '../../ui/states.tsx';
import { Table } from '../../ui/table.tsx';
import { visible } from '../../ui/visible.ts';
import { scopeWords, useViaWords } from './people-words.tsx';

const text = strings.people.may;
const route = getRouteApi('/frame/people/$id');

export function PersonMay({ person }: { person: string }): ReactNode {
  return (
    <div className="stack">
      <Explorer person={person} />
      <Granted person={person} />
    </div>
  );
}

/** The question stands in the address, so that an answer can be shown to somebody. */
function Explorer({ person }: { person: string }): ReactNode {
  const search = route.useSearch();
  const navigate = useNavigate();
  const workflows = useLook('workflows.view', workflowsQuery).data?.summaries ?? [];
  const integrations = useLook('integrations.view', integrationsQuery).data?.integrations ?? [];
  const { action, kind, name } = search;
  const on: On | null = kind === undefined || name === undefined ? null : { kind: kind as On['kind'], name };
  const set = (change: { readonly [K in keyof PersonSearch]?: string | undefined }): void => {
    const next = Object.entries({ ...search, ...change }).filter(([, value]) => value !== undefined && value !== '');
    void navigate({
      to: '/people/$id',
      params: { id: person },
      search: Object.fromEntries(next) as PersonSearch,
      replace: true,
      resetScroll: false,
    });
  };
  const names = kind === 'workflow' ? workflows.map((one) => one.name) : kind === 'integration' ? integrations.map((one) => one.name) : [];
  return (
    <section className="sheet stack tight" aria-labelledby="explain">
      <div>
        <h2 id="explain">{text.explain}</h2>
        <p className="small soft">{text.explainLead}</p>
      </div>
      <div className="filters">
        <Select label={text.action} value={action} anyName={text.pick} options={actionWords} onChange={(next) => set({ action: next })} />
        <Select
          label={text.on}
          value={kind}
          anyName={text.onAll}
          options={{ workflow: strings.people.grants.scopes.workflow ?? '', integration: strings.people.grants.scopes.integration ?? '' }}
          onChange={(next) => set({ kind: next, name: undefined })}
        />
        {kind === undefined ? null : (
          <Select
            label={text.onName}
            value={name}
            anyName={strings.none}
            options={Object.fromEntries(names.map((one) => [one, one]))}
            onChange={(next) => set({ name: next })}
          />
        )}
      </div>
      {action === undefined ? null : <AnswerTo key={`${action} ${kind} ${name}`} person={person} action={action} on={on} />}
    </section>
  );
}

function AnswerTo({ person, action, on }: { person: string; action: string; on: On | null }): ReactNode {
  const query = useQuery(explainQuery({ person, action, on }));
  return <Answer query={query}>{(answer) => <Verdict answer={answer} />}</Answer>;
}

function Verdict({ answer }: { answer: Explanation }): ReactNode {
  const viaWords = useViaWords();
  return (
    <div className={`verdict-line ${answer.isAllowed ? 'good' : 'bad'}`} role="status">
      <p className="row snug">
        <Badge tone={answer.isAllowed ? 'good' : 'bad'}>{answer.isAllowed ? text.allowed : text.denied}</Badge>
        <span>{answer.reason === null ? '' : visible(answer.reason)}</span>
      </p>
      <dl className="facts">
        {answer.grant === null ? null : (
          <>
            <dt>{text.grant}</dt>
            <dd>{text.through(roleName(answer.grant.role), viaWords(answer.grant.via))}</dd>
          </>
        )}
        {answer.rule === null && answer.code === null ? null : (
          <>
            <dt>{text.rule}</dt>
            <dd>
              {answer.rule === null ? null : <code>{answer.rule}</code>}{' '}
              {answer.code === null ? null : <code className="soft">{answer.code}</code>}
            </dd>
          </>
        )}
        {answer.isAllowed ? null : (
          <>
            <dt>{text.roles}</dt>
            <dd>{answer.allowedRoles.length === 0 ? text.rolesNone : answer.allowedRoles.map(roleName).join(', ')}</dd>
          </>
        )}
      </dl>
    </div>
  );
}

/** Each action once, with every grant that gives it. */
function throughOf(grants: readonly EffectiveGrant[]): ReadonlyMap<string, readonly EffectiveGrant[]> {
  const through = new Map<string, EffectiveGrant[]>();
  for (const grant of grants) {
    for (const action of grant.actions) {
      const list = through.get(action);
      if (list === undefined) through.set(action, [grant]);
      else list.push(grant);
    }
  }
  return through;
}

interface Row {
  readonly area: string;
  readonly action: string;
  readonly grants: readonly EffectiveGrant[];
}

/** In the order of the areas. */
function rowsOf(through: ReadonlyMap<string, readonly EffectiveGrant[]>): readonly Row[] {
  return Object.entries(areaWords).flatMap(([area, word]) =>
    [...through].flatMap(([action, grants]) => (action.startsWith(`${area}.`) ? [{ area: word, action, grants }] : [])),
  );
}

function Granted({ person }: { person: string }): ReactNode {
  const query = useQuery(effectiveQuery(person));
  const viaWords = useViaWords();
  const [wanted, setWanted] = useState('');
  return (
    <section className="stack tight" aria-labelledby="granted">
      <div className="row between">
        <div>
          <h2 id="granted">{text.title}</h2>
          <p className="small soft">{text.lead}</p>
        </div>
        <div className="find">
          <TextInput label={text.filter} value={wanted} onChange={setWanted} />
        </div>
      </div>
      <Answer query={query}>
        {(data) => {
          const through = throughOf(data.grants);
          const fits = (action: string): boolean =>
            `${action} ${actionName(action)}`.toLocaleLowerCase().includes(wanted.toLocaleLowerCase());
          return (
            <>
              <Table
                caption={text.title}
                rows={rowsOf(through).filter(({ action }) => fits(action))}
                keyOf={({ action }) => action}
                columns={[
                  { key: 'area', head: text.area, cell: ({ area }) => <span className="soft">{area}</span> },
                  { key: 'action', head: text.action, cell: ({ action }) => actionName(action) },
                  {
                    key: 'through',
                    head: text.throughHead,
                    cell: ({ grants: ways }) => <span className="small">{waysOf(ways, viaWords)}</span>,
                  },
                ]}
              />
              <p className="small soft">{text.notGranted(Object.keys(actionWords).filter((action) => !through.has(action)).length)}</p>
            </>
          );
        }}
      </Answer>
    </section>
  );
}

function waysOf(grants: readonly EffectiveGrant[], viaWords: (via: string) => string): string {
  const ways = grants.map(({ role, via, scope }) => {
    const way = via === 'direct' ? roleName(role) : text.through(roleName(role), viaWords(via));
    return Object.keys(scope).length === 0 ? way : `${way}: ${scopeWords(scope)}`;
  });
  return [...new Set(ways)].join('; ');
}
