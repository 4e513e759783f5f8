// Plants a canary: says where it goes, shows its values once to be copied, and what to do next. Closing forgets them here too.

import { type FormEvent, Fragment, type ReactNode, useState } from 'react';
import { type Planted, plantCanary } from '../../api/canaries.ts';
import { strings } from '../../strings/en.ts';
import { Button } from '../../ui/button.tsx';
import { Callout } from '../../ui/callout.tsx';
import { CopyButton } from '../../ui/copy.tsx';
import { Dialog } from '../../ui/dialog.tsx';
import { FaultLine } from '../../ui/fault-line.tsx';
import { Select, TextInput } from '../../ui/fields.tsx';
import { useWork } from '../../ui/use-work.ts';

const text = strings.canaries;

interface Props {
  readonly onDone: () => Promise<unknown>;
  readonly onClose: () => void;
}

export function Plant({ onDone, onClose }: Props): ReactNode {
  const [planted, setPlanted] = useState<Planted | null>(null);
  return (
    // While the values stand there, a click beside the dialog does not take them away.
    <Dialog title={text.plantTitle} isOpen isAlert={planted !== null} onClose={onClose}>
      {planted === null ? (
        <Ask
          onPlanted={async (made) => {
            setPlanted(made);
            await onDone();
          }}
          onClose={onClose}
        />
      ) : (
        <Values planted={planted} onClose={onClose} />
      )}
    </Dialog>
  );
}

function Ask({ onPlanted, onClose }: { onPlanted: (made: Planted) => Promise<void>; onClose: () => void }): ReactNode {
  const [kind, setKind] = useState('person');
  const [placeKind, setPlaceKind] = useState('integration');
  const [name, setName] = useState('');
  const [customer, setCustomer] = useState('');
  const [domain, setDomain] = useState('');
  const [onLeak, setOnLeak] = useState('refuse');
  const { fault, isWorking, run } = useWork();
  async function plant(event: FormEvent): Promise<void> {
    event.preventDefault();
    await run(async () => {
      const place = { kind: placeKind, name: name.trim(), customer: customer.trim() === '' ? null : customer.trim() };
      await onPlanted(await plantCanary({ kind, place, onLeak, ...(domain.trim() === '' ? {} : { domain: domain.trim() }) }));
    });
  }
  return (
    <form className="stack tight" onSubmit={(event) => void plant(event)}>
      <p className="soft">{text.plantLead}</p>
      <Select label={text.kind} value={kind} options={text.kinds} hasAny={false} onChange={(next) => setKind(next ?? 'person')} />
      <Select
        label={text.placeKind}
        value={placeKind}
        options={text.places}
        hasAny={false}
        onChange={(next) => setPlaceKind(next ?? 'integration')}
      />
      <TextInput label={text.placeName} hint={text.placeHint} value={name} onChange={(next) => setName(next.slice(0, 100))} />
      {kind === 'person' ? (
        <>
          <TextInput label={text.customer} value={customer} onChange={(next) => setCustomer(next.slice(0, 200))} />
          <TextInput
            label={text.domain}
            hint={text.domainHint}
            value={domain}
            onChange={(next) => setDomain(next.toLowerCase().slice(0, 253))}
          />
        </>
      ) : null}
      <Select label={text.onLeak} value={onLeak} options={text.onLeaks} hasAny={false} onChange={(next) => setOnLeak(next ?? 'refuse')} />
      <FaultLine fault={fault} />
      <div className="row">
        <Button look="primary" type="submit" isDisabled={name.trim() === ''} isPending={isWorking}>
          {text.invent}
        </Button>
        <Button onPress={onClose}>{strings.cancel}</Button>
      </div>
    </form>
  );
}

function Values({ planted, onClose }: { planted: Planted; onClose: () => void }): ReactNode {
  const values = Object.entries(planted.values);
  const nameOf = (key: string): string => text.values[key] ?? key;
  return (
    <>
      <Callout tone="info">{text.once}</Callout>
      <dl className="facts">
        {values.map(([key, value]) => (
          <Fragment key={key}>
            <dt>{nameOf(key)}</dt>
            <dd className="row">
              <code>{value}</code>
              <CopyButton value={value}>{text.copy(nameOf(key))}</CopyButton>
            </dd>
          </Fragment>
        ))}
      </dl>
      <ol>
        {planted.todo.map((step) => (
          <li key={step}>{step}</li>
        ))}
      </ol>
      <div className="row">
        <Button look="primary" onPress={onClose}>
          {text.done}
        </Button>
        <CopyButton value={values.map(([key, value]) => `${nameOf(key)}: ${value}`).join('\n')}>{text.copyAll}</CopyButton>
      </div>
    </>
  );
}
