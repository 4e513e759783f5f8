// A program asks to act in a person's name: who it is, what it could call, in plain words, and two buttons of the same size.
// INVARIANT: nothing is granted without a press; what is shown is what is given.

import { useQuery } from '@tanstack/react-query';
import { type ReactNode, useEffect, useState } from 'react';
import { ApiFault } from '../../api/client.ts';
import { type AskedAccess, answer, askQuery, type ConsentFault, type ConsentQuestion, isAnswerable } from '../../api/consent.ts';
import { sessionQuery } from '../../api/queries.ts';
import { SignedOut } from '../../app/sign-in.tsx';
import { StepUp } from '../../app/step-up.tsx';
import { strings } from '../../strings/en.ts';
import { Button } from '../../ui/button.tsx';
import { Callout } from '../../ui/callout.tsx';
import { Answer } from '../../ui/states.tsx';
import { Switch } from '../../ui/switch.tsx';
import './consent.css';

const text = strings.consent;

export function ConsentScreen(): ReactNode {
  const session = useQuery(sessionQuery);
  useEffect(() => {
    document.title = `${text.title} · ${strings.product}`;
  }, []);
  // Whoever signs in here comes back to this very question.
  if (session.error instanceof ApiFault && session.error.status === 401) return <SignedOut />;
  return (
    <main id="content" className="door consent" tabIndex={-1}>
      <div className="sheet stack">
        <Answer query={session}>{() => <Question query={location.search.slice(1)} />}</Answer>
      </div>
      <StepUp />
    </main>
  );
}

function Question({ query }: { query: string }): ReactNode {
  const asked = useQuery(askQuery(query));
  const { error } = asked;
  if (error instanceof ApiFault && error.status >= 400 && error.status < 500 && error.status !== 401 && error.status !== 403)
    return (
      <div className="stack tight" role="alert">
        <h1>{text.invalidTitle}</h1>
        <p>{error.message}</p>
        <p className="soft">{text.invalidLead}</p>
      </div>
    );
  return (
    <Answer query={asked}>{(data) => (data.state === 'asks' ? <Decide query={query} asked={data} /> : <Faulty fault={data} />)}</Answer>
  );
}

function Faulty({ fault }: { fault: ConsentFault }): ReactNode {
  return (
    <div className="stack tight" role="alert">
      <h1>{text.faultTitle}</h1>
      <p>{fault.description}</p>
      <p className="soft">{text.faultLead}</p>
      <Button look="primary" onPress={() => leave(fault.redirectTo)}>
        {text.back}
      </Button>
    </div>
  );
}

function leave(address: string): void {
  if (isAnswerable(address)) location.assign(address);
}

function Decide({ query, asked }: { query: string; asked: ConsentQuestion }): ReactNode {
  const { client, access, withheld, redirectHost, lastsDays } = asked;
  /** Integrations the person took out of what is asked. */
  const [left, setLeft] = useState<ReadonlySet<string>>(new Set());
  const [state, setState] = useState<'ready' | 'working' | 'failed'>('ready');
  const given = access.filter(({ integration }) => !left.has(integration));
  const turn = (integration: string): void =>
    setLeft((before) => new Set(before.has(integration) ? [...before].filter((one) => one !== integration) : [...before, integration]));

  async function decide(allow: boolean): Promise<void> {
    setState('working');
    try {
      const scope = given.flatMap(({ integration, isWhole, operations }) =>
        isWhole ? [integration] : operations.map(({ entry }) => entry),
      );
      const { redirectTo } = await answer(query, allow ? { allow, scope } : { allow });
      leave(redirectTo);
    } catch {
      setState('failed');
    }
  }
  return (
    <>
      <div className="stack tight">
        <h1>{text.asks(client.name)}</h1>
        <p className="lead">{text.lead}</p>
      </div>
      <section className="stack tight" aria-labelledby="who">
        <h2 id="who">{text.who}</h2>
        <dl className="facts">
          <dt>{text.program}</dt>
          <dd>{client.name}</dd>
          <dt>{text.describedBy}</dt>
          <dd>{client.describedBy === null ? text.registered : <span className="mono">{client.describedBy}</span>}</dd>
          <dt>{text.goesTo}</dt>
          <dd>
            <span className="mono">{redirectHost}</span>
            {/^(?:127\.0\.0\.1|localhost|\[::1\])(?::|$)/.test(redirectHost) ? ` (${text.here})` : ''}
          </dd>
        </dl>
        {client.bound ? <p className="small soft">{text.bound}</p> : null}
      </section>
      {access.length === 0 ? (
        <Callout tone="warn">{text.nothing}</Callout>
      ) : (
        <section className="stack tight" aria-labelledby="what">
          <h2 id="what">{text.what}</h2>
          {access.map((one) => (
            <Asked key={one.integration} asked={one} isGiven={!left.has(one.integration)} onTurn={() => turn(one.integration)} />
          ))}
        </section>
      )}
      {withheld.length === 0 ? null : (
        <Callout tone="info">
          <p>
            <b>{text.withheld}:</b> <span className="mono">{withheld.join(', ')}</span>
          </p>
          <p className="small">{text.withheldLead}</p>
        </Callout>
      )}
      <p className="small soft">{text.lasts(lastsDays)}</p>
      {state === 'failed' ? (
        <p className="error" role="alert">
          {text.failed}
        </p>
      ) : null}
      <div className="row">
        <Button size="large" isDisabled={state === 'working'} onPress={() => void decide(false)}>
          {text.deny}
        </Button>
        <Button look="primary" size="large" isDisabled={state === 'working' || given.length === 0} onPress={() => void decide(true)}>
          {state === 'working' ? text.working : text.allow}
        </Button>
      </div>
    </>
  );
}

function Asked({ asked, isGiven, onTurn }: { asked: AskedAccess; isGiven: boolean; onTurn: () => void }): ReactNode {
  const { integration, origin, operations, isWhole } = asked;
  return (
    <div className={`asked stack tight ${isGiven ? '' : 'left-out'}`}>
      <div className="row between">
        <div>
          <h3>{integration}</h3>
          <p className="small soft mono">{origin}</p>
        </div>
        <Switch
          label={isGiven ? text.remove(integration) : text.give(integration)}
          word={text.counts(operations.length)}
          isOn={isGiven}
          onPress={onTurn}
        />
      </div>
      {isWhole ? <p className="small">{text.whole}</p> : null}
      <ul className="operations">
        {operations.map(({ name, effect }) => (
          <li key={name}>
            <span className="mono">{name}</span> <span className="soft">{text.effects[effect] ?? effect}</span>
          </li>
        ))}
      </ul>
    </div>
  );
}
