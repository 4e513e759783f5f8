// What a restore found, as the server reports it: counts and codes by name. It is shown as it came; nothing is added up here.

import type { ReactNode } from 'react';
import type { Json, JsonMap } from '../../api/types.ts';
import { strings } from '../../strings/en.ts';
import { formatCount } from '../../ui/format.ts';
import { visible } from '../../ui/visible.ts';

const text = strings.backups.restore;

export function ReportPart({ report }: { report: JsonMap | null }): ReactNode {
  return (
    <div className="stack tight">
      <h3>{text.report}</h3>
      {report === null ? (
        <p className="small soft">{text.reportNone}</p>
      ) : (
        <dl className="facts double">
          {Object.entries(report).map(([name, value]) => (
            <Line key={name} name={name} value={value} />
          ))}
        </dl>
      )}
    </div>
  );
}

function Line({ name, value }: { name: string; value: Json }): ReactNode {
  return (
    <>
      <dt>{text.reportNames[name] ?? name}</dt>
      <dd>{wordsOf(value)}</dd>
    </>
  );
}

function wordsOf(value: Json): ReactNode {
  if (value === null) return <span className="soft">{text.notKnown}</span>;
  if (typeof value === 'number') return formatCount(value);
  return typeof value === 'string' ? visible(value) : <code>{JSON.stringify(value)}</code>;
}
