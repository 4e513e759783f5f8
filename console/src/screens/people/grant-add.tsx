// Gives a role to a person or a group. Before it is saved the server says what would newly be allowed and what would then be held together.

import { useQuery } from '@tanstack/react-query';
import { type FormEvent, type ReactNode, useState } from 'react';
import { addGrant, type NewGrant, rolesQuery, type ScopeOf, simulateQuery } from '../../api/access.ts';
import { integrationsQuery } from '../../api/queries.ts';
import { workflowsQuery } from '../../api/workflows.ts';
import { actionName, roleName } from '../../strings/en/access-words.ts';
import { strings } from '../../strings/en.ts';
import { Button } from '../../ui/button.tsx';
import { Dialog } from '../../ui/dialog.tsx';
import { FaultLine, faultOf } from '../../ui/fault-line.tsx';
import { DateTimeInput, Select, TextInput } from '../../ui/fields.tsx';
import { useLook } from '../../ui/may.tsx';
import { Loading } from '../../ui/states.tsx';
import { useToast } from '../../ui/toast.tsx';
import { useWork } from '../../ui/use-work.ts';
import { Conflicts } from './people-words.tsx';
import { useRefreshAccess } from './use-refresh-access.ts';

const text = strings.people.grants;

/** The conditions with one answer; hours are given on the command line. */
const CONDITIONS = { passkey: { passkey: 'fresh' }, network: { network: 'inside' }, device: { device: 'managed' } } as const;
type ConditionName = keyof typeof CONDITIONS;
const { passkey, network, device } = text.conditions;
const NAMES: Readonly<Record<ConditionName, string>> = { passkey, network, device };

export function AddGrant({ subject, name, onClose }: { subject: string; name: string; onClose: () => void }): ReactNode {
  const say = useToast();
  const refresh = useRefreshAccess();
  const roles = (useQuery(rolesQuery).data?.roles ?? []).filter(({ role }) => (role === 'agent') === subject.startsWith('wkl_'));
  const [role, setRole] = useState<string | undefined>(undefined);
  const [scope, setScope] = useState<ScopeOf>({});
  const [condition, setCondition] = useState<ConditionName | undefined>(undefined);
  const [until, setUntil] = useState<string | null>(null);
  const [reason, setReason] = useState('');
  const { fault, isWorking, run } = useWork();
  const wanted: NewGrant | null =
    role === undefined || Object.values(scope).includes('')
      ? null
      : {
          ...{ subject, role, scope, reason: reason.trim() },
          ...(condition === undefined ? {} : { condition: CONDITIONS[condition] }),
          ...(until === null ? {} : { expiresAt: until }),
        };

  async function save(event: FormEvent): Promise<void> {
    event.preventDefault();
    if (wanted === null) return;
    await run(async () => {
      await addGrant(wanted);
      say(text.saved(roleName(wanted.role), name));
      onClose();
      await refresh();
    });
  }

  return (
    <Dialog title={text.addTitle(name)} isOpen onClose={onClose}>
      <form className="stack tight" onSubmit={(event) => void save(event)}>
        <Select
          label={text.role}
          value={role}
          anyName={strings.none}
          options={Object.fromEntries(roles.map((one) => [one.role, roleName(one.role)]))}
          onChange={setRole}
        />
        {role === undefined ? null : <p className="small soft">{roles.find((one) => one.role === role)?.meaning}</p>}
        <ScopeFields scope={scope} onChange={setScope} />
        <Select
          label={text.condition}
          value={condition}
          anyName={text.conditionNone}
          options={NAMES}
          onChange={(next) => setCondition(next as ConditionName | undefined)}
        />
        <DateTimeInput label={text.until} value={until} onChange={setUntil} />
        <TextInput label={text.why} hint={text.whyHint} value={reason} onChange={setReason} />
        {wanted === null ? null : <Preview grant={wanted} />}
        <FaultLine fault={fault} />
        <div className="row">
          <Button type="submit" look="primary" isPending={isWorking} isDisabled={wanted === null || reason.trim() === ''}>
            {text.save}
          </Button>
          <Button onPress={onClose}>{strings.cancel}</Button>
        </div>
      </form>
    </Dialog>
  );
}

type ScopeKind = keyof ScopeOf;

function ScopeFields({ scope, onChange }: { scope: ScopeOf; onChange: (scope: ScopeOf) => void }): ReactNode {
  const workflows = useLook('workflows.view', workflowsQuery).data?.summaries ?? [];
  const integrations = useLook('integrations.view', integrationsQuery).data?.integrations ?? [];
  const [kind] = Object.keys(scope) as readonly ScopeKind[];
  const names: Readonly<Partial<Record<ScopeKind, readonly string[]>>> = {
    workflow: workflows.map((one) => one.name),
    integration: integrations.map((one) => one.name),
    dataClass: Object.keys(text.customerClasses),
  };
  const known = kind === undefined ? undefined : names[kind];
  const value = kind === undefined ? '' : (scope[kind] ?? '');
  return (
    <div className="filters">
      <Select
        label={text.whereScope}
        value={kind}
        anyName={text.scopeAll}
        options={text.scopes}
        onChange={(next) => onChange(next === undefined ? {} : { [next]: '' })}
      />
      {kind === undefined ? null : known !== undefined && known.length > 0 ? (
        <Select
          label={text.scopeName}
          value={value}
          anyName={strings.none}
          options={kind === 'dataClass' ? text.customerClasses : Object.fromEntries(known.map((one) => [one, one]))}
          onChange={(next) => onChange({ [kind]: next ?? '' })}
        />
      ) : (
        <TextInput label={text.scopeName} value={value} onChange={(next) => onChange({ [kind]: next.trim() })} />
      )}
      {kind === 'dataClass' ? <p className="small soft">{text.classNote}</p> : null}
    </div>
  );
}

/** What the server says the grant would change; it decides the same way when it is saved. */
function Preview({ grant: { reason: _, ...grant } }: { grant: NewGrant }): ReactNode {
  const { data, error } = useQuery(simulateQuery(grant));
  return (
    <div className="preview stack tight" role="status">
      <h3>{text.preview}</h3>
      {error !== null ? (
        <>
          <p className="small">{text.refusedBecause}</p>
          <FaultLine fault={faultOf(error)} />
        </>
      ) : data === undefined ? (
        <Loading />
      ) : (
        <>
          {data.gains.length === 0 ? (
            <p className="small soft">{text.previewNone}</p>
          ) : (
            <details open={data.gains.length <= 6}>
              <summary>{text.gains(data.gains.length)}</summary>
              <ul className="columns small">
                {data.gains.map((action) => (
                  <li key={action}>{actionName(action)}</li>
                ))}
              </ul>
            </details>
          )}
          {data.conflicts.length === 0 ? null : (
            <>
              <p className="small">
                <b>{text.newConflicts}</b>
              </p>
              <Conflicts conflicts={data.conflicts} />
            </>
          )}
        </>
      )}
    </div>
  );
}
