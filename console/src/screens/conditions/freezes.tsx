// Change freezes: what is declared, what runs now, declaring one, and an owner's way out of it.

import { useQueryClient } from '@tanstack/react-query';
import { type FormEvent, type ReactNode, useState } from 'react';
import { conditionsQuery, declareFreeze, type Freeze, liftFreeze } from '../../api/conditions.ts';
import { strings } from '../../strings/en.ts';
import { Badge } from '../../ui/badge.tsx';
import { Button } from '../../ui/button.tsx';
import { Confirm } from '../../ui/confirm.tsx';
import { Dialog } from '../../ui/dialog.tsx';
import { FaultLine } from '../../ui/fault-line.tsx';
import { DateTimeInput, TextInput } from '../../ui/fields.tsx';
import { Time } from '../../ui/format.ts';
import { MayButton } from '../../ui/may.tsx';
import { type Column, Table } from '../../ui/table.tsx';
import { useToast } from '../../ui/toast.tsx';
import { useWork } from '../../ui/use-work.ts';
import { visible } from '../../ui/visible.ts';

const text = strings.conditions;
const STOPS = Object.keys(text.stopsOf);

export function Freezes({ freezes }: { freezes: readonly Freeze[] }): ReactNode {
  const client = useQueryClient();
  const [isDeclaring, setDeclaring] = useState(false);
  const [lifting, setLifting] = useState<Freeze | null>(null);
  return (
    <section className="sheet stack tight" aria-labelledby="freezes">
      <div className="row between">
        <h2 id="freezes">{text.freezes}</h2>
        <MayButton action="conditions.manage" onPress={() => setDeclaring(true)}>
          {text.declare}
        </MayButton>
      </div>
      <p className="soft">{text.freezesLead}</p>
      {freezes.length === 0 ? (
        <p className="soft small">{text.freezeNone}</p>
      ) : (
        <Table caption={text.freezes} rows={freezes} keyOf={({ id }) => id} columns={columnsOf(setLifting)} />
      )}
      {isDeclaring ? <Declare onClose={() => setDeclaring(false)} /> : null}
      {lifting === null ? null : (
        <Confirm
          title={text.liftOf(visible(lifting.reason))}
          lead={`${text.liftLead} ${text.liftWhy}`}
          yes={text.lift}
          done={text.liftedDone}
          look="danger"
          work={(reason) => liftFreeze(lifting.id, reason)}
          onDone={() => client.invalidateQueries({ queryKey: conditionsQuery.queryKey })}
          onClose={() => setLifting(null)}
        />
      )}
    </section>
  );
}

const columnsOf = (lift: (freeze: Freeze) => void): readonly Column<Freeze>[] => [
  { key: 'reason', head: text.reason, cell: ({ reason }) => visible(reason) },
  { key: 'stops', head: text.stops, cell: ({ stops }) => stops.map((one) => text.stopsOf[one] ?? one).join(', ') },
  { key: 'from', head: text.freezeFrom, cell: ({ from }) => <Time iso={from} /> },
  { key: 'to', head: text.freezeTo, cell: ({ to }) => <Time iso={to} /> },
  { key: 'state', head: strings.alerts.state, cell: (freeze) => <State freeze={freeze} /> },
  {
    key: 'lift',
    head: text.lift,
    cell: (freeze) =>
      isOver(freeze) ? null : (
        <MayButton action="conditions.manage" isCompact aria-label={text.liftOf(visible(freeze.reason))} onPress={() => lift(freeze)}>
          {text.lift}
        </MayButton>
      ),
  },
];

const isOver = ({ liftedAt, to }: Freeze): boolean => liftedAt !== null || Date.parse(to) <= Date.now();

function State({ freeze }: { freeze: Freeze }): ReactNode {
  if (freeze.liftedAt !== null) return <span className="small">{text.lifted(visible(freeze.liftedBy ?? ''))}</span>;
  if (freeze.active) return <Badge tone="warn">{text.active}</Badge>;
  return <span className="small soft">{isOver(freeze) ? text.over : text.coming}</span>;
}

function Declare({ onClose }: { onClose: () => void }): ReactNode {
  const client = useQueryClient();
  const say = useToast();
  const [from, setFrom] = useState<string | null>(() => new Date().toISOString());
  const [to, setTo] = useState<string | null>(null);
  const [stops, setStops] = useState<readonly string[]>(['publishing', 'policy']);
  const [reason, setReason] = useState('');
  const { fault, isWorking, run } = useWork();
  async function declare(event: FormEvent): Promise<void> {
    event.preventDefault();
    await run(async () => {
      client.setQueryData(conditionsQuery.queryKey, await declareFreeze({ from: from ?? '', to: to ?? '', stops, reason }));
      say(text.declared);
      onClose();
    });
  }
  return (
    <Dialog title={text.declare} isOpen onClose={onClose}>
      <form className="stack tight" onSubmit={(event) => void declare(event)}>
        <DateTimeInput label={text.freezeFrom} value={from} onChange={setFrom} />
        <DateTimeInput label={text.freezeTo} value={to} onChange={setTo} />
        <fieldset className="bare stack tight">
          <legend className="label">{text.stops}</legend>
          {STOPS.map((one) => (
            <label key={one} className="day">
              <input
                type="checkbox"
                checked={stops.includes(one)}
                onChange={(event) => setStops(event.target.checked ? [...stops, one] : stops.filter((other) => other !== one))}
              />
              {text.stopsOf[one]}
            </label>
          ))}
        </fieldset>
        <TextInput label={text.reason} value={reason} hint={text.reasonHint} onChange={setReason} />
        <FaultLine fault={fault} />
        <div className="row">
          <Button look="primary" type="submit" isPending={isWorking}>
            {text.declare}
          </Button>
          <Button onPress={onClose}>{strings.cancel}</Button>
        </div>
      </form>
    </Dialog>
  );
}
