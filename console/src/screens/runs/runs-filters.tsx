// The filters of the list of runs. Each choice is a new address, so the back button takes it back.

import { useQuery } from '@tanstack/react-query';
import { useNavigate } from '@tanstack/react-router';
import type { ReactNode } from 'react';
import { type RunSearch, workflowNamesQuery } from '../../api/runs.ts';
import { strings } from '../../strings/en.ts';
import { Button } from '../../ui/button.tsx';
import { Select } from '../../ui/fields.tsx';

const text = strings.runs;

type Filter = 'kind' | 'workflow' | 'state' | 'since';

export function RunFilters({ search }: { search: RunSearch }): ReactNode {
  const navigate = useNavigate();
  const known = useQuery(workflowNamesQuery).data?.workflows ?? [];
  // One that was removed stays a choice while it is the one chosen.
  const names = [...new Set([...known.map(({ name }) => name), ...(search.workflow === undefined ? [] : [search.workflow])])].toSorted();
  const set = (filter: Filter) => (value: string | undefined) => {
    const { before: _, [filter]: __, ...rest } = search;
    void navigate({ to: '/runs', search: value === undefined ? rest : { ...rest, [filter]: value } });
  };
  const isFiltered = [search.kind, search.workflow, search.state, search.since].some((value) => value !== undefined);
  return (
    <div className="filters">
      <Select label={text.state} value={search.state} options={text.states} onChange={set('state')} />
      <Select
        label={text.workflow}
        value={search.workflow}
        options={Object.fromEntries(names.map((name) => [name, name]))}
        onChange={set('workflow')}
      />
      <Select label={text.kind} value={search.kind} options={text.kinds} onChange={set('kind')} />
      <Select label={text.since} value={search.since} options={strings.calls.windows} onChange={set('since')} />
      {isFiltered ? (
        <div className="row">
          <Button
            look="quiet"
            onPress={() => void navigate({ to: '/runs', search: search.live === undefined ? {} : { live: search.live } })}
          >
            {strings.clearFilters}
          </Button>
        </div>
      ) : null}
    </div>
  );
}
