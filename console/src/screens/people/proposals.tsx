// Proposals to take away what nobody uses: what would go, what stays, the evidence, and the way back.

import { useQuery, useQueryClient } from '@tanstack/react-query';
import { Link, useNavigate } from '@tanstack/react-router';
import { lazy, type ReactNode, Suspense, useState } from 'react';
import { applyProposal, dismissProposal, lookForUnused, type Proposal, proposalsQuery, undoProposal } from '../../api/reviews.ts';
import { actionWords, roleName } from '../../strings/en/access-words.ts';
import { strings } from '../../strings/en.ts';
import { Badge } from '../../ui/badge.tsx';
import { Button } from '../../ui/button.tsx';
import { Dialog } from '../../ui/dialog.tsx';
import { FaultLine } from '../../ui/fault-line.tsx';
import { Select, TextInput } from '../../ui/fields.tsx';
import { formatCount, formatDay, Time } from '../../ui/format.ts';
import { MayButton } from '../../ui/may.tsx';
import { Answer, Notice } from '../../ui/states.tsx';
import { useToast } from '../../ui/toast.tsx';
import { useWork } from '../../ui/use-work.ts';
import { visible } from '../../ui/visible.ts';
import { useRefreshAccess } from './use-refresh-access.ts';

const LeastSettingsDialog = lazy(() => import('./least-settings.tsx').then((file) => ({ default: file.LeastSettingsDialog })));
const text = strings.reviews.proposals;

export function ProposalList({ state }: { state: string }): ReactNode {
  const query = useQuery(proposalsQuery(state));
  const navigate = useNavigate();
  const client = useQueryClient();
  const [isSetting, setSetting] = useState(false);
  const say = useToast();
  const show = (): Promise<void> => client.invalidateQueries({ queryKey: ['least', 'proposals'] });
  const { isWorking: isLooking, run } = useWork((fault) => {
    say(fault.message || strings.states.failedTitle);
    return show();
  });
  const look = (): Promise<boolean> =>
    run(async () => {
      await lookForUnused();
      await show();
    });
  return (
    <div className="stack tight">
      <Answer query={query}>
        {({ proposals, settings, computedAt }) => (
          <>
            <div className="filters">
              <Select
                label={text.state}
                value={state}
                hasAny={false}
                options={text.states}
                onChange={(next) =>
                  void navigate({
                    to: '/people/reviews',
                    search: next === undefined || next === 'open' ? {} : { state: next },
                    replace: true,
                  })
                }
              />
              <div className="row snug">
                <Button isPending={isLooking} onPress={() => void look()}>
                  {text.look}
                </Button>
                <MayButton action="least.apply" look="quiet" isCompact onPress={() => setSetting(true)}>
                  {strings.reviews.settings.open}
                </MayButton>
              </div>
            </div>
            <p className="small soft">
              {text.lead(settings.windowDays)} {text.computed} <Time iso={computedAt} />
            </p>
            {proposals.length === 0 ? (
              state === 'open' ? (
                <Notice icon="good" title={text.emptyTitle}>
                  <p>{text.emptyLead}</p>
                </Notice>
              ) : (
                <p className="soft">{text.emptyOf}</p>
              )
            ) : (
              proposals.map((one) => <One key={one.id} one={one} />)
            )}
            {isSetting ? (
              <Suspense fallback={null}>
                <LeastSettingsDialog settings={settings} onClose={() => setSetting(false)} />
              </Suspense>
            ) : null}
          </>
        )}
      </Answer>
    </div>
  );
}

