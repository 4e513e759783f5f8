// What is asked: a search, a time, and the filters in force as tokens that take themselves away. Every choice is a new address.

import { useNavigate } from '@tanstack/react-router';
import { type ReactNode, useState } from 'react';
import { type EventSearch, WORD_FILTERS } from '../../api/audit.ts';
import { strings } from '../../strings/en.ts';
import { Button } from '../../ui/button.tsx';
import { DateTimeInput, Select, TextInput } from '../../ui/fields.tsx';
import { formatMoment, shortId } from '../../ui/format.ts';
import { Icon } from '../../ui/icons.tsx';
import { readSearch } from './audit-search.ts';

const text = strings.audit;

export type NameOf = (by: string | null) => string;

interface Props {
  readonly search: EventSearch;
  readonly nameOf: NameOf;
}

export function AuditFilters({ search, nameOf }: Props): ReactNode {
  const navigate = useNavigate();
  const [words, setWords] = useState('');
  const [fault, setFault] = useState<string | null>(null);
  const { before: _, ...filters } = search;
  const go = (next: EventSearch): void => void navigate({ to: '/audit', search: next });
  const submit = (): void => {
    const { event, unknown, ...found } = readSearch(words);
    if (unknown.length > 0) setFault(text.searchWrong(unknown.join(' ')));
    else if (event !== undefined) void navigate({ to: '/audit/$seq', params: { seq: event } });
    else go({ ...filters, ...found });
  };
  return (
    <div className="stack tight">
      <form
        className="filters audit-filters"
        onSubmit={(event) => {
          event.preventDefault();
          submit();
        }}
      >
        <TextInput
          label={text.search}
          hint={text.searchHint}
          error={fault}
          value={words}
          onChange={(value) => {
            setFault(null);
            setWords(value);
          }}
        />
        <div className="row">
          <Button type="submit">
            <Icon name="search" />
            {text.searchGo}
          </Button>
        </div>
        <When search={filters} onChange={go} />
      </form>
      <Tokens search={filters} nameOf={nameOf} onChange={go} />
    </div>
  );
}

/** A preset, or two moments. */
function When({ search, onChange }: { search: EventSearch; onChange: (next: EventSearch) => void }): ReactNode {
  const { since, from, to, ...rest } = search;
  const isOwn = from !== undefined || to !== undefined;
  const [isOpen, setOpen] = useState(isOwn);
  const [begin, setBegin] = useState(from ?? null);
  const [end, setEnd] = useState(to ?? null);
  return (
    <>
      <Select
        label={text.time}
        value={isOpen ? 'custom' : since}
        options={text.windows}
        anyName={text.anyTime}
        onChange={(value) => {
          setOpen(value === 'custom');
          if (value !== 'custom') onChange(value === undefined ? rest : { ...rest, since: value });
        }}
      />
      {isOpen ? (
        <div className="filters between-times">
          <DateTimeInput label={text.from} value={begin} onChange={setBegin} />
          <DateTimeInput label={text.to} value={end} onChange={setEnd} />
          <div className="row">
            <Button onPress={() => onChange({ ...rest, ...(begin === null ? {} : { from: begin }), ...(end === null ? {} : { to: end }) })}>
              {strings.apply}
            </Button>
          </div>
        </div>
      ) : null}
    </>
  );
}

function Tokens({ search, nameOf, onChange }: Props & { onChange: (next: EventSearch) => void }): ReactNode {
  const tokens = tokensOf(search, nameOf);
  if (tokens.length === 0) return null;
  const drop = (filter: keyof EventSearch): void => {
    const { [filter]: _, ...rest } = search;
    onChange(rest);
  };
  return (
    <ul className="row snug" aria-label={text.tokens.label}>
      {tokens.map(({ filter, name }) => (
        <li key={filter}>
          <Button look="quiet" aria-label={`${text.dropFilter}: ${name}`} onPress={() => drop(filter)}>
            <span className="token">
              {name}
              <Icon name="bad" size={12} />
            </span>
          </Button>
        </li>
      ))}
      <li>
        <Button look="quiet" onPress={() => onChange(search.privileged === undefined ? {} : { privileged: search.privileged })}>
          {strings.clearFilters}
        </Button>
      </li>
    </ul>
  );
}

/** The filters in force, in words. The view they are looked at in is not one of them. */
export function tokensOf(search: EventSearch, nameOf: NameOf): readonly { filter: keyof EventSearch; name: string }[] {
  const words = WORD_FILTERS.flatMap((filter) => {
    const value = search[filter];
    return value === undefined ? [] : [{ filter, name: text.tokens[filter](valueWords(filter, value, nameOf)) }];
  });
  const { since, from, to } = search;
  return [
    ...words,
    ...(since === undefined ? [] : [{ filter: 'since' as const, name: text.windows[since] ?? since }]),
    ...(from === undefined ? [] : [{ filter: 'from' as const, name: text.tokens.from(formatMoment(from)) }]),
    ...(to === undefined ? [] : [{ filter: 'to' as const, name: text.tokens.to(formatMoment(to)) }]),
  ];
}

/** How a value of a filter is called. */
export function valueWords(filter: (typeof WORD_FILTERS)[number], value: string, nameOf: NameOf): string {
  if (filter === 'actor') return value.startsWith('act_') ? shortId(value) : nameOf(value);
  if (filter === 'type') return strings.events[value] ?? text.areas[value] ?? value;
  if (filter === 'decision')
    return value
      .split(',')
      .map((word) => text.decisions[word] ?? word)
      .join(' or ');
  if (filter === 'fact') return value.replaceAll(',', ', ');
  return filter === 'q' || filter === 'tokenised' ? value : shortId(value);
}
