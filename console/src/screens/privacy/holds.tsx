// Legal holds: which there are, placing one on a person, and releasing one that somebody else placed.

import { useQuery, useQueryClient } from '@tanstack/react-query';
import { type FormEvent, type ReactNode, useState } from 'react';
import { type Hold, holdsQuery, placeHold, releaseHold } from '../../api/privacy.ts';
import { strings } from '../../strings/en.ts';
import { Badge } from '../../ui/badge.tsx';
import { FaultLine } from '../../ui/fault-line.tsx';
import { TextInput } from '../../ui/fields.tsx';
import { Time } from '../../ui/format.ts';
import { MayButton, useMay } from '../../ui/may.tsx';
import { Answer } from '../../ui/states.tsx';
import { Table } from '../../ui/table.tsx';
import { useToast } from '../../ui/toast.tsx';
import { useWork } from '../../ui/use-work.ts';
import { visible } from '../../ui/visible.ts';

const text = strings.privacy.retention;

function covers({ person, place, purpose }: Hold): string {
  const what = person ? text.holdOf.person : place !== null ? text.holdOf.place : text.holdOf.purpose;
  return [what, place === null ? null : (strings.privacy.places[place] ?? place), purpose].filter((part) => part !== null).join(' · ');
}

export function Holds(): ReactNode {
  const query = useQuery(holdsQuery);
  const client = useQueryClient();
  const say = useToast();
  const may = useMay('privacy.handle');
  const { fault, isWorking, run } = useWork();
  const release = (id: string): Promise<boolean> =>
    run(async () => {
      await releaseHold(id);
      say(text.released);
      await client.invalidateQueries({ queryKey: ['holds'] });
    });
  return (
    <section className="stack tight" aria-labelledby="holds">
      <h2 id="holds">{text.holds}</h2>
      <p className="soft">{text.holdsLead}</p>
      <FaultLine fault={fault} />
      <Answer query={query}>
        {({ holds }) =>
          holds.length === 0 ? (
            <p className="soft">{text.holdsNone}</p>
          ) : (
            <Table
              caption={text.holds}
              rows={holds}
              keyOf={(one) => one.id}
              columns={[
                { key: 'whom', head: text.holdWhom, cell: (one) => visible(covers(one)) },
                { key: 'reason', head: text.holdReason, cell: (one) => visible(one.reason) },
                { key: 'until', head: text.holdUntil, cell: (one) => (one.until === null ? '–' : <Time iso={one.until} />) },
                {
                  key: 'state',
                  head: text.holdActive,
                  cell: (one) =>
                    one.active ? (
                      <MayButton action="privacy.handle" isCompact isPending={isWorking} onPress={() => void release(one.id)}>
                        {text.release}
                      </MayButton>
                    ) : (
                      <Badge tone="plain">{text.holdOver}</Badge>
                    ),
                },
              ]}
            />
          )
        }
      </Answer>
      {may.isAllowed ? <PlaceHold /> : null}
    </section>
  );
}

function PlaceHold(): ReactNode {
  const client = useQueryClient();
  const say = useToast();
  const [subject, setSubject] = useState('');
  const [reason, setReason] = useState('');
  const { fault, isWorking, run } = useWork();
  async function send(event: FormEvent): Promise<void> {
    event.preventDefault();
    await run(async () => {
      await placeHold(subject.trim(), reason.trim());
      setSubject('');
      setReason('');
      say(text.holdPlaced);
      await client.invalidateQueries({ queryKey: ['holds'] });
    });
  }
  return (
    <form className="sheet stack tight" aria-label={text.holdPlace} onSubmit={(event) => void send(event)}>
      <div className="filters">
        <TextInput
          label={text.holdWhom}
          hint={strings.privacy.requests.subjectHint}
          value={subject}
          onChange={(next) => setSubject(next.slice(0, 320))}
        />
        <TextInput label={text.holdReason} value={reason} onChange={(next) => setReason(next.slice(0, 500))} />
      </div>
      <FaultLine fault={fault} />
      <div className="row">
        <MayButton action="privacy.handle" type="submit" isDisabled={subject.trim() === '' || reason.trim() === ''} isPending={isWorking}>
          {text.holdPlace}
        </MayButton>
      </div>
    </form>
  );
}
