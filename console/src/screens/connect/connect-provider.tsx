// Step 1: a model provider, chosen among those that are connected, or added. Its key goes to the server once and is never shown.

import { useQueryClient } from '@tanstack/react-query';
import { type FormEvent, type ReactNode, useState } from 'react';
import { addProvider } from '../../api/connect.ts';
import type { Integration } from '../../api/types.ts';
import { strings } from '../../strings/en.ts';
import { Button } from '../../ui/button.tsx';
import { Select, TextInput } from '../../ui/fields.tsx';
import { MayButton } from '../../ui/may.tsx';
import { useWork } from '../../ui/use-work.ts';
import { SampleBadge } from '../runs/run-words.tsx';
import { FaultNote } from './connect-fault.tsx';
import { modelsOf, type ProviderFaults, providerFaults } from './connect-fields.ts';
import { OTHER, PRESETS } from './connect-presets.ts';

const text = strings.connect.provider;

interface Props {
  readonly integrations: readonly Integration[];
  readonly chosen: Integration | null;
  readonly onChosen: (name: string) => void;
  readonly onChange: () => void;
}

export function ChooseProvider({ integrations, chosen, onChosen, onChange }: Props): ReactNode {
  // What is there to stay comes first.
  const connected = integrations.filter(({ kind }) => kind === 'model').sort((one, two) => Number(one.sample) - Number(two.sample));
  const [isAdding, setAdding] = useState(false);
  if (chosen !== null) {
    return (
      <p className="row between">
        <span>{text.ready(chosen.name, chosen.models.length)}</span>
        <Button look="quiet" onPress={onChange}>
          {text.change}
        </Button>
      </p>
    );
  }
  return (
    <>
      <p className="soft">{text.lead}</p>
      {connected.length === 0 ? null : (
        <div className="stack tight">
          <h3>{text.existing}</h3>
          <ul className="providers">
            {connected.map(({ name, origin, models, sample }) => (
              <li key={name} className="row between">
                <span>
                  <b>{name}</b> {sample ? <SampleBadge /> : null} <span className="small soft">{`${origin} · ${models.join(', ')}`}</span>
                </span>
                <Button aria-label={`${text.choose}: ${name}`} onPress={() => onChosen(name)}>
                  {text.choose}
                </Button>
              </li>
            ))}
          </ul>
        </div>
      )}
      {connected.length === 0 || isAdding ? (
        <AddProvider taken={integrations.map(({ name }) => name)} onAdded={onChosen} />
      ) : (
        <div>
          <Button onPress={() => setAdding(true)}>{text.another}</Button>
        </div>
      )}
    </>
  );
}

const NO_FAULTS: ProviderFaults = { name: null, baseUrl: null, models: null };
const EMPTY = { preset: OTHER, name: '', baseUrl: '', key: '', models: '' };

function AddProvider({ taken, onAdded }: { taken: readonly string[]; onAdded: (name: string) => void }): ReactNode {
  const client = useQueryClient();
  const [fields, setFields] = useState(EMPTY);
  const [faults, setFaults] = useState<ProviderFaults>(NO_FAULTS);
  const { fault: refusal, isWorking, run, clear } = useWork();
  const set = (change: Partial<typeof EMPTY>): void => setFields({ ...fields, ...change });
  const preset = PRESETS.find(({ id }) => id === fields.preset) ?? null;

  function choose(id: string | undefined): void {
    const next = PRESETS.find((one) => one.id === id);
    setFaults(NO_FAULTS);
    if (next === undefined) setFields({ ...EMPTY, key: fields.key });
    else setFields({ preset: next.id, name: next.id, baseUrl: next.baseUrl, models: next.models, key: fields.key });
  }

  async function submit(event: FormEvent): Promise<void> {
    event.preventDefault();
    const provider = {
      name: fields.name.trim(),
      baseUrl: fields.baseUrl.trim(),
      key: fields.key.trim(),
      models: modelsOf(fields.models),
    };
    const found = providerFaults(provider, taken);
    setFaults(found);
    clear();
    if (Object.values(found).some((fault) => fault !== null)) return;
    await run(async () => {
      await addProvider(provider);
      setFields(EMPTY);
      await Promise.all(['integrations', 'connect', 'overview'].map((key) => client.invalidateQueries({ queryKey: [key] })));
      onAdded(provider.name);
    });
  }

  return (
    <form className="stack tight form" onSubmit={(event) => void submit(event)} noValidate>
      <Select
        label={text.preset}
        value={fields.preset}
        options={{ [OTHER]: text.presetOther, ...Object.fromEntries(PRESETS.map(({ id, label }) => [id, label])) }}
        hasAny={false}
        onChange={choose}
      />
      <TextInput label={text.name} hint={text.nameHint} error={faults.name} value={fields.name} onChange={(name) => set({ name })} />
      <TextInput
        label={text.baseUrl}
        hint={text.baseUrlHint}
        error={faults.baseUrl}
        value={fields.baseUrl}
        onChange={(baseUrl) => set({ baseUrl })}
      />
      <TextInput
        label={text.key}
        hint={preset?.needsKey === false ? text.keyNone : text.keyHint}
        type="password"
        value={fields.key}
        onChange={(key) => set({ key })}
      />
      <TextInput
        label={text.models}
        hint={text.modelsHint}
        error={faults.models}
        value={fields.models}
        onChange={(models) => set({ models })}
      />
      <FaultNote fault={refusal} />
      <div>
        <MayButton action="integrations.manage" look="primary" type="submit" isPending={isWorking}>
          {isWorking ? text.saving : text.save}
        </MayButton>
      </div>
    </form>
  );
}
