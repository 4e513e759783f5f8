// Offers an agency's person or group access: address, role, where, for how long, and why.

import { useQuery, useQueryClient } from '@tanstack/react-query';
import { type FormEvent, type ReactNode, useState } from 'react';
import { rolesQuery } from '../../api/access.ts';
import { api } from '../../api/client.ts';
import type { Offer } from '../../api/fleet.ts';
import { roleName } from '../../strings/en/access-words.ts';
import { strings } from '../../strings/en.ts';
import { Button } from '../../ui/button.tsx';
import { Dialog } from '../../ui/dialog.tsx';
import { FaultLine } from '../../ui/fault-line.tsx';
import { Select, TextInput } from '../../ui/fields.tsx';
import { useToast } from '../../ui/toast.tsx';
import { useWork } from '../../ui/use-work.ts';

const text = strings.delegation;
const ADDRESS = /^(ten_[0-9a-f-]{36})\/((?:per|grp)_[0-9a-f-]{36})$/;
/** The owner's is nobody else's, an agent is no person, and roles made here mean nothing elsewhere. */
const NOT_OFFERED = new Set(['owner', 'agent']);
const MAX_DAYS = 90;

export function DelegationOffer({ onClose }: { onClose: () => void }): ReactNode {
  const client = useQueryClient();
  const say = useToast();
  const roles = (useQuery(rolesQuery).data?.roles ?? []).filter(({ role }) => !NOT_OFFERED.has(role) && !role.startsWith('custom:'));
  const [address, setAddress] = useState('');
  const [role, setRole] = useState<string | undefined>(undefined);
  const [kind, setKind] = useState<string | undefined>(undefined);
  const [place, setPlace] = useState('');
  const [days, setDays] = useState('30');
  const [reason, setReason] = useState('');
  const { fault, isWorking, run } = useWork();
  const [, agency = '', holder = ''] = ADDRESS.exec(address.trim()) ?? [];
  const count = Number(days);
  const isWhole =
    agency !== '' &&
    role !== undefined &&
    reason.trim() !== '' &&
    Number.isInteger(count) &&
    count >= 1 &&
    count <= MAX_DAYS &&
    (kind === undefined || place.trim() !== '');

  async function offer(event: FormEvent): Promise<void> {
    event.preventDefault();
    if (!isWhole || role === undefined) return;
    const scope = kind === undefined ? {} : { [kind]: place.trim() };
    const wanted: Offer = { agency, holder, role, scope, days: count, reason: reason.trim() };
    await run(async () => {
      await api('POST', '/api/delegations', wanted, reason);
      say(text.offered);
      onClose();
      await client.invalidateQueries({ queryKey: ['delegations'] });
    });
  }

  return (
    <Dialog title={text.offerTitle} isOpen onClose={onClose}>
      <form className="stack tight" onSubmit={(event) => void offer(event)}>
        <p className="small soft">{text.offerLead}</p>
        <TextInput
          label={text.address}
          hint={text.addressHint}
          error={address.trim() !== '' && agency === '' ? text.addressWrong : null}
          value={address}
          onChange={setAddress}
        />
        <Select
          label={text.role}
          value={role}
          anyName={strings.none}
          options={Object.fromEntries(roles.map((one) => [one.role, roleName(one.role)]))}
          onChange={setRole}
        />
        <p className="small soft">{text.roleNever}</p>
        <div className="filters">
          <Select label={text.where} value={kind} anyName={text.whereAll} options={text.whereKinds} onChange={setKind} />
          {kind === undefined ? null : <TextInput label={text.whereName} value={place} onChange={setPlace} />}
        </div>
        <TextInput label={text.days} hint={text.daysHint} type="number" value={days} onChange={setDays} />
        <TextInput label={text.reason} hint={text.reasonHint} value={reason} onChange={setReason} />
        <FaultLine fault={fault} />
        <div className="row">
          <Button type="submit" look="primary" isPending={isWorking} isDisabled={!isWhole}>
            {text.offer}
          </Button>
          <Button onPress={onClose}>{strings.cancel}</Button>
        </div>
      </form>
    </Dialog>
  );
}
