// Groups: who is in each and which roles it gives. Groups that come from a company directory are shown and changed there.

import { useQuery } from '@tanstack/react-query';
import { Link } from '@tanstack/react-router';
import { type FormEvent, type ReactNode, useState } from 'react';
import { addGroup, deleteGroup, dropMember, type GroupView, groupsQuery, putMember, renameGroup } from '../../api/access.ts';
import type { Person } from '../../api/people.ts';
import { peopleQuery } from '../../api/queries.ts';
import { strings } from '../../strings/en.ts';
import { Button } from '../../ui/button.tsx';
import { Confirm } from '../../ui/confirm.tsx';
import { Dialog } from '../../ui/dialog.tsx';
import { FaultLine, faultOf } from '../../ui/fault-line.tsx';
import { Select, TextInput } from '../../ui/fields.tsx';
import { MayButton, useLook } from '../../ui/may.tsx';
import { Answer, Notice } from '../../ui/states.tsx';
import { useToast } from '../../ui/toast.tsx';
import { useWork } from '../../ui/use-work.ts';
import { visible } from '../../ui/visible.ts';
import { PeoplePage } from './people-frame.tsx';
import { nameOf } from './people-words.tsx';
import { PersonGrants } from './person-grants.tsx';
import { useRefreshAccess } from './use-refresh-access.ts';

const text = strings.people.group;

export function GroupsScreen(): ReactNode {
  const query = useQuery(groupsQuery);
  const people = useLook('people.view', peopleQuery).data?.people ?? [];
  const [isAdding, setAdding] = useState(false);
  return (
    <PeoplePage
      lead={text.lead}
      actions={
        <MayButton action="access.grant" look="primary" onPress={() => setAdding(true)}>
          {text.add}
        </MayButton>
      }
    >
      <Answer query={query}>
        {({ groups }) =>
          groups.length === 0 ? (
            <Notice icon="empty" title={text.emptyTitle}>
              <p>{text.emptyLead}</p>
            </Notice>
          ) : (
            groups.map((group) => <Group key={group.id} group={group} people={people} />)
          )
        }
      </Answer>
      {isAdding ? <AddGroup onClose={() => setAdding(false)} /> : null}
    </PeoplePage>
  );
}

function Group({ group, people }: { group: GroupView; people: readonly Person[] }): ReactNode {
  const refresh = useRefreshAccess();
  const say = useToast();
  const [asked, setAsked] = useState<'member' | 'rename' | 'delete' | null>(null);
  const isLocal = group.source === 'local';
  const name = visible(group.name);
  const headline = `group-${group.id}`;
  const members = group.members.map((id) => people.find((person) => person.id === id) ?? { id, name: null });
  async function change(work: () => Promise<unknown>, said: string, undo?: () => void): Promise<void> {
    try {
      await work();
      say(said, undo === undefined ? undefined : { name: text.undo, run: undo });
    } catch (error) {
      say(faultOf(error).message || strings.states.failedTitle);
    }
    await refresh();
  }
  const putBack = (person: string, who: string) => (): void => void change(() => putMember(group.id, person), text.added(who, name));
  return (
    <article className="sheet stack" aria-labelledby={headline}>
      <div className="row between">
        <h2 id={headline} className="row snug">
          {name}
          <span className="tag">{text.sources[group.source] ?? group.source}</span>
          <span className="small soft">{text.members(members.length)}</span>
        </h2>
        {isLocal ? (
          <div className="row snug">
            <MayButton action="access.grant" isCompact aria-label={text.addMemberTo(name)} onPress={() => setAsked('member')}>
              {text.addMember}
            </MayButton>
            <MayButton action="access.grant" isCompact aria-label={text.renameOf(name)} onPress={() => setAsked('rename')}>
              {text.rename}
            </MayButton>
            <MayButton action="access.grant" isCompact look="danger" aria-label={text.deleteOf(name)} onPress={() => setAsked('delete')}>
              {text.delete}
            </MayButton>
          </div>
        ) : null}
      </div>
      {members.length === 0 ? (
        <p className="soft small">{text.membersNone}</p>
      ) : (
        <ul className="members">
          {members.map((person) => {
            const who = nameOf(person);
            return (
              <li key={person.id}>
                <Link to="/people/$id" params={{ id: person.id }}>
                  {who}
                </Link>
                {isLocal ? (
                  <MayButton
                    action="access.grant"
                    isCompact
                    look="quiet"
                    aria-label={text.removeMemberOf(who, name)}
                    onPress={() => void change(() => dropMember(group.id, person.id), text.removed(who, name), putBack(person.id, who))}
                  >
                    {text.removeMember}
                  </MayButton>
                ) : null}
              </li>
            );
          })}
        </ul>
      )}
      <PersonGrants subject={group.id} name={name} />
      {asked === 'member' ? (
        <AddMember
          group={name}
          people={people.filter(({ id }) => !group.members.includes(id))}
          onPick={(person, who) => {
            setAsked(null);
            void change(() => putMember(group.id, person), text.added(who, name));
          }}
          onClose={() => setAsked(null)}
        />
      ) : null}
      {asked === 'rename' ? <RenameGroup group={group} onClose={() => setAsked(null)} /> : null}
      {asked === 'delete' ? (
        <Confirm
          title={text.deleteTitle(name)}
          lead={text.deleteLead(members.length)}
          yes={text.delete}
          done={text.deleted(name)}
          look="danger"
          work={(reason) => deleteGroup(group.id, reason)}
          onClose={() => setAsked(null)}
          onDone={refresh}
        />
      ) : null}
    </article>
  );
}

