// The switch of guesses in calls to models, for the whole tenant. Off shows models more, so it asks first and says so.

import { useQueryClient } from '@tanstack/react-query';
import { type ReactNode, useState } from 'react';
import { guessesQuery, setGuesses } from '../../api/data-patterns.ts';
import { strings } from '../../strings/en.ts';
import { Confirm } from '../../ui/confirm.tsx';
import { useLook, useMay, Why } from '../../ui/may.tsx';
import { Answer } from '../../ui/states.tsx';
import { Switch } from '../../ui/switch.tsx';

const text = strings.dataPatterns;

export function Guesses(): ReactNode {
  const query = useLook('matrix.view', guessesQuery);
  const client = useQueryClient();
  const may = useMay('matrix.manage');
  const [wanted, setWanted] = useState<boolean | null>(null);
  return (
    <Answer query={query}>
      {({ isOn, model }) => (
        <section className="sheet stack tight" aria-labelledby="guesses">
          <div className="row between">
            <h2 id="guesses">{text.guesses}</h2>
            <span className="row">
              <Switch
                label={text.guessesSwitch}
                word={isOn ? text.on : text.off}
                isOn={isOn}
                isDisabled={!may.isAllowed}
                onPress={() => setWanted(!isOn)}
              />
              {may.isAllowed ? null : <Why may={may} what={text.guessesSwitch} />}
            </span>
          </div>
          <p className="soft">
            {text.guessesLead}
            {model === null ? '' : ` ${text.guessesModel(model.types.join(', '), model.isRequired)}`}
          </p>
          {wanted === null ? null : (
            <Confirm
              title={wanted ? text.switchOn : text.switchOff}
              lead={wanted ? text.switchOnLead : text.switchOffLead}
              yes={wanted ? text.switchOnYes : text.switchOffYes}
              done={wanted ? text.switchedOn : text.switchedOff}
              look={wanted ? 'primary' : 'danger'}
              work={(reason) => setGuesses(wanted, reason)}
              onDone={() => client.invalidateQueries({ queryKey: guessesQuery.queryKey })}
              onClose={() => setWanted(null)}
            />
          )}
        </section>
      )}
    </Answer>
  );
}
