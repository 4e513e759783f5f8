// Rows of a dataset in the clear: asked for with a reason, shown while the window is open, and gone from the page afterwards.
// INVARIANT: what is hidden is neither in the document nor in the state of the page.

import { useQueryClient } from '@tanstack/react-query';
import { type FormEvent, type ReactNode, useEffect, useState } from 'react';
import { type DatasetDetails, type DatasetPage, endRaw, openRaw, readRaw } from '../../api/data.ts';
import { strings } from '../../strings/en.ts';
import { Button } from '../../ui/button.tsx';
import { FaultLine } from '../../ui/fault-line.tsx';
import { Select, TextInput } from '../../ui/fields.tsx';
import { MayButton } from '../../ui/may.tsx';
import { useNow } from '../../ui/use-now.ts';
import { useWork } from '../../ui/use-work.ts';
import { Rows } from './rows.tsx';

const text = strings.data.sets;
const MINUTES = [5, 15, 30, 60];
const MIN_REASON = 5;

interface Open {
  readonly page: DatasetPage;
  readonly untilMs: number;
}

export function RawRows({ dataset }: { dataset: DatasetDetails }): ReactNode {
  const client = useQueryClient();
  const [reason, setReason] = useState('');
  const [minutes, setMinutes] = useState('15');
  const [open, setOpen] = useState<Open | null>(null);
  const [isOver, setOver] = useState(false);
  const { fault, isWorking, run } = useWork();
  const reread = (): Promise<void> => client.invalidateQueries({ queryKey: ['dataset', dataset.name], exact: true });

  async function ask(event: FormEvent): Promise<void> {
    event.preventDefault();
    setOver(false);
    await run(async () => {
      const { expiresAt } = await openRaw(dataset.name, reason.trim(), Number(minutes));
      setOpen({ page: await readRaw(dataset.name), untilMs: Date.parse(expiresAt) });
      setReason('');
      await reread();
    });
  }
  async function end(): Promise<void> {
    setOpen(null);
    setOver(true);
    await run(async () => {
      await endRaw(dataset.name);
      await reread();
    });
  }
  return (
    <section className="sheet stack tight" aria-labelledby="raw">
      <h2 id="raw">{text.raw}</h2>
      <p>{text.rawLead}</p>
      {open === null ? (
        <form className="stack tight" aria-labelledby="raw" onSubmit={(event) => void ask(event)}>
          <div className="filters">
            <TextInput label={text.reason} value={reason} onChange={(next) => setReason(next.slice(0, 500))} />
            <Select
              label={text.minutes}
              value={minutes}
              hasAny={false}
              options={Object.fromEntries(MINUTES.map((one) => [String(one), text.minutesOf(one)]))}
              onChange={(next) => setMinutes(next ?? minutes)}
            />
          </div>
          <FaultLine fault={fault} />
          <div className="row">
            <MayButton action="datasets.raw" type="submit" isDisabled={reason.trim().length < MIN_REASON} isPending={isWorking}>
              {text.open}
            </MayButton>
            <span role="status">{isOver ? text.ended : ''}</span>
          </div>
        </form>
      ) : (
        <Shown
          open={open}
          onEnd={() => void end()}
          onDue={() => {
            setOpen(null);
            setOver(true);
          }}
        />
      )}
    </section>
  );
}

function Shown({ open, onEnd, onDue }: { open: Open; onEnd: () => void; onDue: () => void }): ReactNode {
  const seconds = Math.max(0, Math.ceil((open.untilMs - useNow(500)) / 1000));
  const isDue = seconds === 0;
  useEffect(() => {
    if (isDue) onDue();
  }, [isDue, onDue]);
  return (
    <>
      <div className="row between">
        <span className="small">{text.endsIn(Math.floor(seconds / 60), seconds % 60)}</span>
        <Button onPress={onEnd}>{text.end}</Button>
      </div>
      <Rows page={open.page} caption={text.previewRaw} />
    </>
  );
}
