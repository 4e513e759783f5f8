// Keys by program, with when they end. Revoking asks first and takes effect with the next call.

import { useQueryClient } from '@tanstack/react-query';
import { type ReactNode, useState } from 'react';
import { api } from '../../api/client.ts';
import type { ApiKey, Workload } from '../../api/types.ts';
import { strings } from '../../strings/en.ts';
import { Badge } from '../../ui/badge.tsx';
import { Button } from '../../ui/button.tsx';
import { Dialog } from '../../ui/dialog.tsx';
import { shortId, Time } from '../../ui/format.ts';
import { MayButton } from '../../ui/may.tsx';
import { ReasonInput } from '../../ui/reason.tsx';
import { Notice } from '../../ui/states.tsx';
import { Table } from '../../ui/table.tsx';
import { useToast } from '../../ui/toast.tsx';

const text = strings.access;
const SOON_MS = 14 * 24 * 60 * 60 * 1000;

function KeyState({ apiKey }: { apiKey: ApiKey }): ReactNode {
  const left = Date.parse(apiKey.expiresAt) - Date.now();
  if (apiKey.revokedAt !== null) return <Badge tone="plain">{text.revoked}</Badge>;
  if (left <= 0) return <Badge tone="plain">{text.expired}</Badge>;
  return left < SOON_MS ? <Badge tone="warn">{text.soon}</Badge> : <Badge tone="good">{text.active}</Badge>;
}

export function Keys({ keys, workloads }: { keys: readonly ApiKey[]; workloads: readonly Workload[] }): ReactNode {
  const client = useQueryClient();
  const say = useToast();
  const [asked, setAsked] = useState<ApiKey | null>(null);
  const [reason, setReason] = useState('');
  const nameOf = (key: ApiKey): string => workloads.find(({ id }) => id === key.workload)?.name ?? key.workload;
  async function revoke(key: ApiKey): Promise<void> {
    setAsked(null);
    setReason('');
    try {
      await api('DELETE', `/api/keys/${key.id}`, undefined, reason);
      say(text.revokedNow);
    } catch {
      say(strings.states.failedTitle);
    }
    await client.invalidateQueries({ queryKey: ['keys'] });
  }
  return (
    <section className="stack tight" aria-labelledby="keys">
      <h2 id="keys">{text.keys}</h2>
      {keys.length === 0 ? (
        <Notice icon="empty" title={text.keysEmpty}>
          <p>{text.keysEmptyLead}</p>
        </Notice>
      ) : (
        <Table
          caption={text.keys}
          rows={keys}
          keyOf={({ id }) => id}
          columns={[
            { key: 'program', head: text.program, cell: (key) => <b>{nameOf(key)}</b> },
            { key: 'state', head: text.state, cell: (key) => <KeyState apiKey={key} /> },
            { key: 'expires', head: text.expires, cell: ({ expiresAt }) => <Time iso={expiresAt} /> },
            {
              key: 'id',
              head: text.id,
              cell: ({ id }) => (
                <span className="mono soft" title={id}>
                  {shortId(id)}
                </span>
              ),
            },
            {
              key: 'act',
              head: text.revoke,
              cell: (key) =>
                key.revokedAt === null ? (
                  <MayButton
                    action="keys.manage"
                    isCompact
                    look="danger"
                    aria-label={`${text.revoke}: ${nameOf(key)} ${key.id}`}
                    onPress={() => setAsked(key)}
                  >
                    {text.revoke}
                  </MayButton>
                ) : null,
            },
          ]}
        />
      )}
      {asked === null ? null : (
        <Dialog title={text.revokeTitle} isOpen onClose={() => setAsked(null)} isAlert>
          <p>{text.revokeLead(nameOf(asked))}</p>
          <ReasonInput value={reason} onChange={setReason} />
          <div className="row">
            <Button onPress={() => setAsked(null)} autoFocus>
              {strings.cancel}
            </Button>
            <Button look="danger" onPress={() => void revoke(asked)}>
              {text.revoke}
            </Button>
          </div>
        </Dialog>
      )}
    </section>
  );
}
