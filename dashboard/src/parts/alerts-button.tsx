import { alertSettings, askPermission, changeAlerts, permission, tryAlert } from '../alerting.ts';
import { plain } from '../format.ts';
import { ALERT_KINDS } from '../monitor/alerts.ts';
import { LookBadge } from './look-badge.tsx';

/** Whether, and about what, the page calls a person who looks elsewhere. */
export const AlertsButton = () => {
  const { isOn } = alertSettings.value;
  const name = `Alerts: ${isOn ? 'on' : 'off'}`;
  return (
    <>
      <button
        type="button"
        class="quiet bell"
        title={name}
        aria-label={name}
        data-on={isOn}
        popovertarget="alerts"
      >
        <Bell />
      </button>
      <section id="alerts" class="alerts" popover="auto" aria-label="Alerts">
        <Choices />
      </section>
    </>
  );
};

const Bell = () => (
  <svg
    width="18"
    height="18"
    viewBox="0 0 24 24"
    fill="none"
    stroke="currentColor"
    stroke-width="2"
    stroke-linejoin="round"
    aria-hidden="true"
  >
    <path d="M6 17V11a6 6 0 0 1 12 0v6l2 2H4z" />
    <path d="M10 22h4" />
  </svg>
);

const Choices = () => {
  const { isOn } = alertSettings.value;
  return (
    <>
      <label>
        <input
          type="checkbox"
          checked={isOn}
          onChange={({ currentTarget }) => void turn(currentTarget.checked)}
        />
        <b>Call me when I look elsewhere</b>
      </label>
      <Hint />
      {isOn && (
        <>
          <Kinds />
          <Sound />
          <Muted />
        </>
      )}
    </>
  );
};

const turn = async (isOn: boolean): Promise<void> => {
  changeAlerts({ isOn });
  if (isOn) await askPermission();
};

const Hint = () => {
  const { isOn } = alertSettings.value;
  if (!isOn)
    return <p class="hint">A notification and a tone, while this page is open in some tab.</p>;
  switch (permission.value) {
    case 'granted':
      return null;
    case 'denied':
      return (
        <p class="hint">
          The browser blocks notifications of this page: allow them in its settings for this site.
          Tones are played all the same.
        </p>
      );
    case null:
      return (
        <p class="hint">
          This browser shows no notifications of pages like this one (they need HTTPS, or the
          monitor on this very machine). Tones are played all the same.
        </p>
      );
    case 'default':
      return (
        <button type="button" onClick={() => void askPermission()}>
          Allow notifications
        </button>
      );
  }
};

const Kinds = () => {
  const { kinds } = alertSettings.value;
  return (
    <fieldset>
      <legend>when an agent is</legend>
      {ALERT_KINDS.map((kind) => (
        <label key={kind} data-look={kind}>
          <input
            type="checkbox"
            checked={kinds.includes(kind)}
            onChange={() =>
              changeAlerts({
                kinds: ALERT_KINDS.filter((each) => kinds.includes(each) !== (each === kind)),
              })
            }
          />
          <LookBadge look={kind} />
        </label>
      ))}
    </fieldset>
  );
};

const Sound = () => (
  <div class="row">
    <label>
      <input
        type="checkbox"
        checked={alertSettings.value.hasSound}
        onChange={({ currentTarget }) => changeAlerts({ hasSound: currentTarget.checked })}
      />
      with a tone
    </label>
    <button type="button" onClick={tryAlert}>
      Try it
    </button>
  </div>
);

const Muted = () => {
  const { muted } = alertSettings.value;
  if (muted.length === 0) return null;
  return (
    <fieldset>
      <legend>Muted agents</legend>
      {muted.map((session) => (
        <div key={session} class="row">
          <span>{plain(session)}</span>
          <button
            type="button"
            aria-label={`Unmute ${plain(session)}`}
            onClick={() => changeAlerts({ muted: muted.filter((each) => each !== session) })}
          >
            Unmute
          </button>
        </div>
      ))}
    </fieldset>
  );
};