interface MemberProps {
  readonly group: string;
  readonly people: readonly Person[];
  readonly onPick: (person: string, who: string) => void;
  readonly onClose: () => void;
}

function AddMember({ group, people, onPick, onClose }: MemberProps): ReactNode {
  const [chosen, setChosen] = useState<string | undefined>(undefined);
  const person = people.find(({ id }) => id === chosen);
  return (
    <Dialog title={text.addMemberTo(group)} isOpen onClose={onClose}>
      <Select
        label={text.pick}
        value={chosen}
        anyName={strings.none}
        options={Object.fromEntries(people.map((one) => [one.id, nameOf(one)]))}
        onChange={setChosen}
      />
      <div className="row">
        <Button look="primary" isDisabled={person === undefined} onPress={() => person && onPick(person.id, nameOf(person))}>
          {text.addIt}
        </Button>
        <Button onPress={onClose}>{strings.cancel}</Button>
      </div>
    </Dialog>
  );
}

function RenameGroup({ group, onClose }: { group: GroupView; onClose: () => void }): ReactNode {
  const refresh = useRefreshAccess();
  const say = useToast();
  const [name, setName] = useState(group.name);
  const { fault, run } = useWork();
  const wanted = name.trim();
  async function rename(event: FormEvent): Promise<void> {
    event.preventDefault();
    await run(async () => {
      await renameGroup(group.id, wanted);
      say(text.renamed(wanted));
      onClose();
      await refresh();
    });
  }
  return (
    <Dialog title={text.renameOf(visible(group.name))} isOpen onClose={onClose}>
      <form className="stack tight" onSubmit={(event) => void rename(event)}>
        <TextInput label={text.name} value={name} onChange={setName} />
        <FaultLine fault={fault} />
        <div className="row">
          <Button type="submit" look="primary" isDisabled={wanted === '' || wanted === group.name}>
            {text.rename}
          </Button>
          <Button onPress={onClose}>{strings.cancel}</Button>
        </div>
      </form>
    </Dialog>
  );
}

function AddGroup({ onClose }: { onClose: () => void }): ReactNode {
  const refresh = useRefreshAccess();
  const say = useToast();
  const [name, setName] = useState('');
  const { fault, run } = useWork();
  async function create(event: FormEvent): Promise<void> {
    event.preventDefault();
    await run(async () => {
      await addGroup(name.trim());
      say(text.created(name.trim()));
      onClose();
      await refresh();
    });
  }
  return (
    <Dialog title={text.add} isOpen onClose={onClose}>
      <form className="stack tight" onSubmit={(event) => void create(event)}>
        <TextInput label={text.name} value={name} onChange={setName} />
        <FaultLine fault={fault} />
        <div className="row">
          <Button type="submit" look="primary" isDisabled={name.trim() === ''}>
            {text.create}
          </Button>
          <Button onPress={onClose}>{strings.cancel}</Button>
        </div>
      </form>
    </Dialog>
  );
}
