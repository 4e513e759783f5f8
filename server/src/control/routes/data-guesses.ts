// Whether calls to models are guessed at, for the whole tenant.

import type { FastifyInstance } from 'fastify';
import { z } from 'zod';
import { isRefusal } from '#core';
import { type Context, forPerson, parseInput } from '../respond.ts';

const body = z.strictObject({ isOn: z.boolean() });

export function dataGuessesRoutes(app: FastifyInstance, context: Context): void {
  const { dataGuesses } = context.ports;
  app.get(
    '/api/data/guesses',
    forPerson(context, async (person) => dataGuesses.show(person.tenant)),
  );
  app.put(
    '/api/data/guesses',
    forPerson(context, async (person, request) => {
      const asked = parseInput(body, request.body);
      return isRefusal(asked) ? asked : dataGuesses.set(person, asked.isOn);
    }),
  );
}
