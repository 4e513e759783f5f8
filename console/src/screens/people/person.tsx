// One person: who they are, what they hold and why, what they may do on what, where they are signed in, and what of it they use.

import { useQuery, useQueryClient } from '@tanstack/react-query';
import { getRouteApi, Link, useNavigate } from '@tanstack/react-router';
import { lazy, type ReactNode, Suspense, useState } from 'react';
import { effectiveQuery } from '../../api/access.ts';
import { type Person, removePerson, withFacts } from '../../api/people.ts';
import { peopleQuery, sessionQuery } from '../../api/queries.ts';
import { strings } from '../../strings/en.ts';
import { Confirm } from '../../ui/confirm.tsx';
import { formatDay, Time } from '../../ui/format.ts';
import { MayButton, useMay } from '../../ui/may.tsx';
import { Answer, Loading, Notice } from '../../ui/states.tsx';
import { Tabs } from '../../ui/tabs.tsx';
import { usePeopleFacts } from './people-facts.ts';
import { PeoplePage } from './people-frame.tsx';
import { Conflicts, nameOf, RoleTags } from './people-words.tsx';
import { PersonGrants } from './person-grants.tsx';

const PersonMay = lazy(() => import('./person-may.tsx').then((file) => ({ default: file.PersonMay })));
const PersonSessions = lazy(() => import('./person-sessions.tsx').then((file) => ({ default: file.PersonSessions })));
const PersonUsed = lazy(() => import('./person-used.tsx').then((file) => ({ default: file.PersonUsed })));
const NewLink = lazy(() => import('./new-link.tsx').then((file) => ({ default: file.NewLink })));
const text = strings.people;
const route = getRouteApi('/frame/people/$id');

export function PersonScreen(): ReactNode {
  const { id } = route.useParams();
  const session = useQuery(sessionQuery).data;
  const maySee = session?.can.includes('people.view') === true;
  const query = useQuery({ ...peopleQuery, enabled: maySee });
  const facts = usePeopleFacts();
  // Everybody may look at themselves.
  const self: Person | null =
    session?.person === id
      ? { id, name: session.name, roles: session.roles, addedAt: '', signedInAt: null, hasPasskey: session.hasPasskey }
      : null;
  if (!maySee && self !== null) return <One person={self} isMe />;
  return (
    <Answer query={query}>
      {({ people }) => {
        const known = people.find((one) => one.id === id);
        const person = known === undefined ? self : withFacts(known, facts);
        return person === null ? (
          <PeoplePage>
            <Notice icon="search" title={strings.states.notFoundTitle}>
              <p>{strings.states.notFoundLead}</p>
              <Link to="/people">{text.one.back}</Link>
            </Notice>
          </PeoplePage>
        ) : (
          <One person={person} isMe={session?.person === id} />
        );
      }}
    </Answer>
  );
}

