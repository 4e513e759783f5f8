// Does one thing of the account at a time, says how it went, and reads anew what it changed.

import { useQueryClient } from '@tanstack/react-query';
import { useState } from 'react';
import { ApiFault } from '../../api/client.ts';
import { strings } from '../../strings/en.ts';
import { useToast } from '../../ui/toast.tsx';

export function useDo(queryKey: readonly string[]) {
  const client = useQueryClient();
  const say = useToast();
  const [isWorking, setWorking] = useState(false);
  async function run(work: () => Promise<unknown>, said: string): Promise<void> {
    setWorking(true);
    try {
      await work();
      say(said);
    } catch (error) {
      say(error instanceof ApiFault && error.message !== '' ? error.message : strings.account.failed);
    }
    await Promise.all([client.invalidateQueries({ queryKey }), client.invalidateQueries({ queryKey: ['session'] })]);
    setWorking(false);
  }
  return { run, isWorking };
}
