// What a version may do that another may not, and the other way round: the part of a comparison that is read first.

import { useNavigate } from '@tanstack/react-router';
import type { ReactNode } from 'react';
import type { PermissionChange, Version } from '../../api/workflows.ts';
import { strings } from '../../strings/en.ts';
import { Badge, type Tone } from '../../ui/badge.tsx';
import { Select } from '../../ui/fields.tsx';
import { Table } from '../../ui/table.tsx';
import { visible } from '../../ui/visible.ts';
import { shortHash } from './workflow-words.tsx';

const text = strings.workflows;
const TONES: Readonly<Record<string, Tone>> = { wider: 'warn', narrower: 'good', other: 'plain' };

export function Changes({ version }: { version: Version }): ReactNode {
  const navigate = useNavigate();
  const { compared, versions, hash, name } = version;
  const others = versions.filter((one) => one.hash !== hash);
  const options = Object.fromEntries(others.map((one) => [one.hash, `${shortHash(one.hash)} · ${text.states[one.state] ?? one.state}`]));
  const wider = (compared?.changes ?? []).filter(({ direction }) => direction === 'wider').length;
  return (
    <section className="sheet stack tight" aria-labelledby="changes">
      <div className="row between">
        <h2 id="changes">{text.changes}</h2>
        {others.length === 0 ? null : (
          <Select
            label={text.compareWith}
            value={compared?.hash}
            options={options}
            hasAny={compared === null}
            anyName={text.choose}
            onChange={(against) =>
              void navigate({ to: '/workflows/$name', params: { name }, search: { hash, ...(against === undefined ? {} : { against }) } })
            }
          />
        )}
      </div>
      {compared === null ? (
        <p className="soft">{version.state === 'published' ? text.changesSelf : text.changesFirst}</p>
      ) : (
        <>
          <p>
            {text.changesTitle(shortHash(compared.hash))}:{' '}
            <b>{compared.changes.length === 0 ? text.changesNone : wider === 0 ? text.widerNone : text.widerCount(wider)}</b>
          </p>
          {compared.changes.length === 0 ? null : <ChangeTable changes={compared.changes} />}
        </>
      )}
    </section>
  );
}

function ChangeTable({ changes }: { changes: readonly PermissionChange[] }): ReactNode {
  const side = (value: string | null): ReactNode =>
    value === null ? <span className="soft">{text.absent}</span> : value === '' ? text.present : <code>{visible(value)}</code>;
  return (
    <Table
      caption={text.changes}
      rows={changes}
      keyOf={({ area, name }) => `${area} ${name}`}
      columns={[
        {
          key: 'direction',
          head: text.change,
          cell: ({ direction }) => <Badge tone={TONES[direction] ?? 'plain'}>{text.directions[direction] ?? direction}</Badge>,
        },
        {
          key: 'what',
          head: text.what,
          cell: ({ area, name }) => (
            <>
              {text.areas[area] ?? area} <code>{name}</code>
            </>
          ),
        },
        { key: 'before', head: text.before, cell: ({ before }) => side(before) },
        { key: 'after', head: text.after, cell: ({ after }) => side(after) },
      ]}
    />
  );
}
