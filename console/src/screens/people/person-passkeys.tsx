// The passkeys somebody signs in with. One that was lost is removed here; the others, and whoever has none left, come in as before.

import { useQuery, useQueryClient } from '@tanstack/react-query';
import { type ReactNode, useState } from 'react';
import { type PasskeyOf, passkeysOfQuery, removePasskeyOf } from '../../api/people.ts';
import { strings } from '../../strings/en.ts';
import { Confirm } from '../../ui/confirm.tsx';
import { formatDay, Time } from '../../ui/format.ts';
import { MayButton } from '../../ui/may.tsx';
import { Answer } from '../../ui/states.tsx';
import { Table } from '../../ui/table.tsx';
import { visible } from '../../ui/visible.ts';

const text = strings.people.passkeys;

export function PersonPasskeys({ person }: { person: string }): ReactNode {
  const client = useQueryClient();
  const query = useQuery(passkeysOfQuery(person));
  const [asked, setAsked] = useState<PasskeyOf | null>(null);
  return (
    <section className="stack tight" aria-labelledby="passkeys">
      <h2 id="passkeys">{text.title}</h2>
      <Answer query={query}>
        {({ passkeys }) =>
          passkeys.length === 0 ? (
            <p className="soft">{text.none}</p>
          ) : (
            <Table
              caption={text.title}
              rows={passkeys}
              keyOf={({ id }) => id}
              columns={[
                { key: 'name', head: text.name, cell: ({ name }) => <b>{visible(name)}</b> },
                { key: 'made', head: text.made, cell: ({ createdAt }) => formatDay(createdAt) },
                {
                  key: 'used',
                  head: text.used,
                  cell: ({ usedAt }) => (usedAt === null ? <span className="soft">{strings.never}</span> : <Time iso={usedAt} />),
                },
                {
                  key: 'act',
                  head: text.remove,
                  cell: (passkey) => (
                    <MayButton
                      action="people.manage"
                      on={{ kind: 'person', name: person }}
                      isCompact
                      look="danger"
                      aria-label={text.removeOf(visible(passkey.name))}
                      onPress={() => setAsked(passkey)}
                    >
                      {text.remove}
                    </MayButton>
                  ),
                },
              ]}
            />
          )
        }
      </Answer>
      {asked === null ? null : (
        <Confirm
          title={text.removeTitle(visible(asked.name))}
          lead={text.removeLead}
          yes={text.remove}
          done={text.removed}
          look="danger"
          hasReason={false}
          work={() => removePasskeyOf(person, asked.id)}
          onClose={() => setAsked(null)}
          onDone={() => Promise.all([['passkeys'], ['people']].map((queryKey) => client.invalidateQueries({ queryKey })))}
        />
      )}
    </section>
  );
}
