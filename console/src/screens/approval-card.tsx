// One stored call: the exact effect, why a person is asked, and the decision. Deny is preselected; approving is a deliberate choice.

import { useQueryClient } from '@tanstack/react-query';
import { type ReactNode, useState } from 'react';
import { Label, Radio, RadioGroup } from 'react-aria-components';
import { ApiFault, api } from '../api/client.ts';
import { refreshDecisions } from '../api/queries.ts';
import type { Approval } from '../api/types.ts';
import { strings } from '../strings/en.ts';
import { Button } from '../ui/button.tsx';
import { TextInput } from '../ui/fields.tsx';
import { shortDigest, Time } from '../ui/format.ts';
import { Icon } from '../ui/icons.tsx';
import { useToast } from '../ui/toast.tsx';
import { reasonsOf } from './evidence.ts';

const text = strings.inbox;

export function ApprovalCard({ approval, requestedBy }: { approval: Approval; requestedBy: string }): ReactNode {
  const headline = `${approval.id}-effect`;
  return (
    <article className="sheet ask" aria-labelledby={headline}>
      <div className="stack tight">
        <h2 id={headline} className="effect">
          {approval.sentence}
        </h2>
        <dl className="facts">
          <dt>{text.from}</dt>
          <dd>{requestedBy}</dd>
          <dt>{text.where}</dt>
          <dd>
            {approval.integration} · {approval.operation}
          </dd>
          <dt>{text.asked}</dt>
          <dd>
            <Time iso={approval.requestedAt} />
          </dd>
          <dt>{text.expires}</dt>
          <dd>
            <Time iso={approval.expiresAt} />
          </dd>
          <dt>{text.digest}</dt>
          <dd>
            <code title={approval.digest}>{shortDigest(approval.digest)}</code>
          </dd>
        </dl>
        <h3>{text.why}</h3>
        <ul className="why">
          {reasonsOf(approval.evidence).map((reason) => (
            <li key={reason.sentence} className={reason.kind}>
              <Icon name={reason.kind} />
              <span>{reason.sentence}</span>
            </li>
          ))}
        </ul>
      </div>
      <Decision approval={approval} />
    </article>
  );
}

function Decision({ approval }: { approval: Approval }): ReactNode {
  const client = useQueryClient();
  const say = useToast();
  const [verdict, setVerdict] = useState('deny');
  const [reason, setReason] = useState('');
  const [fault, setFault] = useState<string | null>(null);
  const [isWorking, setWorking] = useState(false);

  async function decide(): Promise<void> {
    if (verdict === 'deny' && reason.trim() === '') return setFault(text.reasonNeeded);
    setFault(null);
    setWorking(true);
    try {
      const body = verdict === 'approve' ? { digest: approval.digest } : { reason: reason.trim() };
      await api('POST', `/api/approvals/${approval.id}/${verdict}`, body);
      say(verdict === 'approve' ? text.approved : text.denied);
      await refreshDecisions(client);
    } catch (error) {
      setFault(error instanceof ApiFault && error.message !== '' ? error.message : strings.states.failedLead);
      setWorking(false);
    }
  }

  return (
    <form
      className="decide"
      onSubmit={(event) => {
        event.preventDefault();
        void decide();
      }}
    >
      <RadioGroup className="choices" value={verdict} onChange={setVerdict}>
        <Label className="label">
          <b>{text.decision}</b>
        </Label>
        <Radio className="choice" value="deny">
          {text.deny}
        </Radio>
        <Radio className="choice" value="approve">
          {text.approve}
        </Radio>
      </RadioGroup>
      {verdict === 'deny' ? <TextInput label={text.reason} value={reason} onChange={setReason} isLong /> : null}
      {fault === null ? null : (
        <p className="error small" role="alert">
          {fault}
        </p>
      )}
      <Button type="submit" look={verdict === 'deny' ? 'danger' : 'primary'} isPending={isWorking}>
        {verdict === 'deny' ? text.confirmDeny : text.confirmApprove}
      </Button>
    </form>
  );
}
