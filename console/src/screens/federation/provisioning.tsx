// Provisioning by an identity provider: its address and tokens, when it came last, what failed, and its end.

import { useQuery, useQueryClient } from '@tanstack/react-query';
import { type ReactNode, useState } from 'react';
import { endProvisioning, type MadeToken, makeToken, type Provisioning, provisioningQuery } from '../../api/federation.ts';
import { strings } from '../../strings/en.ts';
import { Badge } from '../../ui/badge.tsx';
import { Button } from '../../ui/button.tsx';
import { Callout } from '../../ui/callout.tsx';
import { Confirm } from '../../ui/confirm.tsx';
import { CopyButton } from '../../ui/copy.tsx';
import { Dialog } from '../../ui/dialog.tsx';
import { FaultLine } from '../../ui/fault-line.tsx';
import { Time } from '../../ui/format.ts';
import { MayButton } from '../../ui/may.tsx';
import { Answer, Notice } from '../../ui/states.tsx';
import { useWork } from '../../ui/use-work.ts';
import { visible } from '../../ui/visible.ts';

const text = strings.federation.provisioning;

export function ProvisioningPart(): ReactNode {
  const query = useQuery(provisioningQuery);
  const client = useQueryClient();
  const refresh = (): Promise<void> => client.invalidateQueries({ queryKey: ['scim'] });
  const [made, setMade] = useState<MadeToken | null>(null);
  const { fault, run } = useWork();
  const [isEnding, setEnding] = useState(false);
  const make = (): Promise<boolean> =>
    run(async () => {
      setMade(await makeToken());
      await refresh();
    });
  return (
    <section className="stack tight" aria-labelledby="provisioning">
      <h2 id="provisioning">{text.title}</h2>
      <p className="lead">{text.lead}</p>
      <Answer query={query}>
        {(state) => (
          <>
            {state.tokens.some(({ makerLeft }) => makerLeft) ? <Callout tone="warn">{text.makerLeft}</Callout> : null}
            {state.on ? (
              <Facts state={state} />
            ) : (
              <Notice icon="empty" title={text.emptyTitle}>
                <p>{text.emptyLead}</p>
              </Notice>
            )}
            <FaultLine fault={fault} />
            <div className="row">
              <MayButton action="federation.manage" look={state.on ? 'plain' : 'primary'} onPress={() => void make()}>
                {state.on ? text.replace : text.make}
              </MayButton>
              {state.on ? (
                <MayButton action="federation.manage" look="danger" onPress={() => setEnding(true)}>
                  {text.switchOff}
                </MayButton>
              ) : null}
            </div>
            {made === null ? null : <Made made={made} address={state.baseUrl} onClose={() => setMade(null)} />}
          </>
        )}
      </Answer>
      {isEnding ? (
        <Confirm
          title={text.offTitle}
          lead={text.offLead}
          yes={text.switchOff}
          done={text.offDone}
          look="danger"
          work={endProvisioning}
          onDone={refresh}
          onClose={() => setEnding(false)}
        />
      ) : null}
    </section>
  );
}

function Facts({ state }: { state: Provisioning }): ReactNode {
  const moment = (iso: string | null): ReactNode => (iso === null ? <span className="soft">{text.never}</span> : <Time iso={iso} />);
  return (
    <dl className="facts">
      <dt>{strings.federation.state}</dt>
      <dd>
        <Badge tone="good">{text.on}</Badge>
      </dd>
      <dt>{text.address}</dt>
      <dd className="mono">{state.baseUrl}</dd>
      <dt>{text.lastRequest}</dt>
      <dd>{moment(state.lastRequestAt)}</dd>
      <dt>{text.lastChange}</dt>
      <dd>{moment(state.lastChangeAt)}</dd>
      <dt>{text.lastFailure}</dt>
      <dd>
        {state.lastFailure === null ? (
          text.noFailure
        ) : (
          <>
            <Time iso={state.lastFailure.at} /> <code>{visible(state.lastFailure.what ?? '')}</code>
          </>
        )}
      </dd>
      <dt>{text.tokens}</dt>
      <dd>
        {state.tokens.map(({ createdAt, expiresAt }) => (
          <div key={createdAt}>
            <Time iso={createdAt} />{' '}
            {expiresAt === null ? null : <span className="soft">{text.tokenUntil(new Date(expiresAt).toLocaleString())}</span>}
          </div>
        ))}
      </dd>
    </dl>
  );
}

function Made({ made, address, onClose }: { made: MadeToken; address: string; onClose: () => void }): ReactNode {
  return (
    <Dialog title={text.made} isOpen onClose={onClose}>
      <p>{text.madeLead}</p>
      <p className="small">{text.address}</p>
      <code className="secret">{address}</code>
      <CopyButton value={address}>{text.copyAddress}</CopyButton>
      <code className="secret">{made.token}</code>
      <CopyButton value={made.token}>{text.copyToken}</CopyButton>
      {made.overlapUntil === null ? null : <p className="small soft">{text.overlap(new Date(made.overlapUntil).toLocaleString())}</p>}
      <div className="row">
        <Button look="primary" onPress={onClose}>
          {strings.close}
        </Button>
      </div>
    </Dialog>
  );
}
