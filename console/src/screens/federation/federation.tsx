// Company logins and provisioning: what is set up, whether it works, when it was last used, and a button that finds out.

import { useQuery, useQueryClient } from '@tanstack/react-query';
import { type ReactNode, useState } from 'react';
import { type CompanyLogin, loginsQuery, removeLogin, testLogin } from '../../api/federation.ts';
import { strings } from '../../strings/en.ts';
import { Badge } from '../../ui/badge.tsx';
import { Confirm } from '../../ui/confirm.tsx';
import { faultOf } from '../../ui/fault-line.tsx';
import { Time } from '../../ui/format.ts';
import { MayButton } from '../../ui/may.tsx';
import { Answer, Notice } from '../../ui/states.tsx';
import { Table } from '../../ui/table.tsx';
import { useToast } from '../../ui/toast.tsx';
import { visible } from '../../ui/visible.ts';
import { PeoplePage } from '../people/people-frame.tsx';
import { LoginEdit } from './login-edit.tsx';
import { ProvisioningPart } from './provisioning.tsx';

const text = strings.federation;

export function FederationScreen(): ReactNode {
  const query = useQuery(loginsQuery);
  const client = useQueryClient();
  const [edited, setEdited] = useState<CompanyLogin | 'new' | null>(null);
  const [removed, setRemoved] = useState<CompanyLogin | null>(null);
  const refresh = (): Promise<void> => client.invalidateQueries({ queryKey: ['federation'] });
  return (
    <PeoplePage
      lead={text.lead}
      actions={
        <MayButton action="federation.manage" look="primary" onPress={() => setEdited('new')}>
          {text.add}
        </MayButton>
      }
    >
      <section className="stack tight" aria-labelledby="logins">
        <h2 id="logins">{text.logins}</h2>
        <Answer query={query}>
          {({ providers }) =>
            providers.length === 0 ? (
              <Notice icon="empty" title={text.emptyTitle}>
                <p>{text.emptyLead}</p>
              </Notice>
            ) : (
              <Logins logins={providers} onEdit={setEdited} onRemove={setRemoved} />
            )
          }
        </Answer>
      </section>
      <ProvisioningPart />
      {edited === null ? null : <LoginEdit login={edited === 'new' ? null : edited} onClose={() => setEdited(null)} onSaved={refresh} />}
      {removed === null ? null : (
        <Confirm
          title={text.removeTitle}
          lead={text.removeLead(visible(removed.label), removed.accounts)}
          yes={text.remove}
          done={text.removed}
          look="danger"
          work={(reason) => removeLogin(removed.name, reason)}
          onDone={refresh}
          onClose={() => setRemoved(null)}
        />
      )}
    </PeoplePage>
  );
}

interface LoginsProps {
  readonly logins: readonly CompanyLogin[];
  readonly onEdit: (login: CompanyLogin) => void;
  readonly onRemove: (login: CompanyLogin) => void;
}

function Logins({ logins, onEdit, onRemove }: LoginsProps): ReactNode {
  return (
    <Table
      caption={text.logins}
      rows={logins}
      keyOf={({ id }) => id}
      columns={[
        {
          key: 'name',
          head: text.name,
          cell: ({ label, issuer }) => (
            <>
              <b>{visible(label)}</b>
              <div className="small soft mono">{visible(issuer)}</div>
            </>
          ),
        },
        { key: 'mode', head: text.mode, cell: ({ mode }) => text.modes[mode] ?? mode },
        {
          key: 'state',
          head: text.state,
          cell: ({ enabled }) => <Badge tone={enabled ? 'good' : 'plain'}>{enabled ? text.on : text.off}</Badge>,
        },
        { key: 'accounts', head: text.accounts, cell: ({ accounts }) => accounts },
        { key: 'test', head: text.tested, cell: (login) => <Tested login={login} /> },
        {
          key: 'act',
          head: text.act,
          cell: (login) => (
            <div className="row">
              <TestButton login={login} />
              <MayButton action="federation.manage" isCompact aria-label={`${text.edit}: ${login.label}`} onPress={() => onEdit(login)}>
                {text.edit}
              </MayButton>
              <MayButton
                action="federation.manage"
                isCompact
                look="danger"
                aria-label={`${text.remove}: ${login.label}`}
                onPress={() => onRemove(login)}
              >
                {text.remove}
              </MayButton>
            </div>
          ),
        },
      ]}
    />
  );
}

function Tested({ login: { testedAt, testCode } }: { login: CompanyLogin }): ReactNode {
  if (testedAt === null) return <span className="soft">{text.neverTested}</span>;
  return (
    <>
      <Badge tone={testCode === null ? 'good' : 'bad'}>{testCode === null ? text.works : text.faulty}</Badge>
      <div className="small soft">
        <Time iso={testedAt} />
        {testCode === null ? null : (
          <>
            {' '}
            <code>{testCode}</code>
          </>
        )}
      </div>
    </>
  );
}

function TestButton({ login }: { login: CompanyLogin }): ReactNode {
  const client = useQueryClient();
  const say = useToast();
  const [isTesting, setTesting] = useState(false);
  async function test(): Promise<void> {
    setTesting(true);
    try {
      const { ok, sentence } = await testLogin(login.name);
      say(ok ? text.testWorks(visible(login.label)) : (sentence ?? text.faulty));
    } catch (error) {
      say(faultOf(error).message || strings.states.failedLead);
    }
    setTesting(false);
    await client.invalidateQueries({ queryKey: ['federation'] });
  }
  return (
    <MayButton
      action="federation.manage"
      isCompact
      isPending={isTesting}
      aria-label={`${text.test}: ${login.label}`}
      onPress={() => void test()}
    >
      {isTesting ? text.testing : text.test}
    </MayButton>
  );
}
