// Emergency access: asked for by one, approved by another, running with its clock, ended by anybody concerned. Everybody sees what runs.

import { useQuery } from '@tanstack/react-query';
import { type FormEvent, type ReactNode, useState } from 'react';
import { askBreakGlass, type BreakGlass, breakGlassQuery, decideBreakGlass, rolesQuery } from '../../api/access.ts';
import { peopleQuery, sessionQuery } from '../../api/queries.ts';
import { roleName, roleWords } from '../../strings/en/access-words.ts';
import { strings } from '../../strings/en.ts';
import { Badge, type Tone } from '../../ui/badge.tsx';
import { Button } from '../../ui/button.tsx';
import { Callout } from '../../ui/callout.tsx';
import { Confirm } from '../../ui/confirm.tsx';
import { Dialog } from '../../ui/dialog.tsx';
import { FaultLine } from '../../ui/fault-line.tsx';
import { Select, TextInput } from '../../ui/fields.tsx';
import { Time } from '../../ui/format.ts';
import { MayButton, useLook } from '../../ui/may.tsx';
import { SignsNote } from '../../ui/signs-note.tsx';
import { Answer, Notice } from '../../ui/states.tsx';
import { Table } from '../../ui/table.tsx';
import { useToast } from '../../ui/toast.tsx';
import { useNow } from '../../ui/use-now.ts';
import { useWork } from '../../ui/use-work.ts';
import { visible } from '../../ui/visible.ts';
import { PeoplePage } from './people-frame.tsx';
import { nameOf } from './people-words.tsx';
import { useRefreshAccess } from './use-refresh-access.ts';

const text = strings.people.breakGlass;
const TONES: Readonly<Record<string, Tone>> = { asked: 'info', open: 'warn', denied: 'bad' };
const MINUTES = 30;
const isWaiting = ({ state }: BreakGlass): boolean => state === 'asked';
const isRunning = ({ state }: BreakGlass): boolean => state === 'open';

export function EmergencyScreen(): ReactNode {
  const query = useQuery(breakGlassQuery);
  const session = useQuery(sessionQuery).data;
  const people = useLook('people.view', peopleQuery).data?.people ?? [];
  const [isAsking, setAsking] = useState(false);
  const me = session?.person ?? '';
  const whoIs = (person: string, name: string | null = null): string =>
    person === me ? strings.people.you : name === null ? nameOf(people.find(({ id }) => id === person)) : visible(name);
  return (
    <PeoplePage
      lead={text.lead}
      actions={
        session?.isSolo === true ? null : (
          <Button look="primary" onPress={() => setAsking(true)}>
            {text.ask}
          </Button>
        )
      }
    >
      {session?.isSolo === true ? (
        <Callout tone="info" icon="person">
          <p>{text.solo}</p>
        </Callout>
      ) : null}
      <Answer query={query}>
        {({ requests }) => {
          const earlier = requests.filter((one) => !isWaiting(one) && !isRunning(one));
          return (
            <>
              {requests.length === 0 ? (
                <Notice icon="shield" title={text.noneTitle}>
                  <p>{text.noneLead}</p>
                </Notice>
              ) : null}
              {requests.filter(isRunning).map((one) => (
                <Running key={one.id} one={one} who={whoIs(one.person, one.name)} isMine={one.person === me} />
              ))}
              {requests.filter(isWaiting).map((one) => (
                <Waiting key={one.id} one={one} who={whoIs(one.person, one.name)} isMine={one.person === me} />
              ))}
              {earlier.length === 0 ? null : (
                <section className="stack tight" aria-labelledby="earlier">
                  <h2 id="earlier">{text.earlier}</h2>
                  <Table
                    caption={text.earlier}
                    rows={earlier}
                    keyOf={({ id }) => id}
                    columns={[
                      {
                        key: 'who',
                        head: text.who,
                        cell: (one) => (
                          <>
                            <b>{text.runningOf(whoIs(one.person, one.name), roleName(one.role))}</b>
                            {one.reason === null ? null : <div className="small soft">{visible(one.reason)}</div>}
                          </>
                        ),
                      },
                      { key: 'state', head: text.state, cell: ({ state }) => <StateBadge state={state} /> },
                      { key: 'when', head: text.when, cell: ({ requestedAt }) => <Time iso={requestedAt} /> },
                      {
                        key: 'by',
                        head: text.by,
                        cell: ({ approvedBy }) => (approvedBy === null ? <span className="soft">{strings.none}</span> : whoIs(approvedBy)),
                      },
                    ]}
                  />
                </section>
              )}
            </>
          );
        }}
      </Answer>
      {isAsking ? <Ask onClose={() => setAsking(false)} /> : null}
    </PeoplePage>
  );
}

const StateBadge = ({ state }: { state: string }): ReactNode => <Badge tone={TONES[state] ?? 'plain'}>{text.states[state] ?? state}</Badge>;

