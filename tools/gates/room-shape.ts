// Each room has the parts a reader looks for: a row in the table of rooms, a short README and one front door.

import { ROOMS } from '../rooms/table.ts';
import type { Gate } from './gate.ts';
import { roomsOf } from './tree.ts';

const MAX_README_LINES = 25;
/** Joins cli and main; the one file above the rooms. */
const ENTRY = 'server/src/entry.ts';

export const roomShape: Gate = {
  name: 'room-shape',
  sentence: `Each room stands in the table of rooms and has an index.ts and a README.md of at most ${MAX_README_LINES} lines.`,
  inspect(tree) {
    const rooms = roomsOf(tree);
    const failures = [...rooms].flatMap(([name, files]) => {
      const readme = `server/src/${name}/README.md`;
      const faults: string[] = [];
      if (!ROOMS.some((room) => room.name === name)) faults.push(`server/src/${name} is not in the table of rooms`);
      if (!files.includes(`server/src/${name}/index.ts`)) faults.push(`server/src/${name} has no front door index.ts`);
      if (!files.includes(readme)) return [...faults, `server/src/${name} has no README.md`];
      const lines = tree.read(readme).trimEnd().split('\n').length;
      return lines > MAX_README_LINES ? [...faults, `${readme} has ${lines} lines; the most is ${MAX_README_LINES}`] : faults;
    });
    const loose = tree.files.filter((path) => /^server\/src\/[^/]+$/.test(path) && path !== ENTRY);
    return { looked: rooms.size, failures: [...failures, ...loose.map((path) => `${path} lies in no room`)] };
  },
};
