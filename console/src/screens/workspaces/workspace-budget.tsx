// The budget of one workspace: limits on windows of time, each with how much of it is used. Saved as a whole.

import { useQueryClient } from '@tanstack/react-query';
import { type ReactNode, useState } from 'react';
import { api } from '../../api/client.ts';
import type { LimitInput, Workspace, WorkspaceLimit } from '../../api/fleet.ts';
import { strings } from '../../strings/en.ts';
import { Badge } from '../../ui/badge.tsx';
import { Button } from '../../ui/button.tsx';
import { Dialog } from '../../ui/dialog.tsx';
import { FaultLine } from '../../ui/fault-line.tsx';
import { Select, TextInput } from '../../ui/fields.tsx';
import { formatMoney } from '../../ui/format.ts';
import { useToast } from '../../ui/toast.tsx';
import { useWork } from '../../ui/use-work.ts';

const text = strings.workspaces;
const isMoney = (what: string): boolean => what === 'money' || what === 'model_cost';

/** What is used of each limit, for a table. */
export function BudgetLine({ limits }: { limits: readonly WorkspaceLimit[] }): ReactNode {
  if (limits.length === 0) return <span className="soft">{text.budgetNone}</span>;
  return limits.map((limit) => {
    const { what, per, most, used, left, currency } = limit;
    const say = (amount: string): string => (currency === null ? amount : formatMoney(`${amount} ${currency}`));
    return (
      <div key={`${what} ${per} ${currency}`} className="small">
        {text.limitLine(text.whats[what] ?? what, text.pers[per] ?? per, say(used), say(most))}
        {Number(left) > 0 ? null : (
          <>
            {' '}
            <Badge tone="warn">{text.limitSpent}</Badge>
          </>
        )}
      </div>
    );
  });
}

interface Draft {
  readonly id: number;
  readonly what: string;
  readonly per: string;
  readonly most: string;
  readonly currency: string;
}

export function WorkspaceBudget({
  workspace,
  onClose,
}: {
  workspace: Workspace & { readonly name: string };
  onClose: () => void;
}): ReactNode {
  const client = useQueryClient();
  const say = useToast();
  const [drafts, setDrafts] = useState<readonly Draft[]>(() =>
    workspace.limits.map(({ what, per, most, currency }, id) => ({ id, what, per, most, currency: currency ?? '' })),
  );
  const { fault, isWorking, run } = useWork();
  const change = (id: number, to: Partial<Draft>): void => setDrafts(drafts.map((one) => (one.id === id ? { ...one, ...to } : one)));
  const add = (): void => {
    const id = Math.max(-1, ...drafts.map((one) => one.id)) + 1;
    setDrafts([...drafts, { id, what: 'money', per: 'month', most: '', currency: 'EUR' }]);
  };

  async function save(): Promise<void> {
    const limits = drafts.map(({ what, per, most, currency }): LimitInput => {
      const limit = { what, per, most: most.trim() };
      return isMoney(what) ? { ...limit, currency: currency.trim().toUpperCase() } : limit;
    });
    await api('PUT', `/api/workspaces/${workspace.name}/budget`, { limits });
    say(text.saved);
    onClose();
    await client.invalidateQueries({ queryKey: ['workspaces'] });
  }

  return (
    <Dialog title={text.budgetOf(workspace.name)} isOpen onClose={onClose}>
      <p className="small soft">{text.budgetLead}</p>
      {drafts.length === 0 ? <p className="soft">{text.budgetNone}</p> : null}
      {drafts.map(({ id, what, per, most, currency }, nth) => (
        <div key={id} className="filters">
          <Select
            label={text.what}
            value={what}
            options={text.whats}
            hasAny={false}
            onChange={(value) => change(id, { what: value ?? what })}
          />
          <TextInput label={text.most} value={most} onChange={(value) => change(id, { most: value })} />
          {isMoney(what) ? (
            <TextInput label={text.currency} value={currency} onChange={(value) => change(id, { currency: value })} />
          ) : null}
          <Select label={text.per} value={per} options={text.pers} hasAny={false} onChange={(value) => change(id, { per: value ?? per })} />
          <div className="row">
            <Button aria-label={text.removeLimit(nth + 1)} onPress={() => setDrafts(drafts.filter((one) => one.id !== id))}>
              {text.removeShort}
            </Button>
          </div>
        </div>
      ))}
      <FaultLine fault={fault} />
      <div className="row">
        <Button look="primary" isPending={isWorking} onPress={() => void run(save)}>
          {text.save}
        </Button>
        <Button onPress={add}>{text.addLimit}</Button>
        <Button onPress={onClose}>{strings.cancel}</Button>
      </div>
    </Dialog>
  );
}
