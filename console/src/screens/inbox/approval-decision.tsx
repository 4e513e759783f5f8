// The decision about one stored call. Deny is preselected and approving is a deliberate choice; whoever may not decide is told why; a call
// that one person approved alone shows its delay and can be stopped until it runs.

import { useQueryClient } from '@tanstack/react-query';
import { type ReactNode, useState } from 'react';
import { type Ask, approveAsk, cancelAsk, type Doubts, denyAsk, type Send } from '../../api/inbox.ts';
import { refreshDecisions } from '../../api/queries.ts';
import { strings } from '../../strings/en.ts';
import { Button } from '../../ui/button.tsx';
import { Callout } from '../../ui/callout.tsx';
import { Choice } from '../../ui/choice.tsx';
import { TextInput } from '../../ui/fields.tsx';
import { Time } from '../../ui/format.ts';
import { MayButton } from '../../ui/may.tsx';
import { useToast } from '../../ui/toast.tsx';
import { useNow } from '../../ui/use-now.ts';
import { useWork } from '../../ui/use-work.ts';

const text = strings.inbox;

interface Props {
  readonly ask: Ask;
  readonly person: string;
}

export function Decision({ ask, person }: Props): ReactNode {
  const isDelayed = ask.state === 'approved' && ask.runsAt !== null;
  return (
    <div className="decide">
      {isDelayed ? null : <Progress ask={ask} person={person} />}
      {isDelayed ? (
        <Delay ask={ask} />
      ) : (
        <>
          {ask.youMay ? null : (
            <Callout tone="info" icon="lock">
              <p>
                <b>{text.mayNot}</b>
              </p>
              <p className="small">{ask.whyNot === null ? '' : (text.whyNot[ask.whyNot] ?? text.whyNotOther(ask.whyNot))}</p>
            </Callout>
          )}
          <Form ask={ask} />
        </>
      )}
    </div>
  );
}

/** How many approvals there are, of how many, and whose. */
function Progress({ ask, person }: { ask: Ask; person: string }): ReactNode {
  const { mode, required } = ask;
  const decisions = ask.decisions.filter(({ verdict }) => verdict === 'approved');
  if (mode === 'one') return null;
  return (
    <div className="stack tight">
      <p className="small soft">{text.mode[mode]}</p>
      {required < 2 ? null : (
        <>
          <p className="row">
            <b>{text.progress(decisions.length, required)}</b>
            <span className="steps-of" aria-hidden="true">
              {[...new Array(required).keys()].map((nth) => (
                <span key={nth} className={nth < decisions.length ? 'have' : ''} />
              ))}
            </span>
          </p>
          {decisions.map(({ by, byName, at }) => (
            <p key={by} className="small">
              {by === person ? text.you : byName} {text.approvedBy} <Time iso={at} />
            </p>
          ))}
        </>
      )}
    </div>
  );
}

/** The words of the choice, and of what is said once it is made. */
function wordsOf({ mode, required, decisions }: Ask): { readonly choice: string; readonly said: string } {
  if (mode === 'solo') return { choice: text.approveSolo, said: text.approvedSolo };
  if (required < 2) return { choice: text.approve, said: text.approved };
  return decisions.length + 1 < required
    ? { choice: text.approveFirst, said: text.approvedFirst }
    : { choice: text.approveSecond, said: text.approved };
}

/** Does it once at a time, and keeps what went wrong in words. */
function useDecide() {
  const client = useQueryClient();
  const say = useToast();
  const { fault, isWorking, run, clear } = useWork(() => client.invalidateQueries({ queryKey: ['approvals'] }));
  const decide = (work: () => Promise<unknown>, said: string): Promise<boolean> =>
    run(async () => {
      await work();
      say(said);
      await refreshDecisions(client);
    });
  return { decide, fault: fault === null ? null : fault.message || strings.states.failedLead, clear, isWorking };
}

