// The grants of a person or a group: role, on what, under which condition, until when, through what, and how much it was used. A grant can be
// added, and ended with a way back.

import { useQuery } from '@tanstack/react-query';
import { lazy, type ReactNode, Suspense, useState } from 'react';
import { addGrant, type EffectiveGrant, effectiveQuery, endGrant, type GrantView, grantsQuery, simulateQuery } from '../../api/access.ts';
import { actionName, roleName } from '../../strings/en/access-words.ts';
import { strings } from '../../strings/en.ts';
import { Confirm } from '../../ui/confirm.tsx';
import { formatCount, Time } from '../../ui/format.ts';
import { MayButton, useMay } from '../../ui/may.tsx';
import { Answer, Notice } from '../../ui/states.tsx';
import { type Column, Table } from '../../ui/table.tsx';
import { useToast } from '../../ui/toast.tsx';
import { visible } from '../../ui/visible.ts';
import { conditionWords, scopeWords, Until, useViaWords } from './people-words.tsx';
import { useRefreshAccess } from './use-refresh-access.ts';

const AddGrant = lazy(() => import('./grant-add.tsx').then((file) => ({ default: file.AddGrant })));
const text = strings.people.grants;

/** What a person holds that is not given to them directly: through groups, emergency access, agencies. */
function useIndirect(subject: string): readonly GrantView[] {
  const isPerson = subject.startsWith('per_');
  const held = useQuery({ ...effectiveQuery(subject), enabled: isPerson }).data?.grants ?? [];
  return held.filter(({ via }) => via !== 'direct' && via !== 'break_glass').map((grant) => ({ ...grant, ...NO_RECORD, subject }));
}
/** Somebody who may not see the records sees what they hold themselves. */
const recordsOf = (subject: string, grants: readonly EffectiveGrant[]): readonly GrantView[] =>
  grants.map((grant) => ({ ...grant, ...NO_RECORD, subject }));
const NO_RECORD = { reason: null, grantedBy: null, createdAt: '' };

/** The records with their reasons for whoever may see them, and what comes indirectly; for oneself without that, what one holds. */
function useGrants(subject: string) {
  const mayList = useMay('access.view').isAllowed;
  const listed = useQuery({ ...grantsQuery(subject), enabled: mayList });
  const own = useQuery({ ...effectiveQuery(subject), enabled: !mayList });
  const indirect = useIndirect(subject);
  const { error, refetch } = mayList ? listed : own;
  const data = mayList ? listed.data && [...listed.data.grants, ...indirect] : own.data && recordsOf(subject, own.data.grants);
  return { data, error, refetch };
}

/** What the server says would no longer be allowed. */
function Losses({ grant }: { grant: string }): ReactNode {
  const { data } = useQuery(simulateQuery({ end: grant }));
  if (data === undefined) return null;
  if (data.leavesNoOwner) return <p className="error small">{text.noOwner}</p>;
  if (data.losses.length === 0) return <p className="small soft">{text.losesNothing}</p>;
  return (
    <details>
      <summary>{text.loses(data.losses.length)}</summary>
      <ul className="columns small">
        {data.losses.map((action) => (
          <li key={action}>{actionName(action)}</li>
        ))}
      </ul>
    </details>
  );
}

export function PersonGrants({ subject, name }: { subject: string; name: string }): ReactNode {
  const query = useGrants(subject);
  const viaWords = useViaWords();
  const refresh = useRefreshAccess();
  const say = useToast();
  const [isAdding, setAdding] = useState(false);
  const [asked, setAsked] = useState<GrantView | null>(null);
  const giveBack = async ({ role, scope, condition, expiresAt, reason }: GrantView): Promise<void> => {
    try {
      await addGrant({
        subject,
        role,
        scope,
        ...(condition === null ? {} : { condition }),
        ...(expiresAt === null ? {} : { expiresAt }),
        reason: reason ?? text.undone,
      });
      say(text.undone);
    } catch {
      say(strings.states.failedTitle);
    }
    await refresh();
  };
  return (
    <section className="stack tight" aria-label={`${text.title}: ${name}`}>
      <div className="row between">
        <div>
          <h2>{text.title}</h2>
          <p className="small soft">{text.lead}</p>
        </div>
        <MayButton action="access.grant" onPress={() => setAdding(true)}>
          {text.add}
        </MayButton>
      </div>
      <Answer query={query}>
        {(grants) =>
          grants.length === 0 ? (
            <Notice icon="empty" title={text.none}>
              <p>{text.noneLead}</p>
            </Notice>
          ) : (
            <Table caption={text.title} rows={grants} keyOf={({ id, via }) => `${id} ${via}`} columns={columnsOf(setAsked, viaWords)} />
          )
        }
      </Answer>
      {isAdding ? (
        <Suspense fallback={null}>
          <AddGrant subject={subject} name={name} onClose={() => setAdding(false)} />
        </Suspense>
      ) : null}
      {asked === null ? null : (
        <Confirm
          title={text.endTitle(roleName(asked.role))}
          lead={text.endLead}
          yes={text.end}
          done={text.ended(roleName(asked.role))}
          look="danger"
          undo={{ name: text.undo, run: () => void giveBack(asked) }}
          work={(reason) => endGrant(asked.id, reason)}
          onClose={() => setAsked(null)}
          onDone={refresh}
        >
          <Losses grant={asked.id} />
        </Confirm>
      )}
    </section>
  );
}

const columnsOf = (onEnd: (grant: GrantView) => void, viaWords: (via: string) => string): readonly Column<GrantView>[] => [
  {
    key: 'role',
    head: text.role,
    cell: ({ role, reason }) => (
      <>
        <b>{visible(roleName(role))}</b>
        {reason === null ? null : <div className="small soft">{visible(reason)}</div>}
      </>
    ),
  },
  {
    key: 'scope',
    head: text.scope,
    cell: ({ scope, condition }) => (
      <>
        {scopeWords(scope)}
        {condition === null ? null : <div className="small soft">{conditionWords(condition)}</div>}
      </>
    ),
  },
  { key: 'via', head: text.via, cell: ({ via }) => viaWords(via) },
  { key: 'expires', head: text.expires, cell: ({ expiresAt }) => <Until at={expiresAt} /> },
  { key: 'used', head: text.used, cell: (grant) => <Used grant={grant} /> },
  {
    key: 'act',
    head: text.act,
    cell: (grant) =>
      grant.via === 'direct' || grant.via === 'break_glass' ? (
        <MayButton action="access.grant" isCompact look="danger" aria-label={text.endOf(roleName(grant.role))} onPress={() => onEnd(grant)}>
          {text.end}
        </MayButton>
      ) : (
        <span className="small soft">{text.fromGroup}</span>
      ),
  },
];

function Used({ grant: { uses, lastUsedAt } }: { grant: GrantView }): ReactNode {
  if (uses === undefined) return <span className="soft">{text.usedUnknown}</span>;
  if (uses === 0 || lastUsedAt == null) return <span className="soft">{text.usedNever}</span>;
  return (
    <>
      {text.usedTimes(formatCount(uses))}
      <div className="small soft">
        {text.usedLast} <Time iso={lastUsedAt} />
      </div>
    </>
  );
}
