export const Progress = ({ percent }: { percent: number }) => (
  <span class="progress">
    <progress max={100} value={percent} aria-label="Progress" /> {percent} %
  </span>
);
