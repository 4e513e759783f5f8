// What people let programs do in their names. Ending asks first and takes effect with the next call.

import { useQuery, useQueryClient } from '@tanstack/react-query';
import { type ReactNode, useState } from 'react';
import { type Consent, consentsQuery, endConsent } from '../../api/consent.ts';
import { strings } from '../../strings/en.ts';
import { Button } from '../../ui/button.tsx';
import { Dialog } from '../../ui/dialog.tsx';
import { Time } from '../../ui/format.ts';
import { Answer, Notice } from '../../ui/states.tsx';
import { Table } from '../../ui/table.tsx';
import { useToast } from '../../ui/toast.tsx';

const text = strings.consent;

export function Consents(): ReactNode {
  const consents = useQuery(consentsQuery);
  const client = useQueryClient();
  const say = useToast();
  const [asked, setAsked] = useState<Consent | null>(null);
  async function end(consent: Consent): Promise<void> {
    setAsked(null);
    try {
      await endConsent(consent.id);
      say(text.ended);
    } catch {
      say(strings.states.failedTitle);
    }
    await client.invalidateQueries({ queryKey: ['consents'] });
  }
  return (
    <section className="stack tight" aria-labelledby="consents">
      <h2 id="consents">{text.list}</h2>
      <Answer query={consents}>
        {({ consents: rows }) =>
          rows.length === 0 ? (
            <Notice icon="empty" title={text.listEmpty}>
              <p>{text.listEmptyLead}</p>
            </Notice>
          ) : (
            <Table
              caption={text.list}
              rows={rows}
              keyOf={({ id }) => id}
              columns={[
                { key: 'program', head: text.program, cell: ({ clientName }) => <b>{clientName}</b> },
                { key: 'resource', head: text.resource, cell: ({ resource }) => <span className="mono small">{resource}</span> },
                { key: 'scope', head: text.scope, cell: ({ scope }) => <span className="mono small">{scope}</span> },
                { key: 'ends', head: text.ends, cell: ({ expiresAt }) => <Time iso={expiresAt} /> },
                {
                  key: 'act',
                  head: text.end,
                  cell: (consent) => (
                    <Button look="danger" aria-label={`${text.end}: ${consent.clientName}`} onPress={() => setAsked(consent)}>
                      {text.end}
                    </Button>
                  ),
                },
              ]}
            />
          )
        }
      </Answer>
      {asked === null ? null : (
        <Dialog title={text.endTitle} isOpen onClose={() => setAsked(null)} isAlert>
          <p>{text.endLead(asked.clientName)}</p>
          <div className="row">
            <Button onPress={() => setAsked(null)} autoFocus>
              {strings.cancel}
            </Button>
            <Button look="danger" onPress={() => void end(asked)}>
              {text.end}
            </Button>
          </div>
        </Dialog>
      )}
    </section>
  );
}
