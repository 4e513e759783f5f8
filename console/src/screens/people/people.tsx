// Who has access: roles, last sign-in, passkey, and what should be looked at. Filters stand in the address; j and k move through the rows.

import { useQuery } from '@tanstack/react-query';
import { getRouteApi, Link, useNavigate } from '@tanstack/react-router';
import { lazy, type ReactNode, Suspense, useState } from 'react';
import { isStale, type PeopleSearch, type Person, STALE_DAYS, withFacts } from '../../api/people.ts';
import { peopleQuery, sessionQuery } from '../../api/queries.ts';
import { roleName } from '../../strings/en/access-words.ts';
import { strings } from '../../strings/en.ts';
import { Badge } from '../../ui/badge.tsx';
import { Callout } from '../../ui/callout.tsx';
import { Select, TextInput } from '../../ui/fields.tsx';
import { Time } from '../../ui/format.ts';
import { Icon } from '../../ui/icons.tsx';
import { MayButton } from '../../ui/may.tsx';
import { useRowKeys } from '../../ui/shortcuts.ts';
import { Answer, Loading, NoMatch } from '../../ui/states.tsx';
import { type Column, Table } from '../../ui/table.tsx';
import { FlagOf } from '../alerts/flagged.tsx';
import { usePeopleFacts } from './people-facts.ts';
import { PeoplePage } from './people-frame.tsx';
import { nameOf, RoleTags, Until } from './people-words.tsx';

const Invite = lazy(() => import('./invite.tsx').then((file) => ({ default: file.Invite })));
const text = strings.people;
const route = getRouteApi('/frame/people');

export function PeopleScreen(): ReactNode {
  const search = route.useSearch();
  const navigate = useNavigate();
  const query = useQuery(peopleQuery);
  const session = useQuery(sessionQuery).data;
  const facts = usePeopleFacts();
  const [isInviting, setInviting] = useState(false);
  const set = (change: Partial<Record<keyof PeopleSearch, string | undefined>>): void => {
    const next = Object.entries({ ...search, ...change }).filter(([, value]) => value !== undefined && value !== '');
    void navigate({ to: '/people', search: Object.fromEntries(next) as PeopleSearch, replace: true });
  };
  useRowKeys();
  return (
    <PeoplePage
      actions={
        <MayButton action="people.manage" look="primary" onPress={() => setInviting(true)}>
          {text.invite.open}
        </MayButton>
      }
    >
      {session?.isSolo === true ? (
        <Callout tone="info" icon="person">
          <p>
            <b>{text.solo.title}</b>
          </p>
          <p className="small">{text.solo.lead}</p>
        </Callout>
      ) : null}
      <Answer query={query}>
        {({ people }) => (
          <>
            <Filters search={search} people={people} onChange={set} />
            {facts.isLoading && search.show !== undefined ? (
              <Loading />
            ) : (
              <List people={people.map((person) => withFacts(person, facts))} search={search} me={session?.person ?? ''} />
            )}
          </>
        )}
      </Answer>
      {isInviting ? (
        <Suspense fallback={null}>
          <Invite onClose={() => setInviting(false)} />
        </Suspense>
      ) : null}
    </PeoplePage>
  );
}

type Change = Partial<Record<keyof PeopleSearch, string | undefined>>;

function Filters({
  search,
  people,
  onChange,
}: {
  search: PeopleSearch;
  people: readonly Person[];
  onChange: (change: Change) => void;
}): ReactNode {
  const held = [...new Set(people.flatMap(({ roles }) => roles))].toSorted();
  return (
    <div className="filters">
      <TextInput label={text.search} value={search.q ?? ''} onChange={(q) => onChange({ q })} />
      <Select
        label={text.role}
        value={search.role}
        options={Object.fromEntries(held.map((role) => [role, roleName(role)]))}
        onChange={(role) => onChange({ role })}
      />
      <Select label={text.show} value={search.show} options={text.shows} onChange={(show) => onChange({ show })} />
    </div>
  );
}

const SHOWS: Readonly<Record<string, (person: Person, now: number) => boolean>> = {
  stale: isStale,
  conflicts: ({ conflicts = [] }) => conflicts.length > 0,
  nopasskey: ({ hasPasskey }) => hasPasskey === false,
  timed: ({ endsAt = null }) => endsAt !== null,
};

function List({ people, search, me }: { people: readonly Person[]; search: PeopleSearch; me: string }): ReactNode {
  const navigate = useNavigate();
  const now = Date.now();
  const wanted = search.q?.toLocaleLowerCase() ?? '';
  const shows = search.show === undefined ? undefined : SHOWS[search.show];
  const rows = people.filter(
    (person) =>
      nameOf(person).toLocaleLowerCase().includes(wanted) &&
      (search.role === undefined || person.roles.includes(search.role)) &&
      (shows === undefined || shows(person, now)),
  );
  if (rows.length === 0) return <NoMatch onClear={() => void navigate({ to: '/people', search: {} })} />;
  return (
    <>
      <p className="small soft" role="status">
        {text.count(rows.length, people.length)}
      </p>
      <Table caption={text.nav.people} rows={rows} keyOf={({ id }) => id} columns={columnsOf(me, now)} />
    </>
  );
}

const columnsOf = (me: string, now: number): readonly Column<Person>[] => [
  {
    key: 'person',
    head: text.person,
    cell: (person) => (
      <>
        <span className="row snug">
          <Link className="go" to="/people/$id" params={{ id: person.id }}>
            {nameOf(person)}
          </Link>
          <FlagOf subject={person.id} />
          {person.id === me ? <span className="tag">{text.you}</span> : null}
        </span>
        {(person.groups ?? []).length === 0 ? null : (
          <div className="small soft">{(person.groups ?? []).map(({ name }) => name).join(', ')}</div>
        )}
      </>
    ),
  },
  {
    key: 'roles',
    head: text.roles,
    cell: (person) => (
      <>
        <RoleTags roles={person.roles} />
        {person.endsAt == null ? null : (
          <div className="small soft">
            <Until at={person.endsAt} />
          </div>
        )}
      </>
    ),
  },
  { key: 'signed', head: text.signedIn, cell: (person) => <SignedIn person={person} /> },
  {
    key: 'passkey',
    head: text.passkey,
    cell: ({ hasPasskey }) =>
      hasPasskey === true ? (
        <span className="yes">
          <Icon name="good" size={14} />
          {text.hasPasskey}
        </span>
      ) : (
        <span className="soft">{text.noPasskey}</span>
      ),
  },
  { key: 'look', head: text.attention, cell: (person) => <Attention person={person} now={now} /> },
];

function SignedIn({ person: { signedInAt, sessions } }: { person: Person }): ReactNode {
  if (signedInAt === null) return <span className="soft">{text.neverSignedIn}</span>;
  return (
    <>
      <Time iso={signedInAt} />
      {(sessions ?? 0) > 0 ? (
        <div className="small">
          <span className="here">{text.sessions}</span>
        </div>
      ) : null}
    </>
  );
}

function Attention({ person, now }: { person: Person; now: number }): ReactNode {
  const conflicts = person.roles.includes('owner') ? 0 : (person.conflicts ?? []).length;
  const isOld = isStale(person, now);
  if (conflicts === 0 && !isOld) return <span className="soft">{text.fine}</span>;
  return (
    <span className="row snug">
      {conflicts === 0 ? null : <Badge tone="warn">{text.conflicts(conflicts)}</Badge>}
      {isOld ? <Badge tone="warn">{person.signedInAt === null ? text.invited : text.stale(STALE_DAYS)}</Badge> : null}
    </span>
  );
}
