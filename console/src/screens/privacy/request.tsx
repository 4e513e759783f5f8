// One privacy request: who asks and how that was made sure, the copy or the erasure, what vendors still have to delete, and the receipt.

import { useQuery, useQueryClient } from '@tanstack/react-query';
import { getRouteApi, Link } from '@tanstack/react-router';
import { type ReactNode, useState } from 'react';
import {
  eraseRequest,
  exportRequest,
  type PrivacyRequestDetails,
  receiptOf,
  refuseRequest,
  requestQuery,
  verifyRequest,
} from '../../api/privacy.ts';
import { strings } from '../../strings/en.ts';
import { Confirm } from '../../ui/confirm.tsx';
import { FaultLine } from '../../ui/fault-line.tsx';
import { Select, TextInput } from '../../ui/fields.tsx';
import { Time } from '../../ui/format.ts';
import { MayButton } from '../../ui/may.tsx';
import { Page } from '../../ui/page.tsx';
import { Answer } from '../../ui/states.tsx';
import { useToast } from '../../ui/toast.tsx';
import { useWork } from '../../ui/use-work.ts';
import { visible } from '../../ui/visible.ts';
import { Due, StateBadge, sourceName } from './requests.tsx';
import { Tasks } from './tasks.tsx';

const text = strings.privacy.requests;
const route = getRouteApi('/frame/data/privacy/$id');

/** Saves a text under a name; nothing of it stays on the page. */
function save(name: string, type: string, content: string): void {
  const link = document.createElement('a');
  link.href = URL.createObjectURL(new Blob([content], { type }));
  link.download = name;
  link.click();
  URL.revokeObjectURL(link.href);
}

export function PrivacyRequestScreen(): ReactNode {
  const { id } = route.useParams();
  const query = useQuery(requestQuery(id));
  return (
    <Page title={text.request}>
      <p>
        <Link to="/data/privacy">{text.back}</Link>
      </p>
      <Answer query={query}>{(request) => <Shown request={request} />}</Answer>
    </Page>
  );
}

function Shown({ request }: { request: PrivacyRequestDetails }): ReactNode {
  const { id, kind, state, subject } = request;
  const client = useQueryClient();
  const refresh = (): Promise<unknown> => client.invalidateQueries({ queryKey: ['privacy'] });
  const about = subject ?? (kind === 'shop' ? text.wholeShop : text.erased);
  return (
    <>
      <section className="sheet stack tight" aria-label={text.request}>
        <dl className="facts">
          <dt>{text.about}</dt>
          <dd>{visible(about)}</dd>
          <dt>{text.kind}</dt>
          <dd>{text.kinds[kind]}</dd>
          <dt>{text.state}</dt>
          <dd>
            <StateBadge state={state} />
          </dd>
          <dt>{text.from}</dt>
          <dd>{sourceName(request.source)}</dd>
          <dt>{text.received}</dt>
          <dd>
            <Time iso={request.receivedAt} />
          </dd>
          <dt>{text.due}</dt>
          <dd>
            <Due {...request} />
          </dd>
          {request.verifiedHow === null ? null : (
            <>
              <dt>{text.how}</dt>
              <dd>{text.hows[request.verifiedHow] ?? request.verifiedHow}</dd>
            </>
          )}
          {request.reason === null ? null : (
            <>
              <dt>{text.reason}</dt>
              <dd>{text.reasons[request.reason] ?? request.reason}</dd>
            </>
          )}
        </dl>
      </section>
      {state === 'received' ? <Verify id={id} onDone={refresh} /> : null}
      {kind === 'export' && (state === 'verified' || state === 'done') && subject !== null ? <Copy id={id} onDone={refresh} /> : null}
      {kind !== 'export' && state === 'verified' ? <Erase id={id} named={subject ?? id} onDone={refresh} /> : null}
      {request.tasks.length === 0 ? null : <Tasks request={request} onDone={refresh} />}
      {request.hasReceipt ? <Receipt id={id} /> : null}
    </>
  );
}

interface Step {
  readonly id: string;
  readonly onDone: () => Promise<unknown>;
}

