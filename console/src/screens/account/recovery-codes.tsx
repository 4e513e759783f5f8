// Ten recovery codes, shown this once: to copy, to save, to write down.

import type { ReactNode } from 'react';
import { strings } from '../../strings/en.ts';
import { Button } from '../../ui/button.tsx';
import { CopyButton } from '../../ui/copy.tsx';
import { Icon } from '../../ui/icons.tsx';

const text = strings.firstPasskey;

export function RecoveryCodes({ codes }: { codes: readonly string[] }): ReactNode {
  function save(): void {
    const url = URL.createObjectURL(new Blob([`${strings.product}, ${location.host}\n\n${codes.join('\n')}\n`], { type: 'text/plain' }));
    const link = document.createElement('a');
    link.href = url;
    link.download = text.fileName;
    link.click();
    setTimeout(() => URL.revokeObjectURL(url), 60_000);
  }
  return (
    <div className="stack tight">
      <p>{text.codesLead}</p>
      <ol className="codes mono">
        {codes.map((code) => (
          <li key={code}>{code}</li>
        ))}
      </ol>
      <div className="row">
        <CopyButton value={codes.join('\n')}>{text.copyCodes}</CopyButton>
        <Button onPress={save}>
          <Icon name="download" />
          {text.downloadCodes}
        </Button>
      </div>
    </div>
  );
}
