import { hrefOf } from '../routes.ts';

export const NowherePage = () => (
  <section class="empty">
    <h1>Nothing is here</h1>
    <p>
      The address names no page of the dashboard.{' '}
      <a href={hrefOf({ page: 'overview' })}>All agents</a>
    </p>
  </section>
);
