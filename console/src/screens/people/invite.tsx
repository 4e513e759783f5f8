// Invites somebody with one role. The link is shown once; where the server makes links only on its own machine, the command is shown instead.

import { useQueryClient } from '@tanstack/react-query';
import { type FormEvent, type ReactNode, useState } from 'react';
import { rolesQuery } from '../../api/access.ts';
import { type Invitation, invitePerson } from '../../api/people.ts';
import { roleName } from '../../strings/en/access-words.ts';
import { strings } from '../../strings/en.ts';
import { Button } from '../../ui/button.tsx';
import { CopyButton } from '../../ui/copy.tsx';
import { Dialog } from '../../ui/dialog.tsx';
import { FaultLine } from '../../ui/fault-line.tsx';
import { DateTimeInput, Select, TextInput } from '../../ui/fields.tsx';
import { formatMoment } from '../../ui/format.ts';
import { useLook } from '../../ui/may.tsx';
import { useWork } from '../../ui/use-work.ts';

const text = strings.people.invite;
const FROM_TERMINAL = 'CONTROL_LINK_FROM_TERMINAL';
/** What may be typed into a shell between quotes as it stands. */
const PLAIN_NAME = /^[\p{L}\p{N} .'-]+$/u;

export function Invite({ onClose }: { onClose: () => void }): ReactNode {
  const client = useQueryClient();
  const roles = useLook('access.view', rolesQuery).data?.roles ?? [];
  const [name, setName] = useState('');
  const [role, setRole] = useState<string>('approver');
  const [until, setUntil] = useState<string | null>(null);
  const [made, setMade] = useState<Invitation | null>(null);
  const { fault, isWorking, run } = useWork();
  // A program's role is never a person's.
  const offered = roles.filter((one) => one.role !== 'agent');
  const chosen = offered.find((one) => one.role === role);

  async function invite(event: FormEvent): Promise<void> {
    event.preventDefault();
    await run(async () => {
      setMade(await invitePerson({ name: name.trim(), roles: [role], ...(until === null ? {} : { expiresAt: until }) }));
      await client.invalidateQueries({ queryKey: ['people'] });
    });
  }

  if (made !== null) return <LinkOnce title={text.linkTitle(made.name)} made={made} onClose={onClose} />;
  if (fault?.code === FROM_TERMINAL) return <OnTheMachine name={name.trim()} role={role} until={until} onClose={onClose} />;
  return (
    <Dialog title={text.title} isOpen onClose={onClose}>
      <form className="stack tight" onSubmit={(event) => void invite(event)}>
        <TextInput label={text.name} hint={text.nameHint} value={name} onChange={setName} />
        <Select
          label={text.role}
          value={role}
          hasAny={false}
          options={
            offered.length === 0 ? { [role]: roleName(role) } : Object.fromEntries(offered.map((one) => [one.role, roleName(one.role)]))
          }
          onChange={(next) => setRole(next ?? role)}
        />
        {chosen === undefined ? null : <p className="small soft">{chosen.meaning}</p>}
        <DateTimeInput label={text.until} value={until} onChange={setUntil} />
        <p className="small soft">{text.untilHint}</p>
        <FaultLine fault={fault} />
        <div className="row">
          <Button type="submit" look="primary" isPending={isWorking} isDisabled={name.trim() === ''}>
            {text.go}
          </Button>
          <Button onPress={onClose}>{strings.cancel}</Button>
        </div>
      </form>
    </Dialog>
  );
}

export function LinkOnce({ title, made, onClose }: { title: string; made: Invitation; onClose: () => void }): ReactNode {
  return (
    <Dialog title={title} isOpen isAlert onClose={onClose}>
      <p>{text.linkLead}</p>
      <code className="secret" data-testid="invitation">
        {made.link}
      </code>
      <p className="small soft">{text.linkUntil(formatMoment(made.expiresAt))}</p>
      <div className="row">
        <CopyButton value={made.link}>{text.copy}</CopyButton>
        <Button look="primary" onPress={onClose}>
          {text.done}
        </Button>
      </div>
    </Dialog>
  );
}

interface CommandProps {
  readonly name: string;
  readonly role: string;
  readonly until: string | null;
  readonly onClose: () => void;
}

function OnTheMachine({ name, role, until, onClose }: CommandProps): ReactNode {
  const shown = PLAIN_NAME.test(name) ? `"${name}"` : 'NAME';
  const command = `sallyport people add ${shown} --role ${role}${until === null ? '' : ` --until ${until}`}`;
  return (
    <Dialog title={text.terminalTitle} isOpen onClose={onClose}>
      <p>{text.terminalLead}</p>
      <code className="secret">{command}</code>
      <div className="row">
        <CopyButton value={command}>{strings.copy}</CopyButton>
        <Button look="primary" onPress={onClose} autoFocus>
          {strings.close}
        </Button>
      </div>
    </Dialog>
  );
}
