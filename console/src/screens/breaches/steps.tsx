// What people record about a breach: a step, whom they told, an earlier beginning, its end.

import { type FormEvent, type ReactNode, useState } from 'react';
import { type Breach, closeBreach, recordStep, recordTold, setBack } from '../../api/breaches.ts';
import { strings } from '../../strings/en.ts';
import { Choice } from '../../ui/choice.tsx';
import { FaultLine } from '../../ui/fault-line.tsx';
import { DateTimeInput, Select, TextInput } from '../../ui/fields.tsx';
import { MayButton } from '../../ui/may.tsx';
import { useToast } from '../../ui/toast.tsx';
import { useWork } from '../../ui/use-work.ts';
import { MAX_WORDS } from './breaches.tsx';

const text = strings.breaches;
const KINDS = { note: text.steps.note ?? '', contained: text.steps.contained ?? '', risk: text.steps.risk ?? '' };
const words = (next: string): string => next.slice(0, MAX_WORDS);

interface FormProps {
  readonly id: string;
  readonly title: string;
  readonly lead?: string;
  readonly button: string;
  readonly look?: 'primary';
  readonly isReady: boolean;
  readonly send: () => Promise<unknown>;
  readonly onDone: () => Promise<unknown>;
  readonly children: ReactNode;
}

/** A sheet with fields and one button; `id` names its heading. */
function Form({ id, title, lead, button, look, isReady, send, onDone, children }: FormProps): ReactNode {
  const say = useToast();
  const { fault, isWorking, run } = useWork();
  const go = (event: FormEvent): void => {
    event.preventDefault();
    void run(async () => {
      await send();
      say(text.recorded);
      await onDone();
    });
  };
  return (
    <form className="sheet stack tight" aria-labelledby={id} onSubmit={go}>
      <h2 id={id}>{title}</h2>
      {lead === undefined ? null : <p className="soft">{lead}</p>}
      {children}
      <FaultLine fault={fault} />
      <div className="row">
        <MayButton
          action="breaches.handle"
          type="submit"
          isDisabled={!isReady}
          isPending={isWorking}
          {...(look === undefined ? {} : { look })}
        >
          {button}
        </MayButton>
      </div>
    </form>
  );
}

export function StepForm({ id, onDone }: { id: string; onDone: () => Promise<unknown> }): ReactNode {
  const [kind, setKind] = useState('contained');
  const [risk, setRisk] = useState('risk');
  const [said, setSaid] = useState('');
  const send = async (): Promise<void> => {
    await recordStep(id, { kind, text: said.trim(), risk: kind === 'risk' ? risk : null });
    setSaid('');
  };
  return (
    <Form id="step" title={text.stepTitle} button={text.record} isReady={said.trim() !== ''} send={send} onDone={onDone}>
      <div className="filters">
        <Select label={text.step} value={kind} hasAny={false} options={KINDS} onChange={(next) => setKind(next ?? 'note')} />
        {kind === 'risk' ? (
          <Select label={text.risk} value={risk} hasAny={false} options={text.risks} onChange={(next) => setRisk(next ?? 'risk')} />
        ) : null}
      </div>
      <TextInput label={text.words} value={said} isLong onChange={(next) => setSaid(words(next))} />
    </Form>
  );
}

export function NotifyForm({ breach, onDone }: { breach: Breach; onDone: () => Promise<unknown> }): ReactNode {
  const [whom, setWhom] = useState('authority');
  const [needed, setNeeded] = useState('yes');
  const [said, setSaid] = useState('');
  const [at, setAt] = useState<string | null>(null);
  const [delay, setDelay] = useState('');
  const send = async (): Promise<void> => {
    const delayReason = delay.trim() === '' ? null : delay.trim();
    await recordTold(breach.id, { whom, needed: needed === 'yes', text: said.trim(), at: needed === 'yes' ? at : null, delayReason });
    setSaid('');
    setDelay('');
  };
  const isToldTo = whom === 'authority' && needed === 'yes';
  return (
    <Form id="notify" title={text.notifyTitle} button={text.record} isReady={said.trim() !== ''} send={send} onDone={onDone}>
      <div className="filters">
        <Select label={text.whom} value={whom} hasAny={false} options={text.whoms} onChange={(next) => setWhom(next ?? 'authority')} />
        {needed === 'yes' ? <DateTimeInput label={text.toldAt} value={at} onChange={setAt} /> : null}
      </div>
      <Choice
        label={text.needed}
        value={needed}
        isRow
        options={[
          { value: 'yes', name: text.neededYes },
          { value: 'no', name: text.neededNo },
        ]}
        onChange={setNeeded}
      />
      <TextInput label={text.words} value={said} isLong onChange={(next) => setSaid(words(next))} />
      {isToldTo ? (
        <TextInput label={text.delayReason} hint={text.delayHint} value={delay} onChange={(next) => setDelay(words(next))} />
      ) : null}
    </Form>
  );
}

export function SetBackForm({ breach, onDone }: { breach: Breach; onDone: () => Promise<unknown> }): ReactNode {
  const [at, setAt] = useState<string | null>(null);
  const [reason, setReason] = useState('');
  const isReady = at !== null && reason.trim() !== '';
  const send = (): Promise<unknown> => setBack(breach.id, at ?? '', reason.trim());
  return (
    <Form id="set-back" title={text.setBack} lead={text.setBackLead} button={text.setBack} isReady={isReady} send={send} onDone={onDone}>
      <div className="filters">
        <DateTimeInput label={text.aware} value={at} onChange={setAt} />
        <TextInput label={text.reason} value={reason} onChange={(next) => setReason(words(next))} />
      </div>
    </Form>
  );
}

export function CloseForm({ breach, onDone }: { breach: Breach; onDone: () => Promise<unknown> }): ReactNode {
  const [said, setSaid] = useState('');
  const isReady = said.trim() !== '' && breach.missing.length === 0;
  const send = (): Promise<unknown> => closeBreach(breach.id, said.trim());
  return (
    <Form id="close" title={text.closeTitle} lead={text.closeLead} button={text.close} isReady={isReady} send={send} onDone={onDone}>
      <TextInput label={text.words} value={said} isLong onChange={(next) => setSaid(words(next))} />
    </Form>
  );
}
