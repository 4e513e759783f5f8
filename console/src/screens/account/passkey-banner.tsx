// A calm word to whoever signs in without a passkey where one could be made; it goes away for this visit when it is not wanted.

import { useQuery } from '@tanstack/react-query';
import { Link } from '@tanstack/react-router';
import { type ReactNode, useState } from 'react';
import { canUsePasskeys } from '../../api/passkeys.ts';
import { sessionQuery } from '../../api/queries.ts';
import { strings } from '../../strings/en.ts';
import { Button } from '../../ui/button.tsx';
import { Callout } from '../../ui/callout.tsx';

const text = strings.firstPasskey;
const HIDDEN = 'sallyport.passkey-later';

export function PasskeyBanner({ path }: { path: string }): ReactNode {
  const session = useQuery(sessionQuery).data;
  const [isHidden, setHidden] = useState(() => sessionStorage.getItem(HIDDEN) !== null);
  if (isHidden || session === undefined || session.hasPasskey || path === '/account' || !canUsePasskeys()) return null;
  const hide = (): void => {
    sessionStorage.setItem(HIDDEN, '1');
    setHidden(true);
  };
  return (
    <div className="above">
      <Callout
        tone="info"
        icon="lock"
        action={
          <div className="row">
            <Link to="/first-passkey" className="button">
              {text.bannerGo}
            </Link>
            <Button look="quiet" onPress={hide}>
              {text.bannerHide}
            </Button>
          </div>
        }
      >
        <p>{text.banner}</p>
      </Callout>
    </div>
  );
}
