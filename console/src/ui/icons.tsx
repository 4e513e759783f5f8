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
  gear: (
    <path d="M8 5.7a2.3 2.3 0 1 1 0 4.6 2.3 2.3 0 0 1 0-4.6zM8 1.8v1.9M8 12.3v1.9M1.8 8h1.9M12.3 8h1.9M3.6 3.6l1.4 1.4M11 11l1.4 1.4M12.4 3.6 11 5M5 11l-1.4 1.4" />
  ),
  table: <path d="M2.5 3h11v10h-11zM2.5 6.4h11M2.5 9.7h11M6.6 6.4V13" />,
  chart: <path d="M2.5 13.5h11M4.5 11V8M8 11V4M11.5 11V6.5" />,
  shield: <path d="M8 1.8 13.5 4v4c0 3.2-2.3 5.3-5.5 6.2C4.8 13.3 2.5 11.2 2.5 8V4z" />,
  play: <path d="M4.5 2.8 13 8l-8.5 5.2z" />,
  plug: <path d="M5.5 2v3.2M10.5 2v3.2M3.5 5.2h9v2.6a4.5 4.5 0 0 1-9 0zM8 12.3V14.5" />,
  person: <path d="M8 2.2a2.9 2.9 0 1 1 0 5.8 2.9 2.9 0 0 1 0-5.8zM2.6 13.8c.6-2.7 2.7-4.1 5.4-4.1s4.8 1.4 5.4 4.1" />,
  copy: <path d="M5.5 5.5h8v8h-8zM10.5 5.5v-3h-8v8h3" />,
  none: <path d="M4 8h8" />,
  up: <path d="M3.5 10 8 5.5 12.5 10" />,
  down: <path d="M3.5 6 8 10.5 12.5 6" />,
  download: <path d="M8 2.5v7.5M4.5 7 8 10.5 11.5 7M2.5 13.5h11" />,
  link: (
    <path d="M6.8 9.2a2.6 2.6 0 0 0 3.7 0l2.2-2.2a2.6 2.6 0 0 0-3.7-3.7l-.9.9M9.2 6.8a2.6 2.6 0 0 0-3.7 0L3.3 9A2.6 2.6 0 0 0 7 12.7l.9-.9" />
  ),
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
