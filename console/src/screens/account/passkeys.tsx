// One's passkeys: added, named, removed. Where none can be made it says why.

import { type ReactNode, useState } from 'react';
import { canUsePasskeys, namedAddress, type Passkey, removePasskey, renamePasskey } from '../../api/passkeys.ts';
import { strings } from '../../strings/en.ts';
import { Button } from '../../ui/button.tsx';
import { Callout } from '../../ui/callout.tsx';
import { Dialog } from '../../ui/dialog.tsx';
import { TextInput } from '../../ui/fields.tsx';
import { Time } from '../../ui/format.ts';
import { Notice } from '../../ui/states.tsx';
import { Table } from '../../ui/table.tsx';
import { useToast } from '../../ui/toast.tsx';
import { NewPasskey } from './new-passkey.tsx';
import { useDo } from './use-do.ts';

const text = strings.account;

export function Passkeys({ passkeys }: { passkeys: readonly Passkey[] }): ReactNode {
  const say = useToast();
  const { run, isWorking } = useDo(['passkeys']);
  const [isAdding, setAdding] = useState(false);
  const [removing, setRemoving] = useState<Passkey | null>(null);
  const [renaming, setRenaming] = useState<Passkey | null>(null);
  const address = namedAddress();
  return (
    <section className="stack tight" aria-labelledby="passkeys">
      <div className="row between">
        <h2 id="passkeys">{text.passkeys}</h2>
        {canUsePasskeys() ? <Button onPress={() => setAdding(true)}>{text.add}</Button> : null}
      </div>
      {address === null ? null : (
        <Callout tone="info">
          <p>
            {strings.signIn.byNumber} <a href={address}>{strings.signIn.byName(address)}</a>
          </p>
        </Callout>
      )}
      {passkeys.length === 0 ? (
        <Notice icon="lock" title={text.passkeysEmpty}>
          <p>{text.passkeysEmptyLead}</p>
        </Notice>
      ) : (
        <Table
          caption={text.passkeys}
          rows={passkeys}
          keyOf={({ id }) => id}
          columns={[
            { key: 'name', head: text.name, cell: ({ name }) => <b>{name}</b> },
            { key: 'where', head: text.kept, cell: ({ isSynced }) => (isSynced ? text.synced : text.device) },
            { key: 'created', head: text.created, cell: ({ createdAt }) => <Time iso={createdAt} /> },
            { key: 'used', head: text.used, cell: ({ usedAt }) => (usedAt === null ? strings.never : <Time iso={usedAt} />) },
            {
              key: 'act',
              head: text.actions,
              cell: (passkey) => (
                <div className="row">
                  <Button aria-label={`${text.rename}: ${passkey.name}`} onPress={() => setRenaming(passkey)}>
                    {text.rename}
                  </Button>
                  <Button look="danger" aria-label={`${text.remove}: ${passkey.name}`} onPress={() => setRemoving(passkey)}>
                    {text.remove}
                  </Button>
                </div>
              ),
            },
          ]}
        />
      )}
      <Dialog title={text.add} isOpen={isAdding} onClose={() => setAdding(false)}>
        <p>{text.addLead}</p>
        <NewPasskey
          onMade={() => {
            setAdding(false);
            say(text.made);
          }}
        >
          <Button onPress={() => setAdding(false)}>{strings.cancel}</Button>
        </NewPasskey>
      </Dialog>
      {renaming === null ? null : (
        <Rename
          passkey={renaming}
          onClose={() => setRenaming(null)}
          onName={(name) => {
            setRenaming(null);
            void run(() => renamePasskey(renaming.id, name), text.renamed);
          }}
        />
      )}
      {removing === null ? null : (
        <Dialog title={text.removeTitle} isOpen onClose={() => setRemoving(null)} isAlert>
          <p>{text.removeLead(removing.name)}</p>
          <div className="row">
            <Button onPress={() => setRemoving(null)} autoFocus>
              {strings.cancel}
            </Button>
            <Button
              look="danger"
              isPending={isWorking}
              onPress={() => {
                setRemoving(null);
                void run(() => removePasskey(removing.id), text.removed);
              }}
            >
              {text.remove}
            </Button>
          </div>
        </Dialog>
      )}
    </section>
  );
}

function Rename({ passkey, onName, onClose }: { passkey: Passkey; onName: (name: string) => void; onClose: () => void }): ReactNode {
  const [name, setName] = useState(passkey.name);
  return (
    <Dialog title={text.rename} isOpen onClose={onClose}>
      <form
        className="stack tight"
        onSubmit={(event) => {
          event.preventDefault();
          if (name.trim() !== '') onName(name.trim());
        }}
      >
        <TextInput label={text.name} value={name} onChange={setName} />
        <div className="row">
          <Button onPress={onClose}>{strings.cancel}</Button>
          <Button type="submit" look="primary" isDisabled={name.trim() === ''}>
            {text.rename}
          </Button>
        </div>
      </form>
    </Dialog>
  );
}
