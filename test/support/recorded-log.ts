import type { Log } from '../../actors/ports.ts';

export interface RecordedLog extends Log {
  readonly lines: { level: keyof Log; fields: object; message: string }[];
  /** The messages of one level, in order. */
  messages(level: keyof Log): string[];
}

/** A log that keeps what it is told. */
export const createRecordedLog = (): RecordedLog => {
  const lines: RecordedLog['lines'] = [];
  const write = (level: keyof Log) => (fields: object, message: string) => {
    lines.push({ level, fields, message });
  };
  return {
    lines,
    messages: (level) => lines.filter((line) => line.level === level).map(({ message }) => message),
    debug: write('debug'),
    info: write('info'),
    warn: write('warn'),
    error: write('error'),
  };
};