function clockOf(leftMs: number): string {
  const seconds = Math.max(0, Math.ceil(leftMs / 1_000));
  return `${Math.floor(seconds / 60)}:${String(seconds % 60).padStart(2, '0')}`;
}

function Running({ one, who, isMine }: { one: BreakGlass; who: string; isMine: boolean }): ReactNode {
  const refresh = useRefreshAccess();
  const left = Date.parse(one.endsAt ?? '') - useNow(1_000);
  const [isAsked, setAsked] = useState(false);
  return (
    <section className="sheet stack tight verdict warn" aria-label={text.running}>
      <div className="row between">
        <h2 className="row snug">
          {text.runningOf(who, roleName(one.role))} <StateBadge state={one.state} />
        </h2>
        <p className="countdown" role="timer" aria-live="off">
          {left > 0 ? text.left(clockOf(left)) : text.over}
        </p>
      </div>
      {one.reason === null ? null : <p>{visible(one.reason)}</p>}
      <div className="row">
        {isMine ? (
          <Button look="danger" onPress={() => setAsked(true)}>
            {text.end}
          </Button>
        ) : (
          <MayButton action="access.break_glass" look="danger" onPress={() => setAsked(true)}>
            {text.end}
          </MayButton>
        )}
      </div>
      {isAsked ? (
        <Confirm
          title={text.endTitle}
          lead={text.endLead}
          yes={text.end}
          done={text.ended}
          look="danger"
          hasReason={false}
          work={() => decideBreakGlass(one.id, 'end')}
          onClose={() => setAsked(false)}
          onDone={refresh}
        />
      ) : null}
    </section>
  );
}

function Waiting({ one, who, isMine }: { one: BreakGlass; who: string; isMine: boolean }): ReactNode {
  const refresh = useRefreshAccess();
  const [asked, setAsked] = useState<'approve' | 'deny' | null>(null);
  return (
    <section className="sheet stack tight" aria-label={text.waiting}>
      <h2 className="row snug">
        {text.runningOf(who, roleName(one.role))} <StateBadge state={one.state} />
      </h2>
      {one.reason === null ? null : <p>{visible(one.reason)}</p>}
      <p className="small soft">
        {text.when} <Time iso={one.requestedAt} />
      </p>
      {isMine ? (
        <p className="small">{text.own}</p>
      ) : (
        <div className="row">
          <MayButton action="access.break_glass" look="danger" onPress={() => setAsked('approve')}>
            {text.approve}
          </MayButton>
          <MayButton action="access.break_glass" isCompact onPress={() => setAsked('deny')}>
            {text.deny}
          </MayButton>
        </div>
      )}
      {asked === null ? null : (
        <Confirm
          title={asked === 'approve' ? text.approveTitle(who, roleName(one.role)) : text.denyTitle(who, roleName(one.role))}
          lead={asked === 'approve' ? text.approveLead(MINUTES) : text.denyLead}
          yes={asked === 'approve' ? text.approve : text.deny}
          done={asked === 'approve' ? text.approved : text.denied}
          look="danger"
          hasReason={false}
          work={() => decideBreakGlass(one.id, asked)}
          onClose={() => setAsked(null)}
          onDone={refresh}
        >
          {asked === 'approve' ? <SignsNote /> : null}
        </Confirm>
      )}
    </section>
  );
}

function Ask({ onClose }: { onClose: () => void }): ReactNode {
  const refresh = useRefreshAccess();
  const say = useToast();
  const roles = useLook('access.view', rolesQuery).data?.roles;
  const offered = roles?.map(({ role }) => role) ?? Object.keys(roleWords);
  const [role, setRole] = useState('operator');
  const [reason, setReason] = useState('');
  const { fault, isWorking, run } = useWork();
  async function ask(event: FormEvent): Promise<void> {
    event.preventDefault();
    await run(async () => {
      await askBreakGlass({ role, reason: reason.trim() });
      say(text.asked);
      onClose();
      await refresh();
    });
  }
  return (
    <Dialog title={text.title} isOpen onClose={onClose}>
      <form className="stack tight" onSubmit={(event) => void ask(event)}>
        <Select
          label={text.role}
          value={role}
          hasAny={false}
          options={Object.fromEntries(offered.filter((one) => one !== 'agent' && one !== 'owner').map((one) => [one, roleName(one)]))}
          onChange={(next) => setRole(next ?? role)}
        />
        <TextInput label={text.reason} hint={text.reasonHint} value={reason} onChange={setReason} isLong />
        <p className="small soft">{text.minutes(MINUTES)}</p>
        <FaultLine fault={fault} />
        <div className="row">
          <Button type="submit" look="primary" isPending={isWorking} isDisabled={reason.trim().length < 8}>
            {text.go}
          </Button>
          <Button onPress={onClose}>{strings.cancel}</Button>
        </div>
      </form>
    </Dialog>
  );
}
