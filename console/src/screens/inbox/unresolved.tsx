// Effects that were sent and whose outcome nobody knows: a person looks at the shop and says which it was.

import { useQueryClient } from '@tanstack/react-query';
import { Link } from '@tanstack/react-router';
import { type ReactNode, useState } from 'react';
import { api } from '../../api/client.ts';
import { refreshDecisions } from '../../api/queries.ts';
import type { Unresolved } from '../../api/types.ts';
import { strings } from '../../strings/en.ts';
import { Badge } from '../../ui/badge.tsx';
import { Button } from '../../ui/button.tsx';
import { Dialog } from '../../ui/dialog.tsx';
import { Time } from '../../ui/format.ts';
import { MayButton } from '../../ui/may.tsx';
import { useToast } from '../../ui/toast.tsx';
import { useWork } from '../../ui/use-work.ts';

const text = strings.inbox;

export function UnresolvedList({ effects }: { effects: readonly Unresolved[] }): ReactNode {
  return (
    <section className="stack tight">
      <h2>{text.unresolvedTitle}</h2>
      <p className="lead">{text.unresolvedLead}</p>
      {effects.map((effect) => (
        <Effect key={effect.effectKey} effect={effect} />
      ))}
    </section>
  );
}

function Effect({ effect }: { effect: Unresolved }): ReactNode {
  const client = useQueryClient();
  const say = useToast();
  const { isWorking, run } = useWork(() => say(strings.states.failedTitle));
  const [claim, setClaim] = useState<'done' | 'failed' | null>(null);
  async function resolve(outcome: 'done' | 'failed'): Promise<void> {
    setClaim(null);
    await run(async () => {
      await api('POST', '/api/effects/resolve', { effectKey: effect.effectKey, outcome });
      say(text.resolved);
      await refreshDecisions(client);
    });
  }
  const name = `${effect.integration} · ${effect.operation}`;
  const on = { kind: 'integration', name: effect.integration } as const;
  return (
    <article className="sheet row between">
      <div>
        <Badge tone="warn">{strings.calls.outcomes.unresolved ?? ''}</Badge>
        <p>
          <b>{name}</b>
        </p>
        <p className="small soft">
          {text.sent} <Time iso={effect.sentAt} />
          {' · '}
          <Link to="/calls/$id" params={{ id: effect.call }}>
            {text.trace}
          </Link>
        </p>
      </div>
      <div className="row">
        <MayButton
          action="effects.resolve"
          on={on}
          isCompact
          aria-label={`${text.happened}: ${name}`}
          isDisabled={isWorking}
          onPress={() => setClaim('done')}
        >
          {text.happened}
        </MayButton>
        <MayButton
          action="effects.resolve"
          on={on}
          isCompact
          aria-label={`${text.didNot}: ${name}`}
          isDisabled={isWorking}
          onPress={() => setClaim('failed')}
        >
          {text.didNot}
        </MayButton>
      </div>
      {claim === null ? null : (
        <Dialog title={text.resolveTitle} isOpen isAlert onClose={() => setClaim(null)}>
          <p>
            <b>{name}</b>
          </p>
          <p>{claim === 'done' ? text.resolveDone : text.resolveFailed}</p>
          <div className="row">
            <Button look="primary" onPress={() => void resolve(claim)}>
              {text.resolveYes}
            </Button>
            <Button autoFocus onPress={() => setClaim(null)}>
              {strings.cancel}
            </Button>
          </div>
        </Dialog>
      )}
    </article>
  );
}
