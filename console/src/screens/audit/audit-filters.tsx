// Search and filters of the Audit log. What is typed becomes an address; each filter in force stands as a button that takes it away.

import { useNavigate } from '@tanstack/react-router';
import { type ReactNode, useState } from 'react';
import type { EventSearch } from '../../api/queries.ts';
import { strings } from '../../strings/en.ts';
import { Button } from '../../ui/button.tsx';
import { Select, TextInput } from '../../ui/fields.tsx';
import { shortId } from '../../ui/format.ts';
import { Icon } from '../../ui/icons.tsx';
import { readSearch } from './audit-search.ts';

const text = strings.audit;

interface Props {
  readonly search: EventSearch;
  readonly nameOf: (by: string | null) => string;
}

type Filter = 'type' | 'subject' | 'actor' | 'tokenised';

export function AuditFilters({ search, nameOf }: Props): ReactNode {
  const navigate = useNavigate();
  const [words, setWords] = useState('');
  const [fault, setFault] = useState<string | null>(null);
  const { before: _, ...filters } = search;
  const set = (filter: Filter, value: string | undefined): void => {
    const { [filter]: __, ...rest } = filters;
    void navigate({ to: '/audit', search: value === undefined ? rest : { ...rest, [filter]: value } });
  };
  const submit = (): void => {
    const { event, unknown, ...found } = readSearch(words);
    if (unknown.length > 0) setFault(text.searchWrong(unknown.join(' ')));
    else if (event !== undefined) void navigate({ to: '/audit/$seq', params: { seq: event } });
    else void navigate({ to: '/audit', search: { ...filters, ...found } });
  };
  const chips = chipsOf(search, nameOf);
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
        <Select
          label={text.area}
          value={search.type !== undefined && search.type in text.areas ? search.type : undefined}
          options={text.areas}
          onChange={(type) => set('type', type)}
        />
        <Select
          label={text.replaced}
          value={search.tokenised}
          options={{ yes: text.replacedYes, no: text.replacedNo }}
          onChange={(tokenised) => set('tokenised', tokenised)}
        />
      </form>
      {Object.keys(filters).length === 0 ? null : (
        <div className="row snug">
          {chips.map(({ filter, name }) => (
            <Button key={filter} aria-label={`${text.dropFilter}: ${name}`} onPress={() => set(filter, undefined)}>
              {name}
              <Icon name="bad" size={12} />
            </Button>
          ))}
          <Button look="quiet" onPress={() => void navigate({ to: '/audit', search: {} })}>
            {strings.clearFilters}
          </Button>
        </div>
      )}
    </div>
  );
}

function chipsOf({ type, subject, actor }: EventSearch, nameOf: Props['nameOf']): readonly { filter: Filter; name: string }[] {
  const isPseudonym = actor?.startsWith('act_') === true;
  return [
    ...(type === undefined || type in text.areas ? [] : [{ filter: 'type' as const, name: text.ofType(type) }]),
    ...(subject === undefined ? [] : [{ filter: 'subject' as const, name: text.ofSubject(shortId(subject)) }]),
    ...(actor === undefined ? [] : [{ filter: 'actor' as const, name: text.ofActor(isPseudonym ? shortId(actor) : nameOf(actor)) }]),
  ];
}