/** What a yes to a request says about what is in doubt in it. */
function sendChoices({ mayGoAsIs }: Doubts): readonly { readonly value: string; readonly name: string; readonly note: string }[] {
  const masked = { value: 'masked', name: text.sendMasked, note: text.sendMaskedNote };
  return mayGoAsIs ? [masked, { value: 'as_is', name: text.sendAsIs, note: text.sendAsIsNote }] : [masked];
}

const sendOf = ({ doubts }: Ask, verdict: string): Send | null => (doubts === null ? null : verdict === 'as_is' ? 'as_is' : 'masked');

function Form({ ask }: { ask: Ask }): ReactNode {
  const { decide, fault, clear, isWorking } = useDecide();
  const [verdict, setVerdict] = useState('deny');
  const [reason, setReason] = useState('');
  const [isReasonMissing, setReasonMissing] = useState(false);
  const { choice, said } = wordsOf(ask);
  const isDenial = verdict === 'deny';
  return (
    <form
      className="stack tight"
      onSubmit={(event) => {
        event.preventDefault();
        const isMissing = isDenial && reason.trim() === '';
        setReasonMissing(isMissing);
        if (isMissing) clear();
        else if (isDenial) void decide(() => denyAsk(ask, reason.trim()), text.denied);
        else void decide(() => approveAsk(ask, sendOf(ask, verdict)), said);
      }}
    >
      {ask.youMay ? (
        <Choice
          label={text.decision}
          value={verdict}
          onChange={(value) => {
            setVerdict(value);
            setReasonMissing(false);
            clear();
          }}
          options={[
            { value: 'deny', name: text.deny },
            ...(ask.doubts === null ? [{ value: 'approve', name: choice }] : sendChoices(ask.doubts)),
          ]}
        />
      ) : null}
      {ask.youMay && ask.doubts !== null && !ask.doubts.mayGoAsIs ? (
        <p className="small soft">{text.notAsIs(ask.doubts.notAsIs.map(text.dataClass).join(', '))}</p>
      ) : null}
      {isDenial ? <TextInput label={text.reason} value={reason} onChange={setReason} isLong /> : null}
      {fault === null && !isReasonMissing ? null : (
        <p className="error small" role="alert">
          {fault ?? text.reasonNeeded}
        </p>
      )}
      <MayButton
        action="approvals.decide"
        on={{ kind: 'integration', name: ask.integration }}
        type="submit"
        size="large"
        look={isDenial ? 'danger' : 'primary'}
        isPending={isWorking}
      >
        {isDenial ? text.confirmDeny : text.confirmApprove}
      </MayButton>
    </form>
  );
}

function Delay({ ask }: { ask: Ask }): ReactNode {
  const { decide, fault, isWorking } = useDecide();
  const left = Date.parse(ask.runsAt ?? '') - useNow(1_000);
  const mayStop = ask.youMayCancel && left > 0;
  return (
    <div className="stack tight">
      <p>
        <b>{text.delayTitle}</b>
      </p>
      <p className="countdown" role="timer" aria-live="off">
        {left > 0 ? text.runsIn(clockOf(left)) : text.runsNow}
      </p>
      <p className="small soft">{text.delayLead}</p>
      {fault === null ? null : (
        <p className="error small" role="alert">
          {fault}
        </p>
      )}
      {mayStop ? (
        <Button
          size="large"
          look="danger"
          isPending={isWorking}
          onPress={() => void decide(() => cancelAsk(ask, text.stopReason), text.stopped)}
        >
          {text.stop}
        </Button>
      ) : null}
    </div>
  );
}

/** What is left as a clock shows it: `9:54`, `1:00:00`. */
function clockOf(leftMs: number): string {
  const seconds = Math.ceil(leftMs / 1_000);
  const parts = [Math.floor(seconds / 3_600), Math.floor(seconds / 60) % 60, seconds % 60];
  const shown = parts[0] === 0 ? parts.slice(1) : parts;
  return shown.map((part, index) => (index === 0 ? String(part) : String(part).padStart(2, '0'))).join(':');
}
