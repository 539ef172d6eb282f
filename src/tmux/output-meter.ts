/** What is measured of the panes' output as it comes. Must not throw. */
export interface OutputMeter {
  /** So many bytes came, as tmux escapes them. */
  output(bytes: number): void;
  /** A look has shown what a pane first wrote so many seconds ago. */
  shown(seconds: number): void;
}

export const NO_METER: OutputMeter = { output: () => {}, shown: () => {} };
