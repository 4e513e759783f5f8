// Step 2: a program with its key, shown this once, and lines that are ready to paste.

import { useQueryClient } from '@tanstack/react-query';
import { type FormEvent, type ReactNode, useState } from 'react';
import { addProgram } from '../../api/connect.ts';
import { workloadsQuery } from '../../api/queries.ts';
import type { Integration, Workload } from '../../api/types.ts';
import { strings } from '../../strings/en.ts';
import { CopyButton } from '../../ui/copy.tsx';
import { Select, TextInput } from '../../ui/fields.tsx';
import { MayButton } from '../../ui/may.tsx';
import { useWork } from '../../ui/use-work.ts';
import { FaultNote } from './connect-fault.tsx';
import { nameFault } from './connect-fields.ts';
import { Snippets } from './connect-snippets.tsx';

const text = strings.connect.key;

interface Props {
  readonly provider: Integration;
  readonly program: Workload | null;
  /** Only right after it was made. */
  readonly apiKey: string | null;
  readonly isMade: boolean;
  readonly gateway: string;
  readonly model: string;
  readonly onModel: (model: string) => void;
  readonly onMade: (made: { readonly workload: string; readonly key: string }) => void;
}

export function ProgramKey({ provider, program, apiKey, isMade, gateway, model, onModel, onMade }: Props): ReactNode {
  if (!isMade) return <MakeKey provider={provider} onMade={onMade} />;
  return (
    <div className="stack tight">
      <p>{text.ready(program?.name ?? '')}</p>
      {apiKey === null ? (
        <p className="small soft">{text.hidden}</p>
      ) : (
        <div className="stack tight">
          <p className="small">
            <b>{text.once}</b>
          </p>
          <div className="copyable">
            <code className="secret" data-testid="api-key">
              {apiKey}
            </code>
            <CopyButton value={apiKey}>{text.copy}</CopyButton>
          </div>
        </div>
      )}
      {provider.models.length < 2 ? null : (
        <div className="form">
          <Select
            label={text.model}
            value={model}
            hasAny={false}
            options={Object.fromEntries(provider.models.map((name) => [name, name]))}
            onChange={(next) => onModel(next ?? '')}
          />
        </div>
      )}
      <Snippets baseUrl={`${gateway}/v1`} apiKey={apiKey} model={model} />
    </div>
  );
}

function MakeKey({ provider, onMade }: Pick<Props, 'provider' | 'onMade'>): ReactNode {
  const client = useQueryClient();
  const [name, setName] = useState('my-program');
  const [fault, setFault] = useState<string | null>(null);
  const { fault: refusal, isWorking, run, clear } = useWork();

  async function submit(event: FormEvent): Promise<void> {
    event.preventDefault();
    const { workloads } = await client.fetchQuery(workloadsQuery).catch(() => ({ workloads: [] as readonly Workload[] }));
    const taken = workloads.map((workload) => workload.name);
    const found = nameFault(name.trim(), taken, strings.connect.faults.program);
    setFault(found);
    clear();
    if (found !== null) return;
    await run(async () => {
      const made = await addProgram(name.trim(), [provider.name]);
      await Promise.all(['workloads', 'keys', 'overview'].map((key) => client.invalidateQueries({ queryKey: [key] })));
      onMade(made);
    });
  }

  return (
    <form className="stack tight form" onSubmit={(event) => void submit(event)} noValidate>
      <p className="soft">{text.lead}</p>
      <TextInput label={text.name} hint={text.nameHint} error={fault} value={name} onChange={setName} />
      <FaultNote fault={refusal} />
      <div>
        <MayButton action="keys.manage" look="primary" type="submit" isPending={isWorking}>
          {isWorking ? text.creating : text.create}
        </MayButton>
      </div>
    </form>
  );
}
