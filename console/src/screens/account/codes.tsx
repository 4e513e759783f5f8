// How many recovery codes are left, and new ones in place of them.

import { useQueryClient } from '@tanstack/react-query';
import { type ReactNode, useState } from 'react';
import { makeRecoveryCodes } from '../../api/passkeys.ts';
import { strings } from '../../strings/en.ts';
import { Button } from '../../ui/button.tsx';
import { Callout } from '../../ui/callout.tsx';
import { Dialog } from '../../ui/dialog.tsx';
import { useToast } from '../../ui/toast.tsx';
import { useWork } from '../../ui/use-work.ts';
import { RecoveryCodes } from './recovery-codes.tsx';

const text = strings.account;

export function Codes({ left, hasPasskey }: { left: number; hasPasskey: boolean }): ReactNode {
  const client = useQueryClient();
  const say = useToast();
  const [codes, setCodes] = useState<readonly string[] | null>(null);
  const { isWorking, run } = useWork((fault) => say(fault.message || text.failed));
  const make = (): Promise<boolean> =>
    run(async () => {
      setCodes((await makeRecoveryCodes()).codes);
      await client.invalidateQueries({ queryKey: ['passkeys'] });
    });
  return (
    <section className="stack tight" aria-labelledby="codes">
      <div className="row between">
        <h2 id="codes">{text.codes}</h2>
        <Button isPending={isWorking} isDisabled={!hasPasskey} onPress={() => void make()}>
          {text.makeCodes}
        </Button>
      </div>
      {hasPasskey && left === 0 ? (
        <Callout tone="warn">
          <p>{strings.firstPasskey.noCodes}</p>
        </Callout>
      ) : (
        <p>{text.codesLeft(left)}</p>
      )}
      <p className="small soft">{hasPasskey ? text.codesLead : text.codesNeedPasskey}</p>
      {codes === null ? null : (
        <Dialog title={strings.firstPasskey.codesTitle} isOpen onClose={() => setCodes(null)} isAlert>
          <RecoveryCodes codes={codes} />
          <Button look="primary" onPress={() => setCodes(null)}>
            {strings.firstPasskey.kept}
          </Button>
        </Dialog>
      )}
    </section>
  );
}
