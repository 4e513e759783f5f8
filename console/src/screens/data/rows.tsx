// Rows of a dataset as the server gave them: pseudonyms, or in the clear.

import type { ReactNode } from 'react';
import type { DatasetPage } from '../../api/data.ts';
import { strings } from '../../strings/en.ts';
import { Table } from '../../ui/table.tsx';
import { visible } from '../../ui/visible.ts';

const text = strings.data.sets;

interface Numbered {
  readonly row: Readonly<Record<string, string>>;
  readonly nth: number;
}

export function Rows({ page, caption }: { page: DatasetPage; caption: string }): ReactNode {
  const numbered: readonly Numbered[] = page.rows.map((row, nth) => ({ row, nth }));
  return (
    <>
      <Table
        caption={caption}
        rows={numbered}
        keyOf={({ nth }) => String(nth)}
        columns={page.columns.map((column) => ({
          key: column.name,
          head: visible(column.name),
          cell: ({ row }: Numbered) => visible(row[column.name] ?? '') || '–',
        }))}
      />
      {page.erased === 0 ? null : <p className="small soft">{text.erased(page.erased)}</p>}
    </>
  );
}
