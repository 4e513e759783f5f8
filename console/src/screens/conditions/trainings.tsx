// Trainings and policies on record, and recording one.

import { useQueryClient } from '@tanstack/react-query';
import { type FormEvent, type ReactNode, useState } from 'react';
import { type Conditions, conditionsQuery, recordTraining } from '../../api/conditions.ts';
import { peopleQuery } from '../../api/queries.ts';
import { strings } from '../../strings/en.ts';
import { Button } from '../../ui/button.tsx';
import { Dialog } from '../../ui/dialog.tsx';
import { FaultLine } from '../../ui/fault-line.tsx';
import { DateTimeInput, Select, TextInput } from '../../ui/fields.tsx';
import { Time } from '../../ui/format.ts';
import { MayButton, useLook } from '../../ui/may.tsx';
import { Table } from '../../ui/table.tsx';
import { useToast } from '../../ui/toast.tsx';
import { useWork } from '../../ui/use-work.ts';
import { visible } from '../../ui/visible.ts';

const text = strings.conditions;
const YEAR_MS = 365 * 24 * 3_600_000;

export function Trainings({ conditions }: { conditions: Conditions }): ReactNode {
  const [isRecording, setRecording] = useState(false);
  const { acknowledgements, settings } = conditions;
  return (
    <section className="sheet stack tight" aria-labelledby="trainings">
      <div className="row between">
        <h2 id="trainings">{text.trainings}</h2>
        <MayButton action="conditions.manage" onPress={() => setRecording(true)}>
          {text.record}
        </MayButton>
      </div>
      {acknowledgements.length === 0 ? (
        <p className="soft small">{text.trainingNone}</p>
      ) : (
        <Table
          caption={text.trainings}
          rows={acknowledgements}
          keyOf={({ person, course }) => `${person} ${course}`}
          columns={[
            { key: 'person', head: text.person, cell: ({ name }) => visible(name) },
            { key: 'course', head: text.course, cell: ({ course }) => course },
            { key: 'expires', head: text.expires, cell: ({ expiresAt }) => <Time iso={expiresAt} /> },
          ]}
        />
      )}
      {isRecording ? <RecordDialog required={settings.training?.required ?? []} onClose={() => setRecording(false)} /> : null}
    </section>
  );
}

function RecordDialog({ required, onClose }: { required: readonly string[]; onClose: () => void }): ReactNode {
  const client = useQueryClient();
  const say = useToast();
  const people = useLook('people.view', peopleQuery).data?.people ?? [];
  const [person, setPerson] = useState<string | undefined>(undefined);
  const [course, setCourse] = useState(required[0] ?? '');
  const [expiresAt, setExpiresAt] = useState<string | null>(() => new Date(Date.now() + YEAR_MS).toISOString());
  const { fault, isWorking, run } = useWork();
  async function record(event: FormEvent): Promise<void> {
    event.preventDefault();
    await run(async () => {
      client.setQueryData(conditionsQuery.queryKey, await recordTraining({ person: person ?? '', course, expiresAt: expiresAt ?? '' }));
      say(text.recorded);
      onClose();
    });
  }
  const names = Object.fromEntries(people.map(({ id, name }) => [id, visible(name ?? strings.account.nav)]));
  return (
    <Dialog title={text.record} isOpen onClose={onClose}>
      <form className="stack tight" onSubmit={(event) => void record(event)}>
        <Select label={text.person} value={person} options={names} onChange={setPerson} anyName="–" />
        <TextInput label={text.course} value={course} onChange={setCourse} />
        <DateTimeInput label={text.expires} value={expiresAt} onChange={setExpiresAt} />
        <FaultLine fault={fault} />
        <div className="row">
          <Button look="primary" type="submit" isPending={isWorking}>
            {text.record}
          </Button>
          <Button onPress={onClose}>{strings.cancel}</Button>
        </div>
      </form>
    </Dialog>
  );
}
