/** What the simulated agents of the end-to-end tests ask. */

/** Several can be chosen. */
export const EXTRAS = {
  header: 'Extras',
  question: 'Which extras do you want?',
  options: [
    { label: 'Metrics', description: 'for Prometheus' },
    { label: 'Tracing' },
    { label: 'Logs' },
  ],
  multi: true,
};

export const DATABASE = {
  header: 'Database',
  question: 'Which database should we use?',
  options: [{ label: 'PostgreSQL', description: 'the usual' }, { label: 'SQLite' }],
};
