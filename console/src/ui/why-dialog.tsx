// The reason behind an action that is not offered: what is missing, by which rule, which roles have it and whom to ask. In the server's words.

import { useQuery, useQueryClient } from '@tanstack/react-query';
import { Link } from '@tanstack/react-router';
import type { ReactNode } from 'react';
import { type Action, type Explanation, explainQuery, type On } from '../api/access.ts';
import { sessionQuery } from '../api/queries.ts';
import { actionName, roleName } from '../strings/en/access-words.ts';
import { strings } from '../strings/en.ts';
import { Button } from './button.tsx';
import { Dialog } from './dialog.tsx';
import { Loading } from './states.tsx';
import { visible } from './visible.ts';

const text = strings.may;

interface Props {
  readonly action: Action;
  readonly on: On | null;
  readonly onClose: () => void;
}

export function WhyDialog({ action, on, onClose }: Props): ReactNode {
  const client = useQueryClient();
  const session = useQuery(sessionQuery).data;
  const query = useQuery(explainQuery({ action, on }));
  const missing = on === null ? text.missing(actionName(action)) : text.missingOn(actionName(action), visible(on.name));
  const isStale = query.data?.isAllowed === true;
  return (
    <Dialog title={text.title} isOpen onClose={onClose}>
      {query.data === undefined && query.error === null ? (
        <Loading />
      ) : isStale ? (
        <p>{text.allowedNow}</p>
      ) : (
        <>
          <p>{query.data === undefined ? missing : (sentenceOf(query.data) ?? missing)}</p>
          {query.data === undefined ? <p className="small soft">{text.offline}</p> : <Facts answer={query.data} action={action} />}
          {query.data?.code === 'CONTROL_FROZEN' && session?.can.includes('conditions.view') === true ? (
            <Link to="/settings/conditions" onClick={onClose}>
              {text.freeze}
            </Link>
          ) : null}
        </>
      )}
      {session === undefined ? null : (
        <p className="small soft">
          {text.yours}: {session.roles.length === 0 ? text.yoursNone : session.roles.map(roleName).join(', ')}
          {' · '}
          <Link to="/people/$id" params={{ id: session.person }} search={{ tab: 'may' }} onClick={onClose}>
            {text.seeOwn}
          </Link>
        </p>
      )}
      <div className="row">
        {isStale ? (
          <Button
            look="primary"
            onPress={() => {
              onClose();
              void client.invalidateQueries();
            }}
          >
            {text.reload}
          </Button>
        ) : null}
        <Button onPress={onClose} autoFocus>
          {strings.close}
        </Button>
      </div>
    </Dialog>
  );
}

/** What was decided by a condition is said by that condition; a missing grant in our own words, which name the action. */
function sentenceOf({ code, reason }: Explanation): string | null {
  if (code !== null && /STEP_UP/.test(code)) return text.stepUp;
  return reason;
}

function Facts({ answer, action }: { answer: Explanation; action: Action }): ReactNode {
  return (
    <dl className="facts">
      <dt>{text.needs}</dt>
      <dd>
        <code>{action}</code>
      </dd>
      <dt>{text.roles}</dt>
      <dd>{answer.allowedRoles.length === 0 ? text.rolesNone : answer.allowedRoles.map(roleName).join(', ')}</dd>
      <dt>{text.ask}</dt>
      <dd>{answer.ask.length === 0 ? text.askNobody : answer.ask.map(visible).join(', ')}</dd>
      {answer.rule === null ? null : (
        <>
          <dt>{text.rule}</dt>
          <dd>
            <code>{answer.rule}</code>
            {answer.code === null ? null : (
              <>
                {' '}
                <code className="soft">{answer.code}</code>
              </>
            )}
          </dd>
        </>
      )}
    </dl>
  );
}
