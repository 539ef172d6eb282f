import { alertSettings, changeAlerts } from '../alerting.ts';

/** Whether this agent may call a person; nothing where none may. */
export const MuteButton = ({ session }: { session: string }) => {
  const { isOn, muted } = alertSettings.value;
  if (!isOn) return null;
  const isMuted = muted.includes(session);
  return (
    <button
      type="button"
      class="quiet"
      aria-pressed={isMuted}
      title={isMuted ? 'It calls nobody' : 'It may call you'}
      onClick={() =>
        changeAlerts({
          muted: isMuted ? muted.filter((each) => each !== session) : [...muted, session],
        })
      }
    >
      {isMuted ? 'Muted' : 'Mute'}
    </button>
  );
};
