// The datasets there are, and importing a file as one.

import { useQuery, useQueryClient } from '@tanstack/react-query';
import { Link } from '@tanstack/react-router';
import { type FormEvent, type ReactNode, useRef, useState } from 'react';
import { datasetsQuery, importDataset, importingQuery } from '../../api/data.ts';
import { strings } from '../../strings/en.ts';
import { FaultLine } from '../../ui/fault-line.tsx';
import { TextInput } from '../../ui/fields.tsx';
import { formatCount, Time } from '../../ui/format.ts';
import { MayButton, useMay } from '../../ui/may.tsx';
import { Page } from '../../ui/page.tsx';
import { Answer, Notice } from '../../ui/states.tsx';
import { Table } from '../../ui/table.tsx';
import { useWork } from '../../ui/use-work.ts';
import { visible } from '../../ui/visible.ts';
import './data.css';
import { TokenPurposes } from './token-purposes.tsx';

const text = strings.data.sets;
const NAME = /^[a-z0-9][a-z0-9-]{0,62}$/;

export function DatasetsScreen(): ReactNode {
  const query = useQuery(datasetsQuery);
  const may = useMay('datasets.manage');
  return (
    <Page title={text.title} lead={text.lead}>
      <Answer query={query}>
        {({ datasets }) =>
          datasets.length === 0 ? (
            <Notice icon="search" title={text.none}>
              <p>{text.noneLead}</p>
            </Notice>
          ) : (
            <Table
              caption={text.title}
              rows={datasets}
              keyOf={(one) => one.name}
              columns={[
                {
                  key: 'name',
                  head: text.name,
                  cell: (one) => (
                    <Link to="/data/datasets/$name" params={{ name: one.name }} className="go">
                      {visible(one.name)}
                    </Link>
                  ),
                },
                { key: 'rows', head: text.rows, cell: (one) => formatCount(one.rows) },
                { key: 'columns', head: text.columns, cell: (one) => formatCount(one.columns.length) },
                { key: 'source', head: text.source, cell: (one) => visible(one.source) || '–' },
                { key: 'purpose', head: text.purpose, cell: (one) => visible(one.purpose) || '–' },
                { key: 'imported', head: text.imported, cell: (one) => <Time iso={one.importedAt} /> },
                { key: 'by', head: text.by, cell: (one) => visible(one.importedBy) },
              ]}
            />
          )
        }
      </Answer>
      {may.isAllowed ? <ImportForm /> : null}
      <TokenPurposes />
    </Page>
  );
}

function ImportForm(): ReactNode {
  const client = useQueryClient();
  const input = useRef<HTMLInputElement>(null);
  const [file, setFile] = useState<File | null>(null);
  const [name, setName] = useState('');
  const [source, setSource] = useState('');
  const [licence, setLicence] = useState('');
  const [purpose, setPurpose] = useState('');
  const { fault, isWorking, run } = useWork();

  async function send(event: FormEvent): Promise<void> {
    event.preventDefault();
    if (file === null) return;
    await run(async () => {
      await importDataset(name, file, { source: source.trim(), licence: licence.trim(), purpose: purpose.trim() });
      setFile(null);
      if (input.current !== null) input.current.value = '';
      await client.invalidateQueries({ queryKey: ['datasets'] });
      await client.invalidateQueries({ queryKey: ['dataset', name] });
    });
  }
  return (
    <form className="sheet stack tight" aria-labelledby="import" onSubmit={(event) => void send(event)}>
      <h2 id="import">{text.importTitle}</h2>
      <label className="field">
        <span>{text.file}</span>
        <input
          ref={input}
          type="file"
          className="input"
          accept=".csv,.jsonl,.ndjson"
          onChange={(event) => setFile(event.target.files?.[0] ?? null)}
        />
      </label>
      <div className="filters">
        <TextInput label={text.name} hint={text.nameHint} value={name} onChange={(next) => setName(next.toLowerCase().slice(0, 63))} />
        <TextInput label={text.source} value={source} onChange={(next) => setSource(next.slice(0, 300))} />
        <TextInput label={text.licence} value={licence} onChange={(next) => setLicence(next.slice(0, 200))} />
        <TextInput label={text.purpose} value={purpose} onChange={(next) => setPurpose(next.slice(0, 300))} />
      </div>
      <FaultLine fault={fault} />
      <div className="row">
        <MayButton
          action="datasets.manage"
          type="submit"
          look="primary"
          isDisabled={file === null || !NAME.test(name)}
          isPending={isWorking}
        >
          {text.import}
        </MayButton>
        <span role="status">{isWorking ? <Progress name={name} /> : ''}</span>
      </div>
    </form>
  );
}

/** A large file takes minutes: what the server says of it. */
function Progress({ name }: { name: string }): ReactNode {
  const [one] = useQuery(importingQuery(name, true)).data?.imports ?? [];
  if (one === undefined) return text.importing;
  return one.phase === 'reading' ? text.readSoFar(one.rows) : text.sealedSoFar(one.sealed, one.rows);
}