function One({ one }: { one: Proposal }): ReactNode {
  const say = useToast();
  const refresh = useRefreshAccess();
  const { isWorking, run } = useWork((fault) => say(fault.message || strings.states.failedTitle));
  const [isKeeping, setKeeping] = useState(false);
  async function settle(work: () => Promise<unknown>, said: string, undo?: () => void): Promise<void> {
    await run(async () => {
      await work();
      say(said, undo === undefined ? undefined : { name: text.undo, run: undo });
    });
    await refresh();
  }
  const undo = (): void => void settle(() => undoProposal(one.id), text.undone);
  const headline = `proposal-${one.id}`;
  return (
    <article className="sheet proposal" aria-labelledby={headline}>
      <div className="stack tight">
        <h2 id={headline}>{visible(one.sentence)}</h2>
        <Change one={one} />
        <p className="small soft">
          <Evidence one={one} />
        </p>
        {one.reason === null ? null : <p className="small">{visible(one.reason)}</p>}
      </div>
      <div className="row snug end">
        {one.state === 'open' ? null : (
          <Badge tone={one.state === 'applied' ? 'good' : 'plain'}>{text.states[one.state] ?? one.state}</Badge>
        )}
        {one.state === 'open' && one.canApply ? (
          <MayButton
            action="least.apply"
            isCompact
            look="primary"
            isPending={isWorking}
            aria-label={`${text.apply}: ${visible(one.sentence)}`}
            onPress={() => void settle(() => applyProposal(one.id), text.applied, undo)}
          >
            {text.apply}
          </MayButton>
        ) : null}
        {one.state === 'open' && one.canApply ? (
          <MayButton
            action="least.apply"
            isCompact
            aria-label={`${text.dismiss}: ${visible(one.sentence)}`}
            onPress={() => setKeeping(true)}
          >
            {text.dismiss}
          </MayButton>
        ) : null}
        {one.state === 'open' && !one.canApply ? <span className="small soft">{text.told}</span> : null}
        {one.canUndo ? (
          <MayButton
            action="least.apply"
            isCompact
            isPending={isWorking}
            aria-label={`${text.undo}: ${visible(one.sentence)}`}
            onPress={undo}
          >
            {text.undo}
          </MayButton>
        ) : null}
      </div>
      {isKeeping ? (
        <Keep
          onKeep={async (reason) => {
            await dismissProposal(one.id, reason);
            say(text.dismissed);
            await refresh();
          }}
          onClose={() => setKeeping(false)}
        />
      ) : null}
    </article>
  );
}

const wordsOf = (name: string): string => actionWords[name] ?? roleName(name);

function Change({ one: { remove, keep, change } }: { one: Proposal }): ReactNode {
  if (remove.length === 0 && change === null) return null;
  return (
    <dl className="facts">
      <dt>{text.takes}</dt>
      <dd>
        {change === null
          ? remove.map((name) => visible(wordsOf(name))).join(', ')
          : change.to === null
            ? text.ends(roleName(change.from))
            : text.change(roleName(change.from), roleName(change.to))}
      </dd>
      {keep.length === 0 ? null : (
        <>
          <dt>{text.keeps}</dt>
          <dd>{keep.map((name) => visible(wordsOf(name))).join(', ')}</dd>
        </>
      )}
    </dl>
  );
}

function Evidence({ one: { evidence, appliesAt } }: { one: Proposal }): ReactNode {
  return (
    <>
      {text.observed(evidence.windowDays, formatCount(evidence.count))}, {text.since} {formatDay(evidence.observedSince)}
      {evidence.grantedAt === null ? null : `, ${text.granted} ${formatDay(evidence.grantedAt)}`}
      {', '}
      {evidence.lastUsedAt === null ? text.neverUsed : `${text.lastUsed} ${formatDay(evidence.lastUsedAt)}`}
      {'. '}
      <Link to="/audit" search={searchOf(evidence.events)}>
        {text.events}
      </Link>
      {appliesAt === null ? null : ` · ${text.appliesAt} ${formatDay(appliesAt)}`}
    </>
  );
}

/** The server names the events by an address of the console; only its question is taken over. */
function searchOf(address: string): Record<string, string> {
  return Object.fromEntries(new URLSearchParams(address.split('?')[1] ?? ''));
}

function Keep({ onKeep, onClose }: { onKeep: (reason: string) => Promise<void>; onClose: () => void }): ReactNode {
  const [reason, setReason] = useState('');
  const { fault, run } = useWork();
  const keep = (): Promise<boolean> =>
    run(async () => {
      await onKeep(reason.trim());
      onClose();
    });
  return (
    <Dialog title={text.dismissTitle} isOpen onClose={onClose}>
      <TextInput label={text.dismissReason} hint={text.dismissReasonHint} value={reason} onChange={setReason} />
      <FaultLine fault={fault} />
      <div className="row">
        <Button look="primary" isDisabled={reason.trim() === ''} onPress={() => void keep()}>
          {text.dismiss}
        </Button>
        <Button onPress={onClose}>{strings.cancel}</Button>
      </div>
    </Dialog>
  );
}
