// Migrations of workflows, in order.

import type { Migration } from '#storage';
import { migration as registry } from './0080-workflows-registry.ts';
import { migration as runs } from './0081-workflows-runs.ts';
import { migration as executors } from './0082-workflows-executors.ts';
import { migration as phases } from './0084-workflows-phases.ts';
import { migration as deliveries } from './0086-workflows-deliveries.ts';
import { migration as samples } from './0087-workflows-samples.ts';
import { migration as publications } from './0089-workflows-publications.ts';
import { migration as segments } from './0125-workflows-segments.ts';
import { migration as marks } from './0129-workflows-executors.ts';
import { migration as signed } from './0160-workflows-signed.ts';

export const migrations: readonly Migration[] = [
  registry,
  runs,
  executors,
  phases,
  deliveries,
  samples,
  publications,
  segments,
  marks,
  signed,
];