function One({ person, isMe }: { person: Person; isMe: boolean }): ReactNode {
  const search = route.useSearch();
  const navigate = useNavigate();
  const name = nameOf(person);
  const maySee = useMay('access.view').isAllowed;
  const conflicts = useQuery({ ...effectiveQuery(person.id), enabled: isMe || maySee }).data?.conflicts ?? [];
  const can = useQuery(sessionQuery).data?.can ?? [];
  const panel = (children: ReactNode) => (): ReactNode => <Suspense fallback={<Loading />}>{children}</Suspense>;
  // One may look at oneself; at others only with what that takes.
  const parts = [
    { id: 'grants', needs: 'access.view', isOwn: true, panel: panel(<PersonGrants subject={person.id} name={name} />) },
    { id: 'may', needs: 'access.view', isOwn: true, panel: panel(<PersonMay person={person.id} />) },
    { id: 'sessions', needs: 'sessions.view', isOwn: true, panel: panel(<PersonSessions person={person.id} isMe={isMe} />) },
    { id: 'used', needs: 'least.view', isOwn: false, panel: panel(<PersonUsed subject={person.id} />) },
  ];
  const tabs = parts
    .filter(({ needs, isOwn }) => can.includes(needs) || (isOwn && isMe))
    .map((part) => ({ ...part, name: text.one.tabs[part.id] ?? '' }));
  const chosen = tabs.some(({ id }) => id === search.tab) ? search.tab : tabs[0]?.id;
  return (
    <PeoplePage title={name} lead={isMe ? text.you : ''} actions={<Actions person={person} isMe={isMe} />}>
      <Facts person={person} />
      {conflicts.length === 0 ? null : (
        <section className="sheet stack tight" aria-labelledby="conflicts">
          <h2 id="conflicts">{text.one.conflictsTitle}</h2>
          {person.roles.includes('owner') ? <p className="small soft">{text.one.ownerConflicts}</p> : <Conflicts conflicts={conflicts} />}
        </section>
      )}
      {chosen === undefined ? null : (
        <Tabs
          label={text.one.tabsLabel}
          chosen={chosen}
          onChoose={(tab) =>
            void navigate({ to: '/people/$id', params: { id: person.id }, search: { ...search, tab }, replace: true, resetScroll: false })
          }
          tabs={tabs}
        />
      )}
    </PeoplePage>
  );
}

function Facts({ person }: { person: Person }): ReactNode {
  const groups = person.groups ?? [];
  return (
    <dl className="fact-row">
      <div>
        <dt>{text.roles}</dt>
        <dd>
          <RoleTags roles={person.roles} />
        </dd>
      </div>
      <div>
        <dt>{text.one.memberOf}</dt>
        <dd>{groups.length === 0 ? <span className="soft">{text.one.noGroup}</span> : groups.map(({ name }) => name).join(', ')}</dd>
      </div>
      {person.addedAt === '' ? null : (
        <>
          <div>
            <dt>{text.signedIn}</dt>
            <dd>{person.signedInAt === null ? text.neverSignedIn : <Time iso={person.signedInAt} />}</dd>
          </div>
          <div>
            <dt>{text.one.added}</dt>
            <dd>{formatDay(person.addedAt)}</dd>
          </div>
        </>
      )}
      <div>
        <dt>{text.passkey}</dt>
        <dd>{person.hasPasskey === true ? text.hasPasskey : text.noPasskey}</dd>
      </div>
    </dl>
  );
}

function Actions({ person, isMe }: { person: Person; isMe: boolean }): ReactNode {
  const client = useQueryClient();
  const navigate = useNavigate();
  const [asked, setAsked] = useState<'link' | 'remove' | null>(null);
  const name = nameOf(person);
  const on = { kind: 'person', name: person.id } as const;
  if (isMe) return null;
  return (
    <div className="row">
      <MayButton action="people.manage" on={on} isCompact onPress={() => setAsked('link')}>
        {text.invite.again}
      </MayButton>
      <MayButton action="people.manage" on={on} look="danger" onPress={() => setAsked('remove')}>
        {text.remove.open}
      </MayButton>
      {asked === 'link' ? (
        <Suspense fallback={null}>
          <NewLink person={person.id} name={name} onClose={() => setAsked(null)} />
        </Suspense>
      ) : null}
      {asked === 'remove' ? (
        <Confirm
          title={text.remove.title(name)}
          lead={text.remove.lead}
          yes={text.remove.go}
          done={text.remove.done(name)}
          look="danger"
          work={(reason) => removePerson(person.id, reason)}
          onClose={() => setAsked(null)}
          onDone={async () => {
            await navigate({ to: '/people' });
            await client.invalidateQueries({ queryKey: ['people'] });
          }}
        >
          <ul className="consequences small">
            {text.remove.consequences.map((line) => (
              <li key={line}>{line}</li>
            ))}
          </ul>
          <p className="small">{text.remove.undo}</p>
        </Confirm>
      ) : null}
    </div>
  );
}
