// Makes a passkey under a name. Used by the first one and by every further one.

import { useQueryClient } from '@tanstack/react-query';
import { type ReactNode, useState } from 'react';
import { ApiFault } from '../../api/client.ts';
import { makePasskey } from '../../api/passkeys.ts';
import { deviceName } from '../../app/device-name.ts';
import { strings } from '../../strings/en.ts';
import { Button } from '../../ui/button.tsx';
import { TextInput } from '../../ui/fields.tsx';

const text = strings.firstPasskey;

/** The browser's own words for what happened are for developers. */
function wordsOf(fault: unknown): string {
  if (fault instanceof ApiFault && fault.message !== '') return fault.message;
  return fault instanceof Error && fault.name === 'InvalidStateError' ? text.exists : text.failed;
}

export function NewPasskey({ onMade, children }: { onMade: () => Promise<void> | void; children?: ReactNode }): ReactNode {
  const client = useQueryClient();
  const [name, setName] = useState(deviceName);
  const [fault, setFault] = useState<string | null>(null);
  const [isWorking, setWorking] = useState(false);
  async function make(): Promise<void> {
    setWorking(true);
    setFault(null);
    try {
      await makePasskey(name.trim());
      await Promise.all([client.invalidateQueries({ queryKey: ['passkeys'] }), client.invalidateQueries({ queryKey: ['session'] })]);
      await onMade();
    } catch (error) {
      setFault(wordsOf(error));
    }
    setWorking(false);
  }
  return (
    <form
      className="stack tight"
      onSubmit={(event) => {
        event.preventDefault();
        if (name.trim() !== '') void make();
      }}
    >
      <TextInput label={text.name} value={name} onChange={setName} hint={text.nameHint} />
      {fault === null ? null : (
        <p className="error small" role="alert">
          {fault}
        </p>
      )}
      <div className="row">
        <Button type="submit" look="primary" isPending={isWorking} isDisabled={name.trim() === ''}>
          {isWorking ? text.working : text.go}
        </Button>
        {children}
      </div>
    </form>
  );
}
