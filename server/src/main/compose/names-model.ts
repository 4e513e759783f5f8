// The operator's model of names, where one is set. A folder that can not be used stops the start: whoever asked for it counts on it.

import type { Logger } from '../logger.ts';
import type { NamesModel } from '../ner/names-model.ts';
import { openNamesModel } from '../ner/names-model.ts';
import type { Config } from '../settings.ts';
import { systemClock } from '../world.ts';

export async function configuredNames(config: Config, logger: Logger): Promise<NamesModel | null> {
  if (config.nerModel === null) return null;
  // Only what serves calls of programs reads them.
  if (!config.serve.includes('gateway') && !config.serve.includes('worker')) return null;
  return openNamesModel({
    folder: config.nerModel,
    isRequired: config.nerRequired === true,
    deadlineMs: config.nerDeadlineMs ?? 2_000,
    clock: systemClock,
    onFault: (code) => logger.warn({ event: 'names.unread', code }),
  });
}
