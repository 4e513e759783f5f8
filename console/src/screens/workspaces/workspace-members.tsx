// What belongs to one workspace: everything there is, ticked where it does, with the workspace it would be taken out of.

import { useQueryClient } from '@tanstack/react-query';
import { type ReactNode, useState } from 'react';
import { api } from '../../api/client.ts';
import type { Workspace } from '../../api/fleet.ts';
import { workloadsQuery } from '../../api/queries.ts';
import { strings } from '../../strings/en.ts';
import { Button } from '../../ui/button.tsx';
import { Confirm } from '../../ui/confirm.tsx';
import { Dialog } from '../../ui/dialog.tsx';
import { FaultLine } from '../../ui/fault-line.tsx';
import { useLook } from '../../ui/may.tsx';
import { useToast } from '../../ui/toast.tsx';
import { useWork } from '../../ui/use-work.ts';

const text = strings.workspaces;
const KINDS = { workflow: 'workflows', integration: 'integrations', workload: 'workloads' } as const;
type Kind = keyof typeof KINDS;

interface Thing {
  readonly kind: Kind;
  readonly name: string;
  readonly workspace: string | null;
}

const keyOf = ({ kind, name }: Pick<Thing, 'kind' | 'name'>): string => `${kind}/${name}`;

export function WorkspaceMembers({
  name,
  workspaces,
  onClose,
}: {
  name: string;
  workspaces: readonly Workspace[];
  onClose: () => void;
}): ReactNode {
  const client = useQueryClient();
  const say = useToast();
  const programs = new Map((useLook('workloads.view', workloadsQuery).data?.workloads ?? []).map((one) => [one.id, one.name]));
  const things = (Object.keys(KINDS) as readonly Kind[]).flatMap((kind) =>
    workspaces.flatMap((one) => one[KINDS[kind]].map((thing): Thing => ({ kind, name: thing, workspace: one.name }))),
  );
  const isIn = ({ workspace }: Thing): boolean => workspace === name;
  const [chosen, setChosen] = useState<ReadonlySet<string>>(() => new Set(things.filter(isIn).map(keyOf)));
  const { fault, isWorking, run } = useWork();
  const [isRemoving, setRemoving] = useState(false);
  const refresh = () => client.invalidateQueries({ queryKey: ['workspaces'] });

  async function save(): Promise<void> {
    const of = (list: readonly Thing[]) => ({ members: list.map(({ kind, name: member }) => ({ kind, name: member })) });
    const joining = things.filter((thing) => chosen.has(keyOf(thing)) && !isIn(thing));
    const leaving = things.filter((thing) => !chosen.has(keyOf(thing)) && isIn(thing));
    await run(async () => {
      if (joining.length > 0) await api('PUT', `/api/workspaces/${name}/members`, of(joining));
      if (leaving.length > 0) await api('DELETE', `/api/workspaces/${name}/members`, of(leaving));
      say(text.saved);
      onClose();
    });
    await refresh();
  }

  if (isRemoving) {
    return (
      <Confirm
        title={text.removeTitle(name)}
        lead={text.removeLead}
        yes={text.remove}
        done={text.removed}
        look="danger"
        work={(reason) => api('DELETE', `/api/workspaces/${name}`, undefined, reason)}
        onDone={refresh}
        onClose={onClose}
      />
    );
  }
  return (
    <Dialog title={text.members(name)} isOpen onClose={onClose}>
      <p className="small soft">{text.membersLead}</p>
      {(Object.keys(KINDS) as readonly Kind[]).map((kind) => (
        <fieldset key={kind} className="field">
          <legend className="label">{text.kinds[kind]}</legend>
          {things.every((thing) => thing.kind !== kind) ? <span className="soft">{text.nothing}</span> : null}
          {things
            .filter((thing) => thing.kind === kind)
            .map((thing) => {
              const key = keyOf(thing);
              return (
                <label key={key} className="row check">
                  <input
                    type="checkbox"
                    checked={chosen.has(key)}
                    onChange={() => {
                      const next = new Set(chosen);
                      if (!next.delete(key)) next.add(key);
                      setChosen(next);
                    }}
                  />
                  {programs.get(thing.name) ?? thing.name}
                  {thing.workspace === null || isIn(thing) ? null : <span className="soft small"> {text.in(thing.workspace)}</span>}
                </label>
              );
            })}
        </fieldset>
      ))}
      <FaultLine fault={fault} />
      <div className="row">
        <Button look="primary" isPending={isWorking} onPress={() => void save()}>
          {text.save}
        </Button>
        <Button onPress={onClose}>{strings.cancel}</Button>
        <Button look="danger" onPress={() => setRemoving(true)}>
          {text.remove}
        </Button>
      </div>
    </Dialog>
  );
}
