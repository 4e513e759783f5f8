// Whether what protects is in order: one line for each check, with where to act, and the verifier.

import { useQueryClient } from '@tanstack/react-query';
import { Link } from '@tanstack/react-router';
import type { ReactNode } from 'react';
import { api } from '../../api/client.ts';
import type { Overview } from '../../api/types.ts';
import { strings } from '../../strings/en.ts';
import { Badge, type Tone } from '../../ui/badge.tsx';
import { formatCount, formatDay, formatMoment } from '../../ui/format.ts';
import { MayButton } from '../../ui/may.tsx';
import { useToast } from '../../ui/toast.tsx';
import { useWork } from '../../ui/use-work.ts';

const text = strings.overview;

export function Posture({ overview }: { overview: Overview }): ReactNode {
  const { integrations, keys, unresolved, ledger } = overview;
  const nextExpiry = keys.nextExpiry === null ? '' : formatDay(keys.nextExpiry);
  return (
    <section className="sheet stack tight" aria-labelledby="posture">
      <h2 id="posture">{text.posture}</h2>
      <ul className="posture">
        <Line
          tone={integrations.total === 0 ? 'warn' : 'good'}
          sentence={integrations.total === 0 ? text.noIntegrations : text.integrations(integrations.shops, integrations.models)}
        >
          {integrations.total === 0 ? <Link to="/connect">{text.links.connect}</Link> : <Link to="/access">{text.links.access}</Link>}
        </Line>
        {integrations.total === 0 ? null : (
          <Line
            tone={integrations.operationsToReview === 0 ? 'good' : 'warn'}
            sentence={integrations.operationsToReview === 0 ? text.reviewed : text.review(integrations.operationsToReview)}
          />
        )}
        <Line
          tone={keys.active > 0 && keys.expiringSoon === 0 ? 'good' : 'warn'}
          sentence={
            keys.active === 0
              ? text.keysNone
              : keys.expiringSoon > 0
                ? text.keysSoon(keys.expiringSoon, nextExpiry)
                : text.keysGood(keys.active, nextExpiry)
          }
        >
          <Link to="/access">{text.links.access}</Link>
        </Line>
        <Line tone={unresolved === 0 ? 'good' : 'bad'} sentence={unresolved === 0 ? text.unresolvedNone : text.unresolved(unresolved)}>
          <Link to="/inbox">{text.links.inbox}</Link>
        </Line>
        <Line
          tone={ledger.checkpointAt === null ? 'warn' : 'good'}
          sentence={
            ledger.checkpointAt === null
              ? text.checkpointNone
              : text.checkpoint(formatCount(ledger.sealedEvents), formatMoment(ledger.checkpointAt))
          }
        >
          <Link to="/audit">{text.links.audit}</Link>
        </Line>
        <Verified last={overview.lastVerified} />
      </ul>
    </section>
  );
}

/** The newest verdict, and the verifier beside it. */
function Verified({ last }: { last: Overview['lastVerified'] }): ReactNode {
  const client = useQueryClient();
  const say = useToast();
  const { isWorking, run } = useWork(() => say(text.verifyFailed));
  async function verify(): Promise<void> {
    await run(async () => {
      const verdict = await api<{ ok: boolean; events: number; verifiedAt: string }>('POST', '/api/ledger/verify');
      const when = formatMoment(verdict.verifiedAt);
      say(verdict.ok ? text.verifiedGood(formatCount(verdict.events), when) : text.verifiedBad(when));
    });
    await Promise.all([['overview'], ['ledger']].map((queryKey) => client.invalidateQueries({ queryKey })));
  }
  const sentence =
    last === null
      ? text.verifiedNever
      : last.ok
        ? text.verifiedGood(formatCount(last.events), formatMoment(last.at))
        : text.verifiedBad(formatMoment(last.at));
  return (
    <Line tone={last === null ? 'plain' : last.ok ? 'good' : 'bad'} sentence={sentence}>
      <MayButton action="ledger.verify" isPending={isWorking} onPress={() => void verify()}>
        {isWorking ? text.verifying : text.verify}
      </MayButton>
    </Line>
  );
}

const WORD: Readonly<Record<Tone, string>> = { good: text.good, warn: text.look, bad: text.act, info: text.notYet, plain: text.notYet };

function Line({ tone, sentence, children = null }: { tone: Tone; sentence: string; children?: ReactNode }): ReactNode {
  return (
    <li>
      <Badge tone={tone}>{WORD[tone]}</Badge>
      <span>{sentence}</span>
      <span>{children}</span>
    </li>
  );
}
