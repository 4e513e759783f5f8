// Sessions that do not look like their person, and somebody else's word that they are.

import { useQueryClient } from '@tanstack/react-query';
import { type ReactNode, useState } from 'react';
import { clearRisk, conditionsQuery, type Unusual } from '../../api/conditions.ts';
import { strings } from '../../strings/en.ts';
import { Badge } from '../../ui/badge.tsx';
import { Confirm } from '../../ui/confirm.tsx';
import { Time } from '../../ui/format.ts';
import { MayButton } from '../../ui/may.tsx';
import { Table } from '../../ui/table.tsx';
import { visible } from '../../ui/visible.ts';

const text = strings.conditions;

export function UnusualSessions({ risks }: { risks: readonly Unusual[] }): ReactNode {
  const client = useQueryClient();
  const [clearing, setClearing] = useState<Unusual | null>(null);
  const open = risks.filter(({ level }) => level !== 'none');
  return (
    <section className="sheet stack tight" aria-labelledby="unusual">
      <h2 id="unusual">{text.unusual}</h2>
      {open.length === 0 ? (
        <p className="soft small">{text.unusualNone}</p>
      ) : (
        <>
          <p className="soft">{text.unusualLead}</p>
          <Table
            caption={text.unusual}
            rows={open}
            keyOf={({ session }) => session}
            columns={[
              { key: 'person', head: text.person, cell: ({ name }) => visible(name) },
              {
                key: 'level',
                head: text.level,
                cell: ({ level }) => <Badge tone={level === 'high' ? 'bad' : 'warn'}>{text.risks[level] ?? level}</Badge>,
              },
              { key: 'signals', head: text.signals, cell: ({ signals }) => signals.map((one) => text.signalNames[one] ?? one).join(', ') },
              { key: 'since', head: text.since, cell: ({ raisedAt }) => <Time iso={raisedAt} /> },
              {
                key: 'clear',
                head: text.clear,
                cell: (one) => (
                  <MayButton action="sessions.end" isCompact aria-label={text.clearOf(visible(one.name))} onPress={() => setClearing(one)}>
                    {text.clear}
                  </MayButton>
                ),
              },
            ]}
          />
        </>
      )}
      {clearing === null ? null : (
        <Confirm
          title={text.clearOf(visible(clearing.name))}
          lead={text.clearLead}
          yes={text.clear}
          done={text.cleared}
          look="primary"
          hasReason={false}
          work={() => clearRisk(clearing.session)}
          onDone={() => client.invalidateQueries({ queryKey: conditionsQuery.queryKey })}
          onClose={() => setClearing(null)}
        />
      )}
    </section>
  );
}
