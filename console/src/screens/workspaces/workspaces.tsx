// The departments of the tenant: what belongs to each, and how its last 24 hours went.

import { useQuery, useQueryClient } from '@tanstack/react-query';
import { type FormEvent, type ReactNode, useState } from 'react';
import { api } from '../../api/client.ts';
import { type Workspace, workspacesQuery } from '../../api/fleet.ts';
import { strings } from '../../strings/en.ts';
import { Badge } from '../../ui/badge.tsx';
import { Button } from '../../ui/button.tsx';
import { Dialog } from '../../ui/dialog.tsx';
import { FaultLine } from '../../ui/fault-line.tsx';
import { TextInput } from '../../ui/fields.tsx';
import { formatMoney } from '../../ui/format.ts';
import { MayButton } from '../../ui/may.tsx';
import { Page } from '../../ui/page.tsx';
import { Answer, Notice } from '../../ui/states.tsx';
import { Table } from '../../ui/table.tsx';
import { useToast } from '../../ui/toast.tsx';
import { useWork } from '../../ui/use-work.ts';
import { BudgetLine, WorkspaceBudget } from './workspace-budget.tsx';
import { WorkspaceMembers } from './workspace-members.tsx';
import { RulesLine, WorkspaceRules } from './workspace-rules.tsx';

const text = strings.workspaces;

export function WorkspacesScreen(): ReactNode {
  const query = useQuery(workspacesQuery);
  const [isAdding, setAdding] = useState(false);
  const [changed, setChanged] = useState<Changed | null>(null);
  return (
    <Page
      title={text.title}
      lead={text.lead}
      actions={
        <MayButton action="workspaces.manage" look="primary" onPress={() => setAdding(true)}>
          {text.add}
        </MayButton>
      }
    >
      <Answer query={query}>
        {({ workspaces }) => (
          <>
            {workspaces.every(({ name }) => name === null) ? (
              <Notice icon="empty" title={text.emptyTitle}>
                <p>{text.emptyLead}</p>
              </Notice>
            ) : (
              <>
                <List workspaces={workspaces} onChange={setChanged} />
                <Held workspaces={workspaces} onChange={setChanged} />
              </>
            )}
            {changed === null ? null : <Change {...changed} workspaces={workspaces} onClose={() => setChanged(null)} />}
          </>
        )}
      </Answer>
      {isAdding ? <Add onClose={() => setAdding(false)} /> : null}
    </Page>
  );
}

interface Changed {
  readonly name: string;
  readonly what: 'members' | 'rules' | 'budget';
}

function Change({ name, what, workspaces, onClose }: Changed & { workspaces: readonly Workspace[]; onClose: () => void }): ReactNode {
  const found = workspaces.find((one) => one.name === name);
  if (found === undefined) return null;
  if (what === 'members') return <WorkspaceMembers name={name} workspaces={workspaces} onClose={onClose} />;
  const workspace = { ...found, name };
  if (what === 'budget') return <WorkspaceBudget workspace={workspace} onClose={onClose} />;
  return <WorkspaceRules workspace={workspace} workspaces={workspaces} onClose={onClose} />;
}

function List({ workspaces, onChange }: { workspaces: readonly Workspace[]; onChange: (changed: Changed) => void }): ReactNode {
  return (
    <Table
      caption={text.title}
      rows={workspaces}
      keyOf={({ name }) => name ?? ''}
      columns={[
        { key: 'name', head: text.workspace, cell: ({ name }) => <b>{name ?? text.none}</b> },
        {
          key: 'holds',
          head: text.holds,
          cell: ({ workflows, integrations, workloads }) => text.count(workflows.length, integrations.length, workloads.length),
        },
        { key: 'runs', head: text.runs, cell: ({ runs }) => runs },
        { key: 'failed', head: text.failed, cell: ({ failed }) => (failed === 0 ? 0 : <Badge tone="warn">{failed}</Badge>) },
        { key: 'refused', head: text.refused, cell: ({ refused }) => refused },
        { key: 'waiting', head: text.waiting, cell: ({ waiting }) => waiting },
        {
          key: 'cost',
          head: text.cost,
          cell: ({ cost }) =>
            cost.length === 0 ? (
              <span className="soft">{text.costUnknown}</span>
            ) : (
              cost.map(({ currency, amount }) => formatMoney(`${amount} ${currency}`)).join(', ')
            ),
        },
        {
          key: 'change',
          head: text.change,
          cell: ({ name }) =>
            name === null ? null : (
              <MayButton
                action="workspaces.manage"
                isCompact
                aria-label={text.changeNamed(name)}
                onPress={() => onChange({ name, what: 'members' })}
              >
                {text.change}
              </MayButton>
            ),
        },
      ]}
    />
  );
}

/** What each may use and spend: a table of its own, because its cells are sentences. */
function Held({ workspaces, onChange }: { workspaces: readonly Workspace[]; onChange: (changed: Changed) => void }): ReactNode {
  return (
    <section className="stack tight" aria-labelledby="held">
      <h2 id="held">{text.held}</h2>
      <p className="small soft">{text.heldLead}</p>
      <Table
        caption={text.held}
        rows={workspaces.flatMap(({ name, rules, limits }) => (name === null ? [] : [{ name, rules, limits }]))}
        keyOf={({ name }) => name}
        columns={[
          { key: 'name', head: text.workspace, cell: ({ name }) => <b>{name}</b> },
          { key: 'rules', head: text.rules, cell: ({ rules }) => <RulesLine rules={rules} /> },
          { key: 'budget', head: text.budget, cell: ({ limits }) => <BudgetLine limits={limits} /> },
          {
            key: 'change',
            head: text.change,
            cell: ({ name }) => (
              <div className="row snug">
                <MayButton
                  action="conditions.manage"
                  isCompact
                  aria-label={text.rulesNamed(name)}
                  onPress={() => onChange({ name, what: 'rules' })}
                >
                  {text.rulesChange}
                </MayButton>
                <MayButton
                  action="conditions.manage"
                  isCompact
                  aria-label={text.budgetOf(name)}
                  onPress={() => onChange({ name, what: 'budget' })}
                >
                  {text.budgetChange}
                </MayButton>
              </div>
            ),
          },
        ]}
      />
    </section>
  );
}

function Add({ onClose }: { onClose: () => void }): ReactNode {
  const client = useQueryClient();
  const say = useToast();
  const [name, setName] = useState('');
  const { fault, isWorking, run } = useWork();
  async function create(event: FormEvent): Promise<void> {
    event.preventDefault();
    await run(async () => {
      await api('POST', '/api/workspaces', { name: name.trim() });
      say(text.created(name.trim()));
      onClose();
      await client.invalidateQueries({ queryKey: ['workspaces'] });
    });
  }
  return (
    <Dialog title={text.add} isOpen onClose={onClose}>
      <form className="stack tight" onSubmit={(event) => void create(event)}>
        <TextInput label={text.name} hint={text.nameHint} value={name} onChange={setName} />
        <FaultLine fault={fault} />
        <div className="row">
          <Button type="submit" look="primary" isPending={isWorking} isDisabled={name.trim() === ''}>
            {text.create}
          </Button>
          <Button onPress={onClose}>{strings.cancel}</Button>
        </div>
      </form>
    </Dialog>
  );
}
