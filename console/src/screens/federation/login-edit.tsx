// The settings of one company login. The secret goes in and never comes out; what must be registered at the provider stands below.

import { type FormEvent, type ReactNode, useState } from 'react';
import { type CompanyLogin, saveLogin } from '../../api/federation.ts';
import { strings } from '../../strings/en.ts';
import { Button } from '../../ui/button.tsx';
import { CopyButton } from '../../ui/copy.tsx';
import { Dialog } from '../../ui/dialog.tsx';
import { FaultLine } from '../../ui/fault-line.tsx';
import { Select, TextInput } from '../../ui/fields.tsx';
import { Switch } from '../../ui/switch.tsx';
import { useToast } from '../../ui/toast.tsx';
import { useWork } from '../../ui/use-work.ts';

const text = strings.federation;
const { fields } = text;

interface Props {
  /** Null for a new one. */
  readonly login: CompanyLogin | null;
  readonly onClose: () => void;
  readonly onSaved: () => Promise<unknown>;
}

const words = (value: string): string[] => value.split(/\s+/).filter((word) => word !== '');
const orNull = (value: string): string | null => (value.trim() === '' ? null : value.trim());

/** Null when a line is none. The last equals sign divides: values of claims may hold one. */
function groupsOf(lines: string): Record<string, string> | null {
  const groups: Record<string, string> = {};
  for (const line of lines.split('\n').map((one) => one.trim())) {
    if (line === '') continue;
    const at = line.lastIndexOf('=');
    if (at < 1) return null;
    groups[line.slice(0, at).trim()] = line.slice(at + 1).trim();
  }
  return groups;
}

function useForm(login: CompanyLogin | null) {
  const [form, setForm] = useState({
    name: login?.name ?? '',
    label: login?.label ?? '',
    issuer: login?.issuer ?? '',
    clientId: login?.clientId ?? '',
    secret: '',
    authMethod: login?.authMethod ?? 'client_secret_basic',
    mode: login?.mode ?? 'invited',
    scopes: login?.scopes.join(' ') ?? 'profile',
    groupsClaim: login?.groupsClaim ?? '',
    groups: Object.entries(login?.groups ?? {})
      .map(([value, group]) => `${value} = ${group}`)
      .join('\n'),
    externalIdClaim: login?.externalIdClaim ?? '',
    acr: login?.secondFactorAcr.join(' ') ?? '',
    deviceClaim: login?.deviceClaim ?? '',
    enabled: login?.enabled ?? true,
  });
  const set = (name: keyof typeof form) => (value: string | undefined) => setForm({ ...form, [name]: value ?? '' });
  return { form, set, setEnabled: (enabled: boolean) => setForm({ ...form, enabled }) };
}

export function LoginEdit({ login, onClose, onSaved }: Props): ReactNode {
  const { form, set, setEnabled } = useForm(login);
  const say = useToast();
  const { fault, isWorking, run } = useWork();
  const [lineFault, setLineFault] = useState<string | null>(null);

  async function save(event: FormEvent): Promise<void> {
    event.preventDefault();
    const groups = groupsOf(form.groups);
    setLineFault(groups === null ? text.groupLineFault : null);
    if (groups === null) return;
    const { label, issuer, clientId, authMethod, mode, enabled } = form;
    await run(async () => {
      await saveLogin(form.name, {
        ...{ label, issuer: issuer.trim(), clientId: clientId.trim(), authMethod, mode, enabled, groups },
        secret: authMethod === 'private_key_jwt' ? null : orNull(form.secret),
        scopes: words(form.scopes),
        groupsClaim: orNull(form.groupsClaim),
        externalIdClaim: orNull(form.externalIdClaim),
        secondFactorAcr: words(form.acr),
        deviceClaim: orNull(form.deviceClaim),
      });
      say(text.saved);
      await onSaved();
      onClose();
    });
  }

  const isKey = form.authMethod === 'private_key_jwt';
  return (
    <Dialog title={login === null ? text.addTitle : text.editTitle} isOpen onClose={onClose}>
      <form className="stack tight" onSubmit={(event) => void save(event)}>
        {login === null ? <TextInput label={fields.name} hint={fields.nameHint} value={form.name} onChange={set('name')} /> : null}
        <TextInput label={fields.label} value={form.label} onChange={set('label')} />
        <TextInput label={fields.issuer} hint={fields.issuerHint} value={form.issuer} onChange={set('issuer')} />
        <TextInput label={fields.clientId} value={form.clientId} onChange={set('clientId')} />
        <Select label={fields.auth} value={form.authMethod} options={fields.auths} hasAny={false} onChange={set('authMethod')} />
        {isKey ? null : (
          <TextInput
            label={fields.secret}
            type="password"
            hint={login === null ? fields.secretHint : fields.secretKept}
            value={form.secret}
            onChange={set('secret')}
          />
        )}
        <Select label={text.mode} value={form.mode} options={text.modes} hasAny={false} onChange={set('mode')} />
        <TextInput label={fields.scopes} hint={fields.scopesHint} value={form.scopes} onChange={set('scopes')} />
        <TextInput label={fields.groupsClaim} hint={fields.groupsClaimHint} value={form.groupsClaim} onChange={set('groupsClaim')} />
        <TextInput label={fields.groups} hint={fields.groupsHint} value={form.groups} error={lineFault} isLong onChange={set('groups')} />
        <TextInput label={fields.externalId} hint={fields.externalIdHint} value={form.externalIdClaim} onChange={set('externalIdClaim')} />
        <TextInput label={fields.acr} hint={fields.acrHint} value={form.acr} onChange={set('acr')} />
        <TextInput label={fields.device} hint={fields.deviceHint} value={form.deviceClaim} onChange={set('deviceClaim')} />
        <Switch
          label={fields.enabled}
          word={form.enabled ? text.on : text.off}
          isOn={form.enabled}
          onPress={() => setEnabled(!form.enabled)}
        />
        {login === null ? null : <ToRegister login={login} />}
        <FaultLine fault={fault} />
        <div className="row">
          <Button onPress={onClose}>{strings.cancel}</Button>
          <Button look="primary" type="submit" isPending={isWorking} isDisabled={form.name === '' || form.issuer.trim() === ''}>
            {text.save}
          </Button>
        </div>
      </form>
    </Dialog>
  );
}

function ToRegister({ login: { redirectUri, publicJwk } }: { login: CompanyLogin }): ReactNode {
  return (
    <>
      <p className="small">{text.redirect}</p>
      <code className="secret">{redirectUri}</code>
      <CopyButton value={redirectUri}>{text.copyRedirect}</CopyButton>
      {publicJwk === null ? null : (
        <>
          <p className="small">{text.publicKey}</p>
          <CopyButton value={JSON.stringify(publicJwk)}>{text.copyKey}</CopyButton>
        </>
      )}
    </>
  );
}
