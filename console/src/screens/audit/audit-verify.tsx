// The verifier on one press, and how to check without trusting this server.

import { useQueryClient } from '@tanstack/react-query';
import { type ReactNode, useState } from 'react';
import { ApiFault, api } from '../../api/client.ts';
import type { Verdict } from '../../api/types.ts';
import { strings } from '../../strings/en.ts';
import { Badge } from '../../ui/badge.tsx';
import { Button } from '../../ui/button.tsx';
import { formatCount, formatMoment } from '../../ui/format.ts';
import { Icon } from '../../ui/icons.tsx';
import { Failed } from '../../ui/states.tsx';

const text = strings.audit;

export function VerifyPart(): ReactNode {
  const client = useQueryClient();
  const [state, setState] = useState<'idle' | 'working' | Verdict | ApiFault>('idle');
  async function verify(): Promise<void> {
    setState('working');
    try {
      setState(await api<Verdict>('POST', '/api/ledger/verify'));
      await Promise.all([['events'], ['overview']].map((queryKey) => client.invalidateQueries({ queryKey })));
    } catch (error) {
      setState(error instanceof ApiFault ? error : new ApiFault(0, 'UNREACHABLE', ''));
    }
  }
  return (
    <section className="sheet stack tight" aria-labelledby="verify">
      <div>
        <div className="row between">
          <div>
            <h2 id="verify">{text.proofTitle}</h2>
            <p className="small soft">{text.proofLead}</p>
          </div>
          <div className="row snug">
            <a className="button" href="/api/ledger/export" download>
              {text.download}
            </a>
            <Button look="primary" isPending={state === 'working'} onPress={() => void verify()}>
              <Icon name="shield" />
              {state === 'working' ? text.verifying : text.verify}
            </Button>
          </div>
        </div>
        <div className="verdict-place" role="status" aria-live="polite">
          {state === 'idle' || state === 'working' || state instanceof ApiFault ? null : <VerdictPart verdict={state} />}
        </div>
      </div>
      {state instanceof ApiFault ? <Failed fault={state} onRetry={() => void verify()} /> : null}
    </section>
  );
}

function VerdictPart({ verdict }: { verdict: Verdict }): ReactNode {
  return (
    <div className={`verdict-line ${verdict.ok ? 'good' : 'bad'}`}>
      <p className="row">
        <Badge tone={verdict.ok ? 'good' : 'bad'}>{verdict.ok ? text.verified : text.notVerified}</Badge>
        <span>{verdict.ok ? text.verdict(formatCount(verdict.events)) : verdict.message}</span>
      </p>
      <code className="secret">{verdict.verifierKey}</code>
      <dl className="facts">
        <dt>{text.at}</dt>
        <dd>{formatMoment(verdict.verifiedAt)}</dd>
        <dt>{text.checkpoint}</dt>
        <dd>{verdict.globalSize === null ? strings.none : formatCount(verdict.globalSize)}</dd>
        <dt>{text.unsealed}</dt>
        <dd>{formatCount(verdict.unsealed ?? 0)}</dd>
        {verdict.firstBad === null ? null : (
          <>
            <dt>{text.firstBad}</dt>
            <dd>{verdict.firstBad}</dd>
          </>
        )}
      </dl>
      <p className="small">{text.how}</p>
      <code className="secret">{text.command}</code>
    </div>
  );
}
