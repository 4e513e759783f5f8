// Delegations as one side sees them: who, what, until when, used when; and what that side can do about each.

import { useQueryClient } from '@tanstack/react-query';
import { type ReactNode, useState } from 'react';
import { api } from '../../api/client.ts';
import type { Delegation } from '../../api/fleet.ts';
import { roleName } from '../../strings/en/access-words.ts';
import { strings } from '../../strings/en.ts';
import { Badge, type Tone } from '../../ui/badge.tsx';
import { Confirm } from '../../ui/confirm.tsx';
import { TextInput } from '../../ui/fields.tsx';
import { Time } from '../../ui/format.ts';
import { MayButton } from '../../ui/may.tsx';
import { Table } from '../../ui/table.tsx';

const text = strings.delegation;
const TONE: Readonly<Record<string, Tone>> = { offered: 'info', active: 'good', ended: 'plain', expired: 'plain' };
type Side = 'client' | 'agency';
type Act = 'end' | 'shorten' | 'accept';
const DAY_MS = 86_400_000;

export function whoOf({ holder, agency }: Delegation): string {
  return `${holder.name ?? text.unnamed}${holder.kind === 'group' ? `, ${text.group}` : ''} (${agency.name})`;
}

const scopeOf = ({ scope }: Delegation): string => {
  const named = Object.values(scope);
  return named.length === 0 ? text.everything : text.only(named.join(', '));
};

export function DelegationList({ side, delegations }: { side: Side; delegations: readonly Delegation[] }): ReactNode {
  const [asked, setAsked] = useState<{ act: Act; one: Delegation } | null>(null);
  const other = (one: Delegation): string => (side === 'client' ? whoOf(one) : one.client.name);
  return (
    <>
      <Table
        caption={side === 'client' ? text.given : text.held}
        rows={delegations}
        keyOf={({ id }) => id}
        columns={[
          { key: 'who', head: text.who, cell: (one) => <b>{whoOf(one)}</b> },
          ...(side === 'agency' ? [{ key: 'client', head: text.client, cell: (one: Delegation) => one.client.name }] : []),
          { key: 'state', head: text.state, cell: (one) => <State one={one} side={side} /> },
          {
            key: 'role',
            head: text.role,
            cell: (one) => (
              <>
                {roleName(one.role)} <span className="soft small">{scopeOf(one)}</span>
              </>
            ),
          },
          { key: 'until', head: text.until, cell: ({ expiresAt }) => <Time iso={expiresAt} /> },
          { key: 'used', head: text.used, cell: (one) => <Used one={one} /> },
          { key: 'why', head: text.why, cell: ({ reason }) => <span className="small">{reason}</span> },
          {
            key: 'act',
            head: text.act,
            cell: (one) => <Acts one={one} side={side} name={other(one)} onAsk={(act) => setAsked({ act, one })} />,
          },
        ]}
      />
      {asked === null ? null : <Asked {...asked} side={side} onClose={() => setAsked(null)} />}
    </>
  );
}

function State({ one, side }: { one: Delegation; side: Side }): ReactNode {
  const words = side === 'client' ? text.states : text.heldStates;
  return (
    <>
      <Badge tone={TONE[one.state] ?? 'plain'}>{words[one.state] ?? one.state}</Badge>
      {one.endedBy === null ? null : <span className="soft small"> {text.endedBy[one.endedBy]}</span>}
    </>
  );
}

function Used({ one: { lastUsed } }: { one: Delegation }): ReactNode {
  if (lastUsed === null) return <span className="soft">{text.unused}</span>;
  return (
    <>
      <Time iso={lastUsed.at} /> {lastUsed.name === null ? null : <span className="soft small">{text.usedBy(lastUsed.name)}</span>}
    </>
  );
}

interface ActsProps {
  readonly one: Delegation;
  readonly side: Side;
  readonly name: string;
  readonly onAsk: (act: Act) => void;
}

function Acts({ one, side, name, onAsk }: ActsProps): ReactNode {
  if (one.state !== 'active' && one.state !== 'offered') return null;
  const manage = { action: 'delegation.manage', isCompact: true } as const;
  return (
    <span className="row">
      {side === 'agency' && one.state === 'offered' ? (
        <MayButton {...manage} look="primary" aria-label={text.acceptNamed(one.client.name)} onPress={() => onAsk('accept')}>
          {text.accept}
        </MayButton>
      ) : null}
      {side === 'client' ? (
        <MayButton {...manage} aria-label={text.shortenNamed(name)} onPress={() => onAsk('shorten')}>
          {text.shorten}
        </MayButton>
      ) : null}
      <MayButton {...manage} look="danger" aria-label={text.endNamed(name)} onPress={() => onAsk('end')}>
        {side === 'client' ? text.end : text.giveBack}
      </MayButton>
    </span>
  );
}

function Asked({ act, one, side, onClose }: { act: Act; one: Delegation; side: Side; onClose: () => void }): ReactNode {
  const client = useQueryClient();
  const [days, setDays] = useState('');
  const onDone = () => client.invalidateQueries({ queryKey: ['delegations'] });
  const held = { client: one.client.id };
  const left = Math.max(1, Math.floor((Date.parse(one.expiresAt) - Date.now()) / DAY_MS));
  if (act === 'accept') {
    return (
      <Confirm
        title={text.acceptNamed(one.client.name)}
        lead={`${whoOf(one)}: ${roleName(one.role)}, ${scopeOf(one)}. ${one.reason}`}
        yes={text.accept}
        done={text.accepted(one.client.name)}
        look="primary"
        hasReason={false}
        work={() => api('POST', `/api/delegations/held/${one.id}/accept`, held)}
        onDone={onDone}
        onClose={onClose}
      />
    );
  }
  if (act === 'shorten') {
    return (
      <Confirm
        title={text.shortenTitle}
        lead={text.shortenLead}
        yes={text.shorten}
        done={text.shortened}
        look="primary"
        work={(reason) => api('POST', `/api/delegations/${one.id}/narrow`, { days: Number(days === '' ? left : days) }, reason)}
        onDone={onDone}
        onClose={onClose}
      >
        <TextInput label={text.days} type="number" value={days} onChange={setDays} />
      </Confirm>
    );
  }
  return (
    <Confirm
      title={text.endTitle}
      lead={text.endLead}
      yes={side === 'client' ? text.end : text.giveBack}
      done={text.ended}
      look="danger"
      work={(reason) =>
        side === 'client'
          ? api('DELETE', `/api/delegations/${one.id}`, undefined, reason)
          : api('DELETE', `/api/delegations/held/${one.id}`, held, reason)
      }
      onDone={onDone}
      onClose={onClose}
    />
  );
}
