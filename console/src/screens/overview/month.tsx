// The month in numbers: which month stands in the address, and every number leads to exactly the events it was counted from. It asks for
// itself, after the overview is there.

import { useQuery } from '@tanstack/react-query';
import { getRouteApi, Link, useNavigate } from '@tanstack/react-router';
import type { ReactNode } from 'react';
import { type BusinessFigure, businessQuery, chosenMonth, monthAt, monthsToChoose } from '../../api/business.ts';
import { strings } from '../../strings/en.ts';
import { Select } from '../../ui/fields.tsx';
import { formatMonth } from '../../ui/format.ts';
import { Answer } from '../../ui/states.tsx';
import { groupsOf, type MonthGroup, type MonthRow } from './month-rows.ts';
import './month.css';

const text = strings.month;
const route = getRouteApi('/frame/');

export function Month(): ReactNode {
  const now = new Date();
  const month = chosenMonth(route.useSearch(), now);
  const query = useQuery(businessQuery(month));
  const navigate = useNavigate();
  const nameOf = (each: string): string => (each === monthAt(now) ? text.soFar(formatMonth(each)) : formatMonth(each));
  return (
    <section className="sheet stack" aria-labelledby="month">
      <div className="row between">
        <div>
          <h2 id="month">{text.title}</h2>
          <p className="small soft">{text.lead}</p>
        </div>
        <Select
          label={text.choose}
          value={month}
          hasAny={false}
          options={Object.fromEntries(monthsToChoose(now, month).map((each) => [each, nameOf(each)]))}
          onChange={(chosen) => void navigate({ to: '/', search: { month: chosen ?? month }, replace: true, resetScroll: false })}
        />
      </div>
      <Answer query={query}>
        {({ figures }) =>
          figures.every(({ events }) => events === 0) ? (
            <p className="soft">{month === monthAt(now) ? text.emptyNow : text.empty(formatMonth(month))}</p>
          ) : (
            <Groups figures={figures} />
          )
        }
      </Answer>
      <p className="small soft">
        {text.same} <code>sallyport report business --month {month}</code>
      </p>
    </section>
  );
}

function Groups({ figures }: { figures: readonly BusinessFigure[] }): ReactNode {
  return (
    <>
      <div className="month-groups">
        {groupsOf(figures).map((group) => (
          <Group key={group.key} group={group} />
        ))}
      </div>
      {figures.every(({ isComplete }) => isComplete) ? null : <p className="small soft">{text.partial}</p>}
    </>
  );
}

function Group({ group: { name, rows } }: { group: MonthGroup }): ReactNode {
  return (
    <div className="month-group">
      <h3>{name}</h3>
      <dl>
        {rows.map((row) => (
          <div key={row.key} {...(row.isFaint ? { className: 'faint' } : {})}>
            <dt>{row.name}</dt>
            <dd>
              <Value row={row} group={name} />
            </dd>
            {row.note === null ? null : <dd className="note">{row.note}</dd>}
          </div>
        ))}
      </dl>
    </div>
  );
}

function Value({ row: { name, value, search }, group }: { row: MonthRow; group: string }): ReactNode {
  if (search === null) return <span className="value">{value}</span>;
  return (
    <Link className="value" to="/audit" search={search} aria-label={text.see(`${group}, ${name}`, value)}>
      {value}
    </Link>
  );
}
