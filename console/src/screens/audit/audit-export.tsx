// Takes out exactly the events of the present question, in the form that fits what they are for.

import { type ReactNode, useState } from 'react';
import { type EventSearch, type ExportFormat, exportPath } from '../../api/audit.ts';
import { strings } from '../../strings/en.ts';
import { Badge } from '../../ui/badge.tsx';
import { Button } from '../../ui/button.tsx';
import { Dialog } from '../../ui/dialog.tsx';
import { DownloadButton } from '../../ui/download.tsx';
import { Icon } from '../../ui/icons.tsx';
import { MayButton } from '../../ui/may.tsx';
import { type NameOf, tokensOf } from './audit-filters.tsx';

const text = strings.audit.export;
const FORMATS: readonly ExportFormat[] = ['csv', 'ndjson', 'ocsf', 'zip'];

export function ExportButton({ search, nameOf }: { search: EventSearch; nameOf: NameOf }): ReactNode {
  const [isOpen, setOpen] = useState(false);
  const tokens = tokensOf(search, nameOf).map(({ name }) => name);
  const question = search.privileged === 'yes' ? [strings.audit.views.privileged, ...tokens] : tokens;
  return (
    <>
      <MayButton action="events.export" onPress={() => setOpen(true)}>
        <Icon name="download" />
        {text.open}
      </MayButton>
      <Dialog title={text.title} isOpen={isOpen} onClose={() => setOpen(false)}>
        {question.length === 0 ? (
          <p className="small">{text.all}</p>
        ) : (
          <p className="row snug small">
            {text.question}
            {question.map((name) => (
              <Badge key={name} tone="plain" icon="search">
                {name}
              </Badge>
            ))}
          </p>
        )}
        <ul className="formats">
          {FORMATS.map((format) => {
            const [name, sentence] = text.formats[format];
            return (
              <li key={format}>
                <DownloadButton
                  action={format === 'zip' ? 'ledger.export' : 'events.export'}
                  path={exportPath(search, format)}
                  aria-label={text.download(name)}
                >
                  <Icon name={format === 'zip' ? 'shield' : 'download'} />
                  {name}
                </DownloadButton>
                <span className="small soft">{sentence}</span>
              </li>
            );
          })}
        </ul>
        <p className="small soft">{text.recorded}</p>
        <div className="row between">
          <span />
          <Button onPress={() => setOpen(false)}>{strings.close}</Button>
        </div>
      </Dialog>
    </>
  );
}
