import { dismiss, notices } from '../monitor/notices.ts';

/** At the lower edge of every page; what comes is read out. */
export const Notices = () => (
  <div class="notices" role="log" aria-label="Notices">
    {notices.value.map(({ id, text }) => (
      <p key={id}>
        {text}{' '}
        <button type="button" class="quiet" onClick={() => dismiss(id)}>
          Dismiss
        </button>
      </p>
    ))}
  </div>
);
