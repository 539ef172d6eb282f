import type { ComponentProps } from 'preact';
import { mayAct } from '../monitor/feed.ts';
import { whyOff } from './look-only.tsx';

/** A button by which the monitor is to do something: off where one may look only. */
export const ActButton = ({ disabled, ...rest }: ComponentProps<'button'>) => (
  <button
    type="button"
    {...rest}
    disabled={disabled || !mayAct.value}
    aria-describedby={whyOff()}
  />
);
