// What the events of this question can be told apart by, with counts: each a link to the narrower question. Beside the list where there is
// room, behind one press where there is not. A count is the server's; nothing is counted here.

import { useQuery } from '@tanstack/react-query';
import { Link } from '@tanstack/react-router';
import { type ReactNode, useState } from 'react';
import { type EventSearch, type FacetName, type Facets, type FacetValue, facetsQuery } from '../../api/audit.ts';
import { strings } from '../../strings/en.ts';
import { Button } from '../../ui/button.tsx';
import { formatCount } from '../../ui/format.ts';
import { Icon } from '../../ui/icons.tsx';
import { Answer } from '../../ui/states.tsx';
import { type NameOf, valueWords } from './audit-filters.tsx';

const text = strings.audit.facets;
const NAMES: readonly FacetName[] = ['type', 'actor', 'workflow', 'decision'];
/** More values of one kind wait behind a press. */
const SHOWN = 8;

interface Props {
  readonly search: EventSearch;
  readonly nameOf: NameOf;
}

export function AuditFacets({ isWide, ...props }: Props & { isWide: boolean }): ReactNode {
  const query = useQuery(facetsQuery(props.search));
  const lists = <Answer query={query}>{(facets) => <Lists {...props} found={facets} />}</Answer>;
  if (isWide) {
    return (
      <section className="facets" aria-label={text.title}>
        {lists}
      </section>
    );
  }
  return (
    <details className="facets sheet">
      <summary>{text.open}</summary>
      <div className="stack tight">{lists}</div>
    </details>
  );
}

function Lists({ found, search, nameOf }: Props & { found: Facets }): ReactNode {
  const shown = NAMES.filter((name) => (found.facets[name]?.length ?? 0) > 0);
  return (
    <>
      <p className="small">{(found.isComplete ? strings.audit.total : strings.audit.totalLeast)(formatCount(found.total))}</p>
      {shown.length === 0 ? <p className="small soft">{text.none}</p> : null}
      {shown.map((name) => (
        <FacetList key={name} name={name} values={found.facets[name] ?? []} search={search} nameOf={nameOf} />
      ))}
      <DataList search={search} />
      {found.isComplete ? null : <p className="small soft">{text.partial(formatCount(found.scanned))}</p>}
    </>
  );
}

function FacetList({ name, values, search, nameOf }: Props & { name: FacetName; values: readonly FacetValue[] }): ReactNode {
  const [isOpen, setOpen] = useState(false);
  const most = Math.max(1, ...values.map(({ count }) => count));
  const title = text.names[name];
  const chosen = search[name];
  const wordsOf = ({ value, by = null }: FacetValue): string => (name === 'actor' ? nameOf(by) : valueWords(name, value, nameOf));
  const all = values.map(wordsOf);
  return (
    <div className="facet">
      <h2 id={`facet-${name}`}>{title}</h2>
      <ul aria-labelledby={`facet-${name}`}>
        {values.slice(0, isOpen ? undefined : SHOWN).map((one) => {
          const plain = wordsOf(one);
          // One person may act under two pseudonyms; they stay two, and can be told apart.
          const words = name === 'actor' && all.indexOf(plain) !== all.lastIndexOf(plain) ? `${plain} (${one.value.slice(0, 8)})` : plain;
          return (
            <li key={one.value}>
              <FacetLink search={search} name={name} value={one.value} isChosen={chosen === one.value}>
                <span>{words}</span>
                <b className="num">
                  {formatCount(one.count)}
                  <span className="visually-hidden"> {text.events}</span>
                </b>
                <svg viewBox="0 0 100 3" preserveAspectRatio="none" aria-hidden="true">
                  <rect className="bar" width={(one.count / most) * 100} height={3} />
                </svg>
              </FacetLink>
            </li>
          );
        })}
      </ul>
      {values.length <= SHOWN ? null : (
        <Button look="quiet" aria-expanded={isOpen} onPress={() => setOpen(!isOpen)}>
          {isOpen ? text.fewer : text.more(values.length - SHOWN)}
        </Button>
      )}
    </div>
  );
}

/** Not counted by the server, so shown without counts. */
function DataList({ search }: { search: EventSearch }): ReactNode {
  const { replaced, replacedYes, replacedNo } = strings.audit;
  return (
    <div className="facet">
      <h2 id="facet-data">{replaced}</h2>
      <ul aria-labelledby="facet-data">
        {(['yes', 'no'] as const).map((value) => (
          <li key={value}>
            <FacetLink search={search} name="tokenised" value={value} isChosen={search.tokenised === value}>
              <span>{value === 'yes' ? replacedYes : replacedNo}</span>
            </FacetLink>
          </li>
        ))}
      </ul>
    </div>
  );
}

interface LinkProps {
  readonly search: EventSearch;
  readonly name: FacetName | 'tokenised';
  readonly value: string;
  readonly isChosen: boolean;
  readonly children: ReactNode;
}

function FacetLink({ search, name, value, isChosen, children }: LinkProps): ReactNode {
  const { before: _, [name]: __, ...rest } = search;
  return (
    <Link
      className="facet-link"
      to="/audit"
      search={isChosen ? rest : { ...rest, [name]: value }}
      {...(isChosen ? { 'data-chosen': 'yes' } : {})}
    >
      {children}
      {isChosen ? (
        <>
          <Icon name="bad" size={12} />
          <span className="visually-hidden"> {text.chosen}</span>
        </>
      ) : null}
    </Link>
  );
}
