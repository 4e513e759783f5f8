// Programs that may call. A new key is shown once, in a dialog that only closes when the reader says it is copied.

import { useQueryClient } from '@tanstack/react-query';
import { type ReactNode, useState } from 'react';
import { type ApiFault, api } from '../../api/client.ts';
import type { Workload } from '../../api/types.ts';
import { strings } from '../../strings/en.ts';
import { Button } from '../../ui/button.tsx';
import { Dialog } from '../../ui/dialog.tsx';
import { TextInput } from '../../ui/fields.tsx';
import { MayButton } from '../../ui/may.tsx';
import { Notice } from '../../ui/states.tsx';
import { Table } from '../../ui/table.tsx';
import { useToast } from '../../ui/toast.tsx';
import { useWork } from '../../ui/use-work.ts';
import { FlagOf } from '../alerts/flagged.tsx';

const text = strings.access;
const wordsOf = (fault: ApiFault | null): string | null => (fault === null ? null : fault.message || strings.states.failedTitle);

export function Workloads({ workloads, reachable }: { workloads: readonly Workload[]; reachable: readonly string[] }): ReactNode {
  const [isAdding, setAdding] = useState(false);
  const [keyFor, setKeyFor] = useState<Workload | null>(null);
  return (
    <section className="stack tight" aria-labelledby="workloads">
      <div className="row between">
        <h2 id="workloads">{text.workloads}</h2>
        <MayButton action="workloads.manage" look="primary" onPress={() => setAdding(true)}>
          {text.addWorkload}
        </MayButton>
      </div>
      {workloads.length === 0 ? (
        <Notice icon="empty" title={text.workloadsEmpty}>
          <p>{text.workloadsEmptyLead}</p>
        </Notice>
      ) : (
        <Table
          caption={text.workloads}
          rows={workloads}
          keyOf={({ id }) => id}
          columns={[
            {
              key: 'name',
              head: text.name,
              cell: ({ id, name }) => (
                <>
                  <b>{name}</b>
                  <FlagOf subject={id} />
                </>
              ),
            },
            { key: 'reach', head: text.reach, cell: ({ integrations }) => integrations.join(', ') || strings.none },
            { key: 'tier', head: text.caller, cell: ({ bound }) => strings.calls.tiers[bound ? 'bound' : 'plain'] },
            { key: 'id', head: text.id, cell: ({ id }) => <span className="mono soft">{id}</span> },
            {
              key: 'act',
              head: text.keys,
              cell: (workload) => (
                <MayButton action="keys.manage" isCompact aria-label={text.newKeyTitle(workload.name)} onPress={() => setKeyFor(workload)}>
                  {text.newKey}
                </MayButton>
              ),
            },
          ]}
        />
      )}
      {isAdding ? <AddWorkload reachable={reachable} onClose={() => setAdding(false)} /> : null}
      {keyFor === null ? null : <NewKey workload={keyFor} onClose={() => setKeyFor(null)} />}
    </section>
  );
}

function AddWorkload({ reachable, onClose }: { reachable: readonly string[]; onClose: () => void }): ReactNode {
  const client = useQueryClient();
  const say = useToast();
  const [name, setName] = useState('');
  const [chosen, setChosen] = useState<readonly string[]>([]);
  const { fault, run } = useWork();
  const create = (): Promise<boolean> =>
    run(async () => {
      await api('POST', '/api/workloads', { name, integrations: chosen });
      say(text.created(name));
      onClose();
      await client.invalidateQueries({ queryKey: ['workloads'] });
    });
  return (
    <Dialog title={text.addWorkload} isOpen onClose={onClose}>
      <form
        className="stack tight"
        onSubmit={(event) => {
          event.preventDefault();
          void create();
        }}
      >
        <TextInput label={text.name} hint={text.nameHint} error={wordsOf(fault)} value={name} onChange={setName} />
        <fieldset className="field">
          <legend className="label">{text.reach}</legend>
          {reachable.length === 0 ? <span className="soft">{text.reachNone}</span> : null}
          {reachable.map((one) => (
            <label key={one} className="row check">
              <input
                type="checkbox"
                checked={chosen.includes(one)}
                onChange={() => setChosen(chosen.includes(one) ? chosen.filter((other) => other !== one) : [...chosen, one])}
              />
              {one}
            </label>
          ))}
        </fieldset>
        <div className="row">
          <Button type="submit" look="primary">
            {text.create}
          </Button>
          <Button onPress={onClose}>{strings.cancel}</Button>
        </div>
      </form>
    </Dialog>
  );
}

function NewKey({ workload, onClose }: { workload: Workload; onClose: () => void }): ReactNode {
  const client = useQueryClient();
  const [days, setDays] = useState('90');
  const [key, setKey] = useState<string | null>(null);
  const { fault, run } = useWork();
  const create = (): Promise<boolean> =>
    run(async () => {
      const made = await api<{ key: string }>('POST', '/api/keys', { workload: workload.id, expiresInDays: Number(days) });
      setKey(made.key);
      await client.invalidateQueries({ queryKey: ['keys'] });
    });
  return (
    <Dialog title={text.newKeyTitle(workload.name)} isOpen onClose={onClose} isAlert={key !== null}>
      {key === null ? (
        <form
          className="stack tight"
          onSubmit={(event) => {
            event.preventDefault();
            void create();
          }}
        >
          <TextInput label={text.days} type="number" error={wordsOf(fault)} value={days} onChange={setDays} />
          <div className="row">
            <Button type="submit" look="primary">
              {text.create}
            </Button>
            <Button onPress={onClose}>{strings.cancel}</Button>
          </div>
        </form>
      ) : (
        <div className="stack tight">
          <p>{text.keyOnce}</p>
          <code className="secret">{key}</code>
          <div className="row">
            <Button look="primary" onPress={onClose} autoFocus>
              {text.done}
            </Button>
          </div>
        </div>
      )}
    </Dialog>
  );
}