function Verify({ id, onDone }: Step): ReactNode {
  const [how, setHow] = useState('account');
  const [why, setWhy] = useState('not_verified');
  const [isRefusing, setRefusing] = useState(false);
  const { fault, isWorking, run } = useWork();
  return (
    <section className="sheet stack tight" aria-labelledby="verify">
      <h2 id="verify">{text.verifyTitle}</h2>
      <p>{text.verifyLead}</p>
      <div className="filters">
        <Select label={text.how} value={how} hasAny={false} options={text.hows} onChange={(next) => setHow(next ?? 'account')} />
      </div>
      <FaultLine fault={fault} />
      <div className="row">
        <MayButton
          action="privacy.handle"
          look="primary"
          isPending={isWorking}
          onPress={() =>
            void run(async () => {
              await verifyRequest(id, how);
              await onDone();
            })
          }
        >
          {text.verify}
        </MayButton>
        <MayButton action="privacy.handle" onPress={() => setRefusing(true)}>
          {text.refuse}
        </MayButton>
      </div>
      {isRefusing ? (
        <Confirm
          title={text.refuseTitle}
          lead={text.refuseLead}
          yes={text.refuse}
          done={text.refused}
          look="danger"
          hasReason={false}
          work={() => refuseRequest(id, why)}
          onDone={onDone}
          onClose={() => setRefusing(false)}
        >
          <Select
            label={text.reason}
            value={why}
            hasAny={false}
            options={text.reasons}
            onChange={(next) => setWhy(next ?? 'not_verified')}
          />
        </Confirm>
      ) : null}
    </section>
  );
}

function Copy({ id, onDone }: Step): ReactNode {
  const say = useToast();
  const { fault, isWorking, run } = useWork();
  return (
    <section className="sheet stack tight" aria-labelledby="copy">
      <h2 id="copy">{text.copyTitle}</h2>
      <p>{text.copyLead}</p>
      <FaultLine fault={fault} />
      <div className="row">
        <MayButton
          action="privacy.handle"
          look="primary"
          isPending={isWorking}
          onPress={() =>
            void run(async () => {
              const { data, page } = await exportRequest(id);
              save(`${id}.html`, 'text/html', page);
              save(`${id}.json`, 'application/json', JSON.stringify(data, null, 2));
              say(text.copied);
              await onDone();
            })
          }
        >
          {text.copy}
        </MayButton>
      </div>
    </section>
  );
}

function Erase({ id, named, onDone }: Step & { readonly named: string }): ReactNode {
  const [isAsking, setAsking] = useState(false);
  const [typed, setTyped] = useState('');
  return (
    <section className="sheet stack tight" aria-labelledby="erase">
      <h2 id="erase">{text.erase}</h2>
      <p>{text.eraseLead}</p>
      <TextInput label={text.eraseType(visible(named))} value={typed} onChange={setTyped} />
      <div className="row">
        <MayButton action="erasures.create" look="danger" isDisabled={typed.trim() !== named} onPress={() => setAsking(true)}>
          {text.erase}
        </MayButton>
      </div>
      {isAsking ? (
        <Confirm
          title={text.eraseTitle}
          lead={text.eraseLead}
          yes={text.eraseYes}
          done={text.eraseDone}
          look="danger"
          hasReason={false}
          work={() => eraseRequest(id, typed.trim())}
          onDone={onDone}
          onClose={() => setAsking(false)}
        />
      ) : null}
    </section>
  );
}

function Receipt({ id }: { readonly id: string }): ReactNode {
  const { fault, isWorking, run } = useWork();
  return (
    <section className="stack tight" aria-label={text.receipt}>
      <p className="soft">
        {text.receiptLead} <code>{`${text.receiptCommand} ${id}`}</code>
      </p>
      <FaultLine fault={fault} />
      <div className="row">
        <MayButton
          action="privacy.view"
          isPending={isWorking}
          onPress={() => void run(async () => save(`${id}-receipt.json`, 'application/json', JSON.stringify(await receiptOf(id), null, 2)))}
        >
          {text.receipt}
        </MayButton>
      </div>
    </section>
  );
}
