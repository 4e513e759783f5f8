// The few icons we draw. Each stands beside a word and is hidden from screen readers.

import type { ReactNode } from 'react';

const SHAPES = {
  good: <path d="M3 8.5 6.5 12 13 4.5" />,
  bad: <path d="M4 4l8 8M12 4l-8 8" />,
  warn: <path d="M8 2.5 14.5 13.5h-13zM8 6.5v3.2M8 11.6v.2" />,
  info: <path d="M8 2a6 6 0 1 1 0 12A6 6 0 0 1 8 2zM8 7.4v3.2M8 5.2v.1" />,
  wait: <path d="M8 2a6 6 0 1 1 0 12A6 6 0 0 1 8 2zM8 4.8V8l2.3 1.6" />,
  search: <path d="M7 2.5a4.5 4.5 0 1 1 0 9 4.5 4.5 0 0 1 0-9zM10.4 10.4 14 14" />,
  empty: <path d="M2.5 9.5 4.5 3h7l2 6.5v3.5h-11zM2.5 9.5h3l1 1.8h3l1-1.8h3" />,
  lock: <path d="M4 7.2h8v6H4zM5.5 7V5a2.5 2.5 0 0 1 5 0v2" />,
  arrow: <path d="M3 8h10M9 4l4 4-4 4" />,
} as const;

export type IconName = keyof typeof SHAPES;

export function Icon({ name, size = 16 }: { name: IconName; size?: number }): ReactNode {
  return (
    <svg
      width={size}
      height={size}
      viewBox="0 0 16 16"
      fill="none"
      stroke="currentColor"
      strokeWidth="1.75"
      strokeLinecap="round"
      strokeLinejoin="round"
      aria-hidden="true"
    >
      {SHAPES[name]}
    </svg>
  );
}
