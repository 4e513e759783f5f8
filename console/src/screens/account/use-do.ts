// Does one thing of the account at a time, says how it went, and reads anew what it changed.

import { useQueryClient } from '@tanstack/react-query';
import { strings } from '../../strings/en.ts';
import { useToast } from '../../ui/toast.tsx';
import { useWork } from '../../ui/use-work.ts';

export function useDo(queryKey: readonly string[]) {
  const client = useQueryClient();
  const say = useToast();
  const tell = (): Promise<unknown> =>
    Promise.all([client.invalidateQueries({ queryKey }), client.invalidateQueries({ queryKey: ['session'] })]);
  const { isWorking, run } = useWork((fault) => {
    say(fault.message || strings.account.failed);
    return tell();
  });
  return {
    run: (work: () => Promise<unknown>, said: string): Promise<boolean> =>
      run(async () => {
        await work();
        say(said);
        await tell();
      }),
    isWorking,
  };
}
