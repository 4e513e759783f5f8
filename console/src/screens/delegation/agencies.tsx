// People of other tenants who may act in this one, and what its own people hold elsewhere.

import { useQuery } from '@tanstack/react-query';
import { type ReactNode, useState } from 'react';
import { delegationsQuery, heldQuery } from '../../api/fleet.ts';
import { strings } from '../../strings/en.ts';
import { MayButton } from '../../ui/may.tsx';
import { Answer, Notice } from '../../ui/states.tsx';
import { useTenant } from '../fleet/use-enter.ts';
import { PeoplePage } from '../people/people-frame.tsx';
import { DelegationList } from './delegation-list.tsx';
import { DelegationOffer } from './delegation-offer.tsx';

const text = strings.delegation;

export function AgenciesScreen(): ReactNode {
  const [isOffering, setOffering] = useState(false);
  const here = useTenant();
  return (
    <PeoplePage
      title={text.title}
      lead={text.lead}
      actions={
        <MayButton action="delegation.manage" look="primary" onPress={() => setOffering(true)}>
          {text.add}
        </MayButton>
      }
    >
      <GivenDelegations />
      {here === null ? <HeldDelegations /> : null}
      {isOffering ? <DelegationOffer onClose={() => setOffering(false)} /> : null}
    </PeoplePage>
  );
}

/** For a place within another screen of the client's. */
export function GivenDelegations(): ReactNode {
  const query = useQuery(delegationsQuery);
  return (
    <section className="stack tight" aria-labelledby="delegations-given">
      <h2 id="delegations-given">{text.given}</h2>
      <Answer query={query}>
        {({ delegations }) =>
          delegations.length === 0 ? (
            <Notice icon="empty" title={text.emptyTitle}>
              <p>{text.emptyLead}</p>
            </Notice>
          ) : (
            <DelegationList side="client" delegations={delegations} />
          )
        }
      </Answer>
    </section>
  );
}

function HeldDelegations(): ReactNode {
  const query = useQuery(heldQuery);
  if (query.data?.delegations.length === 0) return null;
  return (
    <section className="stack tight" aria-labelledby="delegations-held">
      <h2 id="delegations-held">{text.held}</h2>
      <p className="small soft">{text.heldLead}</p>
      <Answer query={query}>{({ delegations }) => <DelegationList side="agency" delegations={delegations} />}</Answer>
    </section>
  );
}
