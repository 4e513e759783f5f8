// Starts a review: what is looked at, who decides, until when.

import { useQueryClient } from '@tanstack/react-query';
import { useNavigate } from '@tanstack/react-router';
import { type FormEvent, type ReactNode, useState } from 'react';
import { rolesQuery } from '../../api/access.ts';
import { peopleQuery } from '../../api/queries.ts';
import { createReview } from '../../api/reviews.ts';
import { roleName } from '../../strings/en/access-words.ts';
import { strings } from '../../strings/en.ts';
import { Button } from '../../ui/button.tsx';
import { Dialog } from '../../ui/dialog.tsx';
import { FaultLine } from '../../ui/fault-line.tsx';
import { DateTimeInput, Select, TextInput } from '../../ui/fields.tsx';
import { useLook } from '../../ui/may.tsx';
import { useToast } from '../../ui/toast.tsx';
import { useWork } from '../../ui/use-work.ts';
import { nameOf } from './people-words.tsx';

const text = strings.reviews.add;
const FORTNIGHT_MS = 14 * 86_400_000;

export function AddReview({ onClose }: { onClose: () => void }): ReactNode {
  const client = useQueryClient();
  const navigate = useNavigate();
  const say = useToast();
  const people = useLook('people.view', peopleQuery).data?.people ?? [];
  const roles = useLook('access.view', rolesQuery).data?.roles ?? [];
  const [name, setName] = useState('');
  const [withPeople, setWithPeople] = useState(true);
  const [withPrograms, setWithPrograms] = useState(true);
  const [role, setRole] = useState<string | undefined>(undefined);
  const [reviewers, setReviewers] = useState<readonly string[]>([]);
  const [due, setDue] = useState<string | null>(() => new Date(Date.now() + FORTNIGHT_MS).toISOString());
  const { fault, run } = useWork();
  const isReady = name.trim() !== '' && (withPeople || withPrograms) && reviewers.length > 0 && due !== null;

  async function start(event: FormEvent): Promise<void> {
    event.preventDefault();
    if (due === null) return;
    await run(async () => {
      const scope = { people: withPeople, workloads: withPrograms, ...(role === undefined ? {} : { role }) };
      const made = await createReview({ name: name.trim(), scope, reviewers, dueAt: due });
      say(text.started(name.trim()));
      onClose();
      await client.invalidateQueries({ queryKey: ['reviews'] });
      await navigate({ to: '/people/reviews/$id', params: { id: made.id } });
    });
  }

  return (
    <Dialog title={text.title} isOpen onClose={onClose}>
      <form className="stack tight" onSubmit={(event) => void start(event)}>
        <TextInput label={text.name} hint={text.nameHint} value={name} onChange={setName} />
        <fieldset className="field">
          <legend className="label">{text.scope}</legend>
          <Tick name={text.people} isOn={withPeople} onChange={setWithPeople} />
          <Tick name={text.workloads} isOn={withPrograms} onChange={setWithPrograms} />
        </fieldset>
        {withPeople ? (
          <Select
            label={text.role}
            value={role}
            options={Object.fromEntries(roles.map((one) => [one.role, roleName(one.role)]))}
            onChange={setRole}
          />
        ) : null}
        <fieldset className="field">
          <legend className="label">{text.reviewers}</legend>
          {people.map((person) => (
            <Tick
              key={person.id}
              name={nameOf(person)}
              isOn={reviewers.includes(person.id)}
              onChange={(isOn) => setReviewers(isOn ? [...reviewers, person.id] : reviewers.filter((id) => id !== person.id))}
            />
          ))}
          <span className="soft">{text.reviewersNote}</span>
        </fieldset>
        <DateTimeInput label={text.due} value={due} onChange={setDue} />
        <FaultLine fault={fault} />
        {isReady ? null : <p className="small soft">{text.needs}</p>}
        <div className="row">
          <Button type="submit" look="primary" isDisabled={!isReady}>
            {text.go}
          </Button>
          <Button onPress={onClose}>{strings.cancel}</Button>
        </div>
      </form>
    </Dialog>
  );
}

function Tick({ name, isOn, onChange }: { name: string; isOn: boolean; onChange: (isOn: boolean) => void }): ReactNode {
  return (
    <label className="row check">
      <input type="checkbox" checked={isOn} onChange={() => onChange(!isOn)} />
      {name}
    </label>
  );
}
