// Step 4, optional: a shop with a manifest that says what each of its operations does. Its key is never shown again.

import { useQueryClient } from '@tanstack/react-query';
import { Link } from '@tanstack/react-router';
import { type FormEvent, type ReactNode, useId, useState } from 'react';
import { addShop } from '../../api/connect.ts';
import { strings } from '../../strings/en.ts';
import { Button } from '../../ui/button.tsx';
import { TextInput } from '../../ui/fields.tsx';
import { MayButton } from '../../ui/may.tsx';
import { useWork } from '../../ui/use-work.ts';
import { FaultNote } from './connect-fault.tsx';
import { nameFault, urlFault } from './connect-fields.ts';

const text = strings.connect.shop;
const { name: nameLabel, nameHint, baseUrl: urlLabel, baseUrlHint } = strings.connect.provider;
const EMPTY = { name: '', baseUrl: '', header: 'authorization', prefix: 'Bearer', secret: '' };

export function ConnectShop({ taken }: { taken: readonly string[] }): ReactNode {
  const [isOpen, setOpen] = useState(false);
  const [connected, setConnected] = useState<string | null>(null);
  return (
    <>
      <p className="soft">{text.lead}</p>
      {connected === null ? null : (
        <div role="status" className="stack tight">
          <p>{text.ready(connected)}</p>
          <p className="small soft">
            {text.reach} <Link to="/access">{text.access}</Link>
          </p>
        </div>
      )}
      {isOpen ? (
        <ShopForm
          taken={taken}
          onConnected={(name) => {
            setConnected(name);
            setOpen(false);
          }}
        />
      ) : (
        <div>
          <MayButton action="integrations.manage" onPress={() => setOpen(true)}>
            {text.open}
          </MayButton>
        </div>
      )}
    </>
  );
}

function ShopForm({ taken, onConnected }: { taken: readonly string[]; onConnected: (name: string) => void }): ReactNode {
  const client = useQueryClient();
  const fileId = useId();
  const [fields, setFields] = useState(EMPTY);
  const [manifest, setManifest] = useState<string | null>(null);
  const [faults, setFaults] = useState<{ name: string | null; baseUrl: string | null }>({ name: null, baseUrl: null });
  const { fault: refusal, isWorking, run, clear } = useWork();
  const set = (change: Partial<typeof EMPTY>): void => setFields({ ...fields, ...change });

  async function submit(event: FormEvent): Promise<void> {
    event.preventDefault();
    const name = fields.name.trim();
    const baseUrl = fields.baseUrl.trim();
    const found = { name: nameFault(name, taken), baseUrl: urlFault(baseUrl) };
    setFaults(found);
    clear();
    if (found.name !== null || found.baseUrl !== null) return;
    await run(async () => {
      await addShop({ ...fields, name, baseUrl, manifest, secret: fields.secret.trim(), header: fields.header.trim() });
      await Promise.all(['integrations', 'overview'].map((key) => client.invalidateQueries({ queryKey: [key] })));
      onConnected(name);
    });
  }

  return (
    <form className="stack tight form" onSubmit={(event) => void submit(event)} noValidate>
      <TextInput label={nameLabel} hint={nameHint} error={faults.name} value={fields.name} onChange={(name) => set({ name })} />
      <TextInput
        label={urlLabel}
        hint={baseUrlHint}
        error={faults.baseUrl}
        value={fields.baseUrl}
        onChange={(baseUrl) => set({ baseUrl })}
      />
      <TextInput label={text.header} hint={text.headerHint} value={fields.header} onChange={(header) => set({ header })} />
      <TextInput label={text.prefix} hint={text.prefixHint} value={fields.prefix} onChange={(prefix) => set({ prefix })} />
      <TextInput label={text.secret} type="password" value={fields.secret} onChange={(secret) => set({ secret })} />
      <div className="field">
        <label htmlFor={fileId}>{text.manifest}</label>
        <input
          id={fileId}
          className="input file"
          type="file"
          accept=".yaml,.yml,.json"
          aria-describedby={`${fileId}-note`}
          onChange={(event) => {
            const file = event.target.files?.[0];
            if (file === undefined) setManifest(null);
            else void file.text().then(setManifest);
          }}
        />
        <span id={`${fileId}-note`} className="soft">
          {text.manifestHint}
        </span>
      </div>
      <FaultNote fault={refusal} />
      <div>
        <Button look="primary" type="submit" isPending={isWorking}>
          {text.save}
        </Button>
      </div>
    </form>
  );
}
