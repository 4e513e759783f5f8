// What is taken out of this server to check it without it: a receipt today, a pack later, and the commands for both.

import type { ReactNode } from 'react';
import { exportPath, type SealedEvent } from '../../api/audit.ts';
import { ApiFault, api } from '../../api/client.ts';
import { strings } from '../../strings/en.ts';
import { DownloadButton } from '../../ui/download.tsx';
import { Icon } from '../../ui/icons.tsx';
import { MayButton } from '../../ui/may.tsx';
import { useWork } from '../../ui/use-work.ts';
import { receiptOf } from '../audit/recompute.ts';

const text = strings.integrity.elsewhere;

export function Elsewhere({ sealedEvents }: { sealedEvents: number }): ReactNode {
  const { fault, run } = useWork();
  const receipt = (): Promise<boolean> =>
    run(async () => {
      const { proof, ...newest } = await api<SealedEvent>('GET', `/api/events/${sealedEvents - 1}`);
      if (proof == null) throw new ApiFault(200, 'PROOF_NOT_GIVEN', '');
      // The server is told that this checkpoint is kept, so that every later pack proves to continue it.
      await api('POST', '/api/ledger/checkpoint', { epoch: proof.epoch, size: proof.globalSize });
      save('sallyport-receipt.json', receiptOf({ ...newest, proof }));
    });
  return (
    <section className="sheet stack tight" aria-labelledby="elsewhere">
      <div>
        <h2 id="elsewhere">{text.title}</h2>
        <p className="small soft">{text.lead}</p>
      </div>
      <ul className="formats">
        <li>
          <MayButton action="ledger.verify" isDisabled={sealedEvents === 0} onPress={() => void receipt()}>
            <Icon name="download" />
            {text.receipt}
          </MayButton>
          <span className="small soft">{text.receiptNote}</span>
        </li>
        <li>
          <DownloadButton action="ledger.export" path={exportPath({}, 'zip')}>
            <Icon name="download" />
            {text.pack}
          </DownloadButton>
          <span className="small soft">{text.packNote}</span>
        </li>
      </ul>
      {fault === null ? null : (
        <p className="error small" role="alert">
          {text.receiptFailed} <code>{fault.code}</code>
        </p>
      )}
      <p className="small">{text.commandNote}</p>
      <code className="secret">{text.command}</code>
      <p className="small">{text.packCommandNote}</p>
      <code className="secret">{text.packCommand}</code>
    </section>
  );
}

/** Hands a text to the browser as a file. */
function save(name: string, content: string): void {
  const url = URL.createObjectURL(new Blob([content], { type: 'application/json' }));
  const link = document.createElement('a');
  link.href = url;
  link.download = name;
  link.click();
  URL.revokeObjectURL(url);
}
