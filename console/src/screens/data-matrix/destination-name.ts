// How a destination is called on the screen: a kind by our word, an integration by its own name.

import type { MatrixDestination } from '../../api/data-matrix.ts';
import { strings } from '../../strings/en.ts';
import { visible } from '../../ui/visible.ts';

export const nameOf = ({ integration, kind }: MatrixDestination): string =>
  integration === null ? (strings.dataMatrix.destinations[kind] ?? kind) : visible(integration);
